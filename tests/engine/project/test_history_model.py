"""Any sequence of edits, undo, redo and restarts leaves the project as a plain model in memory says.

The model knows nothing of inverses: it remembers every state whole, which is what undo must bring back.
"""

import copy
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, detections, images, runs
from engine.project.checking import check
from engine.project.edits import (
    AddAnnotations,
    AddClass,
    ChangeAnnotations,
    DecideDetections,
    Edit,
    RemoveAnnotations,
    RemoveClass,
    RemoveImages,
    SetClass,
    SetImages,
)
from engine.project.history import History
from engine.project.records import Annotation, Detection, DetectionState, ReviewState, Split
from engine.project.store import Project
from tests.engine.project.pictures import add_image

N_IMAGES = 3
shapes = st.builds(lambda x, w: Box(x, 0, x + w, 1), st.integers(0, 9), st.integers(1, 5))
some = st.lists(st.integers(0, 40), max_size=4).map(tuple)
"""Positions among what is there, counted round."""


@dataclass
class World:
    """All that the edits touch, by id."""

    annotations: dict[int, tuple[int, int, Box, int | None]] = field(default_factory=dict)
    """Image, class, shape, detection."""
    detections: dict[int, tuple[int, int, Box, DetectionState]] = field(default_factory=dict)
    classes: dict[int, tuple[str, str]] = field(default_factory=dict)
    images: dict[int, tuple[ReviewState, Split | None, bytes]] = field(default_factory=dict)


def seen(project: Project) -> World:
    """The project as a world."""
    found = World()
    found.classes = {record.id: (record.name, record.colour) for record in classes.all_classes(project)}
    for image in images.all_images(project):
        found.images[image.id] = (image.state, image.split, images.read(project, image))
        for one in annotations.of_image(project, image.id):
            assert isinstance(one.shape, Box)
            found.annotations[one.id] = (image.id, one.class_id, one.shape, one.detection_id)
        for other in detections.of_image(project, image.id):
            assert isinstance(other.shape, Box)
            found.detections[other.id] = (image.id, other.class_id, other.shape, other.state)
    return found


