"""Pages into a project: pictures staged first, then everything that refers to them in one transaction.

Importing the same again changes nothing. Importing newer annotations over edited ones is a three-way merge: what only
one side has changed is taken from that side, what both have changed is decided by the conflict policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import UserError
from engine.formats import Item, PageClass, Pages, Skipped
from engine.interchange import sources
from engine.interchange.merging import (
    ConflictPolicy,
    Difference,
    Fingerprint,
    Ours,
    Theirs,
    difference,
    fingerprint,
)
from engine.interchange.staging import Staged, stage
from engine.progress import Progress, Work
from engine.project import annotations, classes, contents, images
from engine.project.history import History
from engine.project.records import Annotation, Split
from engine.project.restoring import Restore, capture, removal
from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import and how."""

    path: Path
    format: str | None = None
    """None: found by looking."""
    split: Split | None = None
    """Put every imported picture into this split; None: as the format says."""
    link: bool = False
    """Leave the pictures where they are instead of embedding them."""
    on_conflict: ConflictPolicy = "ours"
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. The counts of pictures and annotations are of those that were new."""

    format: str
    images: int
    annotations: int
    updated: int
    """Annotations that took newer values from the file."""
    same: int
    """Annotations that were equal already."""
    ours: int
    """Changed or deleted here only: left as they are."""
    theirs: int
    """Changed in the file only: taken over."""
    both: int
    """Changed on both sides: decided by the conflict policy."""
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    """What was taken in but not as it stood, one sentence each."""


@dataclass(slots=True)
class _Tally:
    """Counts while an import goes on."""

    images: int = 0
    same: int = 0
    ours: int = 0
    theirs: int = 0
    both: int = 0
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Addition:
    annotation: Annotation
    origin: Fingerprint


@dataclass(frozen=True, slots=True)
class TakeIn:
    """The edit of an import: annotations added and brought up to date, and the origins they are known by from now."""

    additions: tuple[_Addition, ...]
    updates: tuple[_Addition, ...]

    @property
    def title(self) -> str:
        return f"Import {len(self.additions) + len(self.updates)} annotations"

    def apply(self, project: Project) -> Restore:
        """Store all of it; the inverse makes both the annotations and their origins what they were."""
        before = capture(project, "annotations", [update.annotation.id for update in self.updates])
        annotations.replace(project, [update.annotation for update in self.updates])
        added = annotations.add(project, [addition.annotation for addition in self.additions])
        first = int(project.value("SELECT COALESCE(MAX(id), 0) FROM origins")) + 1
        ids = [*added, *(update.annotation.id for update in self.updates)]
        project.execute_many(
            "INSERT INTO origins (id, image_id, annotation_id, fingerprint) VALUES (?, ?, ?, ?)",
            (
                (first + n, one.annotation.image_id, id_, one.origin)
                for n, (one, id_) in enumerate(zip((*self.additions, *self.updates), ids, strict=True))
            ),
        )
        return Restore((removal("origins", range(first, first + len(ids))), removal("annotations", added), before))


def import_into(project: Project, request: ImportRequest) -> Work[ImportReport]:
    """Import what is at `request.path`; ending early leaves the project as it was.

    Raises UserError when the path holds nothing that can be imported.
    """
    yield Progress(0, None, "Reading annotations")
    name, pages = sources.read(request.path, request.format)
    tally = _Tally(skipped=list(pages.skipped))
    staged: list[Staged] = []
    try:
        n_done = 0
        for outcomes in stage(project, pages.pages, link=request.link):
            staged += [outcome for outcome in outcomes if isinstance(outcome, Staged)]
            tally.skipped += [outcome for outcome in outcomes if isinstance(outcome, Skipped)]
            n_done += len(outcomes)
            yield Progress(n_done, len(pages.pages), "Reading pictures")
        yield Progress(len(pages.pages), len(pages.pages), "Writing")
        with project.atomic():
            n_added, n_updated = _take_in(project, request, pages, staged, tally)
    finally:
        _release(project, staged)
    return ImportReport(
        name,
        tally.images,
        n_added,
        n_updated,
        tally.same,
        tally.ours,
        tally.theirs,
        tally.both,
        tuple(tally.skipped),
        pages.notes,
    )


def _release(project: Project, staged: Iterable[Staged]) -> None:
    """Give up the bytes of pictures that did not become images after all."""
    unused = [one.new.source for one in staged if one.new is not None and isinstance(one.new.source, int)]
    if unused and not project.is_read_only:
        with project.atomic():
            contents.release(project, unused)


def _take_in(
    project: Project, request: ImportRequest, pages: Pages, staged: list[Staged], tally: _Tally
) -> tuple[int, int]:
    """Write all of it, inside one transaction; returns how many annotations were added and updated."""
    class_ids = _class_ids(project, pages)
    class_names = {class_id: name for name, class_id in class_ids.items()}
    additions: list[_Addition] = []
    updates: list[_Addition] = []
    for one in staged:
        image_id = _image_id(project, request, one, tally)
        merge = _compare(project, image_id, one, class_names, tally)
        fresh = list(merge.added)
        newer = list(merge.changed)
        if request.on_conflict == "theirs":
            newer += merge.conflicts
        elif request.on_conflict == "both":
            fresh += [other for _, other in merge.conflicts]
        additions += [_addition(0, image_id, other, class_ids, request) for other in fresh]
        updates += [_addition(mine.annotation_id, image_id, other, class_ids, request) for mine, other in newer]
    if additions or updates:
        History(project, request.author_id).do(TakeIn(tuple(additions), tuple(updates)))
    return len(additions), len(updates)


def _class_ids(project: Project, pages: Pages) -> dict[str, int]:
    """Every class's id by name; classes that the pages bring are added in the order they come."""
    ids = {record.name: record.id for record in classes.all_classes(project)}
    used = {item.class_name: PageClass(item.class_name) for page in pages.pages for item in page.items}
    for new in (*pages.classes, *(one for name, one in used.items() if name not in {c.name for c in pages.classes})):
        if new.name not in ids:
            ids[new.name] = classes.add(project, new.name, keypoint_names=new.keypoint_names, skeleton=new.skeleton)
    return ids


