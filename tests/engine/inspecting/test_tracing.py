"""Runs' networks watched on images: checks that can fail, a network that is kept, faults in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from engine import cli
from engine.detecting.predicting import Picture, Predictor
from engine.detectors import Askable, Detected, Network
from engine.errors import UserError
from engine.inspecting import tracer
from engine.inspecting.tracer import Tracer, look, sight
from engine.inspecting.tracing import Tracing, _replay, _untraced, origin_of
from engine.project import contents, images, runs
from engine.project.store import Project
from engine.tracing import files
from engine.tracing.selecting import replay
from engine.tracing.stages import Scores, Selection


@pytest.fixture
def predictor(trained: Project) -> Predictor:
    made = Tracer("cpu")
    made.trace(trained, images.all_ids(trained)[0], 1)
    return made._predictor(trained, 1)


@pytest.fixture
def picture(trained: Project) -> Picture:
    image = images.all_images(trained)[0]
    return sight(trained, image.name).pixels


def test_everything_that_is_checked_equals_the_networks_own(predictor: Predictor, picture: Picture) -> None:
    made = Tracing.of(predictor, picture, origin_of(predictor)).trace
    names = ["untraced", *(each.name for each in made.all(Selection))]
    assert [each.name for each in made.checks] == names
    assert made.is_equal
    assert all("bit by bit" in each.words for each in made.checks)


def test_the_second_look_can_be_left_out(predictor: Predictor, picture: Picture) -> None:
    made = Tracing.of(predictor, picture, origin_of(predictor), is_compared=False).trace
    assert [each.name for each in made.checks] == [each.name for each in made.all(Selection)]


def found(n: int = 3) -> Detected:
    return Detected(torch.arange(4.0 * n).view(n, 4), torch.linspace(1, 0, n), torch.zeros(n, dtype=torch.int64))


def test_a_network_that_finds_other_things_when_watched_is_told_of() -> None:
    assert _untraced(found(), found()).is_equal
    other = replace(found(), scores=found().scores.nextafter(torch.tensor(2.0)))
    check = _untraced(other, found())
    assert not check.is_equal
    assert "differ in scores" in check.words
    assert not _untraced(found(2), found(3)).is_equal
    assert "2 objects, else 3" in _untraced(found(2), found(3)).words
    assert not _untraced(replace(found(), masks=torch.zeros(3, 1, 1)), found()).is_equal


def test_a_replay_that_differs_is_told_of(predictor: Predictor, picture: Picture) -> None:
    made = Tracing.of(predictor, picture, origin_of(predictor)).trace
    own = made.all(Selection)[0]
    scores = made.named(own.of)
    assert isinstance(scores, Scores)
    again = replay(scores, own)
    assert _replay(own, again).is_equal
    turned = replace(
        own, kept_rows=own.kept_rows[::-1], kept_boxes=own.kept_boxes[::-1], kept_scores=own.kept_scores[::-1]
    )
    check = _replay(turned, again)
    assert not check.is_equal
    assert f"{len(own.kept_rows)} are the same" in check.words
    nudged = replace(own, kept_boxes=np.nextafter(own.kept_boxes, np.float32(1e9)))
    assert not _replay(nudged, again).is_equal


def test_a_network_that_cannot_be_watched_says_so(predictor: Predictor, picture: Picture) -> None:
    with pytest.raises(UserError, match="cannot be watched"):
        Tracing.of(replace(predictor, network=cast(Network, nn.Identity())), picture, origin_of(predictor))


def test_the_origin_says_who_looked_at_what(trained: Project) -> None:
    image = images.all_images(trained)[1]
    origin = Tracer("cpu").trace(trained, image.id, 1).origin
    assert (origin.run_id, origin.image_id, origin.image_name) == (1, image.id, image.name)
    assert origin.detector == runs.get(trained, 1).network
    assert len(origin.class_names) == len(origin.class_ids)
    assert origin.device == "cpu"


def test_the_network_is_kept_from_image_to_image_until_it_has_learned_more(trained: Project) -> None:
    made = Tracer("cpu")
    first, second = images.all_ids(trained)[:2]
    made.trace(trained, first)
    kept = made._predictor(trained, 1)
    made.trace(trained, second)
    assert made._predictor(trained, 1) is kept
    checkpoint = runs.checkpoint(trained, 1)

    weights = contents.get(trained, checkpoint.content_id)
    with trained.atomic():
        runs.remove_checkpoint(trained, 1, checkpoint.kind)
        runs.add_checkpoint(trained, 1, runs.NewCheckpoint(checkpoint.kind, checkpoint.step, weights, checkpoint.card))
    assert made._predictor(trained, 1) is not kept


def test_more_can_be_asked_of_the_last_pass_only(trained: Project) -> None:
    made = Tracer("cpu")
    with pytest.raises(LookupError):
        made.asked_more()
    plain = made.trace(trained, images.all_ids(trained)[0])
    more = made.asked_more()
    assert made.last is not None
    assert isinstance(made.last.watched, Askable)
    before, after = plain.named("regions"), more.named("regions")
    assert isinstance(before, Scores)
    assert isinstance(after, Scores)
    assert after.is_asked is not None
    n_own = len(before.boxes)
    assert after.is_asked.sum() == n_own < len(after.boxes)
    np.testing.assert_array_equal(after.boxes[:n_own], before.boxes)
    assert more.checks == plain.checks


def test_a_picture_that_was_shrunk_is_traced_in_its_own_pixels(predictor: Predictor, picture: Picture) -> None:
    height, width = picture.shape[:2]
    shrunk = tracer.Sight(picture, (3 * height, 3 * width), None, "large.png")
    made = look(predictor, shrunk, None)
    assert made.trace.input.size == made.asked_more().input.size == (3 * height, 3 * width)
    own = look(predictor, replace(shrunk, size=(height, width)), None).trace
    assert made.trace.input.scale_xy == pytest.approx(tuple(each / 3 for each in own.input.scale_xy))


def test_an_image_is_named_by_its_name_its_id_or_its_path(trained: Project, tmp_path: Path) -> None:
    image = images.all_images(trained)[0]
    by_name, by_id = sight(trained, image.name), sight(trained, str(image.id))
    assert by_name.image == by_id.image == image
    path = tmp_path / "other.png"
    Image.fromarray(by_name.pixels).save(path)
    by_path = sight(trained, str(path))
    assert by_path.image is None
    assert by_path.name == "other.png"
    np.testing.assert_array_equal(by_path.pixels, by_name.pixels)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no such picture.png"], "has no image no such picture.png"),
        (["99999"], "There is no image 99999"),
        (["{broken}"], "broken.png"),
        (["{image}", "--run", "77"], "There is no run 77"),
        (["{image}", "--detector", "yolo"], "--detector and --weights together"),
        (["{image}", "--run", "1", "--weights", "{broken}"], "not both"),
        (["{image}", "--out", "{nowhere}"], "nowhere"),
    ],
)
def test_faults_are_told_in_a_line(
    trained: Project, tmp_path: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    names = {
        "{broken}": str(tmp_path / "broken.png"), "{image}": images.all_images(trained)[0].name,
        "{nowhere}": str(tmp_path / "nowhere" / "a.trace"),
    }  # fmt: skip
    assert cli.main(["trace", str(trained.path), *(names.get(each, each) for each in arguments)]) == 2
    assert words in capsys.readouterr().err


def test_a_run_without_a_checkpoint_says_so(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    image = images.all_images(project)[0]
    assert cli.main(["trace", str(project.path), image.name]) == 2
    assert "has a checkpoint yet" in capsys.readouterr().err


def test_the_command_tells_the_stages_and_writes_them(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, out = images.all_images(trained)[0], tmp_path / "t.trace"
    assert cli.main(["trace", str(trained.path), str(image.id), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    made = files.load(out)
    assert told["equal"] is True
    assert [(each["name"], each["kind"]) for each in told["stages"]] == [
        (each.name, type(each).__name__) for each in made.stages
    ]
    counts = {each["name"]: each["count"] for each in told["stages"]}
    assert counts["regions"] == counts["proposals"] == counts["pooling"]
    assert counts["objectness"] == counts["anchors"] > counts["proposals"]
    assert counts["input"] == 1
    assert made.origin.image_id == image.id == told["image"]


def test_the_command_asks_more_where_that_is_wanted(trained: Project, capsys: pytest.CaptureFixture[str]) -> None:
    image = images.all_images(trained)[0]
    counts = []
    for more in ([], ["--asked-more"]):
        assert cli.main(["trace", str(trained.path), image.name, "--json", *more]) == 0
        told = json.loads(capsys.readouterr().out)
        counts.append(next(each["count"] for each in told["stages"] if each["name"] == "regions"))
    assert counts[1] > counts[0]


def test_weights_from_elsewhere_on_a_picture_file(
    trained: Project, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sorted((shared / "data" / "coco_mini" / "images").rglob("*.jpg"))[0]
    weights = shared / "weights" / "yolox_nano_coco.pth"
    arguments = ["trace", str(trained.path), str(path), "--detector", "yolo", "--weights", str(weights)]
    assert cli.main(arguments) == 0
    words = capsys.readouterr().out
    assert words.startswith(f"YOLO on {path.name}, ")
    assert "DIFFERS" not in words
    assert "2457  Anchors" in words
