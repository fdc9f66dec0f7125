"""Settings that are kept for a run: an edit that can be undone, told to whoever shows runs, gone with the run."""

from engine.project import run_settings, runs
from engine.project.history import History
from engine.project.run_settings import KeepSettings
from engine.project.store import Change, Project


def _run(project: Project) -> int:
    with project.atomic():
        return runs.add(project, "detector", "yolo", "{}")


def test_kept_settings_are_undone_and_redone(project: Project) -> None:
    run_id, other = _run(project), _run(project)
    history = History(project)
    for text in ('{"a": 1}', '{"a": 2}', None):
        history.do(KeepSettings(run_id, text))
        assert run_settings.kept(project, run_id) == text
    told: list[Change] = []
    project.on_change(told.append)
    for text in ('{"a": 2}', '{"a": 1}', None):
        history.undo()
        assert run_settings.kept(project, run_id) == text
    history.redo()
    assert run_settings.kept(project, run_id) == '{"a": 1}'
    assert all(change.runs == {run_id} for change in told)
    assert len(told) == 4
    assert run_settings.kept(project, other) is None
    assert run_settings.runs_with_settings(project) == {run_id}


def test_they_go_with_the_run(project: Project) -> None:
    run_id = _run(project)
    History(project).do(KeepSettings(run_id, "{}"))
    with project.atomic():
        runs.delete(project, run_id)
    assert run_settings.kept(project, run_id) is None
