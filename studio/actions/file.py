"""The File menu: project files, and what goes in and out of them."""

from __future__ import annotations

from engine.project.edits import Edit
from studio import files
from studio.commands import Look, Menu, command
from studio.conditions import can_write, is_open
from studio.surroundings import Studio

MENU = Menu("File", 10)


@command("file.new", "New Project…", ("Ctrl+N",), look=Look("new"))
def new(studio: Studio) -> Edit | None:
    """Make an empty project file and open it."""
    files.make_new(studio)
    return None


@command("file.open", "Open Project…", ("Ctrl+O",), look=Look("open"))
def open_(studio: Studio) -> Edit | None:
    """Open a project file."""
    path = studio.ask.open_path("Open Project", (files.SUFFIX,))
    if path is not None:
        files.open_project(studio, path)
    return None


def _has_recent(studio: Studio) -> bool:
    """Projects were open before."""
    return bool(studio.settings.recent)


@command("file.recent", "Open Recent…", ("Ctrl+Shift+O",), _has_recent)
def recent(studio: Studio) -> Edit | None:
    """Open a project that was open before."""
    studio.ask.show("recent")
    return None


@command("file.sample", "New Sample Project…", (), look=Look("sample"))
def sample(studio: Studio) -> Edit | None:
    """Make a small project of drawn blood cells, to try everything on."""
    files.make_sample(studio)
    return None


@command("file.import_file", "Import File…", ("Ctrl+I",), can_write, Look("import", "exchange", in_toolbar=True))
def import_file(studio: Studio) -> Edit | None:
    """Take in a picture, or a file of annotations in any known format."""
    path = studio.ask.open_path("Import Pictures or Annotations")
    if path is not None:
        studio.ask.show("importing", path)
    return None


@command(
    "file.import_folder", "Import Folder…", ("Ctrl+Shift+I",), can_write, Look("folder", "exchange", in_toolbar=True)
)
def import_folder(studio: Studio) -> Edit | None:
    """Take in a folder of pictures, with annotations in any known format."""
    path = studio.ask.folder("Import a Folder of Pictures or Annotations")
    if path is not None:
        studio.ask.show("importing", path)
    return None


@command("file.merge", "Merge Another Project…", (), can_write, Look("merge", "exchange"))
def merge(studio: Studio) -> Edit | None:
    """Take another person's project in; what the two of you drew differently is decided in the queue."""
    path = studio.ask.open_path("Merge Another Person's Project", (files.SUFFIX,))
    if path is not None:
        studio.ask.show("merging", path)
    return None


@command("file.export", "Export…", ("Ctrl+E",), is_open, Look("export", "exchange"))
def export(studio: Studio) -> Edit | None:
    """Write pictures and annotations in another format, and prove what arrived."""
    studio.ask.show("exporting")
    return None


@command("file.save_copy", "Save a Copy…", ("Ctrl+Shift+S",), is_open, Look("save", "copy"))
def save_copy(studio: Studio) -> Edit | None:
    """Save the whole project under another name; every edit is in this one already."""
    path = studio.ask.save_path("Save a Copy", files.SUFFIX)
    if path is not None:
        files.save_copy(studio, path)
    return None


@command("file.check", "Check the File", (), is_open, Look("check", "copy"))
def check(studio: Studio) -> Edit | None:
    """Verify every picture, annotation and checkpoint in the file."""
    files.check(studio)
    return None


@command("file.close", "Close Project", ("Ctrl+W",), is_open, Look("", "close"))
def close(studio: Studio) -> Edit | None:
    """Close the project; everything is saved already."""
    studio.session.close()
    return None


@command("file.quit", "Quit", ("Ctrl+Q",), look=Look("", "close"))
def quit_(studio: Studio) -> Edit | None:
    """Close the window; everything is saved already."""
    studio.ask.leave()
    return None
