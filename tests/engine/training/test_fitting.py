"""A batch that suits the memory of a GPU: chosen by a model of two trials, which are tried here on a CPU."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.training import fitting, starting
from engine.training.fitting import MOST, Fit, Need, fit, fit_to_gpu, need_of, wanted
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build

GB = 10**9


@given(st.integers(0, 10 * GB), st.integers(1, 5 * GB), st.integers(0, 90 * GB), st.integers(1, 64))
def test_the_largest_power_of_two_that_fits_is_taken(fixed: int, each: int, free: int, most: int) -> None:
    chosen = Need(fixed, each).fitting(free, most)
    fits = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= most and fixed + n * each <= 0.8 * free]
    assert chosen == max(fits, default=1)


@given(st.integers(0, 10 * GB), st.integers(1, 5 * GB))
def test_two_trials_tell_what_is_fixed_and_what_each_picture_takes(fixed: int, each: int) -> None:
    assert need_of(lambda n: fixed + n * each) == Need(fixed, each)


def test_where_two_do_not_fit_one_is_taken_and_other_errors_pass() -> None:
    def refuse(n: int) -> int:
        if n > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return GB

    assert need_of(refuse) is None
    assert fit(None, GB, 500).batch == 1
    with pytest.raises(RuntimeError, match="illegal"):
        need_of(lambda _: (_ for _ in ()).throw(RuntimeError("an illegal memory access")))


@pytest.mark.parametrize(("n", "batch"), [(1, 1), (20, 1), (40, 2), (205, 8), (540, 16), (10**6, MOST)])
def test_few_pictures_make_small_batches(n: int, batch: int) -> None:
    assert wanted(n) == batch


def test_it_says_whether_memory_or_pictures_decided() -> None:
    need = Need(GB, 2 * GB)
    assert fit(need, 80 * GB, 540) == Fit(
        16,
        (
            "A step takes 16 pictures, for which there is memory: "
            "2.0 GB for each picture, of 80 GB that are free on the GPU.",
        ),
    )
    assert "as many as fit" in fit(need, 12 * GB, 540).reasons[0]
    assert fit(need, 12 * GB, 540).batch == 4


def test_a_trial_leaves_the_network_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a pretended GPU, whose memory is that of the pictures; the steps themselves are real."""
    seen: list[int] = []
    true_step = fitting._Trial._step

    def step(trial: fitting._Trial, n: int) -> None:
        seen.append(n)
        true_step(trial, n)

    monkeypatch.setattr(fitting._Trial, "_step", step)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 0)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: seen[-1] * GB)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (5 * GB, 9 * GB))
    network = build("mask_rcnn")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    scenes = Scenes(4)
    scenes.train = [*scenes.train] * 20
    chosen = fit_to_gpu(network, scenes, torch.device("cpu"), "float32")
    assert seen == [1, 2]
    assert chosen.batch == 2
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(each.grad is None for each in network.parameters())


def test_only_a_gpu_is_tried_and_only_where_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = Fit(8, ("It fits.",))
    monkeypatch.setattr(starting, "fit_to_gpu", lambda *_: tried)
    monkeypatch.setattr("engine.hardware.precision", lambda *_: "float32")
    network, scenes, gpu, cpu = build("mask_rcnn"), Scenes(2), torch.device("cuda"), torch.device("cpu")
    assert starting._fit(network, Recipe(), None, scenes, gpu) == tried
    assert starting._fit(network, Recipe(batch=3), 5, scenes, gpu) == Fit(3)
    assert starting._fit(network, Recipe(), 5, scenes, gpu) == Fit(5)
    assert starting._fit(network, Recipe(), None, scenes, cpu) == Fit(None)
