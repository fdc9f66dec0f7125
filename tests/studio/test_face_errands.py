"""Errands of faces as workers run them, here in this process."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.cropping import crop_of
from engine.errors import UserError
from engine.faces.choice import EmbedderChoice
from engine.faces.enrolling import EnrolRequest
from engine.faces.sources import FaceFiles, FaceFolders
from engine.geometry.shapes import Box
from engine.progress import finish
from engine.project import classes, embeddings, gallery
from engine.project.edits import AddAnnotations
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from studio import face_errands
from studio.orders import Listening
from studio.probes import ProbeAsk, Probed
from tests.engine.cropping.faces import drawn, similarity_of
from tests.engine.faces.enrolled import folders, picture, put_image

PIXELS = EmbedderChoice("pixels")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "faces.boxwright") as project:
        yield project


def enrol_people(project, tmp_path):
    return finish(face_errands.enrol_faces(project, EnrolRequest((FaceFolders(folders(tmp_path / "people")),))))


def answered(project, *asks: ProbeAsk) -> list[Probed]:
    work = face_errands.answer_probes(project)
    found = list[Probed]()
    for ask in asks:
        assert isinstance(next(work), Listening)
        probed = work.send(ask)
        assert isinstance(probed, Probed)
        found.append(probed)
    work.close()
    return found


def test_the_window_needs_neither_torch_nor_libvips_to_know_them():
    code = "import sys, studio.face_errands, studio.recognising; sys.exit(bool({'torch', 'pyvips'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_faces_are_decided_by_their_pixels_until_an_embedder_is_chosen(project, tmp_path):
    report = enrol_people(project, tmp_path)
    first = gallery.settings(project).embedder_id
    assert embeddings.embedder(project, first).name == "pixels"
    assert len(embeddings.gallery(project, first)) == len(report.template_ids) == 6
    History(project).undo()
    assert gallery.identities(project) == () and gallery.settings(project).embedder_id == first
    History(project).redo()
    more = EnrolRequest((FaceFiles((picture(tmp_path / "x.png", 3, 0),)),))
    finish(face_errands.enrol_faces(project, more))
    assert embeddings.missing(project, first) == ()


def test_choosing_an_embedder_can_be_undone_and_lets_go_of_a_threshold_set_by_hand(project, tmp_path):
    enrol_people(project, tmp_path)
    before = gallery.GallerySettings(rule="mean", threshold=0.5)
    History(project).do(KeepGallerySettings(before))
    embedder_id = finish(face_errands.choose_embedder(project, PIXELS))
    assert gallery.settings(project) == gallery.GallerySettings(embedder_id, "mean", None)
    finish(face_errands.choose_embedder(project, PIXELS))
    History(project).undo()
    assert gallery.settings(project) == before


def test_an_embedder_that_is_not_to_be_had_leaves_all_as_it_was(project, tmp_path):
    enrol_people(project, tmp_path)
    before = gallery.settings(project)
    with pytest.raises(UserError, match="was trained"):
        finish(face_errands.choose_embedder(project, EmbedderChoice("siamese")))
    assert gallery.settings(project) == before


def test_files_bytes_and_annotations_are_answered_with_vectors_in_their_order(project, tmp_path):
    enrol_people(project, tmp_path)
    embedder_id = finish(face_errands.choose_embedder(project, PIXELS))
    canvas = drawn(similarity_of(0, 3), 300, 300)
    image_id = put_image(project, tmp_path, canvas)
    with project.atomic():
        class_id = classes.add(project, "face")
    box = Box(50, 40, 250, 240)
    History(project).do(AddAnnotations((Annotation(0, image_id, class_id, box),)))
    file = tmp_path / "people" / "Anna" / "1.png"
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    ask = ProbeAsk(embedder_id, (file, bad), ((tmp_path / "people" / "Ben" / "0.png").read_bytes(), b"no"), (1, 99))
    (probed,) = answered(project, ask)
    assert probed.ask == ask and probed.refusal is None
    first, second, third, fourth, fifth, sixth = probed.faces
    kept = embeddings.gallery(project, embedder_id)
    assert np.allclose(first.vector, kept.vectors[1], atol=1e-6)
    assert np.allclose(third.vector, kept.vectors[2], atol=1e-6)
    assert (first.source, fifth.source) == ("1.png", "group.png")
    assert fifth.png == crop_of(canvas, box).png() and fifth.quality.side == pytest.approx(240)
    for refused in (second, fourth, sixth):
        assert refused.vector is None and refused.refusal
    assert len(gallery.templates(project)) == 6


def test_the_embedder_stays_loaded_and_another_takes_its_place(project, tmp_path, monkeypatch):
    from engine.faces.recognising import Recogniser

    enrol_people(project, tmp_path)
    embedder_id = finish(face_errands.choose_embedder(project, PIXELS))
    loaded: list[int] = []
    load = Recogniser.load

    def watched(project, embedder_id):
        loaded.append(embedder_id)
        return load(project, embedder_id)

    monkeypatch.setattr(Recogniser, "load", watched)
    ask = ProbeAsk(embedder_id, (picture(tmp_path / "x.png", 0, 0),))
    found = answered(project, ask, ask, ProbeAsk(99), ask)
    assert loaded == [embedder_id, 99]
    assert [each.refusal is None for each in found] == [True, True, False, True]
    assert "no embedder 99" in found[2].refusal.words
