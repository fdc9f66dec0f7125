"""How well: what the gallery's own faces say of each embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.curves_pane import CurvesPane
    from studio.faces.model import FacesModel


def _widget(studio: Studio, model: FacesModel) -> CurvesPane:
    from studio.faces.curves_pane import CurvesPane  # noqa: PLC0415  it loads when it is first shown

    return CurvesPane(studio, model)


VIEW = FacesView("How well", 50, _widget, "How often is it right, and how sure is that? Embedders side by side.")
