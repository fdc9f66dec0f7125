"""Edits of faces: brought in, named, confirmed, rejected, suggested, ignored, forgotten, removed.

What a person says of a face is also remembered of pairs of faces, which embedders learn from: a face that is not Anna
differs from each confirmed face of Anna, and one that was rightly suggested is of one person with Anna's nearest. The
newest word on two faces counts. Edits of people are in `people_edits`.

No title names a person: titles stay in the history, and a person may be erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.project import contents, face_steps, gallery
from engine.project.gallery import NAMED, GallerySettings
from engine.project.moments import now
from engine.project.people_edits import (
    AddIdentity,
    MergeIdentities,
    RemoveIdentities,
    SetIdentity,
    named,
)
from engine.project.records import TemplateState
from engine.project.restorable import GALLERY_SETTINGS
from engine.project.restoring import Restore, Rows, removal
from engine.project.store import Change, Project, Row

__all__ = [
    "AddIdentity", "AddTemplates", "ConfirmTemplates", "ForgetTemplates", "IgnoreTemplates", "KeepGallerySettings",
    "MergeIdentities", "NameTemplates", "NewTemplate", "RejectTemplates", "RemoveIdentities", "RemoveTemplates",
    "SetIdentity", "SuggestTemplates",
]  # fmt: skip

_COLUMNS = (
    "id", "identity_id", "annotation_id", "image_id", "crop_content_id", "state", "quality", "flaws", "source",
    "created",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A face to be brought in."""

    png: bytes
    """Its crop."""
    state: TemplateState
    identity_id: int | None = None
    person: str = ""
    """Instead of `identity_id`: a name, of somebody who is known or who is added."""
    quality: float | None = None
    flaws: tuple[str, ...] = ()
    source: str = ""
    """The name of the file or image that it came from."""
    image_id: int | None = None
    annotation_id: int | None = None

    def __post_init__(self) -> None:
        has_person = self.identity_id is not None or bool(self.person.strip())
        if has_person != (self.state in NAMED):
            raise ValueError(f"a face that is {self.state} has {'a' if has_person else 'no'} person")


@dataclass(frozen=True, slots=True)
class AddTemplates:
    """Bring faces in."""

    faces: tuple[NewTemplate, ...]

    @property
    def title(self) -> str:
        return f"Add {_faces(self.faces)}"

    def apply(self, project: Project) -> Restore:
        """Store them, and who is new; the inverse takes both away. Raises UserError where a person is not there."""
        by_name, new_people = named(project, (face.person for face in self.faces if _is_by_name(face)))
        people = [by_name[face.person.strip()] if _is_by_name(face) else face.identity_id for face in self.faces]
        rows = _rows(project, self.faces, people)
        back = Restore((new_people, Rows("templates", _COLUMNS, added=rows))).apply(project)
        enrolled = {row[0]: person for row, person in zip(rows, people, strict=True) if row[5] == "confirmed"}
        return Restore((*Restore(face_steps.annotated(project, enrolled)).apply(project).steps, *back.steps))


@dataclass(frozen=True, slots=True)
class NameTemplates:
    """Say who faces are: somebody who is known, or somebody new by name."""

    ids: tuple[int, ...]
    identity_id: int | None
    name: str = ""

    @property
    def title(self) -> str:
        return f"Name {_faces(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Confirm them as that person; raises UserError where neither a person nor a name was given."""
        if self.identity_id is not None:
            person, new_people = gallery.identity(project, self.identity_id).id, Rows("identities")
        else:
            by_name, new_people = named(project, [self.name])
            person = by_name[self.name.strip()]
        named_faces = face_steps.confirmed(project, dict.fromkeys(self.ids, person))
        return Restore((new_people, *named_faces)).apply(project)


@dataclass(frozen=True, slots=True)
class ConfirmTemplates:
    """Say that faces are whom they were suggested as; others are left as they are."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Confirm {_faces(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Enrol them; the inverse makes them suggestions again."""
        return Restore(face_steps.confirmed(project, face_steps.suggestions(project, self.ids))).apply(project)


@dataclass(frozen=True, slots=True)
class RejectTemplates:
    """Say that faces are not whom they were suggested, or even confirmed, as; others are left as they are."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Reject {_faces(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Reject them, and remember from whom they differ; the inverse takes both back."""
        return Restore(face_steps.rejected(project, self.ids)).apply(project)


@dataclass(frozen=True, slots=True)
class SuggestTemplates:
    """Take over whom an embedder takes faces for; None where it takes a face for nobody.

    What a person said stays: confirmed and ignored faces are left as they are, and nobody is suggested for a face who
    was rejected for it.
    """

    identity_by_template: Mapping[int, int | None]

    @property
    def title(self) -> str:
        return f"Suggest {_faces(tuple(self.identity_by_template))}"

    def apply(self, project: Project) -> Restore:
        """Suggest them; the inverse brings back what was suggested before."""
        return Restore(face_steps.suggested(project, self.identity_by_template)).apply(project)


@dataclass(frozen=True, slots=True)
class IgnoreTemplates:
    """Say that faces are of no interest."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Ignore {_faces(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Ignore them; the inverse brings back who they were. What they are not is remembered."""
        return Restore(face_steps.unnamed(project, self.ids, "ignored")).apply(project)


@dataclass(frozen=True, slots=True)
class ForgetTemplates:
    """Take back all that was said of faces: nobody knows who they are, nor who they are not."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Forget who {_faces(self.ids)} {'is' if len(self.ids) == 1 else 'are'}"

    def apply(self, project: Project) -> Restore:
        """Forget it, and what was said of their pairs; the inverse brings it back."""
        unpaired = face_steps.unpaired(project, self.ids)
        return Restore((*unpaired, *face_steps.unnamed(project, self.ids, "unknown"))).apply(project)


@dataclass(frozen=True, slots=True)
class RemoveTemplates:
    """Drop faces. Their bytes stay in the file as long as this can be undone."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Delete {_faces(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Drop them with their vectors and pairs; the inverse puts all of it back."""
        return Restore((*face_steps.unannotated(project, self.ids), removal("templates", self.ids))).apply(project)


@dataclass(frozen=True, slots=True)
class KeepGallerySettings:
    """Have the gallery decide otherwise from now on."""

    settings: GallerySettings

    @property
    def title(self) -> str:
        return "Change how faces are decided"

    def apply(self, project: Project) -> Restore:
        """Keep the settings; the inverse has those that were kept before."""
        text = msgspec.json.encode(self.settings).decode()
        row = Rows("meta", ("name", "value"), added=((GALLERY_SETTINGS, text),))
        project.note(Change(gallery=True))
        return Restore((row,)).apply(project)


def _is_by_name(face: NewTemplate) -> bool:
    return face.identity_id is None and bool(face.person.strip())


def _rows(project: Project, faces: Sequence[NewTemplate], people: Sequence[int | None]) -> tuple[Row, ...]:
    """New templates as rows, in the order of the faces; their crops are stored. Raises UserError as `identity` does."""
    for person in {face.identity_id for face in faces} - {None}:
        gallery.identity(project, person or 0)
    last = int(project.value("SELECT seq FROM sqlite_sequence WHERE name = 'templates'") or 0)
    moment = now()
    return tuple(
        (
            id_,
            person,
            face.annotation_id,
            face.image_id,
            contents.put(project, face.png),
            face.state,
            face.quality,
            ",".join(face.flaws),
            face.source,
            moment,
        )
        for id_, (person, face) in enumerate(zip(people, faces, strict=True), last + 1)
    )


def _faces(found: Sequence[object]) -> str:
    return "face" if len(found) == 1 else f"{len(found)} faces"
