"""Embedders in a project, without asking how far it is."""

from engine.faces.choice import EmbedderChoice
from engine.faces.ensuring import ensuring
from engine.progress import finish
from engine.project.store import Project


def ensure_embedder(project: Project, name: str, weights: str = "auto", card: str = "") -> int:
    """Have an embedder in the project; returns its id."""
    return finish(ensuring(project, EmbedderChoice(name, weights, card)))
