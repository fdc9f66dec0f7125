"""Clicks teach: the embedder in use is trained further, compared on others, and switched only when somebody says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.embedders import decode
from engine.errors import UserError
from engine.faces import training
from engine.faces.choice import EmbedderChoice
from engine.faces.ensuring import ensuring
from engine.faces.events import FacesRunBegan, FacesStarted
from engine.faces.improved import Figures, Improved, ImproveRequest
from engine.faces.improving import improve, switched
from engine.faces.recipe import FaceRecipe
from engine.faces.recognising import embed
from engine.faces.recording import queue_faces, train_faces
from engine.progress import finish
from engine.project import contents, embeddings, gallery, run_faces, runs
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import ConfirmTemplates, KeepGallerySettings, RejectTemplates
from engine.project.store import Project
from tests.engine.faces.drawn_people import SHORT, enrolled, faces
from tests.engine.faces.having import ensure_embedder

REQUEST = ImproveRequest(epochs=2, threads=1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_STEPS_TOLD", 0.0)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Ten people, eight of whom a small embedder learned from; it decides, and has been clicked on."""
    with enrolled(tmp_path / "faces.boxwright", n_people=10) as made:
        run_id = queue_faces(made, replace(SHORT, epochs=2, validation_share=0.2))
        finish(train_faces(made, run_id))
        embedder_id = finish(ensuring(made, EmbedderChoice("siamese", run_id=run_id)))
        finish(embed(made, embedder_id))
        with made.atomic():
            KeepGallerySettings(GallerySettings(embedder_id, threshold=0.4)).apply(made)
            faces(range(6), (8,), "suggested", of="Person 0").apply(made)
            ids = [each.id for each in gallery.templates(made, states=("suggested",))]
            ConfirmTemplates((ids[0],)).apply(made)
            RejectTemplates(tuple(ids[1:])).apply(made)
        yield made


def in_use(project: Project) -> int:
    return gallery.settings(project).embedder_id or 0


def test_the_new_embedder_goes_on_from_the_old_one_and_is_compared_on_people_neither_learned_from(
    project: Project,
) -> None:
    heard: list[Any] = []
    old_id = in_use(project)
    found = finish(improve(project, REQUEST), heard.append)
    recipe = FaceRecipe.from_json(runs.get(project, found.run_id).recipe)
    assert recipe.start_checkpoint_id == embeddings.embedder(project, old_id).checkpoint_id
    assert recipe.embedder_options["dim"] == 16
    started = next(each for each in heard if isinstance(each, FacesStarted))
    assert started.n_clicked > 0
    assert FacesRunBegan(found.run_id) in heard
    assert (found.old_embedder_id, found.is_fair, found.is_afresh) == (old_id, True, False)
    assert (found.n_people, found.n_faces) == (2, 8)
    learned = {each.identity_id for each in run_faces.of_run(project, 1) if each.split == "train"}
    tried = {each.identity_id for each in run_faces.of_run(project, found.run_id) if each.split == "val"} - {None}
    assert tried.isdisjoint(learned)
    assert found.n_different > 0
    _, card = decode(contents.get(project, runs.checkpoint(project, found.run_id).content_id))
    assert learned <= set(card.identity_ids)


def test_both_keep_the_vectors_of_all_faces_and_nothing_is_switched(project: Project) -> None:
    before = gallery.settings(project)
    found = finish(improve(project, REQUEST))
    assert gallery.settings(project) == before
    for embedder_id in (found.old_embedder_id, found.new_embedder_id):
        assert embeddings.missing(project, embedder_id) == ()
    with project.atomic():
        switched(project, found.new_embedder_id).apply(project)
    after = gallery.settings(project)
    assert after == replace(before, embedder_id=found.new_embedder_id, threshold=None)


def test_figures_are_those_of_a_plain_loop(project: Project) -> None:
    found = finish(improve(project, REQUEST))
    tried = {each.template_id: each.identity_id for each in run_faces.of_run(project, found.run_id)
             if each.split == "val" and each.identity_id is not None}  # fmt: skip
    vectors = embeddings.vectors_of(project, found.new_embedder_id, sorted(tried))
    rows = [
        (tried[int(id_)], vector.astype(float))
        for id_, vector in zip(vectors.template_ids, vectors.vectors, strict=True)
    ]
    apart = [[1 - float(np.dot(a, b)) for _, b in rows] for _, a in rows]
    n_right = 0
    for at, (person, _) in enumerate(rows):
        nearest = min((d, other) for other, d in enumerate(apart[at]) if other != at)[1]
        n_right += rows[nearest][0] == person
    pairs = [(apart[a][b], rows[a][0] == rows[b][0]) for a in range(len(rows)) for b in range(a)]
    wins = [(same < different) + (same == different) / 2
            for same, is_same in pairs if is_same for different, is_other in pairs if not is_other]  # fmt: skip
    assert found.new.eer is not None
    assert found.new.eer.n == min(sum(is_same for _, is_same in pairs), sum(not is_same for _, is_same in pairs))
    assert found.new.eer.low <= (found.new.eer.value or 0.0) <= found.new.eer.high
    assert found.new.rank1 == pytest.approx(n_right / len(rows))
    assert found.new.order == pytest.approx(np.mean(wins), abs=1e-3)


@pytest.mark.slow
def test_an_embedder_that_cannot_learn_is_followed_by_one_that_was_trained_afresh(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.faces import improving

    monkeypatch.setattr(improving, "decided_faces", lambda _project, recipe, _given: (
        replace(SHORT, epochs=recipe.epochs, embedder=recipe.embedder), ()))  # fmt: skip
    pixels = ensure_embedder(project, "pixels")
    found = finish(improve(project, REQUEST, pixels))
    assert (found.old_embedder_id, found.is_afresh) == (pixels, True)
    assert found.old.order is not None
    assert "afresh" in found.words[0]


def test_without_an_embedder_there_is_nothing_to_improve(tmp_path: Path) -> None:
    with enrolled(tmp_path / "a.boxwright") as project, pytest.raises(UserError, match="No embedder is in use"):
        finish(improve(project, REQUEST))


def test_stopping_changes_nothing_about_the_gallery(project: Project) -> None:
    before = gallery.settings(project)
    work = improve(project, replace(REQUEST, epochs=50))
    for event in work:
        if isinstance(event, FacesStarted):
            next(work)
            break
    work.close()
    assert gallery.settings(project) == before
    assert runs.get(project, 2).state == "stopped"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [(0.9, 0.95, "new one tells"), (0.95, 0.9, "old one tells"), (0.9, 0.9005, "equally"), (None, 0.9, "too few")],
)
def test_the_verdict_says_which_is_better(old: float | None, new: float, words: str) -> None:
    found = Improved(
        2, 1, 2, Figures(None, old, None), Figures(None, new, None), 3, 9, 1, 2, is_fair=False, is_afresh=False
    )
    assert words in found.words[1]
    assert "believe it less" in found.words[0]
    assert "1 pair of one person and 2 of two" in found.words[2]
