"""A project with very many templates: unit vectors about the directions of people, written by bulk SQL.

All templates share one crop, since only vectors are searched.

    python -m tests.bench._big_gallery PATH [TEMPLATES [PEOPLE]]
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from engine.project import contents, definitions, embeddings
from engine.project.records import EmbedderRecord
from engine.project.store import Project
from tests.bench._elsewhere import ROOT

DIM = 128
_AT_ONCE = 50_000
_MOMENT = "2025-01-01T00:00:00.000+00:00"


def cached(n_templates: int, n_people: int) -> Path:
    """The path of such a project below `.bench`, made anew when there is none of the present schema."""
    schema = hashlib.sha256(repr(sorted(definitions.definitions().items())).encode()).hexdigest()[:8]
    path = ROOT / ".bench" / f"gallery-{n_templates}-{n_people}-{schema}.boxwright"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        make(part, n_templates, n_people)
        part.replace(path)
    return path


def make(path: Path, n_templates: int, n_people: int) -> None:
    """Write the project; its embedder has id 1."""
    with Project.create(path) as project:
        project.rows("PRAGMA synchronous = OFF")
        with project.atomic():
            crop = contents.put(project, _png())
            record = EmbedderRecord(0, "bench", None, "0" * 64, "0" * 64, "cosine", DIM)
            embedder_id = embeddings.put_embedder(project, record)
            project.execute_many(
                "INSERT INTO identities (id, name, created) VALUES (?, ?, ?)",
                ((n, f"person {n}", _MOMENT) for n in range(1, n_people + 1)),
            )
            project.execute_many(
                "INSERT INTO templates (id, identity_id, state, crop_content_id, created) VALUES (?, ?, ?, ?, ?)",
                ((n, 1 + n % n_people, "confirmed", crop, _MOMENT) for n in range(1, n_templates + 1)),
            )
        for start, vectors in _vectors(n_templates, n_people):
            with project.atomic():
                embeddings.store(project, embedder_id, range(start + 1, start + 1 + len(vectors)), vectors)


def probes(n: int) -> np.ndarray:
    """(n, DIM) faces of nobody in particular."""
    return _unit(np.random.default_rng(99).normal(size=(n, DIM)))


def _vectors(n_templates: int, n_people: int) -> Iterator[tuple[int, np.ndarray]]:
    rng = np.random.default_rng(0)
    people = rng.normal(size=(n_people, DIM)).astype(np.float32)
    for start in range(0, n_templates, _AT_ONCE):
        whose = np.arange(start + 1, min(start + _AT_ONCE, n_templates) + 1) % n_people
        yield start, _unit(people[whose] + rng.normal(size=(len(whose), DIM)))


def _unit(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[2:]]
    make(Path(sys.argv[1]), *(numbers or [1_000_000, 100_000]))
