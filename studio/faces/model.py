"""FacesModel, what all views of the gallery workspace show; it is at home where commands can reach it, too."""

from studio.known_faces import Faces, FacesModel

__all__ = ["Faces", "FacesModel"]
