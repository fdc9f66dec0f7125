"""Which embedder of a project is wanted; told apart from loading one, which needs torch."""

from __future__ import annotations

from dataclasses import dataclass


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
