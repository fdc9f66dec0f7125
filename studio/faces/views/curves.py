"""How well: what the gallery's own faces say of each embedder."""

from studio.faces import FacesView

VIEW = FacesView(
    "How well",
    50,
    "studio.faces.curves_pane:CurvesPane",
    "How often is it right, and how sure is that? Embedders side by side.",
)
