"""Networks at work on many pictures: together as alone, going on after a stop, tiles and fusion by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine import cli
from engine.detecting import predicting, suggesting
from engine.detecting.manner import Manner
from engine.detecting.predicting import Picture
from engine.detecting.project_images import DetectRequest, Found, chosen_run, looker, usual_side
from engine.detectors import DETECTORS, Detected
from engine.errors import UserError
from engine.geometry.shapes import Keypoints
from engine.progress import finish
from engine.project import contents, detections, images, runs
from engine.project.store import Project
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build
from tests.engine.training.conftest import add_image

CPU = torch.device("cpu")


def similar_pictures() -> list[Picture]:
    """Of several sizes; some of them fill the same frame though they differ."""
    random = np.random.default_rng(1)
    sizes = ((96, 96), (96, 128), (96, 126), (128, 96), (96, 96), (48, 64))
    noise = [random.integers(0, 255, (*size, 3)).astype(np.uint8) for size in sizes]
    return [*noise, *(scene.picture for scene in Scenes(2, 0).train)]


@pytest.mark.parametrize("name", DETECTORS.names())
def test_pictures_together_give_what_each_gives_alone(name: str) -> None:
    network = build(name).eval()
    pictures = similar_pictures()
    found: dict[int, Any] = {}
    for group in predicting.batches(network, [each.shape[:2] for each in pictures], CPU, 4):
        together = predicting.detect_together(network, [pictures[at] for at in group], CPU)
        found |= dict(zip(group, together, strict=True))
    assert found.keys() == set(range(len(pictures)))
    for at, picture in enumerate(pictures):
        alone = predicting.detect(network, picture, CPU)
        assert torch.allclose(alone.scores, found[at].scores, atol=1e-4)
        # Each box has its twin; where scores are all but equal, the two may come in another order.
        assert torch.cdist(alone.boxes, found[at].boxes, p=torch.inf).min(dim=1).values.max() < 1e-2


def test_batches_hold_pictures_of_one_frame_only() -> None:
    network = build("faster_rcnn")
    sizes = [each.shape[:2] for each in similar_pictures()]
    groups = list(predicting.batches(network, sizes, CPU, 2))
    assert sorted(at for group in groups for at in group) == list(range(len(sizes)))
    assert all(len({predicting.frame(network, *sizes[at]) for at in group}) == 1 for group in groups)
    assert max(map(len, groups)) == 2


def test_memory_that_does_not_do_halves_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build("yolo").eval()
    detect, most = network.detect, []

    def scarce(pictures: list[torch.Tensor]) -> Any:
        if len(pictures) > 2:
            raise torch.OutOfMemoryError
        most.append(len(pictures))
        return detect(pictures)

    monkeypatch.setattr(network, "detect", scarce)
    pictures = [each.picture for each in Scenes(5, 0).train]
    assert len(predicting.detect_together(network, pictures, CPU)) == 5
    assert most == [2, 1, 2]


def test_what_was_stopped_goes_on_with_the_images_that_are_missing(trained: Project) -> None:
    work = suggesting.suggest(trained, DetectRequest(device="cpu", manner=Manner(batch=1)))
    first = next(event for event in work if isinstance(event, Found))
    work.close()
    assert detections.examined(trained, 1) == {first.image.id}
    before = detections.of_image(trained, first.image.id)
    report = finish(suggesting.suggest(trained, DetectRequest(device="cpu", is_only_missing=True)))
    assert (report.images, report.n_left_out) == (5, 1)
    assert detections.of_image(trained, first.image.id) == before
    again = finish(suggesting.suggest(trained, DetectRequest(device="cpu", is_only_missing=True)))
    assert (again.images, again.n_left_out) == (0, 6)


def test_the_usual_size_is_that_of_the_pictures_a_run_learned_from(trained: Project) -> None:
    assert usual_side(trained, 1) == 96
    eyes = looker(trained, chosen_run(trained, None), DetectRequest(device="cpu"))
    assert eyes.tiles_of(96, 96) is None
    plan = eyes.tiles_of(500, 300)
    assert plan is not None
    assert plan.side == 96


def test_several_runs_are_fused_under_the_first(trained: Project) -> None:
    weights = runs.checkpoint(trained, 1)
    with trained.atomic():
        other = runs.add(trained, "detector", "mask_rcnn", "{}")
        state = predicting_bytes(trained)
        runs.add_checkpoint(trained, other, runs.NewCheckpoint("best", 1, state, weights.card))
    image = images.all_images(trained)[0].id
    alone = finish(suggesting.suggest(trained, DetectRequest(1, image_ids=(image,), device="cpu")))
    request = DetectRequest(1, image_ids=(image,), device="cpu", with_run_ids=(other,))
    both = finish(suggesting.suggest(trained, request))
    assert both.run_id == alone.run_id == 1
    assert both.detections <= alone.detections  # the same network twice agrees with itself
    assert detections.of_run(trained, other) == []


def predicting_bytes(project: Project) -> bytes:
    return contents.get(project, runs.checkpoint(project, 1).content_id)


@pytest.mark.slow
def test_pictures_too_large_for_memory_are_looked_at_in_full(
    trained: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here those are of more than 0.1 megapixels; their tiles lie in a file."""
    large = np.tile(Scenes(1, 0).train[0].picture, (7, 8, 1))
    with trained.atomic():
        image_id = add_image(trained, "large.png", large, None)
    request = DetectRequest(1, image_ids=(image_id,), device="cpu", manner=Manner("always", tile_side=384))
    small = finish(suggesting.suggest(trained, request))
    monkeypatch.setattr("engine.pictures.LARGE_PIXELS", 100_000)
    monkeypatch.setattr("engine.tiling.cache.folder", lambda: tmp_path / "tiles")
    full = finish(suggesting.suggest(trained, request))
    assert full.detections == pytest.approx(small.detections, rel=0.1)  # tiles are JPEG
    assert len(list((tmp_path / "tiles").iterdir())) == 1
    Image.fromarray(large).save(tmp_path / "large.png")
    report = predicted(capsys, trained.path, "--run", 1, "--tile", 384, "--images", tmp_path / "large.png")
    assert len(report["images"][0]["detections"]) == full.detections


