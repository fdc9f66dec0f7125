"""What two or more runs have different, as plain values without torch, so that a window can read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that all of the runs have, and not all the same."""

    title: str
    help: str
    values: tuple[str, ...]
    """In words, by run."""


@dataclass(frozen=True, slots=True)
class ClassAp:
    """AP of one class, by run; None where it is not to be had."""

    class_name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RunsCompared:
    """Runs side by side, in the order in which they were asked for."""

    run_ids: tuple[int, ...]
    differences: tuple[Difference, ...]
    n_alike: int
    """How many things were looked at and are the same."""
    ap: ClassAp
    """Over all classes."""
    by_class: tuple[ClassAp, ...]
    """In the order of the project's classes."""
    judged_by: str
    """'masks' or 'boxes'."""
    n_pictures: tuple[int, ...]
    """By run: pictures of the validation split that it has looked at."""
