"""What-if in the window: outcomes follow settings and annotations, on the spot or a moment later; so do verdicts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box, Polygon
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.tracing.rules import LeastScore, Most
from engine.tracing.stages import Scores, Selection
from engine.tracing.trace import Trace
from engine.tracing.whatif import Settings
from studio import what_if
from studio.session import Session
from studio.what_if import WhatIf, can_be_kept
from tests.engine.tracing import traces
from tests.studio import projects

TRACE = traces.two_stages(traces.Made(seed=4))
SHRUNK = 160 / 240
"""The project's pictures are smaller than the one that was traced, which stands for a picture looked at enlarged."""


def trace_of(image_id: int = 1) -> Trace:
    return replace(TRACE, origin=replace(TRACE.origin, image_id=image_id, run_id=None, class_ids=(1, 2)))


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    path = projects.make(tmp_path / "p.boxwright", 2)
    session = Session("Ada")
    session.open(path)
    qtbot.waitUntil(lambda: session.author_id is not None, timeout=10_000)
    yield session
    session.close()


@pytest.fixture
def tried(session: Session, qtbot: QtBot) -> WhatIf:
    made = WhatIf(session)
    made.take(trace_of())
    qtbot.waitUntil(lambda: made.judged is not None, timeout=10_000)
    return made


def fewer(settings: Settings, n: int) -> Settings:
    rules = tuple(Most(n) if isinstance(rule, Most) else rule for rule in settings.rules["detections"])
    return replace(settings, rules={**settings.rules, "detections": rules})


def test_it_begins_with_what_the_run_found(tried: WhatIf) -> None:
    assert tried.outcome is not None
    assert tried.is_own
    assert np.array_equal(tried.outcome.found.scores, TRACE.all(Selection)[-1].kept_scores)
    assert tried.own_judged == tried.judged


def test_settings_are_answered_and_taken_back(tried: WhatIf, qtbot: QtBot) -> None:
    assert tried.settings is not None
    with qtbot.waitSignal(tried.settings_changed):
        tried.set_settings(fewer(tried.settings, 3))
    qtbot.waitUntil(lambda: tried.outcome is not None and len(tried.outcome.found) == 3, timeout=5_000)
    assert not tried.is_own
    assert tried.judged is not None
    assert tried.own_judged is not None
    assert len(tried.judged.is_right) == 3
    assert len(tried.own_judged.is_right) == len(TRACE.all(Selection)[-1].kept_rows)
    tried.back_to_own()
    qtbot.waitUntil(lambda: tried.judged == tried.own_judged, timeout=5_000)


