"""Settings that are kept for a run: everything that the run's network does from then on goes by them."""

from __future__ import annotations

import pytest

from engine.detecting import project_images, suggesting
from engine.detecting.project_images import DetectRequest
from engine.errors import UserError
from engine.inspecting.tracer import Tracer
from engine.progress import finish
from engine.project import detections, images
from engine.project.history import History
from engine.project.run_settings import KeepSettings
from engine.project.store import Project
from engine.tracing import rule_text
from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.whatif import own, what_if

NUMBERS = (Numbers(nms=0.2, most=3), Numbers(soft="linear", nms=0.2, most=3), Numbers(anchor_scale=1.5))


def _scores(project: Project, image_id: int) -> list[float]:
    """Of the suggestions that are made now."""
    finish(suggesting.suggest(project, DetectRequest(1, image_ids=(image_id,), device="cpu")))
    return sorted(each.score for each in detections.of_image(project, image_id, 1))


@pytest.mark.parametrize("numbers", NUMBERS)
def test_suggestions_numbers_and_traces_go_by_them_until_they_are_let_go(trained: Project, numbers: Numbers) -> None:
    image_id = images.all_ids(trained)[0]
    tracer, history = Tracer("cpu"), History(trained)
    first = tracer.trace(trained, image_id, 1)
    before = _scores(trained, image_id)
    settings = with_numbers(own(first), numbers)
    history.do(KeepSettings(1, rule_text.settings_json(settings)))
    traced = tracer.trace(trained, image_id, 1)
    assert own(traced) == settings
    assert traced.is_equal
    found = what_if(traced, settings).found
    if numbers.anchor_scale is None:
        assert found.scores.tolist() == pytest.approx(what_if(first, settings).found.scores.tolist())
    assert _scores(trained, image_id) == pytest.approx(sorted(found.scores.tolist()))
    judged = finish(suggesting.judge(trained, DetectRequest(1, image_ids=(image_id,), device="cpu")))
    assert len(judged.tables.pictures[0].detections) == len(found)
    history.undo()
    assert own(tracer.trace(trained, image_id, 1)) == own(first)
    assert _scores(trained, image_id) == pytest.approx(before)


def test_what_cannot_be_read_is_said(trained: Project) -> None:
    History(trained).do(KeepSettings(1, "{}"))
    with pytest.raises(UserError, match="settings that were kept are damaged"):
        project_images.kept_settings(trained, 1)
    assert project_images.kept_settings(trained, 2) is None
