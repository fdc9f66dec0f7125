"""Unknown: faces without a name, in groups that one name may do for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.model import FacesModel
    from studio.faces.unknown_pane import UnknownPane


def _widget(studio: Studio, model: FacesModel) -> UnknownPane:
    from studio.faces.unknown_pane import UnknownPane  # noqa: PLC0415  it loads when it is first shown

    return UnknownPane(studio, model)


VIEW = FacesView("Unknown", 20, _widget, "Who are these? Those that look alike stand together.")
