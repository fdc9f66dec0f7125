"""Steps of a suppression as an animation: what is drawn is what is in the file, and it tells the steps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import UserError
from engine.inspecting.animating import Animation, animate, shown
from engine.inspecting.step_frames import StepFrames
from engine.progress import finish
from engine.tracing.rules import LeastScore, Nms
from engine.tracing.selecting import Selected, select
from engine.tracing.stages import Selection
from engine.tracing.stepping import steps
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import one_stage, two_stages

CURRENT, HIT, KEPT = 5, 6, 7


def _selected(trace: Trace, name: str) -> Selected:
    stage = trace.named(name)
    assert isinstance(stage, Selection)
    return select(trace.scores_of(stage), stage.rules)


def test_the_file_holds_the_frames_that_were_drawn(tmp_path: Path) -> None:
    trace = two_stages()
    selected, wanted = _selected(trace, "detections"), Animation(tmp_path / "steps.gif", side=240)
    made = finish(animate(trace, selected, wanted))
    drawing = StepFrames(trace, steps(selected), 240)
    drawn = [drawing.step(n) for n in shown(drawing.steps, wanted)] + [drawing.result()]
    palette = np.array(drawing.palette, dtype=np.uint8).reshape(-1, 3)
    with Image.open(made.path) as found:
        n_frames: int = found.n_frames  # type: ignore[attr-defined]
        assert n_frames == made.n_frames == len(drawn) > 2
        assert made.n_bytes == made.path.stat().st_size
        for n, frame in enumerate(drawn):
            found.seek(n)
            np.testing.assert_array_equal(np.asarray(found.convert("RGB")), palette[frame])


def test_a_frame_shows_the_turn_those_it_hits_and_those_kept_before() -> None:
    trace = two_stages()
    found = steps(_selected(trace, "detections"))
    drawing = StepFrames(trace, found, 480)
    n = shown(found, Animation(Path("unused")))[-1]
    frame, step = drawing.step(n), found.all[n]
    x0, y0, x1, y1 = np.rint(found.selected.boxes[step.current] * 4).astype(int).tolist()
    assert frame[y0 + 1, (x0 + x1) // 2] == CURRENT
    assert frame[(y0 + y1) // 2, x0 + 1] == CURRENT
    assert (frame == HIT).any()
    assert (frame == KEPT).any() == (n > 0)
    assert not (drawing.result() == HIT).any()


def test_only_turns_that_hit_have_frames_and_not_too_many() -> None:
    found = steps(_selected(one_stage(), "detections"))
    busy = shown(found, Animation(Path("unused")))
    assert all(len(found.all[n].hit) for n in busy)
    few = shown(found, Animation(Path("unused"), n_most=4))
    assert len(few) == 3 < len(busy)
    assert (few[0], few[-1]) == (busy[0], busy[-1])
    only = shown(found, Animation(Path("unused"), group=1))
    assert {int(found.groups[found.all[n].current]) for n in only} == {1}


def test_soft_suppression_is_drawn_too(tmp_path: Path) -> None:
    trace = one_stage()
    stage = trace.first(Selection)
    for method in ("linear", "gaussian"):
        selected = select(trace.scores_of(stage), (LeastScore(0.2), Nms(0.3, "class", method)))
        made = finish(animate(trace, selected, Animation(tmp_path / f"{method}.gif", n_most=5)))
        assert made.n_frames == 5


def test_stopped_it_leaves_nothing(tmp_path: Path) -> None:
    trace = two_stages()
    work = animate(trace, _selected(trace, "detections"), Animation(tmp_path / "steps.gif"))
    next(work)
    work.close()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    trace = two_stages()
    selected = _selected(trace, "detections")
    with pytest.raises(UserError, match="nowhere"):
        finish(animate(trace, selected, Animation(tmp_path / "nowhere" / "steps.gif")))
    with pytest.raises(UserError, match="Nothing is suppressed"):
        finish(animate(trace, select(trace.scores_of(trace.first(Selection)), ()), Animation(tmp_path / "steps.gif")))
    assert list(tmp_path.iterdir()) == []
