"""Faces: alignment, pairs, the gallery and its decisions. Nothing is here yet; its tables are in the project file."""
