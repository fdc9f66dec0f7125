"""The Adjust menu: brightness, contrast, gamma and channel that pictures are shown with. Files stay as they are."""

from __future__ import annotations

from dataclasses import replace

from engine.imaging.levels import CHANNELS, Levels
from engine.project.edits import Edit
from studio.commands import Command, Look, Menu, command
from studio.conditions import is_open
from studio.surroundings import Studio

MENU = Menu("Adjust", 36)
STEP = 0.05
GAMMA_STEP = 1.1
GAMMA_RANGE = (0.25, 4.0)


def _is_adjusted(studio: Studio) -> bool:
    """Pictures are shown otherwise than they are."""
    return is_open(studio) and not studio.session.levels.is_plain


@command("adjust.panel", "Brightness and Colours", ("Ctrl+Alt+L",), is_open, Look("adjust", "panel"))
def panel(studio: Studio) -> Edit | None:
    """See sliders for brightness, contrast and gamma, and choose a channel."""
    studio.session.panel_wanted.emit("adjust")
    return None


@command("adjust.reset", "Show as It Is", ("Alt+0",), _is_adjusted, Look("", "panel"))
def reset(studio: Studio) -> Edit | None:
    """Show pictures as they are again."""
    studio.session.show_with(Levels())
    return None


def _step(name: str, key: str, steps: tuple[float, float], sentence: str) -> Command:
    """A command that changes brightness and contrast by so many steps."""

    def run(studio: Studio) -> Edit | None:
        levels = studio.session.levels
        brightness, contrast = (
            round(min(max(value + STEP * n, -1.0), 1.0), 2)
            for value, n in zip((levels.brightness, levels.contrast), steps, strict=True)
        )
        studio.session.show_with(replace(levels, brightness=brightness, contrast=contrast))
        return None

    run.__doc__ = sentence
    return command(f"adjust.{name.lower().replace(' ', '_')}", name, (key,), is_open, Look("", "light"))(run)


def _gamma(name: str, key: str, factor: float, sentence: str) -> Command:
    """A command that lifts or lowers the shadows."""

    def run(studio: Studio) -> Edit | None:
        least, most = GAMMA_RANGE
        gamma = min(max(studio.session.levels.gamma * factor, least), most)
        # Up and down again is where one came from, in spite of rounding.
        gamma = 1.0 if abs(gamma - 1.0) < (GAMMA_STEP - 1) / 2 else round(gamma, 3)
        studio.session.show_with(replace(studio.session.levels, gamma=gamma))
        return None

    run.__doc__ = sentence
    return command(f"adjust.{name.lower().replace(' ', '_')}", name, (key,), is_open, Look("", "light"))(run)


STEPS = (
    _step("Brighter", "Ctrl+Up", (1, 0), "Show pictures brighter."),
    _step("Darker", "Ctrl+Down", (-1, 0), "Show pictures darker."),
    _step("More Contrast", "Ctrl+Right", (0, 1), "Show pictures with more contrast."),
    _step("Less Contrast", "Ctrl+Left", (0, -1), "Show pictures with less contrast."),
    _gamma("Lift Shadows", "Ctrl+PgUp", GAMMA_STEP, "See more in dark places: a higher gamma."),
    _gamma("Deepen Shadows", "Ctrl+PgDown", 1 / GAMMA_STEP, "See less in dark places: a lower gamma."),
)


@command("adjust.channel", "Next Channel", ("Alt+C",), is_open, Look("", "channel"))
def channel(studio: Studio) -> Edit | None:
    """Show red, green or blue alone, all in grey, or the colours again, in turn."""
    levels = studio.session.levels
    following = CHANNELS[(CHANNELS.index(levels.channel) + 1) % len(CHANNELS)]
    studio.session.show_with(replace(levels, channel=following))
    return None
