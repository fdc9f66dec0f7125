"""How well: what the gallery's own faces say of each embedder."""

from studio.faces import FacesView
from studio.faces.curves_pane import CurvesPane

VIEW = FacesView("How well", 50, CurvesPane, "How often is it right, and how sure is that? Embedders side by side")
