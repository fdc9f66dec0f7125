"""What-if: other settings on the trace that is looked at, what would come of them, and of which annotations.

Quick answers are worked out on the spot, so that they follow the hand; where the last one took longer than a part of a
frame, the next ones are asked of the reader's thread, where only the newest is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from engine.inspecting.judging import Judged, Truths, judged
from engine.project.records import Annotation
from engine.project.run_settings import KeepSettings, kept
from engine.project.store import Change
from engine.tracing.rule_text import settings as settings_of
from engine.tracing.rule_text import settings_json
from engine.tracing.stages import Scores, Selection
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Remedy, Verdict
from engine.tracing.whatif import Outcome, Settings, Trial, own
from studio.session import Session
from studio.what_if_answers import IOU, Answer, Case, answered, missed, truths_seen, verdict_on

FRAME_SECONDS = 0.008
"""What an answer may take of the GUI thread's time: half of a frame."""
_REST_MS = 150
"""Anchors that are scaled for so long without another change are asked about."""


class WhatIf(QObject):
    """Settings and their outcome, the annotations beside it, and the verdict on one of them."""

    settings_changed = Signal()
    outcome_changed = Signal()
    """`outcome` is another, or what is known of the annotations."""
    verdict_changed = Signal()
    drawn_changed = Signal()
    """`shows_truths` or `shows_found` is another."""
    kept_changed = Signal()
    is_stale = Signal()
    """The run detects with other settings than those the trace was made with."""
    heads_wanted = Signal(object, object)
    """Boxes in model pixels and the rows of 'objectness' that they are of: the heads have to be asked about them."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """With no trace yet."""
        super().__init__(parent)
        self._session = session
        self.trace: Trace | None = None
        self.settings: Settings | None = None
        self.own_settings: Settings | None = None
        """The run's."""
        self.outcome: Outcome | None = None
        self.judged: Judged | None = None
        """The outcome beside the annotations, once they are read."""
        self.own_judged: Judged | None = None
        """The same of the run's own settings."""
        self.truths: Truths | None = None
        """The annotations, in the pixels that the network was given."""
        self.verdict: Verdict | None = None
        self.kept: Settings | None = None
        """What the run detects with from now on, where that is not its own."""
        self.shows_truths = self.shows_found = False
        self._asked_id: int | None = None
        self._own_outcome: Outcome | None = None
        self._own_missed: frozenset[int] | None = None
        """Annotations that the run itself misses, as its evaluation counts; None while that is being counted."""
        self._regions: Scores | None = None
        """What the heads said of the proposals of scaled anchors."""
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(_REST_MS)
        self._asking.timeout.connect(self._ask_heads)
        self._trial: Trial | None = None
        self._seconds = 0.0
        self._is_waiting = False
        session.changed.connect(self._on_change)

    @property
    def is_own(self) -> bool:
        """Whether nothing is other than in the run."""
        return self.settings == self.own_settings

    @property
    def annotations(self) -> Sequence[Annotation]:
        """Of the image, in the pixels that the network was given; without crowds, which nobody looks for."""
        return () if self.truths is None else [each for each in self.truths.annotations if not each.is_crowd]

    @property
    def found_ids(self) -> frozenset[int]:
        """The annotations that are found; by masks where the network itself gave them, else by boxes."""
        if self.is_own and self._own_missed is not None:
            return frozenset(each.id for each in self.annotations) - self._own_missed
        return frozenset() if self.judged is None else frozenset(self.judged.annotation_ids) - {0}

    def take(self, trace: Trace | None) -> None:
        """Begin with another trace, at its own settings."""
        if trace is self.trace:
            return
        self.trace, self.outcome, self.verdict, self._asked_id = trace, None, None, None
        self.truths = self.judged = self.own_judged = self.kept = self._own_missed = None
        self._begin_trial(trace)
        self.settings = self.own_settings = None if trace is None else own(trace)
        self._regions = None
        self.settings_changed.emit()
        self.outcome_changed.emit()
        self.verdict_changed.emit()
        self._work_out()
        self._read()
        self._read_kept()

    def go_on_with(self, trace: Trace) -> None:
        """The same trace with more rows, as the heads were asked about them; settings stay."""
        self.trace = trace
        self._begin_trial(trace)
        self._work_out()

    def hear_heads(self, trace: Trace) -> None:
        """What the heads say of the proposals that they were asked about; `trace` has no other stages of boxes."""
        if self.outcome is not None and self.outcome.n_unasked:
            self._regions = trace.first(Scores)
            self._work_out()

    def set_settings(self, settings: Settings) -> None:
        """See what would come of others."""
        if self.trace is not None and settings != self.settings:
            self.settings = settings
            self.settings_changed.emit()
            self._work_out()

    def back_to_own(self) -> None:
        """As in the run."""
        if self.own_settings is not None:
            self.set_settings(self.own_settings)

    def apply(self, remedy: Remedy) -> None:
        """Change the cut that lost an object."""
        if self.settings is None or remedy.selection is None or remedy.rule is None:
            return
        rules = self.settings.rules[remedy.selection]
        changed = (*rules[: remedy.at], remedy.rule, *rules[remedy.at + 1 :])
        self.set_settings(replace(self.settings, rules={**self.settings.rules, remedy.selection: changed}))

    def ask(self, annotation_id: int | None) -> None:
        """Ask what became of an annotation, or (None) of none."""
        if annotation_id != self._asked_id:
            self._asked_id = annotation_id
            self._examine()

    def show_truths(self, is_shown: bool) -> None:
        """Draw the annotations over the stage, or not."""
        self._show(is_shown, self.shows_found)

    def show_found(self, is_shown: bool) -> None:
        """Draw what would be detected over the stage, and the annotations that are missed; or not."""
        self._show(self.shows_truths, is_shown)

    def keep_edit(self) -> KeepSettings | None:
        """Have the run detect with these settings from now on; with its own, let go of what is kept."""
        run_id = None if self.trace is None else self.trace.origin.run_id
        if run_id is None or self.settings is None:
            return None
        is_let_go = self.is_own and self.own_settings != self.kept
        return KeepSettings(run_id, None if is_let_go else settings_json(self.settings))

    def _moves_anchors(self, settings: Settings) -> bool:
        """Whether anchors are of other sizes than those of the trace: the heads know nothing of their proposals."""
        return self.own_settings is not None and settings.anchor_scale != self.own_settings.anchor_scale

    def _show(self, shows_truths: bool, shows_found: bool) -> None:
        if (shows_truths, shows_found) != (self.shows_truths, self.shows_found):
            self.shows_truths, self.shows_found = shows_truths, shows_found
            self.drawn_changed.emit()

    def class_index_of(self, verdict: Verdict) -> int:
        """That a verdict's row is picked with: of objectness there is but one."""
        trace, asked = self.trace, next((each for each in self.annotations if each.id == self._asked_id), None)
        if trace is None or asked is None or verdict.stage != trace.all(Selection)[-1].name:
            return 0
        ids = trace.origin.class_ids
        return ids.index(asked.class_id) if asked.class_id in ids else 0

    def _begin_trial(self, trace: Trace | None) -> None:
        """What is prepared for the first answer takes long."""
        self._trial = None if trace is None else Trial(trace)
        self._seconds, self._is_waiting, self._own_outcome = 1.0, False, None

    def _work_out(self) -> None:
        trial, settings, truths = self._trial, self.settings, self.truths
        if trial is None or settings is None:
            return
        regions = self._regions if self._moves_anchors(settings) else None
        if self._seconds <= FRAME_SECONDS and not self._is_waiting:
            self._take(answered(trial, settings, truths, regions))
        else:
            self._is_waiting = True
            self._session.ask("what if", lambda _: answered(trial, settings, truths, regions), self._take)

    def _take(self, answer: Answer) -> None:
        if answer.trial is not self._trial:
            return
        self._is_waiting = False
        self._seconds = answer.seconds
        self.outcome, self.judged = answer.outcome, answer.judged
        if answer.outcome.settings == self.own_settings:
            self._own_outcome, self.own_judged = answer.outcome, answer.judged
            self._count_own()
        self.outcome_changed.emit()
        self._examine()
        if answer.outcome.n_unasked and self._moves_anchors(answer.outcome.settings):
            self._asking.start()

    def _ask_heads(self) -> None:
        """About all proposals of scaled anchors, once they rest."""
        trace, outcome = self.trace, self.outcome
        if trace is not None and outcome is not None and outcome.n_unasked and outcome.settings == self.settings:
            proposed = outcome.selections[trace.all(Selection)[0].name]
            self.heads_wanted.emit(proposed.boxes[proposed.kept], proposed.rows[proposed.kept])

    def _read(self) -> None:
        """The annotations, on the reader's thread."""
        trace = self.trace
        if trace is not None and trace.origin.image_id is not None:
            self._session.ask(
                "inspected annotations", lambda project: (trace, truths_seen(project, trace)), self._take_read
            )

    def _take_read(self, answer: tuple[Trace, Truths]) -> None:
        trace, truths = answer
        if self.trace is not None and trace.origin == self.trace.origin:
            self.truths = truths
            if self._own_outcome is not None:
                self.own_judged = judged(trace.origin, self._own_outcome.found, truths, IOU)
                self._count_own()
            self._work_out()

    def _count_own(self) -> None:
        """What the run misses, on the reader's thread: masks take a moment to be painted."""
        trace, outcome, truths = self.trace, self._own_outcome, self.truths
        if trace is not None and outcome is not None and truths is not None:
            self._session.ask("own misses", lambda _: (truths, missed(trace, outcome, truths)), self._take_missed)

    def _take_missed(self, answer: tuple[Truths, frozenset[int]]) -> None:
        truths, missed = answer
        if truths is self.truths and missed != self._own_missed:
            self._own_missed = missed
            self.outcome_changed.emit()

    def _read_kept(self) -> None:
        """What is kept for the run, on the reader's thread."""
        run_id = None if self.trace is None else self.trace.origin.run_id
        if run_id is not None:
            self._session.ask("kept settings", lambda project: (run_id, kept(project, run_id)), self._take_kept)

    def _take_kept(self, answer: tuple[int, str | None]) -> None:
        """What is kept is tried; so is the run's own where it was let go of."""
        run_id, text = answer
        if self.trace is None or self.trace.origin.run_id != run_id or self.own_settings is None:
            return
        before, self.kept = self.kept, None if text is None else self._fitting(text)
        if self.kept == before:
            return
        self.kept_changed.emit()
        if self.kept is None and before == self.own_settings:
            self.is_stale.emit()
        self.set_settings(self.kept or self.own_settings)

    def _fitting(self, text: str) -> Settings | None:
        """Settings that were kept, where they are of the same selections."""
        found, own_settings = settings_of(text), self.own_settings
        if own_settings is None or set(found.rules) != set(own_settings.rules):
            return None
        return found

    def _examine(self) -> None:
        """The verdict, on the reader's thread."""
        trace, outcome, truths, asked_id = self.trace, self.outcome, self.truths, self._asked_id
        if trace is None or outcome is None or truths is None or asked_id is None:
            self._take_verdict((asked_id, None))
        else:
            regions = self._regions if self._moves_anchors(outcome.settings) else None
            question = (Case(trace, outcome, truths.annotations, regions), asked_id)
            self._session.ask("verdict", lambda _: (asked_id, verdict_on(*question)), self._take_verdict)

    def _take_verdict(self, answer: tuple[int | None, Verdict | None]) -> None:
        asked_id, verdict = answer
        if asked_id == self._asked_id and (verdict is not None or self.verdict is not None):
            self.verdict = verdict
            self.verdict_changed.emit()

    def _on_change(self, change: Change) -> None:
        image_id = None if self.trace is None else self.trace.origin.image_id
        if image_id is not None and image_id in change.annotated:
            self._read()
        if change.runs:
            self._read_kept()


def can_be_kept(tried: WhatIf) -> bool:
    """Whether the settings are others than those that the run detects with by now."""
    settings, own_settings = tried.settings, tried.own_settings
    if tried.trace is None or tried.trace.origin.run_id is None or settings is None:
        return False
    return settings != (tried.kept or own_settings)
