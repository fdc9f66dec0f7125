"""Map: where an embedder puts every face, as a picture to look at and pick in."""

from studio.faces import FacesView

VIEW = FacesView(
    "Map",
    40,
    "studio.faces.map_pane:MapPane",
    "Which faces does the embedder take for alike, and which lie where they should not?",
)
