"""What is looked at as files: a stage as PNG and SVG, steps as GIF, the trace; whatever cannot be written is told."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from engine.inspecting.animating import Animation, write_steps
from engine.progress import finish
from engine.tracing import files
from engine.tracing.whatif import own
from studio.commands import named, perform
from studio.inspector import view_of
from studio.inspector.saving import SIDE, StageSaver, stage_image, stage_svg
from studio.inspector.stage_picture import StagePicture
from studio.qt_pictures import png
from tests.engine.tracing.traces import Made, two_stages
from tests.studio.windows import Opened

TRACE = two_stages(Made(has_masks=True))
SHAPES = {"path", "polyline", "polygon", "rect", "line", "circle", "ellipse", "image"}


def looked_at(at_work: Opened, name: str) -> StagePicture:
    """The picture of a stage, with what saves it."""
    of = at_work.studio.inspection
    of.take(TRACE)
    of.show_stage(name)
    picture = StagePicture(of, at_work.studio.theme)
    at_work.qtbot.addWidget(picture)
    picture.show_input(TRACE.input)
    view = view_of(TRACE.named(name))
    assert view is not None
    picture.show_layer(view.layer(at_work.studio))
    return picture


@pytest.mark.parametrize("name", ["anchors", "objectness", "detections", "pooling", "masks"])
def test_a_stage_is_a_png_and_an_svg(at_work: Opened, name: str, tmp_path: Path) -> None:
    layer = looked_at(at_work, name).layer
    assert layer is not None
    path = tmp_path / "stage.png"
    path.write_bytes(png(stage_image(TRACE, layer)))
    with Image.open(path) as found:
        assert max(found.size) == SIDE
        assert len(found.convert("RGB").getcolors(1 << 24) or []) > 10
    drawn = ElementTree.fromstring(stage_svg(TRACE, layer, "Stage of a picture"))
    title = drawn.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "Stage of a picture"
    shapes = [each for each in drawn.iter() if each.tag.rpartition("}")[2] in SHAPES]
    assert len(shapes) > 2


@pytest.mark.parametrize("suffix", [".png", ".svg", ".trace"])
def test_files_are_written_where_it_was_asked(at_work: Opened, suffix: str, tmp_path: Path) -> None:
    picture, path = looked_at(at_work, "detections"), tmp_path / f"stage{suffix}"
    saver = StageSaver(at_work.studio, picture)
    with at_work.qtbot.waitSignal(at_work.studio.session.said) as said:
        saver.save(path)
    assert str(path) in said.args[0]
    assert path.stat().st_size > 1_000
    if suffix == ".trace":
        assert [stage.name for stage in files.load(path).stages] == [stage.name for stage in TRACE.stages]


def test_steps_are_written_of_a_trace_file(tmp_path: Path) -> None:
    files.save(TRACE, tmp_path / "one.trace")
    wanted = Animation(tmp_path / "steps.gif", side=200)
    made = finish(write_steps(tmp_path / "one.trace", own(TRACE), "detections", wanted))
    with Image.open(made.path) as found:
        assert found.n_frames == made.n_frames > 2  # type: ignore[attr-defined]


def test_the_commands_ask_where_and_the_page_saves_it(
    at_work: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, asked = at_work.studio, list[str]()

    def save_path(title: str, suffix: str) -> Path:
        asked.append(suffix)
        return tmp_path / f"file{suffix}"

    monkeypatch.setattr(studio.ask, "save_path", save_path)
    commands = named("inspect.save_png", "inspect.save_svg", "inspect.save_steps", "inspect.save_trace")
    assert not any(command.when(studio) for command in commands)
    studio.session.show_page("inspect")
    studio.inspection.take(TRACE)
    studio.inspection.show_stage("detections")
    assert all(command.when(studio) for command in commands)
    for command in commands:
        perform(studio, command)
    assert asked == [".png", ".svg", ".gif", ".trace"]
    found = [tmp_path / f"file{suffix}" for suffix in asked]
    at_work.qtbot.waitUntil(lambda: all(path.exists() for path in found), timeout=60_000)
