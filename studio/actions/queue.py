"""The Queue menu: what model and annotations, or two people, disagree about, decided one by one.

Enter and Backspace are those of `studio.actions.annotate`: while the queue is in sight, they answer its question.
"""

from __future__ import annotations

from engine.evaluation.queue import Ordering
from engine.project.edits import Edit
from studio.commands import Command, Look, Menu, command
from studio.conditions import can_annotate, can_write, is_asked, is_open
from studio.surroundings import Studio

MENU = Menu("Queue", 55)


@command("queue.open", "Work through the Queue", ("Ctrl+J",), is_open, Look("queue"))
def open_(studio: Studio) -> Edit | None:
    """Go through what the shown run, or another person, sees differently, question by question."""
    studio.queue.start()
    return None


@command("queue.mend", "Do What Is Proposed", (), is_asked, Look("accept", "answer"))
def mend(studio: Studio) -> Edit | None:
    """Take the other side's word for it, and go to the next question; Enter does it."""
    studio.queue.answer("mend")
    return None


@command("queue.dismiss", "Keep Mine", (), is_asked, Look("reject", "answer"))
def dismiss(studio: Studio) -> Edit | None:
    """Leave it as it is, be asked about it no more, and go to the next question; Backspace does it."""
    studio.queue.answer("dismiss")
    return None


@command("queue.both", "Keep Both", ("Shift+Backspace",), is_asked, Look("union", "answer"))
def both(studio: Studio) -> Edit | None:
    """Keep mine and add the other side's, and go to the next question."""
    studio.queue.answer("both")
    return None


def _is_at_work(studio: Studio) -> bool:
    """The queue is at work."""
    return can_annotate(studio) and studio.queue.is_active


@command("queue.next", "Next Question", (".",), _is_at_work, Look("next", "go"))
def next_question(studio: Studio) -> Edit | None:
    """Leave this question for later."""
    studio.queue.step(1)
    return None


@command("queue.previous", "Previous Question", (",",), _is_at_work, Look("previous", "go"))
def previous_question(studio: Studio) -> Edit | None:
    """Go back to the question before."""
    studio.queue.step(-1)
    return None


@command("queue.next_image", "Next Image of the Queue", ("Ctrl+Shift+J",), _is_at_work, Look("", "go"))
def next_image(studio: Studio) -> Edit | None:
    """Leave the rest of this picture's questions for later."""
    studio.queue.travel(1)
    return None


def _order(ordering: Ordering, title: str, sentence: str) -> Command:
    def choose(studio: Studio) -> Edit | None:
        studio.queue.order_by(ordering)
        return None

    choose.__doc__ = sentence
    look = Look("", "order", is_on=lambda studio: studio.queue.ordering == ordering)
    return command(f"queue.by_{ordering}", title, (), is_open, look)(choose)


ORDERS = (
    _order("disagreement", "By Disagreement", "Begin with the picture on which there is most to decide."),
    _order("uncertainty", "By Uncertainty", "Begin with the picture of which the model is least sure."),
)


def _can_count(studio: Studio) -> bool:
    """A run is shown, and nothing is being counted."""
    return can_write(studio) and studio.session.run_id is not None and studio.queue.counting.job is None


@command("queue.count", "Count Disagreements", (), _can_count, Look("", "count"))
def count(studio: Studio) -> Edit | None:
    """Compare the shown run with the annotations wherever they changed since they were compared."""
    studio.queue.counting.start()
    return None


@command("queue.agreement", "Agreement between People…", (), is_open, Look("", "people"))
def agreement(studio: Studio) -> Edit | None:
    """See how far two people agree on the pictures that both have annotated: Cohen's kappa and mean IoU."""
    studio.ask.show("agreement")
    return None
