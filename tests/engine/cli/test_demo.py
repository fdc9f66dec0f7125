"""boxwright demo: from nothing to suggestions and figures; the second time it trains no more."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine import cli
from engine.cli import _short_training
from engine.cli._output import Output
from engine.errors import UserError
from engine.nn.weights import Official
from engine.project import images, runs
from engine.project.store import Project
from engine.samples import project as sample_project
from engine.training.recipe import Recipe

TINY = {"min_side": 96, "regions_per_image": 16, "proposals_train": 32, "proposals_detect": 32}


@dataclass
class StandIn:
    """A window that only remembers what was asked of it."""

    has_screen: bool
    opened: list[Path] = field(default_factory=list)
    rendered: list[Path] = field(default_factory=list)

    def open(self, path: Path) -> int:
        self.opened.append(path)
        return 0

    def render(self, path: Path, folder: Path) -> tuple[Path, ...]:
        self.rendered.append(path)
        return (folder / "dark.png",)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(weights="none", epochs=1, options=TINY, threads=1)
    monkeypatch.setattr(_short_training, "recipe_for", lambda *_: recipe)
    monkeypatch.setattr(sample_project, "SPLITS", ("train", "train", "val", None))


def run(capsys: pytest.CaptureFixture[str], folder: Path, window: StandIn, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(["demo", "--folder", str(folder), "--json", *options], window) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.usefixtures("tiny")
def test_it_trains_once_suggests_where_nothing_is_annotated_and_draws_without_a_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = StandIn(has_screen=False)
    folder = tmp_path / "new" / "demo"
    said = run(capsys, folder, window)
    path = folder / "sample.boxwright"
    assert said["path"] == str(path) and said["pictures"] == [str(folder / "dark.png")]
    assert {"bbox_ap", "bbox_ap50", "segm_ap", "segm_ap50"} <= said.keys()
    assert said["training_seconds"] > 0
    with Project.open(path) as project:
        assert [run.state for run in runs.all_runs(project)] == ["done"]
        without = [row for row in images.listed(project, images.all_ids(project)) if not row.n_annotations]
        assert len(without) == 1
    monkeypatch.setattr(_short_training, "train_shortly", None)
    assert run(capsys, folder, window) == said
    assert window.rendered == [path, path] and not window.opened


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_with_a_screen_the_window_opens_unless_it_is_asked_not_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = StandIn(has_screen=True)
    path = tmp_path / "sample.boxwright"
    assert run(capsys, tmp_path, window)["pictures"] == []
    assert (window.opened, window.rendered) == ([path], [])
    run(capsys, tmp_path, window, "--headless")
    assert (window.opened, window.rendered) == ([path], [path])


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_without_a_window_it_says_the_figures_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo", "--folder", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "boxes" in out and "masks" in out
    assert "Drawing the sample project" in err and "from scratch" in err and "AP50 of boxes" in err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert cli.main(["demo", "--folder", str(tmp_path / "file" / "demo")]) == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize("is_there", [True, False])
def test_official_weights_are_used_where_they_can_be_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    def fetch(official: Official, *_: object) -> Any:
        yield 1_000_000, None
        if not is_there:
            raise UserError("The official weights cannot be had.")

    monkeypatch.setattr(_short_training, "fetch", fetch)
    recipe = _short_training.recipe_for("auto", Output(is_json=False))
    assert recipe.weights == ("auto" if is_there else "none")
    assert ("from scratch" in capsys.readouterr().err) is not is_there


def test_given_weights_are_taken_as_they_are() -> None:
    output = Output(is_json=False)
    assert _short_training.recipe_for("mine.pth", output).weights == "mine.pth"
    assert _short_training.recipe_for("none", output).weights == "none"
