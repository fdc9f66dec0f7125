"""The View menu: zoom, what is shown, the theme, the palette. Docks are added to it by the window."""

from dataclasses import replace

from engine.geometry.shapes import Bounds
from engine.project import annotations, detections
from engine.project.edits import Edit
from engine.project.store import Project
from studio.commands import Command, Look, Menu, command
from studio.conditions import has_selection, is_open, sees_image
from studio.pages import Page, in_order
from studio.settings import ThemeChoice
from studio.surroundings import Studio

MENU = Menu("View", 30)
STEP = 1.25


@command("view.palette", "Command Palette…", ("Ctrl+Shift+P",), look=Look("search"))
def palette(studio: Studio) -> Edit | None:
    """Find any command by typing some of its letters."""
    studio.ask.show("palette")
    return None


def _page(name: str, page: Page) -> Command:
    def show(studio: Studio) -> Edit | None:
        studio.session.show_page(name)
        return None

    show.__doc__ = page.help
    look = Look(page.icon, "pages", is_on=lambda studio: studio.session.page == name)
    return command(f"view.page_{name}", f"{page.title} Page", (f"Ctrl+{page.position}",), is_open, look)(show)


PAGE_COMMANDS = tuple(_page(name, page) for name, page in in_order())


@command("view.zoom_in", "Zoom In", ("Ctrl++", "Ctrl+="), sees_image, Look("zoom_in", "zoom"))
def zoom_in(studio: Studio) -> Edit | None:
    """See the picture larger."""
    studio.view.zoom_by(STEP)
    return None


@command("view.zoom_out", "Zoom Out", ("Ctrl+-",), sees_image, Look("zoom_out", "zoom"))
def zoom_out(studio: Studio) -> Edit | None:
    """See the picture smaller."""
    studio.view.zoom_by(1 / STEP)
    return None


@command("view.fit", "Fit Picture", ("F",), sees_image, Look("fit", "zoom", in_toolbar=True))
def fit(studio: Studio) -> Edit | None:
    """See the whole picture."""
    studio.view.zoom_to_fit()
    return None


@command("view.selection", "Zoom to Selection", ("Z",), has_selection, Look("", "zoom"))
def selection(studio: Studio) -> Edit | None:
    """See what is selected as large as it can be, with what lies around it."""
    chosen = studio.session.selection

    def bounds(project: Project) -> list[Bounds]:
        found = [each.shape.bounds for each in annotations.get(project, sorted(chosen.annotations))]
        return found + [each.shape.bounds for each in detections.get(project, sorted(chosen.detections))]

    studio.session.ask("zoom to selection", bounds, lambda found: _zoom_to_all(studio, found))
    return None


def _zoom_to_all(studio: Studio, bounds: list[Bounds]) -> None:
    if bounds:
        x0, y0, x1, y1 = zip(*bounds, strict=True)
        studio.view.zoom_to((min(x0), min(y0), max(x1), max(y1)))


@command("view.pixels", "Actual Pixels", ("Ctrl+0",), sees_image, Look("pixels", "zoom", in_toolbar=True))
def pixels(studio: Studio) -> Edit | None:
    """See one picture pixel on one screen pixel."""
    studio.view.zoom_to_pixels()
    return None


@command("view.compare_with", "Measure Live IoU Against…", ("U",), is_open, Look("", "compare"))
def compare_with(studio: Studio) -> Edit | None:
    """Choose the suggestions, people's shapes or run that a moving shape is compared with."""
    studio.ask.show("compare_with")
    return None


def _hides(studio: Studio) -> bool:
    return studio.session.hides_shapes


@command("view.hide", "Hide All Shapes", ("H",), sees_image, Look("eye_off", "shapes", in_toolbar=True, is_on=_hides))
def hide(studio: Studio) -> Edit | None:
    """See the picture alone, without annotations and suggestions."""
    studio.session.hide_shapes(not studio.session.hides_shapes)
    return None


def _habit(field: str, title: str, keys: tuple[str, ...], sentence: str) -> Command:
    """A command that turns one of the canvas's habits on or off, for this user from now on."""

    def switch(studio: Studio) -> Edit | None:
        habits = studio.settings.habits
        habits = replace(habits, **{field: not getattr(habits, field)})
        studio.settings.habits = habits
        studio.view.take_habits(habits)
        return None

    switch.__doc__ = sentence
    look = Look("", "habits", is_on=lambda studio: bool(getattr(studio.settings.habits, field)))
    return command(f"view.{field}", title, keys, look=look)(switch)


HABITS = (
    _habit("crosshair", "Crosshair", ("Shift+X",), "Have lines follow the pointer across the view while drawing."),
    _habit("has_map", "Map of the Picture", ("Ctrl+M",), "See where you are while only a part of the picture is seen."),
    _habit(
        "wheel_pans", "Wheel Moves the Picture", (), "Move by the wheel and zoom with Ctrl, not the other way round."
    ),
)


def _layout(name: str, sentence: str) -> Command:
    def take(studio: Studio) -> Edit | None:
        studio.layouts.take(name)
        return None

    take.__doc__ = sentence
    return command(f"view.layout_{name.lower()}", f"{name} Layout", (), is_open, Look("", "layout", "Layout"))(take)


LAYOUTS = (
    _layout("Annotate", "See pictures, classes and annotations: what drawing needs."),
    _layout("Review", "See the queue, annotations and runs: what reviewing needs."),
)


@command("view.layouts", "Layouts…", (), is_open, Look("", "layout", "Layout"))
def layouts(studio: Studio) -> Edit | None:
    """Save the layout of the panels under a name, or take one that was saved."""
    studio.ask.show("layouts")
    return None


@command("view.reset_layout", "Reset Layout", (), is_open, Look("", "layout", "Layout"))
def reset_layout(studio: Studio) -> Edit | None:
    """Put the panels where they are at first."""
    studio.layouts.reset()
    return None


def _theme(choice: ThemeChoice, title: str, sentence: str) -> Command:
    def choose(studio: Studio) -> Edit | None:
        studio.settings.theme = choice
        studio.theme.choose(choice)
        return None

    choose.__doc__ = sentence
    look = Look("", "layout", "Theme", is_on=lambda studio: studio.theme.choice == choice)
    return command(f"view.theme_{choice}", title, look=look)(choose)


THEMES = (
    _theme("system", "Theme of the System", "Follow the system between dark and light."),
    _theme("dark", "Dark Theme", "Always dark."),
    _theme("light", "Light Theme", "Always light."),
)
