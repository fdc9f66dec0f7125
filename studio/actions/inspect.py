"""The Inspect menu: how a detection came about, stage by stage, and why an object was missed."""

from __future__ import annotations

from engine.project import detections
from engine.project.edits import Edit
from engine.project.run_settings import KeepSettings
from engine.tracing.stages import Selection
from studio.commands import Look, Menu, command
from studio.conditions import can_write, has_image
from studio.inspection import Aim
from studio.surroundings import Studio
from studio.what_if import can_be_kept

MENU = Menu("Inspect", 66)


def _is_on_page(studio: Studio) -> bool:
    """The Inspect page is shown."""
    return has_image(studio) and studio.session.page == "inspect"


def _is_busy(studio: Studio) -> bool:
    """A network is being watched."""
    return studio.inspection.is_busy


def _has_trace(studio: Studio) -> bool:
    """A network was watched."""
    return studio.inspection.trace is not None


@command("inspect.image", "Inspect Image", ("Ctrl+Alt+I",), has_image, Look("inspect"))
def image(studio: Studio) -> Edit | None:
    """Watch the shown run's network look at this image, stage by stage."""
    studio.inspection.see_training(False)
    studio.session.show_page("inspect")
    return None


@command("inspect.training", "Show What Training Sees", (), has_image, Look("inspect"))
def training(studio: Studio) -> Edit | None:
    """See which anchors and regions stand for which objects of this image when the shown run's network learns."""
    studio.inspection.see_training(True)
    studio.session.show_page("inspect")
    return None


def _is_detection(studio: Studio) -> bool:
    """One detection is selected, and nothing else."""
    chosen = studio.session.selection
    return has_image(studio) and len(chosen.detections) == 1 and not chosen.annotations


def _can_ask(studio: Studio) -> bool:
    """A network was watched, or one annotation is selected."""
    return _has_trace(studio) or (has_image(studio) and len(studio.session.selection.annotations) == 1)


@command("inspect.how", "How Did It Come About?", (), _is_detection, Look("search"))
def how(studio: Studio) -> Edit | None:
    """Go from the selected detection back through every stage, to the anchor that it began with."""
    session = studio.session
    if session.project is not None and session.image_id is not None:
        (found,) = detections.get(session.project, session.selection.detections)
        session.show_page("inspect")
        studio.inspection.aim_at(Aim(session.image_id, detection=found))
    return None


@command("inspect.next", "Next Stage", (), _has_trace, Look("next"))
def following(studio: Studio) -> Edit | None:
    """On to what the network makes of this stage."""
    studio.inspection.step(1)
    return None


@command("inspect.previous", "Previous Stage", (), _has_trace, Look("previous"))
def previous(studio: Studio) -> Edit | None:
    """Back to what this stage is made of."""
    studio.inspection.step(-1)
    return None


@command("inspect.again", "Look Again", (), _is_on_page)
def again(studio: Studio) -> Edit | None:
    """Watch the network anew, as after it has learned more."""
    studio.inspection.look_again()
    return None


@command("inspect.stop", "Stop Looking", (), _is_busy, Look("stop"))
def stop(studio: Studio) -> Edit | None:
    """Let go of the look that is under way; what is shown stays."""
    studio.inspection.stop()
    return None


@command("inspect.what_if", "What If", (), _has_trace, Look("adjust", "panes"))
def what_if(studio: Studio) -> Edit | None:
    """Turn the network's thresholds and see at once what would be detected on this picture."""
    return _show(studio, "what_if")


@command("inspect.why_missed", "Why Was It Missed?", (), _can_ask, Look("search", "panes"))
def why_missed(studio: Studio) -> Edit | None:
    """Read which stage lost an annotation, and what would have saved it: the selected one, or one that is clicked."""
    session, chosen = studio.session, studio.session.selection.annotations
    if session.image_id is not None and len(chosen) == 1:
        studio.inspection.aim_at(Aim(session.image_id, annotation_id=next(iter(chosen))))
    return _show(studio, "why")


@command("inspect.explain", "Explain This Stage", (), _has_trace, Look("help", "panes"))
def explain(studio: Studio) -> Edit | None:
    """Read what the stage does, with its formulas and the numbers of this picture."""
    return _show(studio, "explain")


