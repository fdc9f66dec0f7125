"""Several processes give the losses of one, on batches that do and do not divide by them; by torchrun, and faster."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import psutil
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine import cli
from engine.nn.csp import Norm
from engine.nn.shared_norm import share_norms
from engine.project import runs
from engine.project.store import Project
from engine.training import recording
from engine.training.ranks import ALONE
from tests.crash_harness import prepared
from tests.engine.detectors.test_contract import SMALL, build
from tests.engine.project import editing
from tests.engine.training import shared_training
from tests.engine.training.shared_training import Told

ROOT = Path(__file__).resolve().parents[3]


LAUNCHER = (sys.executable, "-m", "torch.distributed.run", "--standalone")


def torchrun(n_processes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module under torchrun on this machine."""
    launcher = (*LAUNCHER, f"--nproc-per-node={n_processes}")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*launcher, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


Start: TypeAlias = Callable[[int, str], None]
"""Carries out a training that is told in so many processes, and waits for its end."""


def by_torchrun(n_processes: int, told: str) -> None:
    """As a person starts them."""
    ended = torchrun(n_processes, "tests.engine.training.shared_training", told)
    assert ended.returncode == 0, ended.stderr


def by_fork(n_processes: int, told: str) -> None:
    """In the variables of torchrun, but in a tenth of its time: torch is loaded already; one process is this one."""
    if n_processes == 1:
        shared_training.main(msgspec.json.decode(told, type=Told))
        return
    assert forked(n_processes, _train_as_told, told) == [0] * n_processes


def forked(n_processes: int, target: Callable[..., None], *arguments: object) -> list[int | None]:
    """The exit codes of processes with torchrun's variables, each of which called a function of this module."""
    context = prepared(shared_training.__name__, editing.__name__)
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    places = [_place(rank, n_processes, port) for rank in range(n_processes)]
    several = [context.Process(target=target, args=(place, *arguments)) for place in places]
    for each in several:
        each.start()
    for each in several:
        each.join(120)
    return [each.exitcode for each in several]


def _place(rank: int, count: int, port: int) -> dict[str, str]:
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_PORT": port}
    return {name: str(value) for name, value in numbers.items()} | {"MASTER_ADDR": "localhost"}


def _train_as_told(place: dict[str, str], told: str) -> None:
    os.environ |= place
    torch.set_num_threads(1)
    shared_training.main(msgspec.json.decode(told, type=Told))


def _command(place: dict[str, str], arguments: list[str], complaints: Path) -> None:
    """A command line; what it complains of goes into a file that is called after its rank."""
    os.environ |= place
    torch.set_num_threads(1)
    with complaints.with_suffix(f".{place['RANK']}").open("w") as file, redirect_stderr(file):
        code = cli.main(arguments)
    sys.exit(code)


class Place:
    """Where a test keeps the files of its trainings."""

    def __init__(self, folder: Path, detector: str) -> None:
        self.folder = folder
        self.detector = detector
        self.weights = folder / "start.safetensors"
        save_file({name: each.contiguous() for name, each in build(detector).state_dict().items()}, self.weights)

    def losses(self, start: Start, n_processes: int, **told: Any) -> list[dict[str, float]]:
        """Of each step of a training whose norms are held, as after pretrained weights."""
        recipe = {
            "detector": self.detector, "options": SMALL[self.detector], "weights": str(self.weights), "batch": 4,
            "precision": "float32", "device": "cpu", "threads": 1, "epochs": 100,
        }  # fmt: skip
        out = self.folder / f"losses-{n_processes}.json"
        asked = Told(recipe | told.pop("recipe", {}), n_pictures=5, out=str(out), **told)
        start(n_processes, msgspec.json.encode(asked).decode())
        return msgspec.json.decode(out.read_bytes(), type=list[dict[str, float]])


def furthest(some: list[dict[str, float]], others: list[dict[str, float]]) -> float:
    """The largest difference of any loss term of any step."""
    assert len(some) == len(others)
    return max(abs(one[name] - other[name]) for one, other in zip(some, others, strict=True) for name in one)


@pytest.mark.slow
@pytest.mark.parametrize(("detector", "start"), [("mask_rcnn", by_torchrun), ("yolo", by_fork)])
def test_two_processes_give_the_losses_of_one(tmp_path: Path, detector: str, start: Start) -> None:
    """Of five pictures in batches of four every other batch has one, and one rank none."""
    place = Place(tmp_path, detector)
    one, two = place.losses(by_fork, 1, n_steps=6), place.losses(start, 2, n_steps=6)
    assert furthest(one, two) < 1e-4
    assert one[0] != one[1]


@pytest.mark.slow
def test_while_the_body_stands_still(tmp_path: Path) -> None:
    place = Place(tmp_path, "mask_rcnn")
    one, two = (place.losses(by_fork, n, n_steps=4, recipe={"still_share": 0.5, "epochs": 3}) for n in (1, 2))
    assert furthest(one[:1], two[:1]) < 1e-5
    assert furthest(one, two) < 1e-2  # at the full learning rate from the start a step makes much of rounding


