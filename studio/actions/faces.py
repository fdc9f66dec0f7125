"""The Faces menu: people and faces, brought in, named, judged, found and erased.

Enter, Backspace and Delete are keys of the lists of faces; letters that are typed there begin a name.
"""

from __future__ import annotations

from engine.faces.enrolling import EnrolRequest
from engine.faces.sources import AnnotatedFaces, DetectedFaces, FaceFolders
from engine.gallery import suggest as suggested
from engine.gallery.gallery import Vectors
from engine.pictures import SUFFIXES
from engine.project.edits import Edit
from engine.project.gallery_edits import (
    ConfirmTemplates,
    ForgetTemplates,
    IgnoreTemplates,
    RejectTemplates,
    RemoveIdentities,
    RemoveTemplates,
    SuggestTemplates,
)
from engine.project.query_language import quoted
from engine.project.records import TemplateState
from studio.commands import Look, Menu, command
from studio.conditions import can_write, has_annotations, is_open
from studio.enrolling import enrol, enrol_dropped, pictures_in
from studio.gallery_values import Faces
from studio.rights import save_holdings as held
from studio.surroundings import Studio

MENU = Menu("Faces", 68)


def _chosen(studio: Studio, *states: TemplateState) -> tuple[int, ...]:
    """The chosen faces, all or those in some states."""
    faces = studio.faces
    return tuple(id_ for id_ in sorted(faces.selection) if not states or faces.templates[id_].state in states)


def _is_any(studio: Studio, *states: TemplateState) -> bool:
    """Whether one of the chosen faces is in some state; asked at every choice, of which there may be thousands."""
    faces = studio.faces
    return any(faces.templates[id_].state in states for id_ in faces.selection)


def _has_faces(studio: Studio) -> bool:
    """Faces are chosen and can be changed."""
    return can_write(studio) and bool(studio.faces.selection)


def _has_suggested(studio: Studio) -> bool:
    """Faces are chosen for whom somebody is suggested."""
    return can_write(studio) and _is_any(studio, "suggested")


def _can_reject(studio: Studio) -> bool:
    """Faces are chosen that are suggested or confirmed as somebody."""
    return can_write(studio) and _is_any(studio, "suggested", "confirmed")


def _has_person(studio: Studio) -> bool:
    """A person is opened or chosen on the Faces page."""
    return studio.session.page == "faces" and studio.faces.person_id is not None


def _can_change_person(studio: Studio) -> bool:
    """A person is opened or chosen on the Faces page, and can be changed."""
    return can_write(studio) and _has_person(studio)


def _can_suggest(studio: Studio) -> bool:
    """People are enrolled, and an embedder can compare faces with them."""
    return can_write(studio) and bool(len(studio.faces.gallery))


def _has_selected_annotations(studio: Studio) -> bool:
    """Annotations are selected, and faces can be enrolled."""
    return can_write(studio) and has_annotations(studio)


def _has_run(studio: Studio) -> bool:
    """A run is shown, and faces can be enrolled."""
    return can_write(studio) and studio.session.run_id is not None


def _has_class(studio: Studio) -> bool:
    """A class is in use, and faces can be enrolled."""
    return can_write(studio) and studio.session.class_id is not None


def _has_run_and_class(studio: Studio) -> bool:
    """A run is shown and a class is in use, and faces can be enrolled."""
    return _has_run(studio) and _has_class(studio)


def _has_source(studio: Studio) -> bool:
    """One face is chosen, which came from an image of the project."""
    (template_id, *more) = studio.faces.selection or (None,)
    template = studio.faces.templates.get(template_id or 0)
    return not more and template is not None and template.image_id is not None


@command("faces.people", "People", ("Ctrl+Alt+P",), is_open, Look("faces"))
def people(studio: Studio) -> Edit | None:
    """See everybody whom the project knows by their faces."""
    studio.faces.open_person(None)
    studio.faces.show_view("people")
    return None


@command("faces.unknown", "Faces Without a Name", ("Ctrl+Alt+U",), is_open, Look("search"))
def unknown(studio: Studio) -> Edit | None:
    """See the faces that wait for a name, those that look alike together."""
    studio.faces.show_view("unknown")
    return None


