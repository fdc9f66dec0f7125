"""What the heads say of regions and detections: RoIAlign's grid, masks as heat and outlines, maps of keypoints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from engine.geometry import masks as many_masks
from engine.project.class_edits import SetSkeleton
from engine.project.store import Project
from engine.tracing.stages import KeypointMaps, Pooling, Selection
from engine.tracing.trace import Trace
from studio.inspection import Picked
from studio.inspector import Layer, view_of
from studio.inspector.views.keypoint_maps import KeypointLayer, KeypointSide
from studio.inspector.views.masks import MaskLayer, MaskSide
from studio.inspector.views.pooling import PoolingLayer, PoolingSide, level_words
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.taught import taught
from tests.engine.detectors.test_tracing import tensor, traced
from tests.engine.tracing.traces import Made, two_stages
from tests.studio.inspector.test_views import drawn
from tests.studio.windows import Opened

MASKED = two_stages(Made(has_masks=True))


def with_points() -> Trace:
    """A trace with maps of three points for each detection, each highest in one cell."""
    detections = MASKED.all(Selection)[-1]
    boxes = np.asarray(detections.kept_boxes)
    chance = np.random.default_rng(1)
    logits = chance.normal(0, 1, (len(boxes), 3, 14, 14)).astype(np.float32)
    logits[:, :, 4, 9] = 12
    logits[:, 2, 11, 2] = 15
    x, y = (boxes[:, at] + (boxes[:, at + 2] - boxes[:, at]) * (cell + 0.5) / 14 for at, cell in ((0, 9), (1, 4)))
    points = np.repeat(np.stack([x, y, np.ones_like(x)], axis=1)[:, None], 3, axis=1).astype(np.float32)
    maps = KeypointMaps(name="keypoints", logits=logits, boxes=boxes, points=points)
    return replace(MASKED, stages=(*MASKED.stages[:-1], maps))


def looked_at(at_work: Opened, trace: Trace, name: str) -> tuple[Layer, QWidget]:
    """The layer and side of a stage."""
    of = at_work.studio.inspection
    of.take(trace)
    of.show_stage(name)
    view = view_of(trace.named(name))
    assert view is not None
    layer = view.layer(at_work.studio)
    side = view.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    return layer, side


def test_a_region_is_told_with_its_level_and_its_bins_with_their_cells(at_work: Opened) -> None:
    layer, side = looked_at(at_work, MASKED, "pooling")
    assert isinstance(layer, PoolingLayer)
    assert isinstance(side, PoolingSide)
    before = drawn(MASKED, layer.paint_live)
    side.row.setValue(7)
    assert layer.row == 7
    assert at_work.studio.inspection.picked == Picked("pooling", 7)
    assert "Region 7" in side.words.text()
    assert drawn(MASKED, layer.paint_live) != before
    x0, y0, x1, y1 = (layer.stage.boxes[7] * 2).tolist()
    inside = (x0 + 0.6 * (x1 - x0), y0 + 0.3 * (y1 - y0))
    assert layer.bin_at(layer.found(7), inside) == (4, 2)
    assert layer.told(inside).startswith("bin (4, 2): 4 points")
    still = drawn(MASKED, layer.paint_live)
    at_work.studio.inspection.point_at(inside)
    assert drawn(MASKED, layer.paint_live) != still, "the cells that the bin is made of are shown"


def test_the_words_of_a_level_have_the_numbers_of_the_region() -> None:
    pooling = MASKED.first(Pooling)
    boxes = np.array([[0, 0, 56, 56]], dtype=np.float32)
    found = replace(
        pooling, boxes=boxes, level=np.array([0]), strides=(4.0, 8.0), canonical_side=224, canonical_level=4
    )
    assert level_words(found, 0).endswith("⌊4 + log₂(56.0 / 224)⌋ = ⌊2.00⌋: level 2, stride 4")
    large = replace(found, boxes=10 * boxes, level=np.array([1]))
    assert "held in the pyramid: level 3, stride 8" in level_words(large, 0)


def test_clicks_go_through_the_regions_at_a_place(at_work: Opened) -> None:
    layer, _ = looked_at(at_work, MASKED, "pooling")
    assert isinstance(layer, PoolingLayer)
    x0, y0, x1, y1 = (layer.stage.boxes[0] * 2).tolist()
    place = ((x0 + x1) / 2, (y0 + y1) / 2)
    x, y = place[0] / 2, place[1] / 2
    around = [box for box in layer.stage.boxes.tolist() if box[0] <= x <= box[2] and box[1] <= y <= box[3]]
    seen = []
    for _ in range(len(around)):
        layer.press(place, 3.0)
        seen.append(layer.row)
    assert len(set(seen)) == len(around) > 1


def test_a_threshold_makes_the_mask_smaller(at_work: Opened) -> None:
    layer, side = looked_at(at_work, MASKED, "masks")
    assert isinstance(layer, MaskLayer)
    assert isinstance(side, MaskSide)
    area = many_masks.area(layer.mask(0, 0.5))
    assert f"{area:,} pixels from 50 % on" in side.words.text()
    before = drawn(MASKED, layer.paint_live)
    side.threshold.setValue(80)
    smaller = many_masks.area(layer.mask(0, 0.8))
    assert 0 < smaller < area
    assert f"{smaller:,} pixels from 80 % on; {area:,} from 50 % on" in side.words.text()
    assert drawn(MASKED, layer.paint_live) != before
    layer.choose(shows_heat=False)
    assert not layer.shows_heat


def test_another_detections_mask_is_looked_at(at_work: Opened) -> None:
    layer, side = looked_at(at_work, MASKED, "masks")
    assert isinstance(layer, MaskLayer)
    assert isinstance(side, MaskSide)
    side.row.setValue(3)
    assert layer.row == 3
    assert side.words.text().startswith(layer.name(3))
    x0, y0, x1, y1 = (layer.boxes[3] * 2).tolist()
    assert "cell (14, 14)" in layer.told(((x0 + x1) / 2 + 0.01, (y0 + y1) / 2 + 0.01))


def test_the_map_of_a_point_is_highest_where_the_point_is(at_work: Opened) -> None:
    trace = with_points()
    layer, side = looked_at(at_work, trace, "keypoints")
    assert isinstance(layer, KeypointLayer)
    assert isinstance(side, KeypointSide)
    shares = layer.shares(0, 0)
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert np.unravel_index(shares.argmax(), shares.shape) == (4, 9)
    x, y = (layer.stage.points[0, 0, :2] * 2).tolist()
    assert "cell (9, 4)" in layer.told((x, y))
    before = drawn(trace, layer.paint_live)
    side.point.setCurrentIndex(2)
    assert layer.point == 2
    assert drawn(trace, layer.paint_live) != before
    assert drawn(trace, layer.still()) != drawn(trace)
    side.row.setValue(1)
    assert layer.row == 1
    layer.leave()


def test_points_that_a_class_does_not_have_are_neither_drawn_nor_told(at_work: Opened) -> None:
    trace = with_points()
    maps = trace.first(KeypointMaps)
    drawings = []
    for own in ([1, 0, 0], [0, 0, 0]):
        points = maps.points * np.array(own, np.float32)[:, None]
        layer, side = looked_at(at_work, with_stage(trace, replace(maps, points=points)), "keypoints")
        drawings.append(drawn(trace, layer.still()))
        assert isinstance(side, KeypointSide)
        side.point.setCurrentIndex(2)
        assert side.words.text().endswith(": its class has no such point")
    assert drawings[0] != drawings[1]
    assert drawings[1] == drawn(trace)


def with_stage(trace: Trace, stage: KeypointMaps) -> Trace:
    return replace(trace, stages=tuple(stage if each.name == stage.name else each for each in trace.stages))


def test_points_have_the_names_that_the_class_gives_them(at_work: Opened) -> None:
    trace, project = with_points(), at_work.session.project
    assert project is not None
    of_class = trace.origin.class_ids[int(trace.all(Selection)[-1].kept_classes[0])]
    with Project.open(project.path) as writer, writer.atomic():
        SetSkeleton(of_class, ("eye", "nose")).apply(writer)
    _, side = looked_at(at_work, trace, "keypoints")
    assert isinstance(side, KeypointSide)
    assert [side.point.itemText(at) for at in range(3)] == ["eye", "nose", "Point 3"]
    assert "eye at (" in side.words.text()


def test_a_map_is_shown_as_probabilities_or_as_the_logits_that_they_come_from(at_work: Opened) -> None:
    trace = with_points()
    layer, side = looked_at(at_work, trace, "keypoints")
    assert isinstance(layer, KeypointLayer)
    assert isinstance(side, KeypointSide)
    assert layer.extent(0) == (0, layer.shares(0, 0).max())
    assert layer.map_image(0).pixelColor(9, 4).alpha() == 255
    assert layer.map_image(0).pixelColor(0, 0).alpha() < 70, "what is improbable hides nothing"
    before = drawn(trace, layer.paint_live)
    side.map.setCurrentIndex(1)
    assert layer.extent(0) == (layer.stage.logits[0, 0].min(), 12)
    assert not layer.map_image(0).hasAlphaChannel()
    assert drawn(trace, layer.paint_live) != before


def test_what_a_network_says_of_points_is_drawn_and_told(at_work: Opened) -> None:
    trace = traced(taught("keypoint_rcnn", {"score_threshold": 1e-3}, 30), tensor(Scenes().train[0].picture))
    layer, side = looked_at(at_work, trace, "keypoints")
    assert isinstance(layer, KeypointLayer)
    assert isinstance(side, KeypointSide)
    assert drawn(trace, layer.still()) != drawn(trace)
    assert drawn(trace, layer.paint_live) != drawn(trace)
    n_own = (layer.stage.points[..., 2] > 0).sum(axis=1)
    classes = trace.all(Selection)[-1].kept_classes
    assert set(zip(classes.tolist(), n_own.tolist(), strict=True)) <= {(0, 2), (1, 1)}
    for row in (int(each) for each in np.unique(classes, return_index=True)[1]):
        layer.look_at(row)
        x0, y0, x1, y1 = (layer.boxes[row] / np.tile(trace.input.scale_xy, 2)).tolist()
        assert "Point 1, cell" in layer.told(((x0 + x1) / 2, (y0 + y1) / 2))
        assert "Point 1 at (" in side.words.text()