@pytest.mark.slow
def test_a_training_goes_on_with_another_number_of_processes(tmp_path: Path) -> None:
    place = Place(tmp_path, "yolo")
    whole = place.losses(by_fork, 1, n_steps=6)
    last = tmp_path / "last"
    first = place.losses(by_fork, 2, n_steps=3, keep=str(last))
    rest = place.losses(by_fork, 3, n_steps=3, resume=str(last))
    assert furthest(whole, first + rest) < 1e-4


@pytest.mark.slow
def test_the_command_trains_under_torchrun(project: Project) -> None:
    options = [f"--option={name}={msgspec.json.encode(value).decode()}" for name, value in SMALL["mask_rcnn"].items()]
    fixed = ("--detector=mask_rcnn", "--weights=none", "--epochs=1", "--device=cpu", "--precision=float32", "--json")
    ended = torchrun(2, "engine", "train", str(project.path), *fixed, *options)
    assert ended.returncode == 0, ended.stderr
    report = msgspec.json.decode(ended.stdout)
    assert (report["state"], report["steps"]) == ("done", 2)  # one picture for each process in a step, of four
    run = runs.get(project, report["run"])
    assert run.state == "done"
    assert runs.has_checkpoint(project, run.id, "best")


@pytest.mark.slow
def test_a_batch_too_small_to_be_shared_is_refused_and_all_end(project: Project, tmp_path: Path) -> None:
    """Each by itself: nobody is there to end them."""
    fixed = ["--detector=yolo", "--weights=none", "--epochs=1", "--device=cpu", "--batch=1"]
    complaints = tmp_path / "complaints"
    assert forked(2, _command, ["train", str(project.path), *fixed], complaints) == [2, 2]
    first, second = (complaints.with_suffix(f".{rank}").read_text() for rank in (0, 1))
    assert "A batch of 1 cannot be shared by 2 processes." in first
    assert "Another process of this training ended" in second
    (run,) = runs.all_runs(project)
    assert run.state == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_a_process_that_is_killed_ends_all_and_the_run_can_go_on(project: Project, rank: int) -> None:
    options = [f"--option={name}={msgspec.json.encode(value).decode()}" for name, value in SMALL["mask_rcnn"].items()]
    fixed = ("--detector=mask_rcnn", "--weights=none", "--minutes=5", "--device=cpu", "--precision=float32")
    command = (*LAUNCHER, "--nproc-per-node=2", "-m", "engine", "train", str(project.path), *fixed, *options)
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL
    ) as run:
        processes = psutil.Process(run.pid)
        try:
            _until(lambda: any(each.device for each in runs.all_runs(project)))
            _process(processes, rank).kill()
            assert run.wait(90) != 0
        finally:
            run.kill()
    (found,) = runs.all_runs(project)
    assert found.state == ("failed" if rank else "running")
    assert not rank or "Another process of this training ended" in found.message
    assert recording.resumable(project, None) == found.id


def _until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is so; fails where it takes far longer than it ever should."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def _process(launcher: psutil.Process, rank: int) -> psutil.Process:
    return next(each for each in launcher.children() if each.environ().get("RANK") == str(rank))


def test_a_process_by_itself_shares_with_nobody() -> None:
    values = torch.tensor([1.0, 2.0])
    assert ALONE.leads
    assert not ALONE.are_several
    assert torch.equal(ALONE.total(values), values)
    assert ALONE.largest((3, 4)) == (3, 4)
    assert ALONE.gathered("x") == ["x"]
    ALONE.dismiss()


@pytest.mark.parametrize("norm", [nn.BatchNorm2d(6), Norm(6)])
def test_a_shared_norm_is_the_norm_it_replaces(norm: nn.BatchNorm2d) -> None:
    """As seen from one process of two that have the same pictures: statistics are those of one."""
    torch.manual_seed(0)
    plain, shared = nn.Sequential(norm).train(), nn.Sequential(type(norm)(6)).train()
    share_norms(shared, lambda values: 2 * values)
    for _ in range(3):
        maps = torch.rand(3, 6, 5, 4) * 3 + 7
        inputs = [maps.clone().requires_grad_(), maps.clone().requires_grad_()]
        doubled = torch.cat([inputs[0], inputs[0]])  # what both processes have together
        outputs = [plain(doubled)[:3], shared(inputs[1])]
        assert torch.allclose(*outputs, atol=1e-5)
    for name, value in plain.state_dict().items():
        assert torch.allclose(shared.state_dict()[name], value, atol=1e-5), name
    assert torch.allclose(plain.eval()(maps), shared.eval()(maps), atol=1e-5)


def test_a_shared_norm_counts_nothing_of_an_idle_process() -> None:
    shared = nn.Sequential(nn.BatchNorm2d(2)).train()
    seen: list[torch.Tensor] = []

    def total(values: torch.Tensor) -> torch.Tensor:
        seen.append(values)
        return values + 1

    (norm,) = share_norms(shared, total)
    norm.is_idle = True
    shared(torch.rand(1, 2, 3, 3))
    assert all(not each.any() for each in seen)
