"""A run's network asked for the masks in boxes: what is kept between two questions, and which network answers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine import pictures
from engine.detecting.prompting import Asked, Masker, Prompter
from engine.detecting.suggesting import predictor
from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import classes, contents, images, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.tiling import cache, viewing

BOXES = (Box(4, 5, 40, 44), Box(40, 30, 80, 90), Box(-20, -20, -1, -1))


@pytest.fixture
def prompter() -> Prompter:
    return Prompter("cpu")


def masks(prompter: Prompter, project: Project, *boxes: Box, class_id: int | None = None, image_id: int = 1):
    asked = Asked(image_id, boxes, (class_id,) * len(boxes))
    return prompter.masks(project, prompter.masker(project), asked)


def test_boxes_are_answered_with_masks_in_them(trained: Project, prompter: Prompter) -> None:
    found = masks(prompter, trained, *BOXES)
    known = {each.id for each in classes.all_classes(trained)}
    assert len(found) == 3
    assert found[2].shape.is_empty
    for each, box in zip(found, BOXES, strict=True):
        assert (each.image_id, each.run_id) == (1, 1)
        assert each.class_id in known and 0 < each.score < 1
        if not each.shape.is_empty:
            x0, y0, x1, y1 = each.shape.bounds
            assert box.x0 - 1 <= x0 and box.y0 - 1 <= y0 and x1 <= box.x1 + 1 and y1 <= box.y1 + 1


def test_its_own_detections_are_answered_with_the_same_masks(trained: Project, prompter: Prompter) -> None:

    picture = pictures.decode(images.read(trained, images.get(trained, 1)))
    own = predictor(trained, runs.get(trained, 1), "cpu")

    with torch.inference_mode():
        found = own.network.detect([torch.from_numpy(picture).permute(2, 0, 1)])[0]
    whole = own.detections(picture, 1)
    boxes = tuple(Box(*row) for row in found.boxes.tolist())
    asked = Asked(1, boxes, tuple(each.class_id for each in whole))
    again = prompter.masks(trained, prompter.masker(trained), asked)
    assert len(whole) > 3
    assert [one.class_id for one in again] == [one.class_id for one in whole]
    same = [one.shape == other.shape for one, other in zip(again, whole, strict=True) if not one.shape.is_empty]
    assert all(same) and same


def test_a_class_the_network_does_not_know_is_answered_with_the_best(trained: Project, prompter: Prompter) -> None:
    with trained.atomic():
        unknown = classes.add(trained, "unheard of")
    best = masks(prompter, trained, BOXES[0])
    assert masks(prompter, trained, BOXES[0], class_id=unknown) == best
    for class_id in prompter.masker(trained).class_ids:
        assert masks(prompter, trained, BOXES[0], class_id=class_id)[0].class_id == class_id


def test_a_picture_is_looked_at_once(trained: Project, prompter: Prompter, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    look = Masker.look

    def counted(self: Masker, picture: object):
        looked.append(1)
        return look(self, picture)

    monkeypatch.setattr(Masker, "look", counted)
    prompter.look(trained, prompter.masker(trained), 1)
    for box in BOXES:
        masks(prompter, trained, box)
    assert len(looked) == 1
    masks(prompter, trained, BOXES[0], image_id=2)
    masks(prompter, trained, BOXES[0], image_id=1)
    assert len(looked) == 2


def test_features_beyond_the_budget_are_let_go(trained: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Prompter("cpu", budget_bytes=1)
    for image_id in (1, 2, 3):
        masks(small, trained, BOXES[0], image_id=image_id)
    assert len(small._seen) == 1


def test_another_checkpoint_is_another_network(trained: Project, prompter: Prompter) -> None:
    before = prompter.masker(trained)
    assert prompter.masker(trained) is before
    assert prompter.masker(trained, preferred=1) is before
    checkpoint = runs.checkpoint(trained, 1)
    weights = contents.get(trained, checkpoint.content_id)
    with trained.atomic():
        runs.add_checkpoint(trained, 1, NewCheckpoint("best", 99, weights, checkpoint.card))
    assert prompter.masker(trained) is not before


def test_a_run_without_a_checkpoint_is_passed_over(trained: Project, prompter: Prompter) -> None:
    with trained.atomic():
        newer = runs.add(trained, "detector", "mask_rcnn", "{}")
    assert prompter.masker(trained).run_id == 1
    assert prompter.masker(trained, preferred=newer).run_id == 1


def test_without_a_network_it_is_said_what_to_do(project: Project, prompter: Prompter) -> None:
    with pytest.raises(UserError, match="makes masks") as caught:
        prompter.masker(project)
    assert "Fine-tune a Mask R-CNN" in caught.value.hint


def test_a_picture_too_large_for_memory_is_looked_at_shrunk(
    trained: Project, prompter: Prompter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = masks(Prompter("cpu"), trained, BOXES[1])[0].shape
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(viewing, "SIDE", max(images.get(trained, 1).width, images.get(trained, 1).height) // 2)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    found = masks(prompter, trained, *BOXES)
    assert found[2].shape.is_empty
    x0, y0, x1, y1 = found[1].shape.bounds
    box = BOXES[1]
    assert box.x0 - 2 <= x0 and box.y0 - 2 <= y0 and x1 <= box.x1 + 2 and y1 <= box.y1 + 2
    assert found[1].shape != whole
    assert next(iter(prompter._seen.values())).size[1] == images.get(trained, 1).width // 2
