"""Weights from elsewhere at work without training: as a run of a project, and on picture files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine import cli
from engine.checkpoints import Card
from engine.detecting import ready_made, suggesting
from engine.detecting.ready_made import Foreign
from engine.detectors.yolo import Yolo, framed, scores
from engine.errors import UserError
from engine.nn.coco_classes import COCO_CLASSES
from engine.project import classes, runs
from engine.project.store import Project
from engine.training.imported_runs import import_run
from tests.engine.detectors.test_yolo import as_yolox, built
from tests.engine.training.conftest import add_image

PICTURE = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of all COCO classes in YOLOX's layout that is not shy: at each place it finds something."""
    network = built(80)
    for layer in (*network.body.head.objectness, *network.body.head.class_logits):
        torch.nn.init.zeros_(layer.bias)
    path = tmp_path_factory.mktemp("weights") / "nano.pth"
    torch.save({"model": as_yolox(network.body)}, path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.boxwright") as made:
        with made.atomic():
            add_image(made, "a.png", PICTURE, "val")
        yield made


def with_classes(project: Project, *names: str) -> dict[str, int]:
    with project.atomic():
        return {name: classes.add(project, name) for name in names}


def test_weights_become_a_run_for_the_classes_that_both_know(pictures: Project, weights_file: Path) -> None:
    ids = with_classes(pictures, "nucleus", "Traffic_Light", "dog")
    foreign = Foreign("yolo", weights_file)
    run = runs.get(pictures, import_run(pictures, foreign))
    checkpoint = runs.checkpoint(pictures, run.id)
    assert (run.state, run.network, checkpoint.kind) == ("done", "yolo", "imported")
    card = Card.from_json(checkpoint.card)
    assert card.class_names == {str(ids["Traffic_Light"]): "Traffic_Light", str(ids["dog"]): "dog"}
    assert import_run(pictures, foreign) == run.id
    ours = suggesting.predictor(pictures, run, "cpu").network
    theirs = ready_made.predictor(foreign, CPU).network
    assert isinstance(ours, Yolo)
    assert isinstance(theirs, Yolo)
    frame = framed([torch.from_numpy(PICTURE).permute(2, 0, 1)])
    rows = [COCO_CLASSES.index("traffic light"), COCO_CLASSES.index("dog")]
    with torch.inference_mode():
        assert torch.allclose(scores(ours.body(frame)), scores(theirs.body(frame))[..., rows], atol=1e-5)


def test_a_project_without_classes_gets_those_of_the_weights(pictures: Project, weights_file: Path) -> None:
    import_run(pictures, Foreign("yolo", weights_file))
    assert [each.name for each in classes.all_classes(pictures)] == list(COCO_CLASSES)


def test_weights_that_know_none_of_the_classes_change_nothing(pictures: Project, weights_file: Path) -> None:
    with_classes(pictures, "nucleus")
    with pytest.raises(UserError, match="none of the project's classes"):
        import_run(pictures, Foreign("yolo", weights_file))
    assert runs.all_runs(pictures) == []


def test_weights_whose_classes_are_unknown_are_refused(pictures: Project, weights_file: Path, tmp_path: Path) -> None:
    torch.save(as_yolox(built(3).body), tmp_path / "three.pth")
    for detector, path in (("yolo", tmp_path / "three.pth"), ("mask_rcnn", weights_file)):
        with pytest.raises(UserError, match="not known which classes"):
            import_run(pictures, Foreign(detector, path))


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert cli.main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_predict_needs_no_training(
    pictures: Project, weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    with_classes(pictures, "dog")
    pictures.close()
    asked = ("predict", pictures.path, "--detector", "yolo", "--weights", weights_file, "--device", "cpu")
    said = answer(capsys, *asked, "--split", "val")
    assert (said["run"], said["images"]) == (1, 1)
    assert said["detections"] > 0
    Image.fromarray(PICTURE).save(tmp_path / "b.png")
    said = answer(capsys, *asked, "--images", tmp_path / "b.png")
    assert said["run"] is None
    assert len({each["class"] for each in said["images"][0]["detections"]}) > 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--detector", "yolo"], "together"),
        (["--weights", "a.pth"], "together"),
        (["--detector", "yolo", "--weights", "a.pth", "--run", "1"], "not both"),
        (["--detector", "yolo", "--weights", "gone.pth"], "no weights file gone.pth"),
    ],
)
def test_wrong_use_is_one_line(
    pictures: Project, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    pictures.close()
    assert cli.main(["predict", str(pictures.path), *arguments]) == cli.WRONG_USE
    assert words in capsys.readouterr().err
