"""Queue: which questions there are about model and annotations, which one is looked at, and what an answer does.

The rules are the engine's (`engine.evaluation.queue`); here is the order in which a person goes through them. Pictures
come in the order of the queue, each once in a round; on a picture its questions. Answers are edits like any other, so
undo brings a question back.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from engine.evaluation.disagreement import DisagreementKey
from engine.evaluation.queue import Ordering, Outlook, Question, asked, outlook
from engine.project.store import Change
from studio.counting import Counting
from studio.foresight import Foresight
from studio.jobs import Job, Jobs
from studio.session import Session
from studio.view_state import Selection

Answer: TypeAlias = Literal["mend", "dismiss", "both"]

AT_MOST = 500
"""Pictures that are listed; the next ones follow when these are through."""
_PAUSE_MS = 2000
"""The queue is looked at again so long after the last edit: reading and counting keep answers from being committed."""


class Queue(QObject):
    """The questions of the current picture, and the pictures that have any. It works only while it is in sight."""

    listed = Signal()
    """`outlook` is another, or the counting has moved on."""
    asked = Signal()
    """`questions` are others, or another one of them is looked at."""
    wanted = Signal()
    """Someone wants to see the queue."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """The queue of the session's project and shown run."""
        super().__init__(parent)
        self.ordering: Ordering = "disagreement"
        self.is_active = False
        self.outlook: Outlook | None = None
        self.questions: tuple[Question, ...] = ()
        self.n_answered = 0
        """Questions that were answered since `outlook` was read."""
        self.counting = Counting(session, jobs, self)
        self._foresight = Foresight(session, self)
        self._session = session
        self._place = 0
        self._current: Question | None = None
        self._answered: list[DisagreementKey] = []
        self._answered_on: int | None = None
        self._visited: list[int] = []
        self._goes_on = self._travels = self._is_behind = self._starts = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._look)
        session.project_opened.connect(self._on_open)
        session.run_changed.connect(self._begin)
        session.image_changed.connect(self._on_image)
        session.changed.connect(self._on_changed)
        session.saved.connect(self._on_settled)
        session.failed.connect(self._on_settled)
        jobs.ended.connect(self._on_job)
        self.counting.changed.connect(self.listed)

    @property
    def current(self) -> Question | None:
        """The question that is looked at; None where the picture has none, or the last one was settled by hand."""
        return self._current

    @property
    def place(self) -> int:
        """Which of the questions is looked at, or was."""
        return min(self._place, max(0, len(self.questions) - 1))

    @property
    def is_left(self) -> bool:
        """Whether a person has chosen suggestions that the question is not about."""
        chosen = self._session.selection.detections
        return bool(chosen) and (self._current is None or self._current.about.detection_id not in chosen)

    def activate(self, is_active: bool) -> None:
        """Begin to ask, once the queue is in sight, or stop."""
        if is_active != self.is_active:
            self.is_active = is_active
            self._begin()

    def order_by(self, ordering: Ordering) -> None:
        """Go through the pictures in another order."""
        if ordering != self.ordering:
            self.ordering = ordering
            self._begin()

    def answer(self, answer: Answer) -> None:
        """Answer the question that is looked at, and go on to the next; where none is, only go on."""
        question, session = self._current, self._session
        if question is None:
            self.step(1)
            return
        about = question.about
        makers = {"mend": about.mend, "dismiss": about.dismiss, "both": about.keep_both}
        edit = makers[answer](session.author_id)
        if edit is None:
            session.said.emit("There is only one side here: nothing to keep beside it.")
            return
        session.do(edit)
        if session.can_write:
            self._answered.append(about.key)
            self._answered_on = about.image_id
            self.n_answered += 1
            self._goes_on = True
            self._drop(question)

    def start(self) -> None:
        """Look at the first question there is, as soon as it is known."""
        self.wanted.emit()
        if self._current is None and self.questions:
            self.look_at(self.place)
        elif self._current is None:
            self._starts = True
            self._look()

    def step(self, by: int) -> None:
        """Look at the next question or the one before; after the last, at the next picture."""
        row = self._place + by if self._current is not None or by < 0 else self._place
        if 0 <= row < len(self.questions):
            self.look_at(row)
        else:
            self.travel(by)

    def look_at(self, row: int) -> None:
        """Look at one of the questions of this picture."""
        if 0 <= row < len(self.questions):
            self._place, self._current = row, self.questions[row]
            self._show()

    def travel(self, by: int) -> None:
        """Go to the next picture that has questions, or back to the one before."""
        here = self._session.image_id
        if by < 0:
            while self._visited and self._visited[-1] == here:
                self._visited.pop()
            if self._visited:
                self._session.go_to(self._visited.pop())
            else:
                self._session.said.emit("That was the first question.")
            return
        if here is not None and here not in self._visited:
            self._visited.append(here)
        if not self._pass_on():
            self._starts = True
            self._look()

    def _on_open(self) -> None:
        self._starts = False
        self._begin()

    def _begin(self) -> None:
        """Start afresh: of another project or run, or in another order."""
        self.outlook, self.n_answered = None, 0
        self._visited, self._answered = [], []
        self._travels = False
        self._take_none()
        self.listed.emit()
        if self.is_active:
            self._goes_on = True
            self._ask()
            self._look()

    def _take_none(self) -> None:
        self.questions, self._place, self._current = (), 0, None
        self._goes_on = False
        self._show()

    def _drop(self, question: Question) -> None:
        """Go on from a question that is answered, before the file knows of it."""
        self.questions = tuple(each for each in self.questions if each.about.key != question.about.key)
        if self.questions:
            self.look_at(self.place)
        else:
            self._current = None
            self._show()
            self.travel(1)

    def _show(self) -> None:
        question = self._current if self.is_active else None
        before = self._session.question
        self._session.ask_about(question)
        if question is not None and (before is None or before.about.key != question.about.key):
            self._session.select(_sides(question))  # once: a person may select something else meanwhile
        self.asked.emit()

    def _on_image(self) -> None:
        if self.is_active:
            self._take_none()
            self._goes_on = True
            image_id, ordering = self._session.image_id, self.ordering
            known = None if image_id is None else self._foresight.known(image_id, ordering)
            if image_id is None or known is None:
                self._ask()
            else:
                self._take((image_id, ordering, known))

    def _on_changed(self, change: Change) -> None:
        if not self.is_active:
            return
        if self._session.image_id in change.annotated | change.detected:
            self._ask()
        if change.annotated or change.detected or change.images or change.runs:
            self._later.start()

    def _on_settled(self, _: object) -> None:
        if self._is_behind and self.is_active:
            self._ask()

    def _on_job(self, _: Job) -> None:
        if self.is_active:
            self._later.start()

    def _ask(self) -> None:
        """Ask what is open on the picture, once the answers that were given about it are in the file."""
        session, image_id = self._session, self._session.image_id
        self._is_behind = self._has_answered_here()
        if self._is_behind or image_id is None:
            return
        run_id, ordering = session.run_id, self.ordering
        session.ask(
            "questions", lambda project: (image_id, ordering, asked(project, image_id, run_id, ordering)), self._take
        )

    def _has_answered_here(self) -> bool:
        """Whether an answer about this picture is not in the file yet."""
        session = self._session
        return session.n_settled < session.n_asked and self._answered_on == session.image_id

    def _take(self, found: tuple[int, Ordering, tuple[Question, ...]]) -> None:
        image_id, ordering, questions = found
        session = self._session
        if image_id != session.image_id or ordering != self.ordering or not self.is_active:
            return
        if self._has_answered_here():  # something was answered meanwhile
            self._is_behind = True
            return
        rows = {question.about.key: row for row, question in enumerate(questions)}
        self.questions = questions
        row = self._row_among(rows)
        if row is None and self._goes_on and questions:
            row = self.place
        self._current = None if row is None else questions[row]
        self._place = self._place if row is None else row
        goes_farther = self._travels and not questions
        self._goes_on = self._travels = False
        self._show()
        if goes_farther:
            self.travel(1)
        else:
            self._foresight.look_ahead(self._following(), ordering)

    def _row_among(self, rows: dict[DisagreementKey, int]) -> int | None:
        """Where the question is that was taken back last, else the one that is looked at."""
        back = [key for key in self._answered if key in rows]
        if back:
            self._answered = [key for key in self._answered if key not in rows]
            return rows[back[-1]]
        return rows.get(self._current.about.key) if self._current else None

    def _look(self) -> None:
        if self.is_active and self._session.project is not None:
            run_id, ordering = self._session.run_id, self.ordering
            self._session.ask(
                "queue",
                lambda project: (run_id, ordering, outlook(project, run_id, ordering, AT_MOST)),
                self._take_look,
            )

    def _take_look(self, found: tuple[int | None, Ordering, Outlook]) -> None:
        run_id, ordering, seen = found
        if (run_id, ordering) != (self._session.run_id, self.ordering) or not self.is_active:
            return
        self.outlook, self.n_answered = seen, 0
        self.listed.emit()
        self._foresight.look_ahead(self._following(), ordering)
        is_counting = self.counting.count_again(seen.n_uncounted)
        if self._starts and self._current is None:
            self._starts = not self._pass_on() and is_counting
            if not self._starts and not self._travels:
                self._end_round()
        else:
            self._starts = False

    def _pass_on(self) -> bool:
        """Go to the first picture of the queue that was not visited in this round; returns whether there is one."""
        following = self._following(or_this=True)
        if following is not None:
            self._travels = self._goes_on = True
            if following == self._session.image_id:
                self._ask()
            else:
                self._session.go_to(following)
        return following is not None

    def _following(self, *, or_this: bool = False) -> int | None:
        """The first picture of the queue that was not visited in this round, besides the one that is shown."""
        passed = set(self._visited)
        if self._session.image_id is not None and not or_this:
            passed.add(self._session.image_id)
        waiting = self.outlook.queued.images if self.outlook else ()
        return next((one.id for one in waiting if one.id not in passed), None)

    def _end_round(self) -> None:
        """Begin another round with what was passed over, or say that nothing is left."""
        here = self._session.image_id
        self._visited = [] if here is None else [here]
        if self._pass_on():
            self._session.said.emit("Once through: what was passed over comes again.")
        else:
            self._visited = []
            self._take_none()
            self._ask()
            self._session.said.emit(
                "Nothing is left in the queue." if not self._waiting else "Only this picture is left."
            )

    @property
    def _waiting(self) -> bool:
        return self.outlook is not None and bool(self.outlook.queued.images)


def _sides(question: Question) -> Selection:
    """What to select: the annotation, which can then be changed by hand; else the suggestion."""
    if question.ours is not None:
        return Selection(annotations=frozenset({question.ours.id}))
    detection_id = question.about.detection_id
    return Selection(detections=frozenset() if detection_id is None else frozenset({detection_id}))
