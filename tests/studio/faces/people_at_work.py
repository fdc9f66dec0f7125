"""A window with drawn people enrolled, and an embedder that answers within the test's own process."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QTimer

from engine.faces.ensuring import use_embedder
from engine.progress import finish
from engine.project.gallery_edits import AddTemplates, NewTemplate
from engine.project.history import History
from engine.project.store import Project
from studio import face_errands
from studio.probes import ProbeAsk, Probed
from studio.recognising import Recognising
from tests.engine.faces.drawn_faces import face
from tests.engine.faces.having import ensure_embedder
from tests.studio.windows import Opened

N_PEOPLE, N_EACH = 4, 3


def make(path: Path, n_people: int = N_PEOPLE, n_each: int = N_EACH) -> Path:
    """People 'Person 0' and so on, enrolled, and compared pixel by pixel; one face waits for a name."""
    with Project.create(path) as project:
        everybody = [
            NewTemplate(png(person, picture), "confirmed", person=f"Person {person}")
            for person in range(n_people)
            for picture in range(n_each)
        ]
        History(project).do(AddTemplates((*everybody, NewTemplate(png(0, 7), "unknown", source="unknown.png"))))
        embedder_id = ensure_embedder(project, "pixels")
        finish(face_errands.embed_faces(project, embedder_id))
        use_embedder(project, embedder_id)
    return path


def png(person: int, picture: int) -> bytes:
    """A picture of a person."""
    written = io.BytesIO()
    Image.fromarray(face(person, picture)).resize((112, 128)).save(written, "PNG")
    return written.getvalue()


def file_of(folder: Path, person: int, picture: int) -> Path:
    """A picture of a person, as a file."""
    path = folder / f"{person}_{picture}.png"
    path.write_bytes(png(person, picture))
    return path


def answer_here(monkeypatch: pytest.MonkeyPatch, at_work: Opened) -> None:
    """Have probes answered without a worker process, a moment after they are asked about."""

    def ask(_: Recognising, wanted: ProbeAsk, then: Callable[[Probed], None]) -> None:
        project = at_work.session.project
        assert project is not None
        answer = face_errands._probed(project, face_errands._Warm(project), wanted)
        QTimer.singleShot(0, at_work.window, lambda: then(answer))

    monkeypatch.setattr(Recognising, "ask_surely", ask)
    monkeypatch.setattr(Recognising, "ask", ask)
