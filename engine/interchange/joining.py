"""One person's project into another's: pictures, classes by name, annotations with their authors; conflicts are kept.

Pictures are put into the file first, some at a time, as an import does; everything that refers to them is one edit in
one transaction. Joining the same file again changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UserError
from engine.formats import Item
from engine.interchange.comparing import Comparison, Known, Other, Versions, compare, is_alike, other_of
from engine.interchange.importing import item_of
from engine.interchange.join_edit import Arrival, Join, Source
from engine.interchange.merging import Fingerprint, Ours, fingerprint
from engine.progress import Progress, Work, finish
from engine.project import annotations, attributes, authors, classes, conflicts, contents, images, origins
from engine.project.conflicts import Conflict
from engine.project.history import History
from engine.project.images import NewImage
from engine.project.records import Annotation, ImageRecord
from engine.project.store import Project

BATCH = 16
"""Pictures copied together: few enough that their bytes fit in memory."""


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Which file to join, and from which IoU on two shapes of equal class and attributes are the same."""

    path: Path
    alike: float = 1.0
    """1: only equal areas; 0.95, say, where two people drew everything by hand."""


@dataclass(frozen=True, slots=True)
class JoinReport:
    """What joining B into A did. Pictures are the same by their bytes, annotations on shared pictures by IoU."""

    images: int
    """New pictures."""
    shared_images: int
    classes: int
    """New classes."""
    annotations: int
    """Annotations added, those on new pictures included."""
    identical: int
    only_a: int
    only_b: int
    """On shared pictures: added."""
    newer_in_b: int
    """Changed in B only since it came in: taken over."""
    kept_in_a: int
    """Changed or deleted in A only since it came in: left as it is."""
    conflicts: int
    """Put into the queue now."""
    known_conflicts: int
    """In the queue, or decided, since an earlier join."""


@dataclass(frozen=True, slots=True)
class SharedImage:
    """A picture that both files have, with what is on it in each."""

    image_id: int
    """Ours."""
    ours: tuple[Item, ...]
    theirs: tuple[Item, ...]


def join(project: Project, request: JoinRequest) -> Work[JoinReport]:
    """Take another project in; ending early leaves this one as it was.

    Raises UserError when there is no such project, it is this very one, or one of its pictures is damaged.
    """
    _refuse_itself(project, request)
    staged: dict[str, NewImage] = {}
    with Project.open(request.path, read_only=True) as other:
        try:
            yield from _stage(project, other, staged)
            version = project.value("PRAGMA data_version")
            compared = yield from _compared(project, other, request, staged)
            yield Progress(len(compared), len(compared), "Writing")
            with project.atomic():
                if project.value("PRAGMA data_version") != version:  # another program has written meanwhile
                    compared = finish(_compared(project, other, request, staged))
                return _take_in(project, other, request, compared)
        finally:
            _release(project, staged)


def look(project: Project, request: JoinRequest) -> Work[JoinReport]:
    """What joining would do, told without doing it. Raises UserError as `join` does."""
    _refuse_itself(project, request)
    with Project.open(request.path, read_only=True) as other:
        compared = yield from _compared(project, other, request, {})
        known = {record.name for record in classes.all_classes(project)}
        n_new = sum(record.name not in known for record in classes.all_classes(other))
        return _report(compared, n_new)


def shared_images(project: Project, other: Project) -> Iterator[SharedImage]:
    """The pictures that both files have, with what is on them, for comparing two people."""
    ids = _ids_by_sha(project)
    for record in images.all_images(other):
        if record.sha256 in ids:
            ours, theirs = _items(project, ids[record.sha256]), _items(other, record.id)
            yield SharedImage(ids[record.sha256], tuple(item for _, item in ours), tuple(item for _, item in theirs))


def _refuse_itself(project: Project, request: JoinRequest) -> None:
    if request.path.exists() and request.path.samefile(project.path):
        raise UserError(f"{request.path} is the project itself.", "Choose the other person's file.")


def _stage(project: Project, other: Project, staged: dict[str, NewImage]) -> Work[None]:
    """Put the bytes of pictures that we lack into the file, some at a time; `staged` has them by hash."""
    known = _ids_by_sha(project)
    missing = [record for record in images.all_images(other) if record.sha256 not in known]
    for start in range(0, len(missing), BATCH):
        yield Progress(start, len(missing), "Copying pictures")
        with project.atomic():
            for record in missing[start : start + BATCH]:
                staged[record.sha256] = _copied(project, other, record)


def _copied(project: Project, other: Project, record: ImageRecord) -> NewImage:
    is_linked = record.link is not None
    return NewImage(
        record.name,
        record.sha256,
        record.width,
        record.height,
        record.orientation,
        images.linked_path(other, record) if is_linked else contents.put(project, images.read(other, record)),
        images.thumbnail(other, record.id) or b"",
        record.split,
    )