def _image_id(project: Project, request: ImportRequest, one: Staged, tally: _Tally) -> int:
    """The image of a staged page, added when it is new; an image without a split takes the one the import gives."""
    split = request.split or one.page.split
    image = one.image or images.find(project, one.sha256)
    if image is None and one.new is not None:
        image_id = images.add(project, _named(project, one.new, split))
        tally.images += 1
    else:
        image_id = image.id if image else 0
        if image and one.new is not None:
            tally.skipped.append(Skipped(one.page.name, f"is the same picture as {image.name}; it is stored once"))
        if image and split and image.split is None:
            project.execute("UPDATE images SET split = ? WHERE id = ?", (split, image_id))
            project.note(Change(images=frozenset({image_id})))
        elif image and split and image.split != split:
            tally.skipped.append(Skipped(one.page.name, f"stays in split {image.split}, where it is already"))
    images.tag(project, image_id, one.page.tags)
    return image_id


def _named(project: Project, new: images.NewImage, split: Split | None) -> images.NewImage:
    """With its split, and a number in its name where another picture has that name."""
    path, name, number = Path(new.name), new.name, 1
    while images.named(project, name) is not None:
        number += 1
        name = path.with_name(f"{path.stem}-{number}{path.suffix}").as_posix()
    return images.NewImage(name, new.sha256, new.width, new.height, new.orientation, new.source, new.thumbnail, split)


def _compare(project: Project, image_id: int, one: Staged, class_names: Mapping[int, str], tally: _Tally) -> Difference:
    theirs = [Theirs(item, fingerprint(item)) for item in _kept(one, tally)]
    origins: dict[int, Fingerprint] = dict(
        project.rows("SELECT annotation_id, fingerprint FROM origins WHERE image_id = ? ORDER BY id", (image_id,))
    )
    ours = []
    for annotation in annotations.of_image(project, image_id):
        item = item_of(annotation, class_names)
        ours.append(Ours(annotation.id, item, fingerprint(item), origins.pop(annotation.id, None)))
    merge = difference(ours, list(origins.values()), theirs)
    tally.same += merge.same
    tally.ours += merge.ours
    tally.theirs += len(merge.changed)
    tally.both += len(merge.conflicts)
    return merge


def _kept(one: Staged, tally: _Tally) -> Iterable[Item]:
    for n, item in enumerate(one.page.items, 1):
        if item.shape.is_empty:
            tally.skipped.append(Skipped(f"{one.page.name}, annotation {n}", f"an empty {item.shape.kind}"))
        elif not item.class_name.strip():
            tally.skipped.append(Skipped(f"{one.page.name}, annotation {n}", "has no class"))
        else:
            yield item


def _addition(
    annotation_id: int, image_id: int, other: Theirs, class_ids: Mapping[str, int], request: ImportRequest
) -> _Addition:
    item = other.item
    annotation = Annotation(
        annotation_id,
        image_id,
        class_ids[item.class_name],
        item.shape,
        item.keypoints,
        item.is_crowd,
        item.attributes,
        author_id=request.author_id,
    )
    return _Addition(annotation, other.fingerprint)


def item_of(annotation: Annotation, class_names: Mapping[int, str]) -> Item:
    """An annotation as a format sees it; raises UserError when its class is gone."""
    name = class_names.get(annotation.class_id)
    if name is None:
        raise UserError(f"Annotation {annotation.id} is of a class that is not there.", "Run: boxwright check")
    return Item(name, annotation.shape, annotation.keypoints, annotation.is_crowd, annotation.attributes)
