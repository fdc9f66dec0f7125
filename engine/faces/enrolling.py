"""enrol: faces from pictures into the gallery, as one step to undo; what cannot be is told, and the rest goes on.

Faces whose person is known are enrolled at once; all others wait for a name. Enrolling teaches no network anything:
a vector of each crop is all that is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.cropping import Flaw, Quality, judge
from engine.faces.cutting import cutting
from engine.faces.sources import FaceSource, FoundFace, Refused
from engine.progress import Progress, Work
from engine.project import gallery
from engine.project.edits import Edit, Together
from engine.project.gallery_edits import AddIdentity, AddTemplates, NameTemplates, NewTemplate, SetIdentity
from engine.project.history import History
from engine.project.records import Template
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """Which faces to enrol."""

    sources: tuple[FaceSource, ...]
    consent: str = ""
    """What the people agreed to; empty leaves what is written down already."""
    retain_until: str | None = None
    """The last day, as 'YYYY-MM-DD'; None leaves what is written down already."""
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """Somebody who has more faces than before."""

    identity_id: int
    name: str
    template_ids: tuple[int, ...]
    """The new ones."""


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A face that was there already: its crop to the last pixel, or what was cut from the same annotation."""

    source: str
    template_id: int
    person: str
    """Whose face it is; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class PoorFace:
    """A crop that was brought in though an embedder can make little of it."""

    source: str
    template_id: int
    quality: float
    flaws: tuple[Flaw, ...]

    @property
    def words(self) -> str:
        """What is poor about it, in sentences."""
        return " ".join(each.words for each in self.flaws)


@dataclass(frozen=True, slots=True)
class EnrolReport:
    """What became of the faces."""

    people: tuple[EnrolledPerson, ...] = ()
    unknown_ids: tuple[int, ...] = ()
    """Templates that were brought in and wait for a name."""
    known: tuple[KnownFace, ...] = ()
    refused: tuple[Refused, ...] = ()
    poor: tuple[PoorFace, ...] = ()

    @property
    def template_ids(self) -> tuple[int, ...]:
        """All that are new in the gallery or were named, by id."""
        return tuple(sorted({*self.unknown_ids, *(id_ for each in self.people for id_ in each.template_ids)}))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A face that is about to be brought in; what it was cut from is let go of."""

    new: NewTemplate
    quality: Quality


def enrol(project: Project, request: EnrolRequest) -> Work[EnrolReport]:
    """Bring the faces of the sources in. Raises UserError where a source has nothing in it, or for a day that is none.

    A crop that is there already is told and not doubled; one that waited for a name gets the name it comes with.
    """
    faces: dict[bytes, _Judged] = {}
    refused: list[Refused] = []
    doubles: list[_Judged] = []
    begun = [cutting(project, each) for each in request.sources]
    total, done = sum(each.n_faces for each in begun), 0
    yield Progress(0, total, "Cutting out faces")
    for each in begun:
        for cut in each.cuts:
            if isinstance(cut, Progress):
                yield cut
                continue
            done = min(done + 1, total)
            if isinstance(cut, Refused):
                refused.append(cut)
            else:
                face = _judged(cut)
                doubles += [face] if face.new.png in faces else []
                faces.setdefault(face.new.png, face)
            yield Progress(done, total, "Cutting out faces")
    yield Progress(total, total, "Writing")
    with project.atomic():
        report = _brought_in(project, request, tuple(faces.values()))
    known = tuple(_known(project, each, id_) for each, id_ in zip(doubles, _ids(project, doubles), strict=True))
    return replace(report, known=(*report.known, *known), refused=tuple(refused))


def _judged(face: FoundFace) -> _Judged:
    quality = judge(face.crop)
    new = NewTemplate(
        png=face.crop.png(),
        state="confirmed" if face.person else "unknown",
        person=face.person,
        quality=quality.score,
        flaws=tuple(map(str, quality.flaws)),
        source=face.source,
        image_id=face.image_id,
        annotation_id=face.annotation_id,
    )
    return _Judged(new, quality)


