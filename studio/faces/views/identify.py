"""Identify (1:K): who is on a picture, or nobody whom the gallery knows."""

from studio.faces import FacesView

VIEW = FacesView(
    "Identify", 30, "studio.faces.identify_pane:IdentifyPane", "Who is this, how sure is that, and by what?"
)
