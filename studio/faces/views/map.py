"""Map: where an embedder puts every face, as a picture to look at and pick in."""

from studio.faces import FacesView
from studio.faces.map_pane import MapPane

VIEW = FacesView(
    "Map", 40, MapPane, "Which faces does the embedder take for alike, and which lie where they should not?"
)
