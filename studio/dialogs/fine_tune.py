"""Fine-tune: what will happen in words, and one big button; everything that can be chosen is folded away below."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from engine.project.material import Material, material
from engine.training.plan import Plan
from studio.dialogs import _training_words as words
from studio.dialogs._frame import paragraph
from studio.dialogs._planning import Planning
from studio.dialogs._training_choices import TrainingChoices
from studio.dialogs._training_frame import TrainingFrame
from studio.errand_values import FineTune
from studio.orders import Failure
from studio.surroundings import Studio, Subject
from studio.training import is_training, queue_training, start_training


class FineTuneDialog(TrainingFrame):
    """Says what will happen, and starts it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the open project."""
        super().__init__("Fine-tune", parent)
        self._studio = studio
        self._facts: Material | None = None
        self.plan: Plan | None = None
        self._fault: Failure | None = None
        self._learns, self._tried, self._starts, self._runs, self._why = (paragraph("…", "text") for _ in range(5))
        self.choices = TrainingChoices(studio)
        self._planning = Planning(studio, self)
        self._lay_out()
        self._connect()
        self._ask_facts()
        self._planning.ask(self.choices.request, soon=True)
        self._show()

    @property
    def wanted(self) -> FineTune:
        """How to train, as it is chosen now."""
        chosen = self.choices
        return FineTune(
            self.plan.detector if self.plan and not chosen.detector_by_hand else chosen.detector.currentData(),
            chosen.n_minutes,
            chosen.n_epochs,
            chosen.start_from,
            chosen.device.currentData(),
            0,
            self._facts.keep_back if self._facts else None,
            self._studio.session.author_id,
            dict(chosen.network.given),
            dict(chosen.steps.given),
            dict(chosen.pictures.given),
        )

    def _lay_out(self) -> None:
        rows = (
            ("Learns from", self._learns),
            ("Is tried on", self._tried),
            ("Starts from", self._starts),
            ("Runs", self._runs),
            ("Chosen so", self._why),
        )
        self.lay_out(rows, self.choices)

    def _connect(self) -> None:
        self.button.clicked.connect(self._start)
        self.choices.decided.connect(self._decide)
        self.choices.changed.connect(self._show)
        self.choices.share.valueChanged.connect(self._ask_facts)
        self._planning.planned.connect(self._take_plan)
        self._planning.refused.connect(self._take_fault)
        self.finished.connect(self._planning.end)

    def _ask_facts(self) -> None:
        share = self.choices.share.value() / 100
        self._studio.session.ask("fine-tune facts", lambda project: material(project, share), self._take_facts)

    def _take_facts(self, facts: Material) -> None:
        self._facts = facts
        self._show()

    def _decide(self) -> None:
        """Ask what is chosen around what a person decided."""
        self._fault = None
        self._planning.ask(self.choices.request)
        self._show()

    def _take_plan(self, plan: Plan) -> None:
        self.plan, self._fault = plan, None
        self.choices.show_plan(plan)
        self._show()

    def _take_fault(self, failure: Failure) -> None:
        self._fault = failure
        self._show()

    def _show(self) -> None:
        facts, plan, chosen = self._facts, self.plan, self.choices
        self._learns.setText(words.learns(facts))
        self._tried.setText(words.tried(facts))
        self._starts.setText(words.starts("" if chosen.start_from == "file" else chosen.start_from, plan))
        self._runs.setText(self._runs_words())
        self._why.setText(" ".join(plan.reasons) if plan else "Looking at annotations and machine…")
        chosen.show_share(facts is not None and facts.keep_back is not None)
        self.show_faults(self._fault, chosen.faults, is_told=bool(facts and facts.n_objects))
        self._show_button()
        self.fit_words()

    def _show_button(self) -> None:
        title = self.choices.detector_by_hand or (self.plan.title if self.plan else "")
        verb = "Add to queue:" if is_training(self._studio) else "Fine-tune"
        self.button.setText(" ".join(part for part in (verb, title, "for", self.choices.until) if part))
        self.button.setEnabled(self._is_ready())

    def _is_ready(self) -> bool:
        has_material = self._facts is not None and self._facts.n_train > 0 and self._facts.n_objects > 0
        is_known = self.plan is not None or not is_training(self._studio)  # what is queued is queued by its name
        return has_material and is_known and self.choices.has_weights and not self._fault and not self.choices.faults

    def _runs_words(self) -> str:
        device = f" on {self.plan.device}" if self.plan else ""
        after = " It begins when the trainings before it are done." if is_training(self._studio) else ""
        how = "Go on annotating meanwhile; stop at any time and keep the best so far."
        return f"{self.choices.until}{device}. {how}{after}"

    def _start(self) -> None:
        wanted = self.wanted
        if self.choices.weights.currentData() == "file":
            self._studio.settings.keep_words(f"weights/{wanted.detector}", [wanted.weights])
        self.accept()
        (queue_training if is_training(self._studio) else start_training)(self._studio, wanted)


def open_fine_tune(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return FineTuneDialog(studio, parent)


DIALOG = open_fine_tune
