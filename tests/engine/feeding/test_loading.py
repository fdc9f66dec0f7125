"""Batches that loaders make are those that are made in between, bit for bit, and in the order they are asked for."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from engine import hardware
from engine.detectors import Truth
from engine.errors import UserError
from engine.feeding.batches import Batch
from engine.feeding.data import Data
from engine.feeding.loading import Loaded
from engine.feeding.packed import Packed
from engine.feeding.project_data import ProjectData
from engine.progress import finish
from engine.project import runs
from engine.project.store import Project
from engine.training.events import StepDone
from engine.training.loop import train
from engine.training.recipe import Recipe
from engine.training.recording import queue, train_run
from engine.training.starting import Setup, prepare
from tests.engine.detectors.scenes import Scenes
from tests.engine.training.conftest import SETTINGS
from tests.engine.training.test_loop import Clock


def recipe(**changed: Any) -> Recipe:
    return Recipe(**{**SETTINGS, "epochs": 2, **changed})


def setup(data: Data, **changed: Any) -> Setup:
    return finish(prepare(recipe(**changed), data))


def equal(one: Batch, other: Batch) -> bool:
    """Whether two batches are the same, bit for bit."""
    if (one.names, one.places, one.epoch, one.number) != (other.names, other.places, other.epoch, other.number):
        return False
    pictures = all(map(torch.equal, one.pictures, other.pictures))
    pairs = zip(one.truths, other.truths, strict=True)
    return pictures and all(
        torch.equal(getattr(a, each.name), getattr(b, each.name)) for a, b in pairs for each in fields(Truth)
    )


@pytest.fixture
def no_more_processes() -> Iterator[None]:
    """Fails where a test leaves loaders behind."""
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


@pytest.fixture(scope="module")
def plain() -> Setup:
    return setup(Scenes(7), loaders=0)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Setup]:
    made = setup(Scenes(7), loaders=2)
    yield made
    made.close()


@pytest.mark.slow
def test_batches_of_loaders_are_those_made_in_between(plain: Setup, loaded: Setup) -> None:
    assert isinstance(loaded.batches, Loaded)
    assert len(loaded.batches) == len(plain.batches)
    for epoch in range(2):
        both = zip(loaded.batches.epoch(epoch), plain.batches.epoch(epoch), strict=True)
        assert all(equal(*pair) for pair in both)


def test_any_batch_can_be_asked_for(plain: Setup, loaded: Setup) -> None:
    for key in ((3, 2, "varied"), (3, 3, "varied"), (4, 0, "calm"), (0, 1, "calm"), (0, 1, "calm")):
        assert equal(loaded.batches.batch(*key), plain.batches.batch(*key))
    assert all(equal(*pair) for pair in zip(loaded.batches.epoch(1, 2), plain.batches.epoch(1, 2), strict=True))


def test_a_packed_batch_is_the_batch(plain: Setup) -> None:
    batch = plain.batches.batch(0, 0)
    packed = pickle.loads(pickle.dumps(Packed.of(batch)))
    assert equal(packed.opened(torch.from_numpy(packed.values)), batch)
    empty = replace(batch, pictures=[], truths=[], names=(), places=())
    assert equal(Packed.of(empty).opened(torch.empty(0, dtype=torch.uint8)), empty)


@pytest.mark.slow
@pytest.mark.usefixtures("no_more_processes")
@pytest.mark.parametrize("n_loaders", [1, 2])
def test_the_training_is_the_same_with_any_number_of_loaders(n_loaders: int) -> None:
    told = [
        [event.losses for event in train(recipe(loaders=n), Scenes(4, 0), clock=Clock()) if isinstance(event, StepDone)]
        for n in (0, n_loaders)
    ]
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.usefixtures("no_more_processes")
def test_loaders_read_a_project_over_connections_of_their_own(project: Project) -> None:
    run_id = queue(project, recipe(loaders=2))
    report = finish(train_run(project, run_id))
    assert report.state == "done"
    with project.atomic():  # nobody holds the file
        runs.set_state(project, run_id, "done")


def test_data_in_another_process_reads_the_file_without_writing(project: Project) -> None:
    data = ProjectData(project)
    again = pickle.loads(pickle.dumps(data))
    assert [each.name for each in again.train] == [each.name for each in data.train]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(again.train, data.train, strict=True))
    assert again.class_names == data.class_names
    assert again._source.project is not project
    assert again._source.project.is_read_only
    assert data._source.project is project


def test_annotations_made_meanwhile_do_not_reach_other_processes(project: Project) -> None:
    data = ProjectData(project)
    sent = pickle.dumps(data)
    image_id = data.train_images[0].id
    n_before = len(data.annotations(image_id))
    with project.atomic():
        project.execute("DELETE FROM annotations WHERE image_id = ?", (image_id,))
    again = pickle.loads(sent)
    assert len(again.annotations(image_id)) == n_before
    assert len(again.train[0].truth) == len(data.train[0].truth)


@pytest.mark.slow
@pytest.mark.usefixtures("no_more_processes")
def test_a_picture_that_cannot_be_read_is_said(project: Project) -> None:
    with project.atomic():
        project.execute("UPDATE chunks SET bytes = zeroblob(length(bytes))")
    with pytest.raises(UserError):
        finish(train_run(project, queue(project, recipe(loaders=1))))


def test_a_gpu_has_some_loaders_and_a_cpu_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "n_cores", lambda: 12)
    gpu = torch.device("cuda")
    assert [hardware.n_loaders(gpu, n) for n in (1, 2, 4)] == [8, 6, 3]
    assert hardware.n_loaders(torch.device("cpu")) == 0
    with pytest.raises(UserError, match="no loaders"):
        recipe(loaders=-1)
