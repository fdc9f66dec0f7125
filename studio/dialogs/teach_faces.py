"""Train a face embedder: what will happen in words, and one big button; all that can be chosen is folded away below."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from engine.faces.plan import FacePlan
from studio.dialogs._frame import paragraph
from studio.dialogs._planning import Planning
from studio.dialogs._teaching_choices import TeachingChoices
from studio.dialogs._training_frame import TrainingFrame
from studio.errand_values import TeachFaces
from studio.orders import Failure
from studio.surroundings import Studio, Subject
from studio.training import is_training, queue_teaching, start_teaching


class TeachFacesDialog(TrainingFrame):
    """Says what will happen, and starts it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the people of the open project."""
        super().__init__("Train face embedder", parent)
        self._studio = studio
        self.plan: FacePlan | None = None
        self._fault: Failure | None = None
        self._learns, self._tried, self._then, self._runs, self._why = (paragraph("…", "text") for _ in range(5))
        self.choices = TeachingChoices(studio)
        self._planning = Planning(studio, self, "studio.face_training_errands:plan")
        self._lay_out()
        self._connect()
        self._planning.ask(self.choices.request, soon=True)
        self._show()

    @property
    def wanted(self) -> TeachFaces:
        """How to train, as it is chosen now."""
        return TeachFaces(self.choices.recipe, dict(self.choices.network.given))

    def _lay_out(self) -> None:
        rows = (
            ("Learns from", self._learns),
            ("Is tried on", self._tried),
            ("Runs", self._runs),
            ("Then", self._then),
            ("Chosen so", self._why),
        )
        self.lay_out(rows, self.choices)

    def _connect(self) -> None:
        self.button.clicked.connect(self._start)
        self.choices.decided.connect(self._decide)
        self.choices.changed.connect(self._decide)
        self._planning.planned.connect(self._take_plan)
        self._planning.refused.connect(self._take_fault)
        self.finished.connect(self._planning.end)

    def _decide(self) -> None:
        """Ask what is chosen around what a person decided."""
        self._fault = None
        if not self.choices.faults:
            self._planning.ask(self.choices.request)
        self._show()

    def _take_plan(self, plan: FacePlan) -> None:
        self.plan, self._fault = plan, None
        self.choices.show_plan(plan)
        self._show()

    def _take_fault(self, failure: Failure) -> None:
        self._fault = failure
        self._show()

    def _show(self) -> None:
        plan = self.plan
        self._learns.setText(_learns(plan, self._fault))
        self._tried.setText(_tried(plan))
        self._then.setText(_then(has_embedder=self._studio.faces.embedder is not None))
        self._runs.setText(self._runs_words())
        self._why.setText(" ".join(plan.reasons) if plan else "Looking at faces and machine…")
        self.show_faults(self._fault, self.choices.faults)
        verb = "Add to queue: train" if is_training(self._studio) else "Train"
        self.button.setText(f"{verb} for {self.choices.limit.words}")
        self.button.setEnabled(plan is not None and self._fault is None and not self.choices.faults)
        self.fit_words()

    def _runs_words(self) -> str:
        after = " It begins when the trainings before it are done." if is_training(self._studio) else ""
        how = "Go on working meanwhile; stop at any time and keep the best so far."
        return f"{self.choices.limit.words} on the CPU. {how}{after}"

    def _start(self) -> None:
        wanted = self.wanted
        self.accept()
        (queue_teaching if is_training(self._studio) else start_teaching)(self._studio, wanted)


def _learns(plan: FacePlan | None, fault: Failure | None) -> str:
    if plan is None:
        return "Counting…" if fault is None else "Nothing yet: it needs people with two confirmed faces or more."
    n_learned = plan.n_people - plan.n_tried_people
    clicks = f"; {plan.n_pairs:,} pairs that you confirmed or rejected" if plan.n_pairs else ""
    enrolled = f"{plan.n_faces:,} faces of {plan.n_people} people are enrolled"
    return f"{n_learned} people; {enrolled}{clicks}"


def _tried(plan: FacePlan | None) -> str:
    if plan is None:
        return "…"
    if not plan.n_tried_people:
        return "Nobody else: people are too few to keep some back."
    return f"{plan.n_tried_people} people it never learns from"


def _then(*, has_embedder: bool) -> str:
    if has_embedder:
        return "It is compared with the embedder in use; you say which of the two recognises faces."
    return "It recognises the faces of this project; all are embedded with it."


def open_teach_faces(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return TeachFacesDialog(studio, parent)


DIALOG = open_teach_faces
