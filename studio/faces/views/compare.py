"""Compare (1:1): whether two pictures are of one person, by every embedder beside one another."""

from studio.faces import FacesView
from studio.faces.compare_pane import ComparePane

VIEW = FacesView("Compare", 35, ComparePane, "Are two faces one person, and what makes each embedder say so?")
