"""More of the Faces menu: who faces are, two faces compared, and the map of all of them.

Enter confirms and Backspace rejects while Identify is shown; D and A go from probe to probe there.
"""

from __future__ import annotations

from engine.project.edits import Edit
from studio.commands import Look, Menu, command
from studio.conditions import can_write, is_open
from studio.faces import taking
from studio.surroundings import Studio

MENU = Menu("Faces", 69)


def _can_compare(studio: Studio) -> bool:
    """An embedder is chosen, by which faces can be compared."""
    return is_open(studio) and studio.faces.embedder is not None


def _has_faces(studio: Studio) -> bool:
    """Faces are chosen on the Faces page."""
    return is_open(studio) and bool(studio.faces.selection)


def _has_charts(studio: Studio) -> bool:
    """A view of the Faces page is shown that draws something."""
    return studio.session.page == "faces" and studio.faces.view in ("identify", "compare", "map", "curves")


def _has_probe(studio: Studio) -> bool:
    """A face is asked about."""
    return studio.identifying.current is not None


def _can_answer(studio: Studio) -> bool:
    """A face is asked about and a person is proposed, and the project can be changed."""
    return can_write(studio) and studio.identifying.candidate is not None


@command("faces.identify", "Identify Faces", ("Ctrl+Alt+W",), is_open, Look("search", "views"))
def show(studio: Studio) -> Edit | None:
    """See who faces are, or that nobody whom the project knows is near enough, and why."""
    studio.faces.show_view("identify")
    return None


@command("faces.compare", "Compare Two Faces", ("Ctrl+Alt+2",), is_open, Look("copy", "views"))
def compare(studio: Studio) -> Edit | None:
    """See whether two pictures are of one person, by every embedder beside one another."""
    studio.faces.show_view("compare")
    return None


@command("faces.compare_selected", "Compare Chosen Faces", (), _has_faces, Look("", "views"))
def compare_selected(studio: Studio) -> Edit | None:
    """See whether the two faces that are chosen on Unknown or on the map are one person; of more, the first two."""
    studio.faces.show_view("compare")
    studio.faces.comparing_wanted.emit()
    return None


@command("faces.map", "Map of Faces", ("Ctrl+Alt+M",), is_open, Look("grid", "views"))
def map_(studio: Studio) -> Edit | None:
    """See where an embedder puts every face, and pick faces there."""
    studio.faces.show_view("map")
    return None


@command("faces.curves", "How Well Faces Are Recognised", (), is_open, Look("chart", "views"))
def curves(studio: Studio) -> Edit | None:
    """See how often each embedder is right on the gallery's own faces, by which curves, and how sure that is."""
    studio.faces.show_view("curves")
    return None


@command("faces.choose_embedder", "Choose Embedder…", (), can_write, Look("", "views"))
def choose_embedder(studio: Studio) -> Edit | None:
    """Choose what faces are recognised by: a published network, one with weights from a file, or an ONNX network."""
    studio.ask.show("choose_embedder")
    return None


@command("faces.save_charts", "Save Pictures of This View…", (), _has_charts, Look("", "views"))
def save_charts(studio: Studio) -> Edit | None:
    """Save what the shown view draws, as a decision or the curves, as PNG and SVG files in a folder."""
    folder = studio.ask.folder("Save Pictures")
    if folder is not None:
        studio.faces.charts_wanted.emit(folder)
    return None


@command("faces.probe_file", "Identify Pictures…", (), _can_compare, Look("open", "views", "Identify"))
def file(studio: Studio) -> Edit | None:
    """Ask who is on picture files, each a crop of one face; nothing of them is kept until you answer."""
    studio.faces.show_view("identify")
    taking.ask_files(studio)
    return None


@command("faces.probe_folder", "Identify Folder…", (), _can_compare, Look("folder", "views", "Identify"))
def folder(studio: Studio) -> Edit | None:
    """Ask who is on each picture in a folder; nothing of them is kept until you answer."""
    studio.faces.show_view("identify")
    taking.ask_folder(studio)
    return None


@command("faces.probe_paste", "Identify Copied Picture", (), _can_compare, Look("paste", "views", "Identify"))
def paste(studio: Studio) -> Edit | None:
    """Ask who is on the picture, or on the picture files, that were copied elsewhere."""
    studio.faces.show_view("identify")
    taking.take_clipboard(studio)
    return None


@command("faces.probe_selected", "Identify Chosen Faces", (), _has_faces, Look("select", "views", "Identify"))
def selected(studio: Studio) -> Edit | None:
    """Ask who the faces are that are chosen on Unknown or on the map."""
    studio.identifying.add_templates(sorted(studio.faces.selection))
    studio.faces.show_view("identify")
    return None


@command("faces.probe_confirm", "It Is This Person", (), _can_answer, Look("accept", "views", "Identify"))
def confirm(studio: Studio) -> Edit | None:
    """Enrol the face that is asked about as the person that is proposed; Enter does it."""
    studio.identifying.confirm()
    return None


@command("faces.probe_reject", "It Is Not This Person", (), _can_answer, Look("reject", "views", "Identify"))
def reject(studio: Studio) -> Edit | None:
    """Remember that the face is not the person that is proposed, and propose the next; Backspace does it."""
    studio.identifying.reject()
    return None


@command("faces.probe_ignore", "Ignore This Face", (), _has_probe, Look("eye_off", "views", "Identify"))
def ignore(studio: Studio) -> Edit | None:
    """Ask about this face no more."""
    studio.identifying.ignore()
    return None


@command("faces.probe_next", "Next Probe", (), _has_probe, Look("next", "views", "Identify"))
def next_probe(studio: Studio) -> Edit | None:
    """Look at the next face that is asked about; D does it."""
    studio.identifying.step(1)
    return None


@command("faces.probe_previous", "Previous Probe", (), _has_probe, Look("previous", "views", "Identify"))
def previous_probe(studio: Studio) -> Edit | None:
    """Look at the face before that is asked about; A does it."""
    studio.identifying.step(-1)
    return None


@command("faces.probe_clear", "Clear Probes", (), _has_probe, Look("close", "views", "Identify"))
def clear(studio: Studio) -> Edit | None:
    """Ask about none of these faces any more; what was said of them stays."""
    studio.identifying.clear()
    return None
