"""What the layers of anchors, feature maps and scores work out, beside loops over cells and rows."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from engine.tracing.stages import Anchors, FeatureMaps, Input, Scores
from engine.tracing.trace import Trace
from studio.inspection import Picked
from studio.inspector import Layer, view_of
from studio.inspector.views import anchors, feature_maps, scores
from studio.inspector.views.anchors import AnchorLayer
from studio.inspector.views.feature_maps import FeatureLayer
from studio.inspector.views.input import InputLayer
from studio.inspector.views.scores import ScoreLayer
from tests.engine.tracing.traces import FRAME, Made, one_stage, two_stages
from tests.studio.windows import Opened


def layer_of(seen: Opened, trace: Trace, name: str) -> Layer:
    inspection = seen.studio.inspection
    inspection.take(trace)
    inspection.show_stage(name)
    view = view_of(trace.named(name))
    assert view is not None
    return view.layer(seen.studio)


def test_the_anchors_at_a_place_are_those_of_its_cells(seen: Opened) -> None:
    trace = two_stages()
    layer, stage = layer_of(seen, trace, "anchors"), trace.first(Anchors)
    assert isinstance(layer, AnchorLayer)
    for level in (None, 0, 1):
        layer.choose(level=level, shows_all=False)
        for xy in ((0.0, 0.0), (33.0, 70.0), (239.9, 179.9)):
            model = np.array(xy) * trace.input.scale_xy
            expected = [
                row
                for row in range(len(stage.boxes))
                if level in (None, stage.level[row])
                and (stage.cell[row] == model // stage.strides[stage.level[row]]).all()
            ]
            assert layer.at(xy).tolist() == expected
            assert len(expected) == 3 * (2 if level is None else 1)


def test_clicks_at_a_place_pick_its_anchors_in_turn_the_smallest_first(seen: Opened) -> None:
    trace = two_stages()
    layer, stage = layer_of(seen, trace, "anchors"), trace.first(Anchors)
    assert isinstance(layer, AnchorLayer)
    layer.choose(level=None, shows_all=False)
    picked = []
    for _ in layer.at((100, 100)):
        layer.press((100, 100), 5)
        assert seen.studio.inspection.picked is not None
        picked.append(seen.studio.inspection.picked.row)
    assert sorted(picked) == sorted(layer.at((100, 100)).tolist())
    areas = [float(np.prod(stage.boxes[row][2:] - stage.boxes[row][:2])) for row in picked]
    assert areas == sorted(areas)
    layer.press((100, 100), 5)
    assert seen.studio.inspection.picked == Picked("anchors", picked[0])


def test_sizes_of_anchors_are_listed_with_their_numbers(seen: Opened) -> None:
    trace = two_stages()
    layer = layer_of(seen, trace, "anchors")
    side = anchors.side(seen.studio, layer)
    texts = [label.text() for label in side.findChildren(QLabel)]
    rows, columns, k = trace.first(Anchors).grids[1]
    assert f"Stride 16: {columns} × {rows} × {k} = {rows * columns * k:,}" in texts
    assert sum("height to width" in text for text in texts) == k
    assert "40 × 40, height to width 1" in texts


def test_a_score_map_has_the_best_of_each_cell(seen: Opened) -> None:
    trace = one_stage(Made(n_classes=3))
    layer, stage, boxes = layer_of(seen, trace, "scores"), trace.named("scores"), trace.first(Anchors)
    assert isinstance(layer, ScoreLayer)
    assert isinstance(stage, Scores)
    for level, class_index, slot in ((0, -1, -1), (1, -1, 2), (1, 0, -1), (0, 2, 1)):
        layer.choose(level=level, class_index=class_index, slot=slot)
        expected = np.zeros(boxes.grids[level][:2], np.float32)
        for row in np.flatnonzero(boxes.level == level):
            if slot in (-1, boxes.slot[row]):
                x, y = boxes.cell[row]
                value = stage.scores[row].max() if class_index < 0 else stage.scores[row, class_index]
                expected[y, x] = max(expected[y, x], value)
        found = layer.map()
        assert found is not None
        np.testing.assert_array_equal(found, expected)


def test_the_boxes_that_are_drawn_are_the_best(seen: Opened) -> None:
    trace = two_stages(Made(n_classes=3))
    layer, stage = layer_of(seen, trace, "regions"), trace.named("regions")
    assert isinstance(layer, ScoreLayer)
    assert isinstance(stage, Scores)
    layer.choose(n_boxes=7)
    best = sorted(range(len(stage.scores)), key=lambda row: -stage.scores[row].max())[:7]
    assert layer.best.tolist() == best
    for row, box in zip(best, layer.boxes(layer.best), strict=True):
        np.testing.assert_array_equal(box, stage.boxes[row, stage.scores[row].argmax()])
    assert layer.map() is None


def test_the_most_certain_level_is_shown_first(seen: Opened) -> None:
    trace = one_stage()
    layer, stage = layer_of(seen, trace, "scores"), trace.named("scores")
    assert isinstance(layer, ScoreLayer)
    assert isinstance(stage, Scores)
    assert layer.level == trace.first(Anchors).level[stage.scores.max(axis=1).argmax()]


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_feature_maps_are_the_mean_the_greatest_or_one_channel(seen: Opened, mode: int) -> None:
    trace = two_stages()
    layer, stage = layer_of(seen, trace, "features"), trace.first(FeatureMaps)
    assert isinstance(layer, FeatureLayer)
    layer.choose(level=1, mode=mode, channel=5)
    level = stage.levels[1]
    for row, column in ((0, 0), (3, 4)):
        values = [float(channel[row, column]) for channel in level]
        expected = (sum(values) / len(values), max(values), values[5])[mode]
        assert layer.values[row, column] == pytest.approx(expected, abs=1e-6)
    assert layer.limits == (layer.values.min(), layer.values.max())
    x, y = (4 * 16 + 1) / 0.5, (3 * 16 + 1) / 0.5
    assert layer.cell((x, y)) == (4, 3)
    assert f"{layer.values[3, 4]:.4g}" in layer.told((x, y))


def test_a_tile_shows_its_channel_also_the_first_one(seen: Opened) -> None:
    trace = two_stages()
    layer = layer_of(seen, trace, "features")
    assert isinstance(layer, FeatureLayer)
    side = feature_maps.side(seen.studio, layer)
    assert layer.mode == 0
    tile = next(each for each in side.findChildren(QToolButton) if each.toolTip() == "Channel 0")
    tile.click()
    assert (layer.mode, layer.channel) == (2, 0)
    spread = [float(channel.std()) for channel in trace.first(FeatureMaps).levels[0]]
    assert layer.strongest() == sorted(range(8), key=lambda at: -spread[at])


def test_what_a_pixel_becomes_is_told(seen: Opened) -> None:
    trace = two_stages()
    layer = layer_of(seen, trace, "input")
    assert isinstance(layer, InputLayer)
    seen_as = trace.first(Input)
    red, green, blue = seen_as.picture[20, 30].tolist()
    told = layer.told((61.0, 41.0))
    assert f"RGB {red}, {green}, {blue}" in told
    assert f"{(red / 255 - 0.485) / 0.229:.2f}" in told
    assert seen_as.frame == FRAME


def test_a_map_covers_as_much_as_is_wanted(seen: Opened) -> None:
    layer = layer_of(seen, one_stage(), "scores")
    assert isinstance(layer, ScoreLayer)
    told: list[int] = []
    layer.changed.connect(lambda: told.append(layer.opacity))
    scores.side(seen.studio, layer)
    layer.cover(30)
    assert told == [30]
