"""Faces cut from images of a project, where they are annotated or were detected.

A face that is annotated as a box only can take over the landmarks that a run has detected there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine import pictures
from engine.cropping import Crop, Landmarks, Place, crop_of, is_of_faces, place_of
from engine.cropping.crop import window
from engine.cropping.placing import shifted
from engine.errors import UserError
from engine.faces.sources import AnnotatedFaces, Cut, Cutting, DetectedFaces, FoundFace, Refused
from engine.geometry.overlap import iou
from engine.progress import Progress
from engine.project import annotations, classes, detections, gallery, images
from engine.project.records import Annotation, ClassRecord, Detection, ImageRecord
from engine.project.store import Project
from engine.tiling import viewing
from engine.tiling.windows import Windows

Marked: TypeAlias = Annotation | Detection
_SAME_FACE = 0.4
"""So much an annotation and a detection of one face overlap: people draw heads where networks are taught faces."""


def face_classes(project: Project) -> tuple[ClassRecord, ...]:
    """The classes that mark faces."""
    return tuple(each for each in classes.all_classes(project) if is_of_faces(each))


def of_annotations(project: Project, source: AnnotatedFaces) -> Cutting:
    """Raises UserError where there are no such annotations."""
    if source.annotation_ids is not None:
        found = annotations.get(project, source.annotation_ids)
    else:
        found = annotations.of_classes(project, _wanted_classes(project, source.class_id))
    if not found:
        raise UserError(f"{project.path} holds no such annotations of faces.")
    known: list[Detection] = []
    if source.landmarks_run_id is not None:
        known = [each for each in detections.of_run(project, source.landmarks_run_id) if each.keypoints is not None]
    return _of_shapes(project, found, known)


def of_detections(project: Project, source: DetectedFaces) -> Cutting:
    """Raises UserError where there are no such detections."""
    wanted = _wanted_classes(project, source.class_id)
    found = [
        each
        for each in detections.of_run(project, source.run_id)
        if each.class_id in wanted
        and each.score >= source.min_score
        and each.state != "rejected"
        and (source.image_ids is None or each.image_id in source.image_ids)
    ]
    if not found:
        raise UserError(f"Run {source.run_id} of {project.path} detected no such faces.")
    return _of_shapes(project, found, ())


def _wanted_classes(project: Project, class_id: int | None) -> frozenset[int]:
    if class_id is not None:
        return classes.with_descendants(project, class_id)
    found = face_classes(project)
    if not found:
        raise UserError(f"{project.path} has no class of faces.", "Call one 'face', or name the class that it is.")
    return frozenset(each.id for each in found)


def _of_shapes(project: Project, found: Sequence[Marked], known: Sequence[Detection]) -> Cutting:
    """Picture by picture, each read once; `known` are detections with keypoints, for faces without any."""
    by_image: dict[int, list[Marked]] = {}
    for each in sorted(found, key=lambda one: (one.image_id, one.id)):
        by_image.setdefault(each.image_id, []).append(each)
    landmarks: dict[int, list[Detection]] = {}
    for detection in known:
        landmarks.setdefault(detection.image_id, []).append(detection)

    def cuts() -> Iterator[Cut | Progress]:
        people = {each.id: each.name for each in gallery.identities(project)}
        scenes = _Scenes(classes.by_id(project), people)
        for image_id, marked in by_image.items():
            image = images.get(project, image_id)
            try:
                if pictures.is_large(image.width, image.height):
                    yield from _made_ready(project, image_id)
                with viewing.windows(project, image) as windows:
                    scene = _Scene(image, windows, landmarks.get(image_id, []))
                    yield from (scenes.cut(scene, one) for one in marked)
            except UserError as error:
                yield Refused(image.name, error.message)

    return Cutting(len(found), cuts())


def _made_ready(project: Project, image_id: int) -> Iterator[Progress]:
    from engine.tiling import making  # noqa: PLC0415 (libvips, which few pictures need)

    yield from making.make_tiles(project.path, image_id)


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """An image whose faces are cut out."""

    image: ImageRecord
    windows: Windows
    landmarks: Sequence[Detection]

    def crop(self, place: Place) -> Crop:
        """The crop of a place, of which no more is read than what it looks at."""
        seen = window(place)
        x0, y0 = max(0, int(seen.x0)), max(0, int(seen.y0))
        x1, y1 = min(self.image.width, int(seen.x1) + 1), min(self.image.height, int(seen.y1) + 1)
        if x1 <= x0 or y1 <= y0:
            raise UserError("A face lies beside its picture.", "Set its place anew.")
        return crop_of(self.windows.read(x0, y0, x1, y1), shifted(place, -x0, -y0))


@dataclass(frozen=True, slots=True)
class _Scenes:
    """What the faces of all images have in common."""

    kinds: Mapping[int, ClassRecord]
    people: Mapping[int, str]

    def cut(self, scene: _Scene, marked: Marked) -> Cut:
        """One face, or why it cannot be one."""
        annotation = marked if isinstance(marked, Annotation) else None
        person = self.people.get(annotation.identity_id or 0, "") if annotation else ""
        try:
            crop = scene.crop(self._place(scene, marked))
        except UserError as error:
            return Refused(scene.image.name, error.message)
        return FoundFace(scene.image.name, person, crop, scene.image.id, annotation.id if annotation else None)

    def _place(self, scene: _Scene, marked: Marked) -> Place:
        place = self._own_place(marked)
        if isinstance(place, Landmarks) or not scene.landmarks:
            return place
        near = max(scene.landmarks, key=lambda each: iou(each.shape, marked.shape))
        found = self._own_place(near) if iou(near.shape, marked.shape) >= _SAME_FACE else place
        return found if isinstance(found, Landmarks) else place

    def _own_place(self, marked: Marked) -> Place:
        return place_of(marked.shape, marked.keypoints, self.kinds[marked.class_id].keypoint_names)
