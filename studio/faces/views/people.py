"""People: whom the project knows, by which faces, and with what consent."""

from studio.faces import FacesView

VIEW = FacesView(
    "People", 10, "studio.faces.people_pane:PeoplePane", "Whom does the project know, and by which pictures?"
)