@command("faces.enrol_folder", "Enrol Folder…", ("Ctrl+Alt+F",), can_write, Look("folder", "enrol"))
def enrol_folder(studio: Studio) -> Edit | None:
    """Enrol a folder with a folder for each person, or a folder that is called as the one person in it."""
    folder = studio.ask.folder("Enrol Folder")
    if folder is not None:
        if pictures_in(folder):
            enrol_dropped(studio, (folder,))
        else:
            enrol(studio, EnrolRequest((FaceFolders(folder, studio.faces.settings.find_run_id),)))
    return None


@command("faces.enrol_picture", "Enrol Pictures…", (), can_write, Look("import", "enrol"))
def enrol_picture(studio: Studio) -> Edit | None:
    """Enrol picture files for a person who is asked for, or the faces in them without a name."""
    if paths := studio.ask.open_paths("Enrol Pictures", tuple(sorted(SUFFIXES))):
        enrol_dropped(studio, paths)
    return None


@command(
    "faces.enrol_selected",
    "Enrol Selected Annotations",
    ("Ctrl+Alt+E",),
    _has_selected_annotations,
    Look("box", "enrol"),
)
def enrol_selected(studio: Studio) -> Edit | None:
    """Cut the faces out of the selected annotations: of whom they are linked with, else waiting for a name."""
    ids = tuple(sorted(studio.session.selection.annotations))
    enrol(studio, EnrolRequest((AnnotatedFaces(ids),)))
    return None


@command("faces.enrol_class", "Enrol All Annotations of the Class", (), _has_class, Look("classes", "enrol"))
def enrol_class(studio: Studio) -> Edit | None:
    """Cut faces out of every annotation of the class in use, on all images."""
    enrol(studio, EnrolRequest((AnnotatedFaces(None, studio.session.class_id),)))
    return None


@command("faces.enrol_detections", "Enrol Detected Faces", (), _has_run, Look("predict", "enrol"))
def enrol_detections(studio: Studio) -> Edit | None:
    """Cut out what the shown run detected as faces, on all images; they wait for a name."""
    if studio.session.run_id is not None:
        enrol(studio, EnrolRequest((DetectedFaces(studio.session.run_id),)))
    return None


@command("faces.enrol_detections_class", "Enrol Detections of the Class", (), _has_run_and_class, Look("", "enrol"))
def enrol_detections_class(studio: Studio) -> Edit | None:
    """Cut out what the shown run detected as the class in use, where that is what marks faces; they wait for a name."""
    run_id, class_id = studio.session.run_id, studio.session.class_id
    if run_id is not None and class_id is not None:
        enrol(studio, EnrolRequest((DetectedFaces(run_id, class_id),)))
    return None


@command("faces.suggest", "Suggest Names", ("Ctrl+Alt+S",), _can_suggest, Look("wand", "decide"))
def suggest(studio: Studio) -> Edit | None:
    """Suggest for every face without a name who it may be, as the gallery decides; what people said of it counts."""
    faces, session = studio.faces, studio.session
    shown, threshold = faces.faces, faces.threshold

    def found(edit: SuggestTemplates | None) -> None:
        if edit is None:
            session.said.emit("Nobody else is near enough to be suggested.")
        else:
            session.do(edit)

    faces.think("suggestions", lambda _: _suggestions(shown, threshold), found)
    return None


def _suggestions(faces: Faces, threshold: float) -> SuggestTemplates | None:
    """Whom the faces that nobody has named may be; None where it is nobody."""
    open_ids = {each.id for each in faces.templates.values() if each.state in ("unknown", "suggested", "rejected")}
    rows = [row for row, id_ in enumerate(faces.vectors.template_ids.tolist()) if id_ in open_ids]
    asked = Vectors(faces.vectors.template_ids[rows], faces.vectors.vectors[rows], faces.vectors.metric)
    near = suggested(faces.gallery, asked, faces.settings.rule, threshold, faces.rejected)
    was = {each.id: each.identity_id for each in faces.templates.values() if each.state == "suggested"}
    said: dict[int, int | None] = {**{id_: None for id_ in was if id_ in asked.template_ids}, **near}
    said = {id_: person for id_, person in said.items() if was.get(id_) != person}
    return SuggestTemplates(said) if said else None