def test_classes_that_are_gone_and_runs_that_never_were_are_told(trained: Project) -> None:
    with pytest.raises(UserError, match="no run 99"):
        finish(suggesting.suggest(trained, DetectRequest(1, device="cpu", with_run_ids=(99,))))


def folder_of_pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, scene in enumerate(Scenes(5, 0).train):
        Image.fromarray(scene.picture).save(folder / f"{number}.png")
    Image.fromarray(np.tile(Scenes(1, 0).train[0].picture, (3, 4, 1))).save(folder / "large.png")
    return folder


def predicted(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert cli.main(["predict", *map(str, arguments), "--device", "cpu", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_a_folder_is_gone_on_with_where_its_lines_end(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = folder_of_pictures(tmp_path), tmp_path / "found.jsonl"
    given = (trained.path, "--images", folder, "--out", out)
    report = predicted(capsys, *given)
    assert (report["images"], report["left_out"]) == (6, 0)
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # stopped in the middle of a line
    report = predicted(capsys, *given, "--resume")
    assert (report["images"], report["left_out"]) == (4, 2)
    rows = [json.loads(line) for line in out.read_bytes().splitlines()[1:]]
    assert {row["path"]: row for row in rows} == {row["path"]: row for row in map(json.loads, lines[1:])}
    assert sum(len(row["detections"]) for row in rows) == sum(len(json.loads(line)["detections"]) for line in lines[1:])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "is there already"),
        (("--resume", "--flips", "both"), "were made otherwise"),
        (("--resume", "--out", "{folder}/0.png"), "is no file of detections"),
    ],
)
def test_lines_are_neither_overwritten_nor_mixed(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    folder, out = folder_of_pictures(tmp_path), tmp_path / "found.jsonl"
    given = ["predict", str(trained.path), "--images", str(folder / "0.png"), "--out", str(out), "--device", "cpu"]
    assert cli.main(given) == 0
    before = out.read_bytes()
    assert cli.main([*given, *(each.format(folder=folder) for each in more)]) == 2
    assert words in capsys.readouterr().err
    assert out.read_bytes() == before


def test_tiles_and_mirrors_from_the_command_line(trained: Project, capsys: pytest.CaptureFixture[str]) -> None:
    report = predicted(capsys, trained.path, "--tile", 64, "--flips", "horizontal", "--split", "val")
    assert report["images"] == 2
    assert report["detections"] == len(detections.of_run(trained, 1))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--tile", "wide"), "nothing about tiles"),
        (("--tile", "8"), "too small"),
        (("--runs", "1,b"), "names no runs"),
        (("--runs", "1,2", "--run", "1"), "not both"),
        (("--out", "x.jsonl"), "--out is for picture files"),
        (("--images", "x.png", "--resume"), "needs the file of --out"),
    ],
)
def test_wrong_use_is_told(
    trained: Project, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    assert cli.main(["predict", str(trained.path), *more]) == 2
    assert words in capsys.readouterr().err


def test_a_detection_shows_the_points_that_its_class_has() -> None:
    rows = torch.tensor([[[1.0, 2, 2], [3, 4, 2]], [[5, 6, 2], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]])
    found = Detected(torch.zeros(3, 4), torch.zeros(3), torch.zeros(3, dtype=torch.int64), keypoints=rows)
    assert predicting.keypoints(found) == [Keypoints.of([(1, 2, 2), (3, 4, 2)]), Keypoints.of([(5, 6, 2)]), None]
