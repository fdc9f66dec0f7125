"""People: whom the project knows, by which faces, and with what consent."""

from studio.faces import FacesView
from studio.faces.people_pane import PeoplePane

VIEW = FacesView("People", 10, PeoplePane, "Whom does the project know, and by which pictures?")
