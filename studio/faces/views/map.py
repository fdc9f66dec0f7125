"""Map: where an embedder puts every face, as a picture to look at and pick in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.map_pane import MapPane
    from studio.faces.model import FacesModel


def _widget(studio: Studio, model: FacesModel) -> MapPane:
    from studio.faces.map_pane import MapPane  # noqa: PLC0415  it loads when it is first shown

    return MapPane(studio, model)


VIEW = FacesView(
    "Map", 40, _widget, "Which faces does the embedder take for alike, and which lie where they should not?"
)
