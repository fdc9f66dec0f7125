"""FacesModel, what all views of the gallery workspace show; it is at home where commands can reach it, too."""

from studio.gallery_values import Faces
from studio.known_faces import FacesModel

__all__ = ["Faces", "FacesModel"]
