"""What is behind a number: the truths and detections that it counts, so that somebody can go and look at them.

Legend: T truths, D detections, N cases; an id of 0 stands for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.evaluation.comparison import Comparison, Flags, Ids
from engine.evaluation.matching import Matching

EVERYTHING = (0.0, float("inf"))


class Columns(Protocol):
    """Anything that has cases: faults, the cells of a confusion."""

    @property
    def image_ids(self) -> Ids:
        """(N,)"""
        ...

    @property
    def annotation_ids(self) -> Ids:
        """(N,)"""
        ...

    @property
    def detection_ids(self) -> Ids:
        """(N,)"""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Truths, detections, or both of a pair; columns (N,)."""

    image_ids: Ids
    annotation_ids: Ids
    detection_ids: Ids

    def __len__(self) -> int:
        return len(self.image_ids)

    @classmethod
    def of(cls, *parts: Columns) -> Cases:
        """All of these."""
        if not parts:
            return cls.on_images(np.zeros(0, dtype=np.int64))
        return cls(
            np.concatenate([each.image_ids for each in parts]),
            np.concatenate([each.annotation_ids for each in parts]),
            np.concatenate([each.detection_ids for each in parts]),
        )

    @classmethod
    def on_images(cls, image_ids: Ids) -> Cases:
        """Whole pictures, without anything on them in particular."""
        return cls(image_ids, np.zeros_like(image_ids), np.zeros_like(image_ids))


@dataclass(frozen=True, slots=True)
class Among:
    """Which truths and detections are asked for."""

    class_id: int | None = None
    """None: of every class."""
    score: float = 0.0
    """Detections from this score on."""
    areas: tuple[float, float] = EVERYTHING
    """Of truths, and of detections that found none; both ends belong to it."""


def of_found(compared: Comparison, rows: Ids, matched: Matching | None = None) -> Cases:
    """Detections with the truths that they found; their own picture is on either side the same."""
    found, truth_of = compared.found, np.full(len(rows), -1) if matched is None else matched.truth_of[rows]
    return Cases(compared.image_ids[found.images[rows]], np.append(compared.truths.ids, 0)[truth_of], found.ids[rows])


def of_truths(compared: Comparison, rows: Ids) -> Cases:
    """Truths without detections."""
    truths = compared.truths
    return Cases(compared.image_ids[truths.images[rows]], truths.ids[rows], np.zeros(len(rows), dtype=np.int64))


def right(compared: Comparison, matched: Matching, among: Among = Among()) -> Cases:
    """The detections that found a truth, with it."""
    is_right = matched.is_true & (compared.found.scores >= among.score)
    rows = np.flatnonzero(is_right)
    return of_found(compared, rows[_is_asked(compared, among)[matched.truth_of[rows]]], matched)


def truths(compared: Comparison, _: Matching, among: Among = Among()) -> Cases:
    """Everything that is annotated."""
    return of_truths(compared, np.flatnonzero(~compared.truths.is_crowd & _is_asked(compared, among)))


def detected(compared: Comparison, matched: Matching, among: Among = Among()) -> Cases:
    """The detections, right or wrong."""
    found = compared.found
    is_in = ~matched.is_ignored & (found.scores >= among.score) & _is_of(found.classes, among)
    return of_found(compared, np.flatnonzero(is_in), matched)


def wrong(compared: Comparison, matched: Matching, among: Among = Among()) -> Cases:
    """The detections that found nothing."""
    found = compared.found
    is_wrong = matched.is_false & (found.scores >= among.score) & _is_within(found.areas, among)
    return of_found(compared, np.flatnonzero(is_wrong & _is_of(found.classes, among)))


def missed(compared: Comparison, matched: Matching, among: Among = Among()) -> Cases:
    """The truths that no detection from the score on found."""
    scores = np.append(compared.found.scores, -np.inf)[matched.found_by]
    is_missed = ~compared.truths.is_crowd & (scores < among.score)
    if among.score <= 0:
        is_missed = ~compared.truths.is_crowd & (matched.found_by < 0)
    return of_truths(compared, np.flatnonzero(is_missed & _is_asked(compared, among)))


def mistakes(compared: Comparison, matched: Matching, among: Among = Among()) -> Cases:
    """What keeps precision and recall from being 1: wrong detections, and missed truths."""
    return Cases.of(wrong(compared, matched, among), missed(compared, matched, among))


def _is_asked(compared: Comparison, among: Among) -> Flags:
    """(T,)"""
    return _is_of(compared.truths.classes, among) & _is_within(compared.truths.areas, among)


def _is_of(classes: Ids, among: Among) -> Flags:
    return np.ones(len(classes), dtype=np.bool_) if among.class_id is None else classes == among.class_id


def _is_within(areas: np.ndarray[tuple[int], np.dtype[np.float64]], among: Among) -> Flags:
    low, high = among.areas
    return (areas >= low) & (areas <= high)
