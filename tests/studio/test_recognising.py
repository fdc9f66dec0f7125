"""Recognising: a session's project asked about faces, by a worker of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.faces.enrolling import EnrolRequest
from engine.faces.sources import FaceFolders
from engine.progress import finish
from engine.project import embeddings
from engine.project.store import Project
from studio import face_errands
from studio.jobs import Jobs
from studio.orders import Failure
from studio.probes import ProbeAsk, Probed
from studio.recognising import Recognising
from studio.session import Session
from tests.engine.faces.enrolled import folders
from tests.engine.faces.having import ensure_embedder
from tests.studio.asked import AskedJobs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "faces.boxwright"
    with Project.create(made) as project:
        finish(face_errands.enrol_faces(project, EnrolRequest((FaceFolders(folders(tmp_path / "people")),))))
        finish(face_errands.embed_faces(project, ensure_embedder(project, "pixels")))
    return made


@pytest.fixture
def session(qtbot: QtBot, path: Path) -> Iterator[Session]:
    session = Session()
    session.open(path)
    yield session
    session.close()


def test_a_question_goes_to_a_lane_of_its_own_and_the_newest_waits(session: Session) -> None:
    jobs, heard = AskedJobs(), list[Probed]()
    recognising = Recognising(session, jobs)
    asks = [ProbeAsk(1, pngs=(bytes([n]),)) for n in range(3)]
    for ask in asks:
        recognising.ask(ask, heard.append)
    (job,) = jobs.started
    assert (job.task.lane, job.task.project) == ("faces", session.project.path)
    job.answer(Probed(asks[0]))
    job.answer(Probed(asks[2]))
    assert [each.ask for each in heard] == [asks[0], asks[2]]
    recognising.ask_surely(asks[1], heard.append)
    job.end(Failure("It died."))
    assert heard[-1].ask == asks[1] and heard[-1].refusal == Failure("It died.")


def test_another_project_stops_the_worker(session: Session) -> None:
    jobs, heard = AskedJobs(), list[Probed]()
    recognising = Recognising(session, jobs)
    recognising.ask(ProbeAsk(1), heard.append)
    session.close()
    assert jobs.stopped == jobs.started
    recognising.ask(ProbeAsk(1), heard.append)
    assert len(jobs.started) == 1 and heard == []


@pytest.mark.slow
def test_a_real_worker_answers(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    jobs, heard = Jobs(), list[Probed]()
    recognising = Recognising(session, jobs)
    recognising.ask(ProbeAsk(1, (tmp_path / "people" / "Ben" / "0.png",)), heard.append)
    qtbot.waitUntil(lambda: bool(heard), timeout=60_000)
    kept = embeddings.gallery(session.project, 1)
    assert heard[0].faces[0].vector == pytest.approx(kept.vectors[2], abs=1e-6)
    jobs.finish()
