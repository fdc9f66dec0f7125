"""The pairs of faces that mislead a run's network, found again after its training, as they were told meanwhile."""

from __future__ import annotations

from engine.cropping import decoded
from engine.embedders import decode
from engine.errors import UserError
from engine.faces.events import HardestFaces, HardFaces
from engine.faces.face_set import FaceSet, shown_crops
from engine.faces.trying import tried
from engine.project import contents, gallery, run_faces, runs
from engine.project.records import TemplateState
from engine.project.run_faces import RunFace
from engine.project.store import Project

_ENROLLED: tuple[TemplateState, ...] = ("confirmed",)
_FEWEST_PEOPLE = 2


def hardest_of(project: Project, run_id: int) -> HardestFaces | None:
    """Of the faces that a run never learned from, or where it was tried on none, of those it learned from.

    None where it has no network yet, or too few of them are still there.
    """
    try:
        checkpoint = runs.checkpoint(project, run_id, "best")
    except UserError:
        return None
    faces = _faces(project, run_id)
    if len({each.identity_id for each in faces}) < _FEWEST_PEOPLE:
        return None
    network, card = decode(contents.get(project, checkpoint.content_id))
    crops = [decoded(gallery.crop(project, each.template_id), f"The crop of face {each.template_id}") for each in faces]
    shown = shown_crops(crops, network.preprocessing)
    found = tried(network, FaceSet.of_shown(shown, [each.identity_id for each in faces]))
    pairs = tuple(
        HardFaces(faces[pair.first].template_id, faces[pair.second].template_id, pair.distance, pair.is_same)
        for pair in found.hardest
    )
    return HardestFaces(checkpoint.step, card.metrics, pairs)


def _faces(project: Project, run_id: int) -> list[RunFace]:
    """Those that are still there, as whom they were then."""
    there = {each.id for each in gallery.templates(project, states=_ENROLLED)}
    kept = [each for each in run_faces.of_run(project, run_id) if each.identity_id is not None]
    kept = [each for each in kept if each.template_id in there]
    return [each for each in kept if each.split == "val"] or kept
