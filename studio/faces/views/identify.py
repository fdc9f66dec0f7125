"""Identify (1:K): who is on a picture, or nobody whom the gallery knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.identify_pane import IdentifyPane
    from studio.faces.model import FacesModel


def _widget(studio: Studio, model: FacesModel) -> IdentifyPane:
    from studio.faces.identify_pane import IdentifyPane  # noqa: PLC0415  it loads when it is first shown

    return IdentifyPane(studio, model)


VIEW = FacesView("Identify", 30, _widget, "Who is this, how sure is that, and by what?")