def _brought_in(project: Project, request: EnrolRequest, faces: Sequence[_Judged]) -> EnrolReport:
    there = _there(project, faces)
    new = [face for face, id_ in zip(faces, there, strict=True) if id_ is None]
    old = {id_: face for face, id_ in zip(faces, there, strict=True) if id_ is not None}
    waiting = {id_: face for id_, face in old.items() if _waits(gallery.template(project, id_), face)}
    edits = (
        *_of_people(project, request, [*new, *waiting.values()]),
        *([AddTemplates(tuple(each.new for each in new))] if new else []),
        *_naming({id_: face.new.person for id_, face in waiting.items()}),
    )
    if edits:
        History(project, request.author_id).do(Together(_title(len(new) + len(waiting)), edits))
    ids = _ids(project, new)
    return EnrolReport(
        _people(project, [*ids, *waiting]),
        tuple(id_ for id_, face in zip(ids, new, strict=True) if not face.new.person),
        tuple(_known(project, face, id_) for id_, face in old.items() if id_ not in waiting),
        (),
        _poor(zip(ids, new, strict=True)),
    )


def _waits(template: Template, face: _Judged) -> bool:
    """Whether a face that is there already is named by what comes now."""
    return bool(face.new.person) and template.state != "confirmed"


def _of_people(project: Project, request: EnrolRequest, faces: Iterable[_Judged]) -> tuple[Edit, ...]:
    """What is written down of the people: only what was said now."""
    if not request.consent and not request.retain_until:
        return ()
    edits: list[Edit] = []
    for name in sorted({face.new.person.strip() for face in faces if face.new.person}):
        person = gallery.identity_named(project, name)
        if person is None:
            edits.append(AddIdentity(name, request.consent, request.retain_until))
        else:
            until = request.retain_until or person.retain_until
            edits.append(SetIdentity(replace(person, consent=request.consent or person.consent, retain_until=until)))
    return tuple(edits)


def _naming(person_of: Mapping[int, str]) -> Iterable[Edit]:
    names = sorted(set(person_of.values()))
    return (NameTemplates(tuple(id_ for id_, who in person_of.items() if who == name), None, name) for name in names)


def _there(project: Project, faces: Sequence[_Judged]) -> tuple[int | None, ...]:
    """For each face the template that it is already.

    An annotation has one face: a box that was mended since would only make a twin, and twins deceive those who judge a
    gallery by itself.
    """
    same_crop = gallery.with_crops(project, [each.new.png for each in faces])
    if all(face.new.annotation_id is None for face in faces):
        return same_crop
    every = (each for each in gallery.templates(project) if each.annotation_id is not None)
    cut: dict[int | None, int] = {each.annotation_id: each.id for each in every}
    both = zip(faces, same_crop, strict=True)
    return tuple(cut.get(face.new.annotation_id) if id_ is None else id_ for face, id_ in both)


def _ids(project: Project, faces: Sequence[_Judged]) -> tuple[int, ...]:
    """The templates of faces that are there."""
    ids = tuple(each for each in _there(project, faces) if each is not None)
    if len(ids) != len(faces):
        raise RuntimeError("a face that was just brought in is not there")
    return ids


def _people(project: Project, template_ids: Sequence[int]) -> tuple[EnrolledPerson, ...]:
    names = {each.id: each.name for each in gallery.identities(project)}
    by_person: dict[int, list[int]] = {}
    for each in (gallery.template(project, id_) for id_ in sorted(template_ids)):
        if each.state == "confirmed" and each.identity_id is not None:
            by_person.setdefault(each.identity_id, []).append(each.id)
    people = (EnrolledPerson(id_, names[id_], tuple(found)) for id_, found in by_person.items())
    return tuple(sorted(people, key=lambda person: person.name))


def _known(project: Project, face: _Judged, template_id: int) -> KnownFace:
    template = gallery.template(project, template_id)
    is_named = template.state == "confirmed" and template.identity_id is not None
    person = gallery.identity(project, template.identity_id).name if is_named and template.identity_id else ""
    return KnownFace(face.new.source, template_id, person)


def _poor(faces: Iterable[tuple[int, _Judged]]) -> tuple[PoorFace, ...]:
    return tuple(
        PoorFace(face.new.source, id_, face.quality.score, face.quality.flaws)
        for id_, face in faces
        if face.quality.flaws
    )


def _title(n_faces: int) -> str:
    return "Enrol face" if n_faces == 1 else f"Enrol {n_faces} faces"
