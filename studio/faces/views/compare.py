"""Compare (1:1): whether two pictures are of one person, by every embedder beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.compare_pane import ComparePane
    from studio.faces.model import FacesModel


def _widget(studio: Studio, model: FacesModel) -> ComparePane:
    from studio.faces.compare_pane import ComparePane  # noqa: PLC0415  it loads when it is first shown

    return ComparePane(studio, model)


VIEW = FacesView("Compare", 35, _widget, "Are two faces one person, and what makes each embedder say so?")
