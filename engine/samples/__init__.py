"""The sample project: pictures of a made-up blood smear, drawn here, with the outline of every cell known exactly.

outline   the curve around a cell, as a formula
smear     one picture: where its cells lie, what they look like, and their outlines
project   a project file of such pictures, some annotated for training and validation, some left to annotate

Everything follows from a seed: the same version of Boxwright always draws the same pictures.
"""

from engine.samples.project import create_sample

__all__ = ["create_sample"]
