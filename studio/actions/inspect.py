"""The Inspect menu: how a detection came about, stage by stage, and why an object was missed."""

from __future__ import annotations

from engine.project.edits import Edit
from studio.commands import Look, Menu, command
from studio.conditions import has_image
from studio.surroundings import Studio

MENU = Menu("Inspect", 66)


def _has_trace(studio: Studio) -> bool:
    """A network was watched."""
    return studio.inspection.trace is not None


@command("inspect.image", "Inspect Image", ("Ctrl+Alt+I",), has_image, Look("inspect"))
def image(studio: Studio) -> Edit | None:
    """Watch the shown run's network look at this image, stage by stage."""
    studio.session.show_page("inspect")
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


@command("inspect.again", "Look Again", (), _has_trace)
def again(studio: Studio) -> Edit | None:
    """Watch the network anew, as after it has learned more."""
    studio.inspection.look_again()
    return None


@command("inspect.what_if", "What If", (), _has_trace, Look("adjust", "panes"))
def what_if(studio: Studio) -> Edit | None:
    """Turn the network's thresholds and see at once what would be detected on this picture."""
    return _show(studio, "what_if")


@command("inspect.why_missed", "Why Was It Missed?", (), _has_trace, Look("search", "panes"))
def why_missed(studio: Studio) -> Edit | None:
    """Click an annotation and read which stage lost it, and what would have saved it."""
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
