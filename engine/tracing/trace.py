"""Trace: the stages of one forward pass on one picture, and what was checked of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from engine.tracing.stages import Input, Scores, Selection, Stage, Taught

StageT = TypeVar("StageT", bound=Stage)


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was compared with the network's own result."""

    name: str
    """As 'untraced' (results with and without watching), 'proposals', 'detections' (replayed by their rules)."""
    is_equal: bool
    words: str
    """One sentence: what was compared, and where it differs."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What was looked at, by what."""

    detector: str
    """Its name in the registry."""
    title: str
    class_names: tuple[str, ...]
    class_ids: tuple[int, ...]
    """The project's ids, in the network's order of classes."""
    device: str
    run_id: int | None = None
    image_id: int | None = None
    image_name: str = ""
    anchor_scale: float = 1.0
    """How many times as long as built the sides of the network's anchors are: by settings that are kept for the run."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The record of one forward pass on one picture."""

    origin: Origin
    stages: tuple[Stage, ...]
    checks: tuple[Check, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether everything that was checked equals the network's own result."""
        return all(check.is_equal for check in self.checks)

    def named(self, name: str) -> Stage:
        """The stage of this name; raises KeyError."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def first(self, kind: type[StageT]) -> StageT:
        """The first stage of a kind; raises LookupError where the detector has none."""
        for stage in self.stages:
            if isinstance(stage, kind):
                return stage
        raise LookupError(kind.__name__)

    def all(self, kind: type[StageT]) -> tuple[StageT, ...]:
        """The stages of a kind, in order."""
        return tuple(stage for stage in self.stages if isinstance(stage, kind))

    def scores_of(self, selection: Selection) -> Scores:
        """What a selection selects from."""
        found = self.named(selection.of)
        assert isinstance(found, Scores)
        return found

    @property
    def input(self) -> Input:
        """The picture as the network sees it."""
        return self.first(Input)

    @property
    def is_lesson(self) -> bool:
        """Whether it is of training: what a picture teaches, not what is found on it."""
        return bool(self.all(Taught))

    @property
    def has_proposals(self) -> bool:
        """Whether the detector has two stages."""
        return len(self.all(Selection)) > 1
