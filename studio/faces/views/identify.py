"""Identify (1:K): who is on a picture, or nobody whom the gallery knows."""

from studio.faces import FacesView
from studio.faces.identify_pane import IdentifyPane

VIEW = FacesView("Identify", 30, IdentifyPane, "Who is this, how sure is that, and by what?")
