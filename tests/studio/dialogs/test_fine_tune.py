"""What the fine-tune dialog says, and what it asks a training for."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.project.material import Material
from engine.project.splits import AssignSplits, SplitPlan
from engine.training.plan import Choosable, Covered, Plan, PlanRequest
from engine.training.recipe import Recipe
from studio.dialogs import _training_words as words
from studio.dialogs import fine_tune
from studio.dialogs._planning import Planning
from studio.dialogs.fine_tune import FineTuneDialog
from studio.errand_values import FineTune
from studio.orders import Failure
from tests.studio import projects
from tests.studio.windows import Opened

PLAN = Plan(
    "ssd", "SSD", "auto", "CPU, 2 cores", "Weights V1", False, 25, ("SSD: as it is.", "25 minutes: so."),
    (Choosable("min_side", "whole", "The side.", 480),), (Choosable("seed", "whole", "The seed.", 0),),
    (Choosable("light", "number", "Light.", 0.2),),
    Covered(((10.0, 12.0), (30.0, 30.0)), 2, ((16.0, 16.0),), (2,), 0.5, 0.25),
    (("ssd", "SSD"), ("yolo", "YOLO")),
)  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[PlanRequest]:
    """What is asked instead of a worker."""
    found: list[PlanRequest] = []
    monkeypatch.setattr(Planning, "ask", lambda _, request, **__: found.append(request))
    return found


@pytest.fixture
def dialog(seen: Opened, tmp_path: Path, qtbot: QtBot, asked: list[PlanRequest]) -> FineTuneDialog:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright", 4))
    seen.studio.ask.show("fine_tune")
    shown = seen.dialog()
    assert isinstance(shown, FineTuneDialog)
    qtbot.waitUntil(lambda: shown._facts is not None)
    assert asked == [PlanRequest()]
    return shown


def typed(dialog: FineTuneDialog, qtbot: QtBot, group: str, name: str, text: str) -> None:
    line = getattr(dialog.choices, group).fields[name].editor
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_one_click_is_enough_before_anything_is_chosen(dialog: FineTuneDialog) -> None:
    assert dialog.button.isEnabled()
    assert dialog.button.text() == "Fine-tune for 10 minutes"
    assert dialog.wanted.detector == "auto"


def test_what_is_chosen_is_filled_in_and_said(dialog: FineTuneDialog) -> None:
    dialog._take_plan(PLAN)
    assert dialog.button.text() == "Fine-tune SSD for 25 minutes"
    assert dialog._why.text() == "SSD: as it is. 25 minutes: so."
    assert dialog.choices.detector.itemText(0) == "Chosen from the annotations: SSD"
    assert dialog.choices.cover.note == "mean best IoU 0.50, 25% above 0.5"
    assert dialog._starts.text() == "Official weights Weights V1, downloaded once, with the hash checked"
    wanted = dialog.wanted
    assert (wanted.detector, wanted.minutes, wanted.options, wanted.recipe) == ("ssd", 25.0, {}, {})


def test_what_a_person_decides_is_asked_about_and_asked_for(
    dialog: FineTuneDialog, qtbot: QtBot, asked: list[PlanRequest]
) -> None:
    dialog._take_plan(PLAN)
    qtbot.mouseClick(dialog._toggle, Qt.MouseButton.LeftButton)
    dialog.choices.minutes.setValue(3)
    typed(dialog, qtbot, "network", "min_side", "96")
    typed(dialog, qtbot, "steps", "seed", "7")
    typed(dialog, qtbot, "pictures", "light", "0.5")
    dialog.choices.detector.setCurrentIndex(dialog.choices.detector.findData("yolo"))
    assert asked[-1] == PlanRequest("yolo", {"min_side": 96})
    dialog._take_plan(PLAN)
    assert dialog.choices.minutes.value() == 3
    wanted = dialog.wanted
    assert (wanted.options, wanted.recipe, wanted.augmentation) == ({"min_side": 96}, {"seed": 7}, {"light": 0.5})
    recipe = Recipe.from_json(wanted.to_json())
    assert (recipe.minutes, recipe.seed, recipe.augmentation.light, recipe.options) == (3.0, 7, 0.5, {"min_side": 96})
    assert recipe.augmentation.flip_horizontal == Recipe().augmentation.flip_horizontal


def test_what_cannot_be_is_told_and_not_started(dialog: FineTuneDialog, qtbot: QtBot) -> None:
    dialog._take_plan(PLAN)
    qtbot.mouseClick(dialog._toggle, Qt.MouseButton.LeftButton)
    typed(dialog, qtbot, "network", "min_side", "wide")
    assert not dialog.button.isEnabled()
    assert dialog._wrong.text() == "Min side cannot be read."
    qtbot.mouseClick(dialog.choices.network.fields["min_side"].back, Qt.MouseButton.LeftButton)
    assert dialog.button.isEnabled()
    dialog._take_fault(Failure("SSD has no such side.", "Take another."))
    assert not dialog.button.isEnabled()
    assert dialog._wrong.text() == "SSD has no such side. Take another."
    dialog._take_plan(PLAN)
    assert dialog.button.isEnabled()


def test_weights_used_before_are_offered_and_those_used_now_are_remembered(
    seen: Opened, dialog: FineTuneDialog, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, started = tmp_path / "nano.pth", list[FineTune]()
    file.write_bytes(b"weights")
    monkeypatch.setattr(fine_tune, "start_training", lambda _, wanted: started.append(wanted))
    yolo = Plan("yolo", "YOLO", str(file), *[getattr(PLAN, name) for name in Plan.__slots__[3:]])
    dialog._take_plan(yolo)
    assert (dialog.choices.weights.currentData(), dialog.choices.path.text()) == ("file", str(file))
    assert dialog.choices.request.weights == "auto"
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert [(each.detector, each.weights) for each in started] == [("yolo", str(file))]
    assert seen.studio.settings.words_of("weights/yolo") == [str(file)]
    seen.studio.ask.show("fine_tune")
    again = seen.dialog()
    assert isinstance(again, FineTuneDialog)
    assert again.choices.request.files == {"yolo": str(file)}


def test_a_file_of_weights_is_asked_about_once_it_is_there(
    seen: Opened, dialog: FineTuneDialog, tmp_path: Path, qtbot: QtBot, asked: list[PlanRequest]
) -> None:
    dialog._take_plan(PLAN)
    dialog.choices.weights.setCurrentIndex(dialog.choices.weights.findData("file"))
    assert not dialog.button.isEnabled()
    assert dialog._starts.text() == "Choose a file of weights below."
    n_asked, seen.answers.path = len(asked), tmp_path / "own.pth"
    (tmp_path / "own.pth").write_bytes(b"weights")
    dialog.choices.choose_file()
    assert asked[n_asked:] == [PlanRequest(weights=str(tmp_path / "own.pth"))]
    assert dialog.button.isEnabled()


def test_a_recipe_is_made_without_torch_as_the_engine_reads_it() -> None:
    wanted = FineTune("ssd", None, 4, "none", "cpu", 3, None, None, {"min_side": 64}, {"seed": 9}, {"light": 0.0})
    recipe = Recipe.from_json(wanted.to_json())
    assert (recipe.detector, recipe.epochs, recipe.minutes, recipe.seed) == ("ssd", 4, None, 9)
    assert (recipe.weights, recipe.device, recipe.augmentation.light) == ("none", "cpu", 0.0)
    assert json.loads(wanted.to_json())["options"] == {"min_side": 64}


def test_words_about_what_there_is_to_learn_from() -> None:
    kept = AssignSplits(SplitPlan({"train": 0.8, "val": 0.2}), "Keep")
    assert words.learns(None) == "Counting…"
    assert words.learns(Material(0, 0, 0, 0, None)).startswith("Nothing yet")
    assert words.learns(Material(1, 0, 1200, 1, None)) == "1 annotated picture; 1,200 objects of 1 class"
    assert words.tried(Material(8, 2, 9, 2, kept)).startswith("2 pictures, kept back now")
    assert words.tried(Material(1, 0, 9, 2, None)).startswith("No picture")
    assert words.starts("none", None).startswith("From scratch")
    assert words.starts("auto", None) == "Official pretrained weights"