def _show(studio: Studio, pane: str) -> Edit | None:
    studio.session.show_page("inspect")
    studio.inspection.pane_wanted.emit(pane)
    return None


def _has_other_settings(studio: Studio) -> bool:
    """Other settings than the run's own are tried."""
    return _has_trace(studio) and not studio.inspection.what_if.is_own


@command("inspect.own_settings", "Back to the Run's Own Settings", (), _has_other_settings, Look("undo", "settings"))
def own_settings(studio: Studio) -> Edit | None:
    """See again what the run itself detects."""
    studio.inspection.what_if.back_to_own()
    return None


def _can_keep(studio: Studio) -> bool:
    """Settings are tried that the run does not detect with yet."""
    return can_write(studio) and can_be_kept(studio.inspection.what_if)


@command("inspect.keep_settings", "Keep These Settings", (), _can_keep, Look("save", "settings"))
def keep_settings(studio: Studio) -> Edit | None:
    """Have the run detect with these settings from now on; it can be undone."""
    return studio.inspection.what_if.keep_edit()


def _has_kept(studio: Studio) -> bool:
    """The run detects with settings that were kept for it."""
    return can_write(studio) and studio.inspection.what_if.kept is not None


@command("inspect.let_go_of_settings", "Let Go of Kept Settings", (), _has_kept, Look("", "settings"))
def let_go_of_settings(studio: Studio) -> Edit | None:
    """Have the run detect as it was trained again; it can be undone."""
    trace = studio.inspection.trace
    run_id = None if trace is None else trace.origin.run_id
    return None if run_id is None else KeepSettings(run_id, None)


def _has_steps(studio: Studio) -> bool:
    """Something was suppressed at the stage that is looked at."""
    return isinstance(studio.inspection.stage, Selection) and studio.session.page == "inspect"


def _is_looking(studio: Studio) -> bool:
    """A stage is on the page."""
    return _has_trace(studio) and studio.session.page == "inspect"


@command("inspect.play_steps", "Play or Hold NMS", (), _has_steps, Look("", "steps"))
def play_steps(studio: Studio) -> Edit | None:
    """Watch overlapping boxes being suppressed one after the other, by itself."""
    return _step(studio, "play")


@command("inspect.step_on", "One NMS Step On", (), _has_steps, Look("", "steps"))
def step_on(studio: Studio) -> Edit | None:
    """On to the next box that has its turn, and whom it suppresses."""
    return _step(studio, "on")


@command("inspect.step_back", "One NMS Step Back", (), _has_steps, Look("", "steps"))
def step_back(studio: Studio) -> Edit | None:
    """Back to the box that had its turn before."""
    return _step(studio, "back")


def _step(studio: Studio, wanted: str) -> Edit | None:
    studio.inspection.steps_wanted.emit(wanted)
    return None


@command("inspect.save_png", "Save Stage as PNG…", (), _is_looking, Look("save", "save"))
def save_png(studio: Studio) -> Edit | None:
    """Save the stage as it is drawn, as a picture."""
    return _save(studio, "Save Stage", ".png")


@command("inspect.save_svg", "Save Stage as SVG…", (), _is_looking, Look("", "save"))
def save_svg(studio: Studio) -> Edit | None:
    """Save the stage as it is drawn, its shapes as shapes that can be edited elsewhere."""
    return _save(studio, "Save Stage", ".svg")


@command("inspect.save_steps", "Save NMS Steps as GIF…", (), _has_steps, Look("", "save"))
def save_steps(studio: Studio) -> Edit | None:
    """Save how overlapping boxes were suppressed one after the other, as an animation."""
    return _save(studio, "Save Steps", ".gif")


@command("inspect.save_trace", "Save Trace…", (), _is_looking, Look("", "save"))
def save_trace(studio: Studio) -> Edit | None:
    """Save everything that the network did on this picture, for `boxwright whatif` and for Python without torch."""
    return _save(studio, "Save Trace", ".trace")


def _save(studio: Studio, words: str, suffix: str) -> Edit | None:
    path = studio.ask.save_path(words, suffix)
    if path is not None:
        studio.inspection.saving_wanted.emit(path)
    return None
