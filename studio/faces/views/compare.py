"""Compare (1:1): whether two pictures are of one person, by every embedder beside one another."""

from studio.faces import FacesView

VIEW = FacesView(
    "Compare",
    35,
    "studio.faces.compare_pane:ComparePane",
    "Are two faces one person, and what makes each embedder say so?",
)
