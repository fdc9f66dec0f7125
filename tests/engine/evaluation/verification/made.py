"""Distances of people that are made up, with ties, and the same figures by plain loops."""

import numpy as np
from hypothesis import strategies as st

from engine.evaluation.verification import Searches, Trials


@st.composite
def compared(draw, n_people=(2, 6), strangers=0):
    """(P, C) distances with ties, whose the probes are, and the people of the columns."""
    n = draw(st.integers(*n_people))
    probes = np.repeat(np.arange(n + strangers), draw(st.integers(1, 3))) * 3 + 1
    columns = np.arange(n) * 3 + 1
    numbers = st.integers(0, 12)
    rows = draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=len(probes), max_size=len(probes)))
    return np.array(rows, np.float64) / 4, probes, columns


def flat(distances, probes, columns) -> tuple[list[float], list[float]]:
    """Genuine and impostor distances as plain lists."""
    genuine: list[float] = []
    impostor: list[float] = []
    for row, person in enumerate(probes):
        for column, other in enumerate(columns):
            if not np.isnan(distances[row, column]):
                (genuine if person == other else impostor).append(float(distances[row, column]))
    return genuine, impostor


def rates(threshold, genuine, impostor):
    """FAR and FRR of accepting what is at most the threshold."""
    far = sum(each <= threshold for each in impostor) / len(impostor)
    frr = sum(each > threshold for each in genuine) / len(genuine)
    return far, frr


def naive_eer(genuine, impostor):
    """Walk over thresholds until false accepts are no fewer than false rejects; then the line between the last two."""
    far0, frr0 = 0.0, 1.0
    for threshold in sorted(set(genuine + impostor)):
        far1, frr1 = rates(threshold, genuine, impostor)
        if far1 >= frr1:
            part = (frr0 - far0) / ((frr0 - far0) + (far1 - frr1))
            return far0 + part * (far1 - far0)
        far0, frr0 = far1, frr1
    raise AssertionError("the loosest threshold accepts all")


def naive_tar(wanted, genuine, impostor):
    """The most genuine trials that any threshold accepts which keeps the rate."""
    best = 0.0
    for threshold in sorted(set(genuine + impostor)):
        far, frr = rates(threshold, genuine, impostor)
        if far <= wanted + 1e-12:
            best = max(best, 1 - frr)
    return best


def naive_searches(threshold, distances, probes, columns):
    """FPIR and FNIR of a threshold, and how many searches each is of."""
    positive = strangers = missed = enrolled = 0
    for row, person in enumerate(probes):
        first = min(distances[row])
        if person not in columns:
            strangers += 1
            positive += first <= threshold
            continue
        enrolled += 1
        own = distances[row][list(columns).index(person)]
        is_first = all(distances[row][each] > own for each, other in enumerate(columns) if other != person)
        missed += not (is_first and own <= threshold)
    return positive, strangers, missed, enrolled


def between(figure):
    """The value of a figure that is shown and lies where it says."""
    assert figure.value is not None
    assert figure.low <= figure.value <= figure.high
    return figure.value


def of_normal(n_people=12, n_faces=4, apart=2.0, seed=0):
    """Trials and searches of faces that scatter around their people, the first face of each being enrolled."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(n_people, 8)) * apart
    faces = middles[:, None] + rng.normal(size=(n_people, n_faces, 8))
    probes = faces[:, 1:].reshape(-1, 8)
    whose = np.repeat(np.arange(n_people), n_faces - 1)
    distances = np.linalg.norm(probes[:, None] - faces[:, 0], axis=2)
    return Trials.of(distances, whose, np.arange(n_people)), Searches.of(distances, whose, np.arange(n_people))