class HistoryMachine(RuleBasedStateMachine):
    """Edits at random."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.project = Project.create(self.folder / "a.boxwright")
        self.project.rows("PRAGMA synchronous = OFF")  # speed: what a power cut does is tested elsewhere
        self.history = History(self.project)
        self.world = World()
        self.undone: list[World] = []
        self.done: list[World] = []
        self.ever: dict[str, set[int]] = {"classes": set(), "annotations": set()}

    @initialize()
    def fill(self) -> None:
        with self.project.atomic():
            for n in range(N_IMAGES):
                add_image(self.project, f"{n}.png", n)
            for name in ("cell", "face"):
                classes.add(self.project, name)
            run_id = runs.add(self.project, "detector", "mask_rcnn", "{}")
            for n in range(N_IMAGES):
                found = [Detection(0, n + 1, 1 + k % 2, 0.5, Box(k, 0, k + 1, 1)) for k in range(3)]
                detections.put(self.project, n + 1, run_id, found)
        self.world = seen(self.project)
        self.ever["classes"] = set(self.world.classes)

    def teardown(self) -> None:
        self.project.close()
        shutil.rmtree(self.folder)

    @invariant()
    def the_project_is_as_the_model_says(self) -> None:
        assert seen(self.project) == self.world

    def do(self, edit: Edit, after: World) -> None:
        """Do an edit that makes the world be `after`; one that changes nothing is no step."""
        inverse = self.history.do(edit)
        if not inverse.is_empty:
            self.done.append(self.world)
            self.undone.clear()
        self.world = after

    def picked(self, table: str, positions: tuple[int, ...]) -> tuple[int, ...]:
        """Ids of things that are there."""
        ids = sorted(getattr(self.world, table))
        return tuple(sorted({ids[position % len(ids)] for position in positions})) if ids else ()

    def fresh(self, table: str, ids: list[int]) -> None:
        """New ids have never been there before."""
        assert not self.ever[table] & set(ids)
        self.ever[table] |= set(ids)

    @precondition(lambda self: self.world.images and self.world.classes)
    @rule(at=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), shapes), min_size=1, max_size=3))
    def add(self, at: list[tuple[int, int, Box]]) -> None:
        image_ids, class_ids = sorted(self.world.images), sorted(self.world.classes)
        new = [
            Annotation(0, image_ids[image % len(image_ids)], class_ids[kind % len(class_ids)], shape)
            for image, kind, shape in at
        ]
        after = copy.deepcopy(self.world)
        edit = AddAnnotations(tuple(new))
        before = self.world
        self.do(edit, after)
        ids = sorted(set(seen(self.project).annotations) - set(before.annotations))
        assert len(ids) == len(new)
        self.fresh("annotations", ids)
        for id_, one in zip(ids, new, strict=True):
            assert isinstance(one.shape, Box)
            after.annotations[id_] = (one.image_id, one.class_id, one.shape, None)

    @rule(at=some, shape=shapes, kind=st.integers(0, 9))
    def change(self, at: tuple[int, ...], shape: Box, kind: int) -> None:
        ids = self.picked("annotations", at)
        class_id = self.picked("classes", (kind,))[:1]
        if not ids or not class_id:
            return
        after, changed = copy.deepcopy(self.world), []
        for id_ in ids:
            image_id, _, _, detection_id = self.world.annotations[id_]
            after.annotations[id_] = (image_id, class_id[0], shape, detection_id)
            changed.append(Annotation(id_, image_id, class_id[0], shape, detection_id=detection_id))
        self.do(ChangeAnnotations(tuple(changed)), after)

    @rule(at=some)
    def remove(self, at: tuple[int, ...]) -> None:
        ids = self.picked("annotations", at)
        after = copy.deepcopy(self.world)
        for id_ in ids:
            del after.annotations[id_]
        self.do(RemoveAnnotations(ids), after)

    @rule(at=some, state=st.sampled_from(["accepted", "rejected", "suggested"]))
    def decide(self, at: tuple[int, ...], state: DetectionState) -> None:
        ids = self.picked("detections", at)
        after, before = copy.deepcopy(self.world), self.world
        accepted = []
        for id_ in ids:
            image_id, class_id, shape, was = self.world.detections[id_]
            if was not in ("accepted", state):
                after.detections[id_] = (image_id, class_id, shape, state)
                accepted += [(image_id, class_id, shape, id_)] if state == "accepted" else []
        self.do(DecideDetections(ids, state), after)
        new = sorted(set(seen(self.project).annotations) - set(before.annotations))
        self.fresh("annotations", new)
        after.annotations |= dict(zip(new, accepted, strict=True))

    @rule(name=st.sampled_from("abcdef"))
    def add_class(self, name: str) -> None:
        if any(name == other for other, _ in self.world.classes.values()):
            return
        after = copy.deepcopy(self.world)
        self.do(AddClass(name, "#123456"), after)
        (new,) = set(seen(self.project).classes) - set(after.classes)
        self.fresh("classes", [new])
        after.classes[new] = (name, "#123456")

    @rule(which=st.integers(0, 9), name=st.sampled_from("ghij"))
    def rename_class(self, which: int, name: str) -> None:
        ids = self.picked("classes", (which,))
        if not ids or any(name == other for id_, (other, _) in self.world.classes.items() if id_ != ids[0]):
            return
        after = copy.deepcopy(self.world)
        after.classes[ids[0]] = (name, "#000000")
        self.do(SetClass(ids[0], name, "#000000"), after)

    @rule(which=st.integers(0, 9))
    def remove_class(self, which: int) -> None:
        for class_id in self.picked("classes", (which,)):
            after = copy.deepcopy(self.world)
            del after.classes[class_id]
            after.detections = {k: row for k, row in after.detections.items() if row[1] != class_id}
            after.annotations = {
                k: (image_id, kind, shape, made_of if made_of in after.detections else None)
                for k, (image_id, kind, shape, made_of) in after.annotations.items()
                if kind != class_id
            }
            self.do(RemoveClass(class_id), after)

    @rule(at=some, state=st.sampled_from(["done", "new"]), split=st.sampled_from(["train", "none", None]))
    def set_images(self, at: tuple[int, ...], state: ReviewState, split: Split | None) -> None:
        ids = self.picked("images", at)
        after = copy.deepcopy(self.world)
        for id_ in ids:
            _, was, data = after.images[id_]
            after.images[id_] = (state, was if split is None else None if split == "none" else split, data)
        self.do(SetImages(ids, state, split), after)

    @precondition(lambda self: len(self.world.images) > 1)
    @rule(which=st.integers(0, 9))
    def remove_image(self, which: int) -> None:
        (image_id,) = self.picked("images", (which,))
        after = copy.deepcopy(self.world)
        del after.images[image_id]
        after.annotations = {k: row for k, row in after.annotations.items() if row[0] != image_id}
        after.detections = {k: row for k, row in after.detections.items() if row[0] != image_id}
        self.do(RemoveImages((image_id,)), after)

    @rule()
    def fail(self) -> None:
        """An edit that cannot be done, half of which could."""
        images_there, classes_there = sorted(self.world.images), sorted(self.world.classes)
        if images_there and classes_there:
            good = Annotation(0, images_there[0], classes_there[0], Box(0, 0, 1, 1))
            bad = Annotation(0, images_there[0], 9999, Box(0, 0, 1, 1))
            try:
                self.history.do(AddAnnotations((good, bad)))
            except UserError:
                return
            raise AssertionError("it was done")

    @rule(steps=st.integers(1, 4))
    def undo(self, steps: int) -> None:
        for _ in range(steps):
            assert (self.history.undo() is not None) == bool(self.done)
            if self.done:
                self.undone.append(self.world)
                self.world = self.done.pop()
                self.the_project_is_as_the_model_says()

    @rule(steps=st.integers(1, 4))
    def redo(self, steps: int) -> None:
        for _ in range(steps):
            assert (self.history.redo() is not None) == bool(self.undone)
            if self.undone:
                self.done.append(self.world)
                self.world = self.undone.pop()
                self.the_project_is_as_the_model_says()

    @rule()
    def restart(self) -> None:
        self.project.close()
        assert check(self.folder / "a.boxwright").problems == ()
        self.project = Project.open(self.folder / "a.boxwright")
        self.project.rows("PRAGMA synchronous = OFF")
        self.history = History(self.project)


TestHistoryMachine = HistoryMachine.TestCase
TestHistoryMachine.settings = settings(
    settings.get_profile(settings.get_current_profile_name()), max_examples=25, stateful_step_count=30
)
