"""ViewState: what of the open project a person looks at, and what they have in hand; every change of it is a signal."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.evaluation.queue import Question
from engine.geometry.shapes import Bounds
from engine.imaging.levels import Levels
from studio.reference import Reference
from studio.visibility import Visibility

MIN_SCORE = 0.5
"""From this score on suggestions are shown at first: below it more are wrong than right."""
FIRST_PAGE = "annotate"
"""The canvas."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids of what is selected on the current image."""

    annotations: frozenset[int] = frozenset()
    detections: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is selected."""
        return bool(self.annotations or self.detections)


class ViewState(QObject):
    """The image, the selection, the class and the tool in hand, the page: what is looked at, and how."""

    image_changed = Signal()
    selection_changed = Signal()
    class_changed = Signal()
    run_changed = Signal()
    """Another run's detections are shown."""
    training_changed = Signal()
    """Another run's training is shown."""
    score_changed = Signal()
    """Suggestions are shown from another score on."""
    tool_changed = Signal()
    page_changed = Signal()
    """The middle of the window shows another page."""
    hiding_changed = Signal()
    """Shapes are hidden, isolated or locked, or are so no more: `hides_shapes` or `visibility` is another."""
    reference_changed = Signal()
    """The live IoU is measured against another layer."""
    panel_wanted = Signal(str)
    """The panel of this name, the name of its file, is to come into sight."""
    levels_changed = Signal()
    """Pictures are shown with another brightness, contrast, gamma or channel."""
    part_wanted = Signal()
    """`part` is to be brought into sight, as soon as its picture is shown."""
    question_changed = Signal()
    """Another question of the queue is looked at, or none."""

    def __init__(self) -> None:
        """Look at nothing yet."""
        super().__init__()
        self.image_id: int | None = None
        self.selection = Selection()
        self.class_id: int | None = None
        self.run_id: int | None = None
        self._embedder_run_id: int | None = None
        self.min_score = MIN_SCORE
        """Suggestions that score less are not shown."""
        self.reference = Reference()
        """What the live IoU is measured against."""
        self.part: tuple[int, Bounds] | None = None
        """An image, and what on it is to be brought into sight; the canvas takes it."""
        self.tool = "select"
        self.last_drawn_with = "box"
        """The drawing tool that was in hand last."""
        self.page = FIRST_PAGE
        """What the middle of the window shows, by the name of its file in studio/pages."""
        self.hides_shapes = False
        self.levels = Levels()
        """How every picture is shown; kept until the window closes."""
        self.visibility = Visibility()
        """Which shapes are hidden, locked or isolated, besides all of them."""
        self.question: Question | None = None
        """What a person is asked about now: the canvas shows both sides of it."""
        self.selects_groups = True
        """Whether selecting one annotation of a group selects all of it."""

    @property
    def changeable(self) -> frozenset[int]:
        """Ids of the selected annotations that are not locked."""
        return self.selection.annotations - self.visibility.locked

    def go_to(self, image_id: int) -> None:
        """Look at another image."""
        if image_id != self.image_id:
            self.image_id = image_id
            self.selection = Selection()
            self.image_changed.emit()
            self.selection_changed.emit()

    @property
    def is_on_canvas(self) -> bool:
        """Whether the middle of the window shows the canvas."""
        return self.page == FIRST_PAGE

    def open_image(self, image_id: int) -> None:
        """Look at an image on the canvas, whichever page is shown; the canvas gets the focus."""
        self.go_to(image_id)
        self.page = FIRST_PAGE
        self.page_changed.emit()

    def look_at(self, image_id: int, bounds: Bounds) -> None:
        """Look at a part of an image on the canvas, whichever page is shown."""
        self.part = (image_id, bounds)
        self.open_image(image_id)
        self.part_wanted.emit()

    def show_page(self, name: str) -> None:
        """Show another page in the middle of the window, by the name of its file."""
        if name != self.page:
            self.page = name
            self.page_changed.emit()

    def select(self, selection: Selection) -> None:
        """Select annotations and detections on the current image."""
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def ask_about(self, question: Question | None) -> None:
        """Look at a question of the queue, on the current image, or at none."""
        if question is not self.question:
            self.question = question
            self.question_changed.emit()

    def use_class(self, class_id: int | None) -> None:
        """Draw with this class from now on."""
        if class_id != self.class_id:
            self.class_id = class_id
            self.class_changed.emit()

    @property
    def training_id(self) -> int | None:
        """The run whose training is shown: an embedder's, if one was shown last, else the one that detects."""
        return self.run_id if self._embedder_run_id is None else self._embedder_run_id

    def show_run(self, run_id: int | None) -> None:
        """Show the detections of this run, and its training."""
        before, self._embedder_run_id = self.training_id, None
        if run_id != self.run_id:
            self.run_id = run_id
            self.run_changed.emit()
        if before != self.training_id:
            self.training_changed.emit()

    def show_embedder_run(self, run_id: int | None) -> None:
        """Show the training of an embedder's run, or no more; whose detections are shown stays."""
        before, self._embedder_run_id = self.training_id, run_id
        if before != self.training_id:
            self.training_changed.emit()

    def compare_with(self, reference: Reference) -> None:
        """Measure the live IoU against another layer."""
        if reference != self.reference:
            self.reference = reference
            self.reference_changed.emit()

    def use_tool(self, name: str) -> None:
        """Take another canvas tool, by the name of its file."""
        if name != self.tool:
            self.last_drawn_with = self.tool if name == "select" else name
            self.tool = name
            self.tool_changed.emit()

    def hide_shapes(self, hides: bool) -> None:
        """Hide all shapes to see the picture alone, or show them again."""
        if hides != self.hides_shapes:
            self.hides_shapes = hides
            self.hiding_changed.emit()

    def show_with(self, levels: Levels) -> None:
        """Show pictures with this brightness, contrast, gamma and channel."""
        if levels != self.levels:
            self.levels = levels
            self.levels_changed.emit()

    def see(self, visibility: Visibility) -> None:
        """Hide, isolate or lock some shapes, or none; what goes out of sight is selected no more."""
        if visibility != self.visibility:
            self.visibility = visibility
            self.hiding_changed.emit()

    def show_from_score(self, score: float) -> None:
        """Show the suggestions that score at least so much."""
        if score != self.min_score:
            self.min_score = score
            self.score_changed.emit()