def _release(project: Project, staged: dict[str, NewImage]) -> None:
    """Give up the bytes of pictures that did not become images after all."""
    unused = [new.source for new in staged.values() if isinstance(new.source, int)]
    if unused and not project.is_read_only:
        with project.atomic():
            contents.release(project, unused)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A picture of the other file beside ours."""

    arrival: Arrival
    comparison: Comparison
    is_shared: bool


def _compared(
    project: Project, other: Project, request: JoinRequest, staged: dict[str, NewImage]
) -> Work[list[_Compared]]:
    ids, records = _ids_by_sha(project), images.all_images(other)
    found = []
    for n, record in enumerate(records):
        if n % 100 == 0:
            yield Progress(n, len(records), "Comparing")
        theirs = [other_of(one, item) for one, item in _items(other, record.id)]
        tags, image_id = images.tags(other, record.id), ids.get(record.sha256)
        if image_id is None:
            comparison, stale, agreed = compare([], theirs, Known()), tuple[int, ...](), tuple[Versions, ...]()
        else:
            comparison, stale, agreed = _against_ours(project, other, image_id, theirs, request)
        arrival = Arrival(
            image_id or 0, staged.get(record.sha256), record.state, record.split, tags,
            comparison.only_theirs, comparison.newer, comparison.conflicts, stale, agreed,
        )  # fmt: skip
        found.append(_Compared(arrival, comparison, image_id is not None))
    return found


def _against_ours(
    project: Project, other: Project, image_id: int, theirs: list[Other], request: JoinRequest
) -> tuple[Comparison, tuple[int, ...], tuple[Versions, ...]]:
    """A picture's comparison; the open conflicts that a newer version of the same person makes stale; what to keep of
    what another person has drawn alike."""
    came_in, drawn = origins.of_image(project, image_id), _items(project, image_id)
    ours = [Ours(one.id, item, fingerprint(item), came_in.pop(one.id, None)) for one, item in drawn]
    items, names = {one.id: item for one, item in drawn}, _class_names(project)
    kept = [(one, _conflict_item(one, names)) for one in conflicts.of_image(project, image_id)]
    prints = {one.id: fingerprint(item) for one, item in kept}
    alike = {one.id for one, item in kept if one.state == "ours" and _is_like(items, one, item, request.alike)}
    known = Known(
        tuple(came_in.values()), tuple((one.annotation_id, prints[one.id]) for one, _ in kept if one.id not in alike)
    )
    comparison = compare(ours, theirs, known, request.alike)
    again = {one.ours.annotation_id for one in comparison.conflicts}
    there = {one.fingerprint for one in theirs}
    stale = (
        one.id for one, _ in kept if one.state == "open" and one.annotation_id in again and prints[one.id] not in there
    )
    known_alike = {(one.annotation_id, prints[one.id]) for one, _ in kept if one.id in alike}
    agreed = _agreed((project, other), [one for one, _ in drawn], comparison, known_alike)
    return comparison, tuple(stale), agreed


def _agreed(
    files: tuple[Project, Project],
    drawn: Iterable[Annotation],
    comparison: Comparison,
    known: set[tuple[int | None, Fingerprint]],
) -> tuple[Versions, ...]:
    """What somebody else has drawn alike, unless it is kept already; the same person's is a mere copy."""
    ours, theirs = (authors.names(each) for each in files)
    drawn_by = {one.id: ours.get(one.author_id or 0) for one in drawn}
    return tuple(
        one
        for one in comparison.agreed
        if (name := theirs.get(one.theirs.annotation.author_id or 0)) is not None
        and name != drawn_by[one.ours.annotation_id]
        and (one.ours.annotation_id, one.theirs.fingerprint) not in known
    )


def _is_like(items: Mapping[int, Item], one: Conflict, theirs: Item, alike: float) -> bool:
    """Whether a version that was kept is still like ours."""
    ours = items.get(one.annotation_id or 0)
    return ours is not None and is_alike(ours, theirs, alike)


def _take_in(project: Project, other: Project, request: JoinRequest, compared: list[_Compared]) -> JoinReport:
    """Do the edit, inside one transaction."""
    source = Source(
        request.path.name,
        tuple(classes.all_classes(other)),
        tuple(attributes.all_attributes(other)),
        authors.names(other),
    )
    n_classes = len(classes.all_classes(project))
    History(project).do(Join(source, tuple(one.arrival for one in compared)))
    return _report(compared, len(classes.all_classes(project)) - n_classes)


def _report(compared: list[_Compared], n_new_classes: int) -> JoinReport:
    total = Counter[str]()
    for one in compared:
        total["added"] += len(one.comparison.only_theirs)
        for name in ("identical", "only_ours", "kept", "known_conflicts") if one.is_shared else ():
            total[name] += getattr(one.comparison, name)
        for name in ("only_theirs", "newer", "conflicts") if one.is_shared else ():
            total[name] += len(getattr(one.comparison, name))
    n_shared = sum(one.is_shared for one in compared)
    return JoinReport(
        images=len(compared) - n_shared,
        shared_images=n_shared,
        classes=n_new_classes,
        annotations=total["added"],
        identical=total["identical"],
        only_a=total["only_ours"],
        only_b=total["only_theirs"],
        newer_in_b=total["newer"],
        kept_in_a=total["kept"],
        conflicts=total["conflicts"],
        known_conflicts=total["known_conflicts"],
    )


def _items(project: Project, image_id: int) -> list[tuple[Annotation, Item]]:
    names = _class_names(project)
    return [(one, item_of(one, names)) for one in annotations.of_image(project, image_id)]


def _conflict_item(one: Conflict, names: dict[int, str]) -> Item:
    return Item(names[one.class_id], one.shape, one.keypoints, one.is_crowd, one.attributes)


def _class_names(project: Project) -> dict[int, str]:
    return {record.id: record.name for record in classes.all_classes(project)}


def _ids_by_sha(project: Project) -> dict[str, int]:
    return {record.sha256: record.id for record in images.all_images(project)}
