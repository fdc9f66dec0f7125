"""cutting: faces from whichever source they come, one after the other."""

from engine.faces import marked_faces, picture_faces
from engine.faces.sources import AnnotatedFaces, Cutting, DetectedFaces, FaceFiles, FaceFolders, FaceSource
from engine.project.store import Project


def cutting(project: Project, source: FaceSource) -> Cutting:
    """Begin with a source; raises UserError where there is nothing in it."""
    match source:
        case FaceFiles():
            return picture_faces.of_files(project, source)
        case FaceFolders():
            return picture_faces.of_folders(project, source)
        case AnnotatedFaces():
            return marked_faces.of_annotations(project, source)
        case DetectedFaces():
            return marked_faces.of_detections(project, source)
