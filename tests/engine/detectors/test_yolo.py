"""What is particular about YOLO: both modes and assigners, weights in YOLOX's layout, options from the data."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine import checkpoints
from engine.detectors import Survey
from engine.detectors._yolo_choices import Options
from engine.detectors.yolo import DETECTOR, Yolo, framed
from engine.errors import UserError
from engine.feeding.batches import plain
from engine.nn import weights, yolox_names
from engine.nn.coco_classes import COCO_CLASSES
from engine.nn.csp import Norm, folded
from engine.nn.csp_network import FIRST_LOGIT, SHAPES, Body
from engine.progress import finish
from engine.training.events import CheckpointReady
from engine.training.loop import train
from engine.training.recipe import Recipe
from engine.training.starting import prepare
from tests.engine.detectors.scenes import Scenes

CPU, GPU = torch.device("cpu"), torch.device("cuda")
FITTED = {"mode": "fitted_priors", "priors_per_cell": 2}


def built(n_classes: int = 2, **options: object) -> Yolo:
    torch.manual_seed(0)
    return DETECTOR.build(Options(input_side=96, **options), n_classes)  # type: ignore[arg-type]


def as_yolox(body: Body) -> dict[str, Tensor]:
    """The tensors of a body under the names that YOLOX would have for them."""
    theirs = {yolox_names.renamed(name): name for name in yolox_like_names()}
    return {theirs[name]: value for name, value in body.state_dict().items()}


def yolox_like_names() -> list[str]:
    """Every name of a YOLOX with these stages, by its own scheme."""
    prefix = "backbone.backbone."
    mixes = {f"{prefix}dark{n}.0" for n in range(2, 6)} | {"backbone.bu_conv1", "backbone.bu_conv2"}
    plain_ones = {f"{prefix}stem.conv", f"{prefix}dark5.1.conv1", f"{prefix}dark5.1.conv2"}
    plain_ones |= {"backbone.lateral_conv0", "backbone.reduce_conv1", *(f"head.stems.{n}" for n in range(3))}
    blocks = {f"{prefix}dark2.1": 1, f"{prefix}dark3.1": 3, f"{prefix}dark4.1": 3, f"{prefix}dark5.2": 1}
    blocks |= {f"backbone.C3_{each}": 1 for each in ("p4", "p3", "n3", "n4")}
    for name, n_blocks in blocks.items():
        plain_ones |= {f"{name}.conv{n}" for n in (1, 2, 3)}
        plain_ones |= {f"{name}.m.{n}.conv1" for n in range(n_blocks)}
        mixes |= {f"{name}.m.{n}.conv2" for n in range(n_blocks)}
    mixes |= {f"head.{kind}_convs.{level}.{n}" for kind in ("cls", "reg") for level in range(3) for n in range(2)}
    plain_ones |= {f"{name}.{half}" for name in mixes for half in ("dconv", "pconv")}
    norms = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = [f"{name}.{part}" for name in plain_ones for part in ("conv.weight", *(f"bn.{each}" for each in norms))]
    levels = [f"head.{kind}_preds.{level}" for kind in ("cls", "reg", "obj") for level in range(3)]
    return names + [f"{name}.{part}" for name in levels for part in ("weight", "bias")]


def test_every_tensor_of_yolox_nano_has_one_place() -> None:
    names = [yolox_names.renamed(name) for name in yolox_like_names()]
    assert len(names) == 642
    assert sorted(names) == sorted(Body(SHAPES["nano"], 80, 1).state_dict())


def test_weights_in_yolox_layout_are_taken_over_and_say_what_they_detect() -> None:
    theirs = as_yolox(built(80).body)
    assert DETECTOR.known_classes(theirs) == COCO_CLASSES
    assert DETECTOR.asked_options(theirs) == {"size": "nano"}
    other = DETECTOR.build(Options(), 80)
    report, adopted = DETECTOR.adopt(other, theirs)
    assert (report.n_matched, report.n_wanted) == (642, 642)
    assert len(adopted) == 642
    assert DETECTOR.known_classes(as_yolox(built(3).body)) == ()
    with pytest.raises(UserError, match="another network"):
        DETECTOR.adopt(built(2, size="tiny"), theirs)


def test_chosen_classes_keep_their_rows_and_unknown_ones_begin_anew() -> None:
    theirs = as_yolox(built(80).body)
    few = DETECTOR.of_classes(theirs, [16, -1, 0])
    row, bias = few["head.class_logits.1.weight"], few["head.class_logits.1.bias"]
    assert torch.equal(row[0], theirs["head.cls_preds.1.weight"][16])
    assert torch.equal(row[2], theirs["head.cls_preds.1.weight"][0])
    assert not row[1].any()
    assert float(bias[1]) == pytest.approx(FIRST_LOGIT)
    report, _ = DETECTOR.adopt(built(3), few)
    assert report.n_matched == report.n_wanted


def test_other_priors_make_boxes_begin_anew() -> None:
    theirs = as_yolox(built(2).body)
    one_prior = {"mode": "fitted_priors", "priors_per_cell": 1, "prior_sides": ((9.0, 9.0), (20.0, 20.0), (50.0, 50.0))}
    network = built(2, **one_prior)
    _, adopted = DETECTOR.adopt(network, theirs)
    assert adopted
    assert not [name for name in adopted if "box_terms" in name or "objectness" in name]
    again = built(2, **one_prior)
    report, _ = DETECTOR.adopt(again, network.state_dict())
    assert report.n_matched >= 642


@pytest.mark.parametrize(
    "options", [FITTED, {"assigner": "paper"}, {"box_loss": "giou"}, FITTED | {"assigner": "paper"}]
)
def test_every_way_of_learning_learns(options: dict[str, object]) -> None:
    network = built(2, **options)
    batch = plain(Scenes(2).train, network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    totals = []
    for _ in range(8):
        optimizer.zero_grad()
        losses = network.loss(batch.pictures, batch.truths)
        assert losses.keys() == {"loss_box", "loss_objectness", "loss_class"}
        loss = torch.stack(list(losses.values())).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        totals.append(float(loss.detach()))
    assert np.mean(totals[-2:]) < np.mean(totals[:2])


def test_pictures_lie_at_the_top_left_on_grey_blue_first() -> None:
    picture = torch.zeros(3, 40, 70, dtype=torch.uint8)
    picture[0] = 200
    frame = framed([picture])
    assert frame.shape == (1, 3, 64, 96)
    assert frame[0, :, 0, 0].tolist() == [0.0, 0.0, 200.0]
    assert (frame[0, :, 40:] == 114).all()
    assert (frame[0, :, :, 70:] == 114).all()


def test_pixels_are_folded_column_by_column() -> None:
    pictures = torch.arange(2 * 3 * 4 * 6, dtype=torch.float32).view(2, 3, 4, 6)
    parts = [pictures[:, :, y::2, x::2] for x in (0, 1) for y in (0, 1)]
    assert torch.equal(folded(pictures), torch.cat(parts, dim=1))


def test_a_norm_detects_a_picture_as_it_learned_it() -> None:
    norm, usual = Norm(4), nn.BatchNorm2d(4, 1e-3, 0.1)
    cells = torch.randn(1, 4, 3, 3) * 2 + 1
    assert torch.allclose(norm(cells), usual(cells), atol=1e-6)
    for _ in range(200):
        norm(cells)
    learned = norm(cells)
    assert torch.allclose(norm.eval()(cells), learned, atol=1e-4)


def survey(boxes: np.ndarray, side: float = 400) -> Survey:
    return Survey(np.full((4, 2), side), boxes, np.arange(len(boxes)) % 4, 1)


def placed(width: np.ndarray | float, height: np.ndarray | float, n: int = 80) -> np.ndarray:
    corners = np.random.default_rng(0).uniform(0, 100, (n, 2))
    return np.concatenate([corners, corners + np.stack(np.broadcast_arrays(width, height, np.zeros(n))[:2], 1)], axis=1)


def test_thin_objects_get_priors_that_fit_them() -> None:
    random = np.random.default_rng(1)
    thin = survey(placed(random.uniform(8, 12, 80), random.uniform(60, 200, 80)))
    found = DETECTOR.suggest(thin, CPU, {})
    assert found.options.mode == "fitted_priors"
    assert len(found.options.prior_sides) == 9
    assert any("mean best IoU" in reason for reason in found.reasons)
    assert DETECTOR.suggest(thin, CPU, {"mode": "anchor_free"}).options.prior_sides == ()
    assert DETECTOR.suggest(survey(placed(30, 30)), CPU, {}).options.mode == "anchor_free"


def test_the_smaller_the_objects_the_larger_the_pictures() -> None:
    sides = [DETECTOR.suggest(survey(placed(side, side)), CPU, {}).options.input_side for side in (8, 16, 20, 100)]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] > sides[-1] == 416
    assert DETECTOR.suggest(survey(placed(8, 8)), GPU, {}).options.input_side > sides[0]
    assert DETECTOR.suggest(survey(placed(8, 8)), GPU, {}).options.size == "tiny"


@pytest.mark.parametrize(
    "wrong", [{"input_side": 100}, {"prior_sides": [[1, 2]]}, {"priors_per_cell": 0}, {"size": "huge"}]
)
def test_options_that_do_not_go_together_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        DETECTOR.suggest(survey(placed(30, 30)), CPU, wrong)


def test_the_batch_that_it_chooses_is_kept_for_going_on() -> None:
    recipe = Recipe(detector="yolo", options={"input_side": 96}, weights="none", epochs=1, device="cpu", threads=1)
    scenes = Scenes(5, 0)
    events = list(train(recipe, scenes))
    last = [event for event in events if isinstance(event, CheckpointReady)][-1]
    assert last.step == 2
    assert checkpoints.decode(last.weights)[1].batch == 4
    assert finish(prepare(recipe, scenes, last.weights)).batches.size == 4


def test_the_shared_weights_find_what_is_on_a_picture(shared: Path) -> None:
    from PIL import Image

    tensors = weights.read(shared / "weights" / "yolox_nano_coco.pth")
    network = DETECTOR.build(Options(), 80).eval()
    report, _ = DETECTOR.adopt(network, tensors)
    assert report.n_matched == 642
    file = next((shared / "data" / "coco_mini" / "images").glob("000000000785.*"))
    picture = torch.from_numpy(np.array(Image.open(file).convert("RGB"))).permute(2, 0, 1)
    with torch.inference_mode():
        found = network.detect([picture])[0]
    sure = {COCO_CLASSES[index] for index, score in zip(found.class_indices, found.scores, strict=True) if score > 0.5}
    assert "person" in sure