@command("faces.name", "Name Faces…", ("Ctrl+Alt+N",), _has_faces, Look("tag", "decide"))
def name(studio: Studio) -> Edit | None:
    """Type who the chosen faces are: somebody who is known, or somebody new."""
    studio.faces.name_wanted.emit()
    return None


@command("faces.confirm", "Confirm Faces", (), _has_suggested, Look("accept", "decide"))
def confirm(studio: Studio) -> Edit | None:
    """Say that the chosen faces are whom they are suggested as, and enrol them; Enter does it."""
    return ConfirmTemplates(_chosen(studio, "suggested"))


@command("faces.reject", "Reject Faces", (), _can_reject, Look("reject", "decide"))
def reject(studio: Studio) -> Edit | None:
    """Say that the chosen faces are not whom they are taken for, which is remembered; Backspace does it."""
    return RejectTemplates(_chosen(studio, "suggested", "confirmed"))


@command("faces.ignore", "Ignore Faces", ("Ctrl+Alt+X",), _has_faces, Look("eye_off", "decide"))
def ignore(studio: Studio) -> Edit | None:
    """Say that the chosen faces are of no interest."""
    return IgnoreTemplates(_chosen(studio))


@command("faces.forget", "Forget Who Faces Are", (), _has_faces, Look("undo", "decide"))
def forget(studio: Studio) -> Edit | None:
    """Take back all that was said of the chosen faces: they wait for a name again."""
    return ForgetTemplates(_chosen(studio))


@command("faces.remove", "Delete Faces", (), _has_faces, Look("delete", "decide"))
def remove(studio: Studio) -> Edit | None:
    """Delete the chosen faces with what was said of them; it can be undone, and Delete does it."""
    return RemoveTemplates(_chosen(studio))


@command("faces.choose_group", "Choose the Group", ("Ctrl+Alt+G",), _has_faces, Look("select", "decide"))
def choose_group(studio: Studio) -> Edit | None:
    """Choose all faces that stand under one heading with the one that the keys are on."""
    studio.faces.group_wanted.emit()
    return None


@command("faces.show_source", "Show Where It Came From", (), _has_source, Look("images", "find"))
def show_source(studio: Studio) -> Edit | None:
    """Look at the image that the chosen face was cut from."""
    (template_id,) = studio.faces.selection
    image_id = studio.faces.templates[template_id].image_id
    if image_id is not None:
        studio.session.open_image(image_id)
    return None


@command("faces.pictures", "Find All Pictures", ("Ctrl+Alt+O",), _has_person, Look("images", "find"))
def pictures(studio: Studio) -> Edit | None:
    """List the images on which this person is, by annotations and enrolled faces, on the page of pictures."""
    studio.session.listing.find_text(f"person:{quoted(studio.faces.name(studio.faces.person_id))}")
    studio.session.show_page("pictures")
    return None


@command("faces.merge", "Merge with Another Person…", (), _can_change_person, Look("merge", "person"))
def merge(studio: Studio) -> Edit | None:
    """Say that this person and another are one and the same: all faces go to one of them."""
    studio.ask.show("merge_people", str(studio.faces.person_id))
    return None


@command("faces.remove_person", "Delete Person", (), _can_change_person, Look("delete", "person"))
def remove_person(studio: Studio) -> Edit | None:
    """Delete the person with their enrolled faces; it can be undone, and only erasing is for good."""
    person_id = studio.faces.person_id
    return None if person_id is None else RemoveIdentities((person_id,))


@command("faces.save_holdings", "Save All That Is Held of a Person…", (), _has_person, Look("export", "rights"))
def save_holdings(studio: Studio) -> Edit | None:
    """Write everything that the project holds of the person into a new folder for them, in plain files."""
    folder, person_id = studio.ask.folder("Save All That Is Held"), studio.faces.person_id
    if folder is not None and person_id is not None:
        held(studio, studio.faces.identities[person_id], folder)
    return None


@command("faces.erase", "Erase Person…", (), _can_change_person, Look("warning", "rights"))
def erase(studio: Studio) -> Edit | None:
    """Erase all that is held of the person for good, also from undo, and prove that nothing is left in the file."""
    studio.ask.show("erase_person", str(studio.faces.person_id))
    return None
