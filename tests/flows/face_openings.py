"""The dialogs about people and their faces, with a small gallery for them to be about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.cropping import Flaw
from engine.evaluation.verification import Figure
from engine.faces.enrolling import EnrolledPerson, EnrolReport, KnownFace, PoorFace
from engine.faces.improved import Figures, Improved
from engine.faces.sources import Refused
from engine.project import embeddings, gallery
from engine.project.erasing import Erased
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import AddTemplates, KeepGallerySettings, NewTemplate
from engine.project.records import EmbedderRecord
from tests.engine.project.pictures import png
from tests.flows.stage import Opening, Stage

PEOPLE = ("Anna Lindqvist", "Bartholomäus von und zu Hohenstein-Wittgenau", "Cleo")
N_EACH = 4
ENROLLED = EnrolReport(
    people=(EnrolledPerson(1, PEOPLE[0], (1, 2, 3)), EnrolledPerson(2, PEOPLE[1], (4,))),
    unknown_ids=(5, 6),
    known=(KnownFace("anna/2.jpg", 2, PEOPLE[0]),),
    refused=tuple(Refused(f"anna/IMG_{n}.heic", "it is not a picture that can be read here") for n in range(12)),
    poor=(PoorFace("anna/3.jpg", 3, 0.21, (Flaw.BLURRED, Flaw.SMALL)), PoorFace("bert/1.jpg", 4, 0.3, (Flaw.TURNED,))),
)
ERASED = Erased(
    name=PEOPLE[1], n_templates=4, n_past_templates=1, n_pairs=6, n_steps=3, runs=(2, 5), n_checkpoints=2, n_states=1,
    images_removed=(), images_left=("party.jpg", "a rather long name of a picture, 2026-11-22 16.40.17.jpg"),
    files_left=(), backups=(Path("pictures/of 2026/people.v1.boxwright"),), left=("Image hohenstein.jpg",),
    n_bytes=14_204_928, n_needles=312,
)  # fmt: skip
IMPROVED = Improved(
    run_id=2, old_embedder_id=1, new_embedder_id=2,
    old=Figures(0.912, 0.964, 0.81, Figure(0.086, 0.051, 0.129, 400)),
    new=Figures(0.948, 0.981, 0.94, Figure(0.049, 0.022, 0.091, 400)),
    n_people=8, n_faces=40, n_same=7, n_different=3, is_fair=True, is_afresh=False,
)  # fmt: skip


def enrol(stage: Stage) -> None:
    """Have three people with faces in the gallery, known by their pixels."""
    made = [
        NewTemplate(png(100 * n + m, 48), "confirmed", person=name, quality=0.9, source=f"{m}.png")
        for n, name in enumerate(PEOPLE)
        for m in range(N_EACH)
    ]
    stage.do(AddTemplates(tuple(made)))
    ids = [each.id for each in gallery.templates(stage.project)]
    vectors = np.random.default_rng(1).normal(0, 1, (len(ids), 8)).astype(np.float32)
    record = EmbedderRecord(0, "pixels", None, "a", "b", "euclidean", 8)
    with stage.project.atomic():
        embedder_id = embeddings.put_embedder(stage.project, record)
        embeddings.store(stage.project, embedder_id, ids, vectors)
    stage.do(KeepGallerySettings(GallerySettings(embedder_id, "nearest", 2.0)))
    stage.wait(lambda: len(stage.studio.faces.templates) == len(ids) and stage.studio.faces.embedder is not None)


def person(stage: Stage, n: int) -> str:
    """The id of one of the people, in words."""
    found = gallery.identity_named(stage.project, PEOPLE[n])
    assert found is not None
    return str(found.id)


FACE_OPENINGS: Mapping[str, Opening] = {
    "enrol_as": Opening("enrol_as", lambda _: ("anna/1.jpg", "anna/2.jpg"), enrol),
    "enrolled": Opening("enrolled", lambda stage: stage.done(ENROLLED)),
    "merge_people": Opening("merge_people", lambda stage: f"{person(stage, 0)} {person(stage, 2)}", enrol),
    "erase_person": Opening("erase_person", lambda stage: person(stage, 1), enrol),
    "erased": Opening("erased", lambda stage: stage.done(ERASED)),
    "teach_faces": Opening("teach_faces", before=enrol),
    "choose_embedder": Opening("choose_embedder", before=enrol),
    "improve_faces": Opening("improve_faces", before=enrol),
    "improved": Opening("improved", lambda stage: stage.done(IMPROVED), enrol),
}
"""By the name of the picture."""
