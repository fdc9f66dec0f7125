"""How a training is going, in words. No Qt here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import UserError
from engine.faces.events import FacesStepDone
from engine.project import listings, pauses, run_settings, runs
from engine.project.listings import Series
from engine.project.records import CheckpointKind, Run
from engine.project.store import Project
from engine.tracing.rule_text import kept_words
from engine.training import set_changes
from engine.training.events import StepDone
from studio.pace import in_words

BETWEEN = "   ·   "
FACE_LOSSES: Mapping[str, str] = {
    "train/angles": "angles",
    "train/triplet": "triplets",
    "train/contrastive": "contrastive",
    "train/contrastive-squared": "contrastive, squared",
    "train/pair": "pairs",
    "train/pair-chi-squared": "pairs, chi-squared",
    "train/clicked": "your clicks",
    "train/apart": "strangers apart",
}
"""What an embedder's training tells of its steps, and how a chart calls it."""
FACE_SCORES: Mapping[str, str] = {
    f"{kind}/{name}": words + own
    for kind, own in (("val", ""), ("train", ", of those it learns from"))
    for name, words in (
        ("rank1", "rank-1"),
        ("order", "order of pairs"),
        ("order_of_head", "order by the pair head"),
        ("order_of_clicked", "order of your clicks"),
    )
}
"""What it tells of its trials."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a project has of one run."""

    run: Run
    series: list[Series]
    """Its metrics since it was asked last."""
    kept: frozenset[CheckpointKind]
    """Its checkpoints."""
    best: Mapping[str, float]
    """The best value of each score."""
    is_resting: bool
    """Whether it is paused and its process goes on when it is told to."""
    notes: tuple[str, ...] = ()
    """What a person should know of its figures, in sentences."""
    order: float | None = None
    """Of an embedder: how often it orders pairs of faces rightly, as it was tried last."""

    @property
    def score(self) -> str:
        """How good it is, as ', AP 0.412'; '' where that is not known."""
        if self.run.kind == "embedder":
            return "" if self.order is None else f", {self.order:.1%} of pairs in order"
        return "" if self.ap is None else f", AP {self.ap:.3f}"

    @property
    def ap(self) -> float | None:
        """The best AP: of masks where there are any, else of boxes."""
        return self.best.get("segm/AP", self.best.get("bbox/AP"))


def read(project: Project, run_id: int, after_step: int) -> Facts | None:
    """What there is of a run, with the metrics after a step; None where it was deleted meanwhile."""
    try:
        run = runs.get(project, run_id)
    except UserError:
        return None
    kinds: tuple[CheckpointKind, ...] = ("best", "last", "imported")
    return Facts(
        run,
        listings.series(project, run_id, after_step),
        frozenset(kind for kind in kinds if runs.has_checkpoint(project, run_id, kind)),
        listings.best_metrics(project, [run_id]).get(run_id, {}),
        pauses.is_resting(project, run_id),
        (*_kept_settings(project, run_id), *(each.in_words(step) for step, each in set_changes.kept(project, run_id))),
        _order(project, run) if run.kind == "embedder" else None,
    )


def _order(project: Project, run: Run) -> float | None:
    found = (listings.last_value(project, run.id, f"{kind}/order") for kind in ("val", "train"))
    return next((each for each in found if each is not None), None)


def _kept_settings(project: Project, run_id: int) -> tuple[str, ...]:
    words = kept_words(run_settings.kept(project, run_id))
    return (f"It detects with settings that were kept for it: {words}.",) if words else ()


def moving(step: StepDone | FacesStepDone) -> str:
    """Where a training is and how fast it goes."""
    if isinstance(step, FacesStepDone):
        left = in_words(step.eta_seconds if math.isfinite(step.eta_seconds) else None)
        parts = [f"step {step.step:,}", f"{step.faces_per_second:.0f} faces/s", *([f"{left} left"] if left else [])]
        return BETWEEN.join(parts)
    parts = [
        f"step {step.step:,}, epoch {step.epoch + 1}",
        f"{step.pictures_per_second:.1f} pictures/s",
        f"learning rate {step.learning_rate:.1e}",
    ]
    if left := in_words(step.eta_seconds if math.isfinite(step.eta_seconds) else None):
        parts.append(f"{left} left")
    if step.gpu_bytes is not None:
        parts.append(f"{step.gpu_bytes / 1e9:.1f} GB on the GPU")
    elif step.process_bytes is not None:
        parts.append(f"{step.process_bytes / 1e9:.1f} GB of memory")
    return BETWEEN.join(parts)


def resting(facts: Facts) -> str:
    """How a run stands that is not moving, and what is kept of it."""
    run = facts.run
    match run.state:
        case "queued":
            return "Waits in the queue."
        case "running":
            return "Getting ready…"
        case "paused":
            return "Paused. Everything is kept; it goes on exactly where it rests."
        case "done":
            return f"Done. Its best checkpoint is kept{facts.score}."
        case "failed":
            kept = " What it learned until its last checkpoint is kept." if facts.kept else ""
            return f"Failed: {run.message}{kept}"
        case _:
            how = "Stopped" if run.state == "stopped" else "Interrupted"
            best = (
                f"the best checkpoint is kept{facts.score}"
                if "best" in facts.kept
                else "nothing was good enough to keep yet"
            )
            last = ", and it can be resumed exactly" if "last" in facts.kept else ""
            return f"{how}: {best}{last}."
