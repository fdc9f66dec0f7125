"""The nearest of a million faces from a project file, beside flat faiss and usearch; decisions among 10,000 templates.

    python -m tests.bench.gallery [TEMPLATES]

faiss and usearch are installed into environments of their own under .bench, never into ours, and hold the same vectors
in processes of their own. They and ours answer the same probes in turns; the answers are compared. What it takes to
load is reported apart. All use as many threads as OMP_NUM_THREADS says, one where it says nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from engine.gallery import RULES, Searcher, Vectors, calibrated, clusters, identify, left_out, parting
from engine.project import embeddings
from engine.project.store import Project
from tests.bench import _big_gallery
from tests.bench._elsewhere import environment
from tests.bench._rows import Row, median, milliseconds, show

WANTED = {"faiss": ["faiss-cpu==1.15.1", "numpy"], "usearch": ["usearch==2.26.6", "numpy"]}
CHILD = Path(__file__).with_name("_flat_index_child.py")
N_TEMPLATES, PER_PERSON = 1_000_000, 10
N_PROBES, N_WARM, K = 41, 3, 10
ENROLLED = 10_000
LIMIT_MS = 20.0
"""For one decision among 10,000 templates."""
_ROUNDED = 2e-6
"""Distances nearer to each other than this may come in any order from who sums in float32."""


class Theirs:
    """A child process that holds one of them."""

    def __init__(self, kind: str, python: Path, folder: Path) -> None:
        command = [str(python), str(CHILD), kind, str(folder / "vectors.npy"), str(folder / "probes.npy"), str(K)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.loaded: float = self._read()["loaded"]

    def ask(self, probe: int) -> dict[str, Any]:
        """Milliseconds and answer."""
        assert self._child.stdin is not None
        print(probe, file=self._child.stdin, flush=True)
        return self._read()

    def close(self) -> None:
        """End it."""
        self._child.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        found: dict[str, Any] = json.loads(self._child.stdout.readline())
        return found


def searched(path: Path) -> Iterator[Row]:
    """Searches in turns."""
    start = time.perf_counter()
    with Project.open(path, read_only=True) as project:
        vectors = embeddings.vectors(project, 1)
    read = time.perf_counter() - start
    searcher = Searcher.of(vectors)
    loaded = time.perf_counter() - start
    probes = _big_gallery.probes(N_PROBES)
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / "vectors.npy", vectors.vectors)
        np.save(Path(name) / "probes.npy", probes)
        others = dict(_others(Path(name)))
        taken: dict[str, list[float]] = {kind: [] for kind in ("ours", *others)}
        for number, probe in enumerate(probes):
            start = time.perf_counter()
            ids, far = searcher.nearest(probe, K)
            taken["ours"].append((time.perf_counter() - start) * 1000)
            for kind, other in others.items():
                told = other.ask(number)
                taken[kind].append(told["ms"])
                _compare(kind, vectors.template_ids[told["rows"]], 1 - np.array(told["products"]), ids[0], far[0])
    size = f"{len(vectors):,} x {vectors.vectors.shape[1]}"
    ours = median(taken["ours"][N_WARM:])
    for kind in others:
        theirs = median(taken[kind][N_WARM:])
        yield Row(f"the {K} nearest of {size}, as {kind} finds them", ours, "ms", theirs, kind, limit=theirs)
    for kind in others:
        yield Row("... the fastest of each", min(taken["ours"]), "ms", min(taken[kind]), kind)
    yield Row("... vectors from the project file", read, "s")
    yield Row("... vectors from the project file, ready to be searched", loaded, "s")
    for kind, other in others.items():
        yield Row(f"... {kind}, from a file of numbers", other.loaded, "s")
        other.close()


def _others(folder: Path) -> Iterator[tuple[str, Theirs]]:
    for kind, wanted in WANTED.items():
        python = environment(kind, wanted)
        if python is None:
            print(f"{wanted[0]} cannot be installed here; it is not compared.")
        else:
            yield kind, Theirs(kind, python, folder)


def _compare(kind: str, ids: np.ndarray, far: np.ndarray, our_ids: np.ndarray, our_far: np.ndarray) -> None:
    """Raises where an answer differs by more than rounding in float32."""
    if np.abs(far - our_far).max() > _ROUNDED:
        raise RuntimeError(f"{kind} finds other distances: {far} and not {our_far}")
    for place in np.flatnonzero(ids != our_ids):
        twins = np.flatnonzero(np.abs(our_far - our_far[place]) <= _ROUNDED)
        if len(twins) < 2 and place < len(ids) - 1:
            raise RuntimeError(f"{kind} finds other faces: {ids} and not {our_ids}")


def decided() -> Iterator[Row]:
    """Decisions among as many templates as a large gallery has, and what is worked out once for it."""
    with Project.open(_big_gallery.cached(ENROLLED, ENROLLED // PER_PERSON), read_only=True) as project:
        gallery = embeddings.gallery(project, 1)
        yield Row(
            f"gallery of {ENROLLED:,} read", median(milliseconds(lambda: embeddings.gallery(project, 1), 5)), "ms"
        )
    probes = iter(np.tile(_big_gallery.probes(31), (len(RULES), 1)))
    for rule in RULES:
        taken = milliseconds(lambda rule=rule: identify(gallery, next(probes), rule, 0.3), 31)  # type: ignore[misc]
        yield Row(f"decision among {ENROLLED:,} templates, {rule}", median(taken), "ms", limit=LIMIT_MS)
    trials = left_out(gallery, "nearest")
    yield Row(f"own trials of {ENROLLED:,} templates", _seconds(partial(left_out, gallery, "nearest")), "s")
    yield Row("threshold for 1 % of strangers, from them", _seconds(partial(calibrated, trials, 0.01)), "s")
    some = Vectors(gallery.template_ids[:5000], gallery.vectors[:5000], gallery.metric)
    yield Row("5,000 unknown faces put together", _seconds(lambda: clusters(some, parting(some) or 0.0)), "s")


def _seconds(run: Any) -> float:
    return milliseconds(run, 1)[0] / 1000


def main() -> None:
    """Search, decide, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_TEMPLATES
    show([*searched(_big_gallery.cached(n, n // PER_PERSON)), *decided()])


if __name__ == "__main__":
    main()
