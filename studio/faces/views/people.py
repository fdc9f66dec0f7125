"""People: whom the project knows, by which faces, and with what consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.faces import FacesView
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.model import FacesModel
    from studio.faces.people_pane import PeoplePane


def _widget(studio: Studio, model: FacesModel) -> PeoplePane:
    from studio.faces.people_pane import PeoplePane  # noqa: PLC0415  it loads when it is first shown

    return PeoplePane(studio, model)


VIEW = FacesView("People", 10, _widget, "Whom does the project know, and by which pictures?")
