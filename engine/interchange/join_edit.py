"""The edit that takes another project's pictures, classes, annotations and conflicts in, and its inverse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.interchange.comparing import Other, Versions
from engine.project import annotations, authors, classes, conflicts, images, origins
from engine.project.attribute_edits import AddAttribute, next_group
from engine.project.attributes import Attribute
from engine.project.class_edits import SetParent
from engine.project.conflicts import Conflict, ConflictState
from engine.project.edits import ChangeAnnotations
from engine.project.image_edits import SetImages, TagImages
from engine.project.images import NewImage
from engine.project.origins import Origin
from engine.project.records import Annotation, ClassRecord, ReviewState, Split
from engine.project.restoring import Restore, Rows, removal
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class Source:
    """The file that is taken in, and what its ids mean."""

    name: str
    classes: tuple[ClassRecord, ...]
    attributes: tuple[Attribute, ...]
    authors: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes in on one picture."""

    image_id: int
    """Ours; 0 for a picture that is new."""
    new: NewImage | None
    """What a new picture becomes."""
    state: ReviewState
    split: Split | None
    tags: tuple[str, ...]
    added: tuple[Other, ...]
    newer: tuple[Versions, ...]
    conflicts: tuple[Versions, ...]
    stale_conflicts: tuple[int, ...] = ()
    agreed: tuple[Versions, ...] = ()
    """What two people have drawn alike: their version is kept as decided, since their agreement is told by it."""


@dataclass(frozen=True, slots=True)
class Join:
    """Take in what comes from another person's file."""

    source: Source
    arrivals: tuple[Arrival, ...]

    @property
    def title(self) -> str:
        return f"Merge {self.source.name}"

    def apply(self, project: Project) -> Restore:
        """Take it in; the inverse takes all of it back, pictures and classes that were new included."""
        return _Joining(project, self.source).done(self.arrivals)


class _Joining:
    """One joining under way: what their ids are called here, and how to take back what is done."""

    def __init__(self, project: Project, source: Source) -> None:
        self._project = project
        self._class_ids, self._new_classes = _class_ids(project, source)
        self._author_ids = {id_: authors.by_name(project, name) for id_, name in source.authors.items()}
        self._group_ids: dict[int, int] = {}
        self._first_group = next_group(project)
        self._new_images: list[int] = []
        self._inverse: list[Rows] = []

    def done(self, arrivals: Sequence[Arrival]) -> Restore:
        """Take everything in; returns the inverse."""
        added: list[Annotation] = []
        newer: list[Annotation] = []
        differing: list[Conflict] = []
        prints: list[bytes] = []
        for arrival in arrivals:
            image_id = self._image_id(arrival)
            added += [self._ours(one, Annotation(0, image_id, 0, one.item.shape)) for one in arrival.added]
            prints += [one.fingerprint for one in arrival.added]
            differing += [self._conflict(image_id, one, "open") for one in arrival.conflicts]
            differing += [self._conflict(image_id, one, "ours") for one in arrival.agreed]
            newer += self._brought_up(arrival.newer)
            self._inverse += Restore((removal("conflicts", arrival.stale_conflicts),)).apply(self._project).steps
        changed = ChangeAnnotations(tuple(newer)).apply(self._project)
        ids = annotations.add(self._project, added)
        prints += [one.theirs.fingerprint for arrival in arrivals for one in arrival.newer]
        written = [*zip(ids, added, strict=True), *((one.id, one) for one in newer)]
        came_in = [Origin(one.image_id, id_, print_) for (id_, one), print_ in zip(written, prints, strict=True)]
        return Restore(
            (
                removal("origins", origins.add(self._project, came_in)),
                removal("conflicts", conflicts.add(self._project, differing)),
                removal("annotations", ids),
                *changed.steps,
                *reversed(self._inverse),
                removal("images", self._new_images),
                removal("classes", self._new_classes),
            )
        )

    def _image_id(self, arrival: Arrival) -> int:
        """The image that things arrive on; ours keeps its state, and its split where it has one."""
        project, image_id = self._project, arrival.image_id
        if not image_id and arrival.new is not None:
            named = replace(arrival.new, name=images.free_name(project, arrival.new.name))
            image_id = images.add(project, named)
            self._new_images.append(image_id)
            images.tag(project, image_id, arrival.tags)
            SetImages((image_id,), arrival.state).apply(project)
            return image_id
        tags = tuple(name for name in arrival.tags if name not in images.tags(project, image_id))
        if tags:
            self._inverse += reversed(TagImages((image_id,), added=tags).apply(project).steps)
        if arrival.split is not None and images.get(project, image_id).split is None:
            self._inverse += SetImages((image_id,), split=arrival.split).apply(project).steps
        return image_id

    def _brought_up(self, newer: Sequence[Versions]) -> list[Annotation]:
        """Ours as theirs is now."""
        ours = {one.id: one for one in annotations.get(self._project, [one.ours.annotation_id for one in newer])}
        return [self._ours(one.theirs, ours[one.ours.annotation_id]) for one in newer]

    def _ours(self, theirs: Other, onto: Annotation) -> Annotation:
        """Their annotation as one of ours, on our image and of our class, in the name of its author."""
        one = theirs.annotation
        return replace(
            onto,
            class_id=self._class_ids[one.class_id],
            shape=one.shape,
            keypoints=one.keypoints,
            is_crowd=one.is_crowd,
            attributes=one.attributes,
            group_id=self._group_id(one.group_id),
            author_id=self._author_id(one.author_id),
            seconds=one.seconds,
        )

    def _conflict(self, image_id: int, one: Versions, state: ConflictState) -> Conflict:
        theirs = one.theirs.annotation
        return Conflict(
            0,
            image_id,
            self._class_ids[theirs.class_id],
            theirs.shape,
            one.ours.annotation_id,
            self._author_id(theirs.author_id),
            one.iou,
            state,
            theirs.keypoints,
            is_crowd=theirs.is_crowd,
            attributes=theirs.attributes,
        )

    def _author_id(self, author_id: int | None) -> int | None:
        return None if author_id is None else self._author_ids[author_id]

    def _group_id(self, group_id: int | None) -> int | None:
        if group_id is None:
            return None
        return self._group_ids.setdefault(group_id, self._first_group + len(self._group_ids))


def _class_ids(project: Project, source: Source) -> tuple[dict[int, int], list[int]]:
    """Our class of each of theirs, by name; those that we lack are added; and which are new."""
    known = {record.name: record.id for record in classes.all_classes(project)}
    new: dict[int, int] = {}
    for record in source.classes:
        if record.name not in known:
            new[record.id] = classes.add(
                project,
                record.name,
                colour=record.colour,
                keypoint_names=record.keypoint_names,
                skeleton=record.skeleton,
            )
    ids = {record.id: new.get(record.id) or known[record.name] for record in source.classes}
    for record in source.classes:
        if record.id in new and record.parent_id in ids:
            SetParent(new[record.id], ids[record.parent_id]).apply(project)
    for attribute in source.attributes:
        if attribute.class_id in new:
            AddAttribute(replace(attribute, class_id=new[attribute.class_id])).apply(project)
    return ids, list(new.values())
