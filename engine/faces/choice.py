"""Which embedder of a project is wanted, and how it is decided; told apart from loading one, which needs torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.gallery import Rule


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder is wanted."""

    name: str
    weights: str = "auto"
    """'auto' is what was trained here last or, for a network that is not trained here, what is published; else a file
    of weights."""
    card: str = ""
    """The card of somebody's own ONNX network."""
    run_id: int | None = None
    """The run whose weights are wanted, whatever else is there."""


@dataclass(frozen=True, slots=True)
class DecideRequest:
    """How it is decided; what is None is as the gallery's settings say."""

    embedder: EmbedderChoice | None = None
    rule: Rule | None = None
    threshold: float | None = None
    is_automatic: bool = False
    """Whether the threshold is worked out even where one is set in the gallery."""
    far: float | None = None
    """The share of strangers that may be taken for somebody."""
    find_run_id: int | None = None
    """The run whose network finds the faces in the pictures; None: each picture is a crop of one face."""
