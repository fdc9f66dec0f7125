"""What became different in a run's training set while it rested: it goes on with images as they are now, and says so.

It is kept among the run's metrics, at the step where the run went on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

from engine.project import runs
from engine.project.records import Split
from engine.project.store import Project
from engine.training.remembering import Remembered, Row

_METRIC = "resume/"


@dataclass(frozen=True, slots=True)
class SetChanges:
    """Images that are others, or annotated otherwise, than when the run was last under way."""

    n_edited: int = 0
    """Learned from, and annotated otherwise now."""
    n_added: int = 0
    """Learned from only from now on."""
    n_gone: int = 0
    """Not learned from any more."""
    n_tried: int = 0
    """Of those it is tried on: annotated otherwise, added or gone."""
    n_leaked: int = 0
    """Learned from before, and tried on from now on."""

    def __bool__(self) -> bool:
        return any((self.n_edited, self.n_added, self.n_gone, self.n_tried))

    @property
    def n_learned(self) -> int:
        """All that make a difference to what it learns."""
        return self.n_edited + self.n_added + self.n_gone

    def in_words(self, step: int) -> str:
        """For a person who wonders whether figures before and after a step can be compared."""
        how = _listed(
            (self.n_edited, "annotated otherwise"), (self.n_added, "added"), (self.n_gone, "not learned from any more")
        )
        learned = f"{_images(self.n_learned)} to learn from ({how})" if self.n_learned else ""
        tried = f"{_images(self.n_tried)} to be tried on" if self.n_tried else ""
        what = " and ".join(each for each in (learned, tried) if each)
        words = f"Before it went on at step {step:,}, {what} had changed: it goes on with them as they are now."
        were = "1 image it is tried on was" if self.n_leaked == 1 else f"{self.n_leaked:,} images it is tried on were"
        return f"{words} {were} learned from before: its scores look better than they are." if self.n_leaked else words


NO_CHANGES = SetChanges()


def _images(n: int) -> str:
    return "1 image" if n == 1 else f"{n:,} images"


def _listed(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{n:,} {words}" for n, words in counts if n)


def between(before: Mapping[int, tuple[Split, Remembered]], now: Mapping[int, tuple[Split, Remembered]]) -> SetChanges:
    """What makes a difference to a training, by image id; names, review and attributes do not."""
    was = {image_id: (split, kept) for image_id, (split, kept) in before.items() if not kept.is_gone}
    learned = [_of(each, "train") for each in (was, now)]
    tried = [_of(each, "val") for each in (was, now)]
    return SetChanges(
        n_edited=_n_edited(*learned),
        n_added=len(learned[1].keys() - learned[0].keys()),
        n_gone=len(learned[0].keys() - learned[1].keys()),
        n_tried=_n_edited(*tried) + len(tried[0].keys() ^ tried[1].keys()),
        n_leaked=len(learned[0].keys() & tried[1].keys()),
    )


def _of(images: Mapping[int, tuple[Split, Remembered]], split: Literal["train", "val"]) -> dict[int, Remembered]:
    return {image_id: kept for image_id, (found, kept) in images.items() if found == split}


def _n_edited(before: Mapping[int, Remembered], now: Mapping[int, Remembered]) -> int:
    return sum(_differ(before[image_id], now[image_id]) for image_id in before.keys() & now.keys())


def _differ(before: Remembered, now: Remembered) -> bool:
    pictures = [kept.image.sha256 for kept in (before, now) if kept.image is not None]
    return len(set(pictures)) > 1 or [*map(_learned, before.rows)] != [*map(_learned, now.rows)]


def _learned(row: Row) -> tuple[object, ...]:
    return row.class_id, row.kind, row.shape, row.is_crowd, row.keypoints


def keep(project: Project, run_id: int, step: int, changes: SetChanges) -> None:
    """Write into a run, inside `atomic()`, that it went on at a step with a changed training set."""
    values = {f"{_METRIC}{name}": float(n) for name, n in asdict(changes).items()}
    runs.add_metrics(project, run_id, step, values)


def kept(project: Project, run_id: int) -> tuple[tuple[int, SetChanges], ...]:
    """The steps at which a run went on with a changed training set, and what had changed."""
    found: dict[int, dict[str, int]] = {}
    known = {field.name for field in fields(SetChanges)}
    for each in runs.metrics_named(project, run_id, _METRIC):
        name = each.name.removeprefix(_METRIC)
        if name in known and each.value is not None:
            found.setdefault(each.step, {})[name] = int(each.value)
    return tuple((step, SetChanges(**counts)) for step, counts in sorted(found.items()))
