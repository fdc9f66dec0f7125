"""The commands train, predict and evaluate, as a person calls them."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine import cli
from engine.cli._output import Output
from engine.cli._teller import Teller
from engine.project import detections, runs
from engine.project.processes import Process, started
from engine.project.store import Project
from engine.training.events import BatchHalved, Paused, SetChanged, StepDone, WentOn
from tests.engine.evaluation.test_detection import written
from tests.engine.training.conftest import SETTINGS

OPTIONS = [f"--option={name}={json.dumps(value)}" for name, value in SETTINGS["options"].items()]


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What a command says with --json; nothing else may be on stdout."""
    code = cli.main([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    said: dict[str, Any] = json.loads(out)
    return said


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a command complains with."""
    assert cli.main([*map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_train_then_evaluate_then_predict(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.close()
    path = project.path
    told = answer(
        capsys,
        "train",
        path,
        "--weights",
        "none",
        "--epochs",
        1,
        "--device",
        "cpu",
        "--seed",
        3,
        "--batch",
        2,
        *OPTIONS,
    )
    assert (told["run"], told["state"], told["steps"], told["epochs"]) == (1, "done", 2, 1)
    assert told["weights"]["source"] == "none"
    assert told["images"] == {"train": 4, "val": 2}
    assert {"bbox/AP", "segm/AP50"} <= told["metrics"].keys()
    scored = answer(capsys, "evaluate", path, "--split", "val", "--device", "cpu")
    for kind in ("bbox", "segm"):
        names = {"AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"}
        assert names <= scored[kind].keys()
        assert scored[kind]["per_class"].keys() == {"disk", "bar"}
    found = answer(capsys, "predict", path, "--split", "val", "--device", "cpu")
    with Project.open(path) as opened:
        assert found == {"run": 1, "images": 2, "detections": len(detections.of_run(opened, 1))}
        assert json.loads(runs.get(opened, 1).recipe)["seed"] == 3


def test_predict_on_picture_files_stores_nothing(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (50, 40), (90, 90, 90)).save(tmp_path / "a.png")
    trained.close()
    said = answer(capsys, "predict", trained.path, "--images", tmp_path / "a.png", "--device", "cpu")
    assert [(each["path"], each["height"], each["width"]) for each in said["images"]] == [
        (str(tmp_path / "a.png"), 40, 50)
    ]
    for each in said["images"][0]["detections"]:
        assert each.keys() == {"class", "score", "bbox", "segmentation"}
        assert each["segmentation"]["size"] == [40, 50]
    with Project.open(trained.path) as opened:
        assert detections.of_run(opened, 1) == []


def test_predict_on_several_files_and_a_folder_leaves_out_what_cannot_be_read(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    files = [tmp_path / "a.png", tmp_path / "b.png", folder / "c.png"]
    for file in files:
        Image.new("RGB", (50, 40), (90, 90, 90)).save(file)
    (tmp_path / "torn.png").write_bytes(files[0].read_bytes()[:60])
    trained.close()
    given = [files[0], files[1], folder, tmp_path / "torn.png"]
    said = answer(capsys, "predict", trained.path, "--run", "latest", "--images", *given, "--device", "cpu")
    assert [each["path"] for each in said["images"]] == [str(file) for file in files]
    assert [each["what"] for each in said["skipped"]] == [str(tmp_path / "torn.png")]
    assert "torn.png" in complaint(capsys, "predict", trained.path, "--images", tmp_path / "torn.png")
    (tmp_path / "empty").mkdir()
    assert "no pictures" in complaint(capsys, "predict", trained.path, "--images", tmp_path / "empty")


def test_evaluate_on_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, found = written(tmp_path)
    said = answer(capsys, "evaluate", "--truth", truth, "--detections", found, "--iou-type", "bbox")
    assert said["bbox"]["AP"] == pytest.approx(0.9)
    assert said["bbox"]["APl"] is None
    assert cli.main(["evaluate", "--truth", str(truth), "--detections", str(found)]) == 0
    assert "AP     0.900" in capsys.readouterr().out


def test_evaluating_files_loads_no_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    truth, found = written(tmp_path)
    lines = (
        "import sys; from engine import cli",
        f"code = cli.main(['evaluate', '--truth', {str(truth)!r}, '--detections', {str(found)!r}, '--json'])",
        "sys.exit(code or 'torch' in sys.modules)",
    )
    assert subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, check=False).returncode == 0


def test_an_interrupt_ends_a_training_in_good_order_and_it_can_be_resumed(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(_: Output, event: object) -> None:
        if isinstance(event, StepDone) and event.step == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Output, "show", show)
    monkeypatch.setattr("engine.training.loop.SECONDS_BETWEEN_STEPS_TOLD", 0)
    project.close()
    before = signal.getsignal(signal.SIGINT)
    asked = ["train", str(project.path), "--weights", "none", "--epochs", "1", "--device", "cpu", *OPTIONS]
    assert cli.main(asked) == cli.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is before
    with Project.open(project.path) as opened:
        assert runs.get(opened, 1).state == "stopped"
        assert runs.checkpoint(opened, 1, "last").step == 2
    monkeypatch.undo()
    capsys.readouterr()
    said = answer(capsys, "train", project.path, "--resume", "latest")
    assert (said["run"], said["state"], said["steps"]) == (1, "done", 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "P", "--epochs", "1", "--minutes", "1"], "not by both"),
        (["train", "P", "--weights", "gone.pth", "--epochs", "1"], "no weights file gone.pth"),
        (["train", "P", "--option", "min_side"], "NAME=VALUE"),
        (["train", "P", "--option", "colour=3"], "no option colour"),
        (["train", "P", "--resume", "latest"], "stopped or interrupted"),
        (["train", "P", "--detector", "oracle"], "oracle"),
        (["predict", "P"], "Train first"),
        (["predict", "P", "a.png"], "after --images"),
        (["predict", "P", "--split", "val", "--images", "a.png"], "not both"),
        (["evaluate", "P", "--run", "best"], "no run"),
        (["evaluate"], "--truth and --detections"),
        (["evaluate", "P", "--truth", "a.json", "--detections", "b.json"], "--truth and --detections"),
        (["evaluate", "--truth", "a.json", "--detections", "b.json"], "a.json cannot be read"),
    ],
)
def test_wrong_use_is_one_line(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    project.close()
    assert words in complaint(capsys, *(str(project.path) if each == "P" else each for each in arguments))


def test_runs_wait_in_the_queue_until_it_is_carried_out(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.close()
    path, short = project.path, ["--weights", "none", "--epochs", 1, "--device", "cpu", "--batch", 2, *OPTIONS]
    for n in (1, 2):
        said = answer(capsys, "train", path, "--detector", "mask_rcnn", *short, "--queue", "--patience", 0)
        assert (said["run"], said["state"], said["waiting"]) == (n, "queued", n)
    assert cli.main(["train", str(path), "--queued", "--json"]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["run"], line["state"], line["reason"]) for line in lines] == [
        (1, "done", "done"),
        (2, "done", "done"),
    ]
    assert "Run 1; 1 more in the queue." in err
    with Project.open(path) as opened:
        assert json.loads(runs.get(opened, 1).recipe)["patience"] is None
    assert cli.main(["train", str(path), "--queued"]) == 0
    assert "No run waits" in capsys.readouterr().err


def test_a_run_is_paused_and_goes_on_by_command(trained: Project, capsys: pytest.CaptureFixture[str]) -> None:
    path, parent = trained.path, Process(socket.gethostname(), os.getppid(), started(os.getppid()) or "")
    with trained.atomic():
        runs.set_state(trained, 1, "running")
        trained.execute("UPDATE runs SET process = ?", (str(parent),))
    trained.close()
    assert answer(capsys, "pause", path) == {"run": 1, "state": "paused"}
    assert "is paused" in complaint(capsys, "pause", path, "--run", 1)
    assert "rests in another process" in complaint(capsys, "train", path, "--resume", 1)
    assert answer(capsys, "go-on", path) == {"run": 1, "state": "running"}
    assert answer(capsys, "pause", path, "--run", 1)["state"] == "paused"
    with Project.open(path) as opened, opened.atomic():
        gone = Process(parent.host, parent.pid, "another-start")
        opened.execute("UPDATE runs SET process = ?", (str(gone),))
    assert "--resume 1" in complaint(capsys, "go-on", path)


def test_a_person_is_told_once_what_happens_to_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    teller = Teller(Output(is_json=False))
    for event in (BatchHalved(4, 2, "CUDA out of memory."), Paused(5), Paused(5), WentOn(5), Paused(9), Paused(9)):
        teller.hear(event)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "Step 4: CUDA out of memory. Pictures are taken 2 at a time now."
    assert [line.split(",")[0] for line in said[1:]] == ["Paused after step 5", "It goes on.", "Paused after step 9"]
    teller.hear(SetChanged(5, "1 image had changed."))
    assert capsys.readouterr().err == "1 image had changed.\n"


def test_what_a_run_learned_from_is_exported_by_command(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with trained.atomic():
        trained.execute("DELETE FROM annotations")
    trained.close()
    path = trained.path
    said = answer(capsys, "export", path, tmp_path / "out", "--format", "coco", "--run", 1, "--proof")
    assert (said["run"], said["lost"], said["images"], said["annotations"]) == (1, [], 6, 24)
    assert said["proof"]["is_kept"]
    assert answer(capsys, "export", path, tmp_path / "now", "--format", "coco")["annotations"] == 0
    assert "no run 9" in complaint(capsys, "export", path, tmp_path / "other", "--format", "coco", "--run", 9)
