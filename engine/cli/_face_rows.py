"""What the commands on faces say: the rows of their JSON, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cropping import Quality
from engine.faces.enrolling import EnrolReport
from engine.gallery import Decision
from engine.gallery.rates import percent

if TYPE_CHECKING:
    from engine.faces.identifying import Identified, IdentifyReport, VerifyReport

Row = dict[str, Any]


def enrolled(report: EnrolReport) -> Row:
    """Of `faces enroll`."""
    return {
        "identities": [
            {"id": each.identity_id, "name": each.name, "templates": list(each.template_ids)} for each in report.people
        ],
        "templates": len(report.template_ids),
        "unknown": list(report.unknown_ids),
        "known": [{"source": each.source, "template": each.template_id, "identity": each.person or None}
                  for each in report.known],
        "refused": [{"source": each.source, "why": each.why} for each in report.refused],
        "poor": [
            {"source": each.source, "template": each.template_id, "quality": each.quality,
             "flaws": [str(flaw) for flaw in each.flaws]}
            for each in report.poor
        ],
    }  # fmt: skip


def enrolled_words(report: EnrolReport) -> str:
    """The same for people."""
    lines = [f"{each.name}: {_faces(len(each.template_ids))} enrolled" for each in report.people]
    if report.unknown_ids:
        lines.append(f"{_faces(len(report.unknown_ids))} without a name")
    lines += [f"{each.source} is there already{_whose(each.person)}" for each in report.known]
    lines += [f"{each.source} is poor ({each.quality:.2f}): {each.words}" for each in report.poor]
    lines += [f"{each.source} was refused: {each.why}" for each in report.refused]
    return "\n".join(lines) or "nothing was enrolled"


def identified(report: IdentifyReport, names: Mapping[int, str]) -> Row:
    """Of `faces identify`."""
    worth = report.calibration
    return {
        "embedder": report.embedder,
        "rule": report.rule,
        "threshold": report.threshold,
        "wanted_far": None if worth is None else worth.wanted,
        "is_far_shown": None if worth is None else worth.is_shown,
        "threshold_words": [] if worth is None else list(worth.words),
        "images": [_identified_row(each, names) for each in report.found],
    }


def _identified_row(found: Identified, names: Mapping[int, str]) -> Row:
    if found.decision is None or found.quality is None:
        return {
            "image": found.path,
            "box": None,
            "identity": None,
            "distance": None,
            "ranking": [],
            "refused": found.refusal,
        }
    decision = found.decision
    return {
        "image": found.path,
        "box": found.bounds,
        "identity": None if decision.identity_id is None else names[decision.identity_id],
        "distance": decision.distance,
        "far": found.far,
        "margin": decision.margin,
        "ranking": [
            {"identity": names[each.identity_id], "distance": each.distance, "templates": each.n_templates,
             "nearest_template": each.nearest_template_id}
            for each in decision.ranking
        ],
        **quality_row(found.quality),
    }  # fmt: skip


def identified_words(report: IdentifyReport, names: Mapping[int, str]) -> str:
    """The same for people: names and distances, and what the threshold is worth."""
    lines = [_identified_line(each, names) for each in report.found]
    lines.append(f"by {report.embedder}, rule {report.rule}, accepted up to {report.threshold:.4f}")
    return "\n".join((*lines, *(() if report.calibration is None else report.calibration.words)))


def _identified_line(found: Identified, names: Mapping[int, str]) -> str:
    if found.decision is None:
        return f"{found.path}: cannot be read: {found.refusal}"
    poor = "" if found.quality is None else "".join(f" {each.words}" for each in found.quality.flaws)
    return f"{found.path}: {_verdict(found.decision, names)}{_as_near(found.far)}.{poor}"


def _verdict(decision: Decision, names: Mapping[int, str]) -> str:
    nearest = decision.ranking[0]
    name, far = names[nearest.identity_id], f"{nearest.distance:.4f}"
    return f"{name} at {far}" if decision.identity_id is not None else f"no identification; nearest is {name} at {far}"


def verified(report: VerifyReport, paths: tuple[Path, Path]) -> Row:
    """Of `faces verify`."""
    return {
        "embedder": report.embedder,
        "same": report.is_same,
        "distance": report.distance,
        "threshold": report.threshold,
        "far": report.far,
        "images": [
            {"image": path} | quality_row(quality) for path, quality in zip(paths, report.qualities, strict=True)
        ],
    }


def verified_words(report: VerifyReport) -> str:
    """The same for people."""
    verdict = "one person" if report.is_same else "not one person"
    near = _as_near(report.far, "pair of different people", "pairs of different people")
    said = f"{verdict}: {report.distance:.4f} apart, accepted up to {report.threshold:.4f}{near}"
    worth = report.calibration
    if worth is None:
        return said
    return "\n".join((said, f"of pairs of different people it takes {worth.accepted} for one", *worth.of_whom))


def quality_row(quality: Quality) -> Row:
    """How good a crop is; `turn` is null where the pose is unknown."""
    return {"quality": quality.score, "turn": quality.turn, "flaws": [str(each) for each in quality.flaws]}


def _as_near(far: float | None, one: str = "stranger", many: str = "strangers") -> str:
    if far == 0:
        return f", nearer than any {one} tried"
    return "" if far is None else f", as near as {percent(far)} of {many}"


def _whose(person: str) -> str:
    return f", as {person}'s" if person else ""


def _faces(n: int) -> str:
    return "1 face" if n == 1 else f"{n} faces"
