"""Asker: one question on its way, the newest waits, certain ones are all answered; what becomes of a lost worker."""

from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from studio.asker import Asker, Correspondence
from studio.orders import Failure, Task
from tests.studio.asked import AskedJobs

CLOSED = Failure("Nobody is there.")


@dataclass(frozen=True)
class Said:
    question: str
    failure: Failure | None = None


class Desk:
    """An asker, who is there to answer, and what was heard."""

    def __init__(self) -> None:
        self.jobs, self.heard = AskedJobs(), list[Said]()
        self.there: Task | Failure | None = Task("Answer", "prompt", "somewhere:answer")
        about = Correspondence(lambda: self.there, Said, lambda said: said.question, Said)
        self.asker: Asker[str, Said] = Asker(self.jobs, about)

    def ask(self, question: str) -> None:
        self.asker.ask(question, self.heard.append)

    def answer(self, question: str | None = None) -> None:
        self.jobs.started[-1].answer(Said(question or self.asker.on_its_way))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_certain_ones_come_before_the_newest_which_alone_is_left_of_the_others(desk: Desk) -> None:
    for question in "abc":
        desk.ask(question)
    desk.asker.ask_surely("d", desk.heard.append)
    desk.asker.ask_surely("e", desk.heard.append)
    assert (desk.asker.on_its_way, desk.asker.waiting) == ("a", "c")
    for _ in range(4):
        desk.answer()
    assert desk.jobs.told == ["a", "d", "e", "c"]
    assert desk.heard == [Said(question) for question in "adec"]
    assert (desk.asker.on_its_way, desk.asker.waiting) == (None, None)
    assert len(desk.jobs.started) == 1


def test_what_is_no_answer_to_what_was_asked_is_not_told(desk: Desk) -> None:
    desk.ask("a")
    desk.answer("z")
    desk.jobs.started[0].answer("a")
    assert desk.heard == []
    desk.answer()
    assert desk.heard == [Said("a")]


def test_an_answer_may_ask_on(desk: Desk) -> None:
    desk.asker.ask("a", lambda _: desk.ask("b"))
    desk.answer()
    assert desk.asker.on_its_way == "b"


def test_what_waits_can_be_forgotten_and_all_be_stopped(desk: Desk) -> None:
    desk.ask("a")
    desk.ask("b")
    desk.asker.forget()
    assert (desk.asker.on_its_way, desk.asker.waiting) == ("a", None)
    desk.asker.ask_surely("c", desk.heard.append)
    late = desk.jobs.started[0]
    desk.asker.stop()
    assert desk.jobs.stopped == [late]
    late.answer(Said("a"))
    late.end()
    assert desk.heard == []
    desk.ask("a")
    late.answer(Said("a"))  # of the worker that was let go of
    assert desk.heard == []
    desk.answer()
    assert desk.heard == [Said("a")]


def test_a_worker_that_went_idle_is_asked_again_and_one_that_died_is_why_there_is_no_answer(desk: Desk) -> None:
    desk.ask("a")
    desk.jobs.started[0].end()
    assert desk.jobs.told == ["a", "a"]
    desk.ask("b")
    desk.jobs.started[1].end(CLOSED)
    assert desk.heard == [Said("a", CLOSED)]
    desk.answer()
    assert desk.heard[-1] == Said("b")
    assert len(desk.jobs.started) == 3
    desk.jobs.started[2].end()
    assert len(desk.jobs.started) == 3, "nothing is asked"


def test_a_refusal_never_comes_within_the_question_nor_after_it_was_let_go_of(desk: Desk, qtbot: QtBot) -> None:
    desk.there = CLOSED
    desk.ask("a")
    assert desk.heard == []
    qtbot.waitUntil(lambda: desk.heard == [Said("a", CLOSED)])
    desk.ask("b")
    desk.asker.stop()
    desk.ask("b")
    qtbot.waitUntil(lambda: len(desk.heard) == 2)
    qtbot.wait(1)
    assert desk.heard[1:] == [Said("b", CLOSED)]
    assert desk.jobs.started == []


def test_where_nothing_is_open_a_question_is_let_go_of(desk: Desk) -> None:
    desk.there = None
    desk.ask("a")
    assert (desk.asker.on_its_way, desk.heard) == (None, [])