@pytest.mark.parametrize("seconds", [1e9, -1.0])
def test_of_many_settings_the_newest_wins(
    tried: WhatIf, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(what_if, "FRAME_SECONDS", seconds)
    settings = tried.settings
    assert settings is not None
    for n in range(1, 15):
        tried.set_settings(fewer(settings, n))
        if seconds > 0 and n > 1:
            assert tried.outcome is not None
            assert len(tried.outcome.found) == n, "on the spot"
    qtbot.waitUntil(lambda: tried.outcome is not None and len(tried.outcome.found) == 14, timeout=5_000)
    assert tried.outcome is not None
    assert tried.outcome.settings == tried.settings


def test_annotations_are_judged_as_they_change(tried: WhatIf, session: Session, qtbot: QtBot) -> None:
    assert tried.outcome is not None
    assert tried.judged is not None
    before = tried.judged
    best = [SHRUNK * float(each) for each in tried.outcome.found.boxes_image[0]]
    class_id = int(tried.outcome.found.class_indices[0]) + 1
    session.do(AddAnnotations((Annotation(0, 1, class_id, Box(*best)),)))
    qtbot.waitUntil(lambda: tried.judged is not None and tried.judged != before, timeout=5_000)
    assert tried.judged.n_right == before.n_right + 1
    assert len(tried.found_ids) == len([each for each in tried.annotations if each.id in tried.found_ids])


def test_a_remedy_brings_an_object_back(tried: WhatIf, session: Session, qtbot: QtBot) -> None:
    assert tried.settings is not None
    assert tried.outcome is not None
    last = int(tried.outcome.found.scores.argmin())
    box = [SHRUNK * float(each) for each in tried.outcome.found.boxes_image[last]]
    class_id = int(tried.outcome.found.class_indices[last]) + 1
    session.do(AddAnnotations((Annotation(0, 1, class_id, Box(*box)),)))
    qtbot.waitUntil(lambda: len(tried.annotations) == 1, timeout=5_000)
    asked = tried.annotations[0].id
    rules = tuple(
        LeastScore(0.99) if isinstance(rule, LeastScore) else rule for rule in tried.settings.rules["detections"]
    )
    tried.set_settings(replace(tried.settings, rules={**tried.settings.rules, "detections": rules}))
    tried.ask(asked)
    qtbot.waitUntil(lambda: tried.verdict is not None and tried.verdict.loss is not None, timeout=5_000)
    verdict = tried.verdict
    assert verdict is not None
    assert verdict.loss == "score"
    assert asked not in tried.found_ids
    tried.apply(verdict.remedies[0])
    qtbot.waitUntil(lambda: tried.verdict is not None and tried.verdict.loss is None, timeout=5_000)
    assert asked in tried.found_ids
    tried.ask(None)
    assert tried.verdict is None


def test_another_trace_begins_anew(tried: WhatIf, qtbot: QtBot) -> None:
    assert tried.settings is not None
    tried.set_settings(fewer(tried.settings, 2))
    tried.take(trace_of(2))
    assert tried.is_own
    assert tried.judged is None
    qtbot.waitUntil(lambda: tried.judged is not None, timeout=5_000)
    assert tried.annotations == []
    tried.take(None)
    assert (tried.outcome, tried.settings, tried.judged) == (None, None, None)


def test_heads_are_asked_about_proposals_of_scaled_anchors(tried: WhatIf, qtbot: QtBot) -> None:
    assert tried.settings is not None
    with qtbot.waitSignal(tried.heads_wanted, timeout=5_000) as asked:
        tried.set_settings(replace(tried.settings, anchor_scale=1.5))
    boxes, parents = asked.args
    assert tried.outcome is not None
    assert tried.outcome.n_unasked == len(parents) == len(boxes) > 0
    assert len(tried.outcome.found) == 0
    told = TRACE.named("regions")
    assert isinstance(told, Scores)
    rows = np.arange(len(parents)) % len(told.parent)
    columns = {name: getattr(told, name)[rows] for name in ("logits", "scores", "terms", "boxes", "level")}
    heard = replace(told, **columns, parent=parents)
    tried.hear_heads(Trace(trace_of().origin, (TRACE.input, heard)))
    qtbot.waitUntil(lambda: tried.outcome is not None and tried.outcome.n_unasked == 0, timeout=5_000)
    assert len(tried.outcome.found) > 0
    tried.back_to_own()
    qtbot.waitUntil(lambda: tried.outcome is not None and tried.outcome.settings == tried.own_settings, timeout=5_000)


def test_what_is_kept_is_tried_and_let_go_of(session: Session, tried: WhatIf, qtbot: QtBot) -> None:
    trace = trace_of()
    project = session.project
    assert project is not None
    assert tried.settings is not None
    run_id = 5
    own = replace(trace, origin=replace(trace.origin, run_id=run_id))
    tried.take(own)
    assert not can_be_kept(tried)
    tried.set_settings(fewer(tried.settings, 4))
    assert can_be_kept(tried)
    edit = tried.keep_edit()
    assert edit is not None
    session.do(edit)
    qtbot.waitUntil(lambda: tried.kept is not None, timeout=5_000)
    assert tried.kept == tried.settings
    assert not can_be_kept(tried)
    tried.take(replace(own, origin=replace(own.origin, image_id=2)))
    qtbot.waitUntil(lambda: tried.kept is not None, timeout=5_000)
    assert tried.settings == tried.kept, "the next picture begins with them"
    tried.back_to_own()
    assert can_be_kept(tried)
    letting_go = tried.keep_edit()
    assert letting_go is not None
    assert letting_go.text is None
    session.undo()
    qtbot.waitUntil(lambda: tried.kept is None, timeout=5_000)
    assert tried.is_own


def test_scaled_anchors_are_kept_and_of_their_own_trace_nothing_is_asked(
    session: Session, tried: WhatIf, qtbot: QtBot
) -> None:
    own = replace(trace_of(), origin=replace(trace_of().origin, run_id=5))
    tried.take(own)
    tried.set_settings(replace(tried.settings, anchor_scale=1.5))
    assert can_be_kept(tried)
    session.do(tried.keep_edit())
    qtbot.waitUntil(lambda: tried.kept == tried.settings, timeout=5_000)
    assert not can_be_kept(tried)
    tried.take(replace(own, origin=replace(own.origin, anchor_scale=1.5)))  # the run looks with them from now on
    qtbot.waitUntil(lambda: tried.kept is not None, timeout=5_000)
    assert tried.is_own
    asked = []
    tried.heads_wanted.connect(lambda *about: asked.append(about))
    tried.set_settings(fewer(tried.settings, 4))
    qtbot.waitUntil(lambda: tried.outcome.settings == tried.settings, timeout=5_000)
    qtbot.wait(300)
    assert not asked  # the network itself has looked at these
    tried.set_settings(replace(tried.settings, anchor_scale=1.0))
    qtbot.waitUntil(lambda: bool(asked), timeout=5_000)


def test_what_the_run_itself_found_is_marked_as_its_verdicts_say_by_masks(session: Session, qtbot: QtBot) -> None:
    trace = traces.two_stages(traces.Made(seed=4, has_masks=True))
    trace = replace(trace, origin=replace(trace.origin, image_id=1, run_id=None, class_ids=(1, 2)))
    tried = WhatIf(session)
    tried.take(trace)
    qtbot.waitUntil(lambda: tried.judged is not None, timeout=10_000)
    x0, y0, x1, y1 = (SHRUNK * float(each) for each in tried.outcome.found.boxes_image[0])
    class_id = int(tried.outcome.found.class_indices[0]) + 1
    arrow = Polygon.of([(x0, y0), (x1, y0), (x0 + 1, y0 + 1), (x0, y1)])  # fills little of its box
    session.do(AddAnnotations((Annotation(0, 1, class_id, arrow),)))
    qtbot.waitUntil(lambda: bool(tried.annotations and tried._own_missed), timeout=10_000)
    asked = tried.annotations[0].id
    assert asked in tried.judged.annotation_ids  # its box was found
    tried.ask(asked)
    qtbot.waitUntil(lambda: tried.verdict is not None, timeout=10_000)
    assert tried.verdict.loss == "mask"
    assert asked not in tried.found_ids
    tried.set_settings(fewer(tried.settings, 3))
    qtbot.waitUntil(lambda: tried.outcome.settings == tried.settings, timeout=10_000)
    assert asked in tried.found_ids  # of other settings boxes alone are known
