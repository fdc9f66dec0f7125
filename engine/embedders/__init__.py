"""SEAM: one file per face embedder (crops in, vectors out). None is here yet; its tables are in the project file."""
