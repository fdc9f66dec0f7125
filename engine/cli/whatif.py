"""The command that asks a trace what other thresholds would find: whatif; no network, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.cli._output import Output, json_option
from engine.errors import UserError
from engine.inspecting import judging
from engine.inspecting.judging import Judged
from engine.project import run_settings, runs
from engine.project.history import History
from engine.project.store import Project
from engine.tracing import files, rule_text
from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.trace import Trace
from engine.tracing.whatif import Outcome, Settings, own, what_if

_SHARE = click.FloatRange(0, 1)
_COUNT = click.IntRange(0)


@click.command()
@click.argument("path", metavar="TRACE", type=click.Path(path_type=Path))
@click.option("--score", type=_SHARE, help="Detections less certain than this go.")
@click.option("--nms", type=_SHARE, help="Of two that overlap more than this, the less certain one goes.")
@click.option("--soft", type=click.Choice(["linear", "gaussian"]), help="It only loses score (soft-NMS).")
@click.option("--class-score", multiple=True, metavar="NAME=V", help="Another least score for a class.")
@click.option("--class-nms", multiple=True, metavar="NAME=V", help="Another overlap for a class.")
@click.option("--max", "most", type=_COUNT, help="The most detections on a picture.")
@click.option("--topk", type=_COUNT, help="Boxes that go into the first suppression, of each level or class.")
@click.option("--proposals", type=_COUNT, help="Proposals that the heads look at.")
@click.option("--rpn-nms", type=_SHARE, help="Of two proposals that overlap more than this, the less certain one goes.")
@click.option("--anchors", type=click.FloatRange(0.01, 100), help="How many times as large the anchors are.")
@click.option("--project", type=click.Path(path_type=Path), help="Compare with the annotations of the traced image.")
@click.option("--keep", is_flag=True, help="With --project: the run detects with these settings from now on.")
@click.option("--forget", is_flag=True, help="With --project: the run goes back to its own settings.")
@json_option
def whatif(path: Path, output: Output, project: Path | None, keep: bool, forget: bool, **options: Any) -> None:
    """Say what other thresholds would have found on a traced picture, without looking at it again.

    TRACE is a file that boxwright trace has written. Without options: what the network itself found.
    """
    if (keep or forget) and project is None:
        raise click.UsageError("Keeping settings needs the project: --project PROJECT.")
    if keep and forget:
        raise click.UsageError("Give --keep or --forget, not both.")
    trace = files.load(path)
    outcome = what_if(trace, _settings(trace, options))
    judged = None if project is None else _judged(project, trace, outcome)
    if (keep or forget) and project is not None:
        _keep(project, trace, None if forget else outcome.settings)
    output.emit(_plain(trace, outcome, judged) | {"kept": keep}, _in_words(trace, outcome, judged))


def _settings(trace: Trace, options: Mapping[str, Any]) -> Settings:
    """The network's own with what is asked for; raises UserError where it has no such number."""
    numbers = Numbers(
        options["score"], options["nms"], options["soft"],
        _by_class(trace, options["class_score"]), _by_class(trace, options["class_nms"]),
        options["most"], options["topk"], options["proposals"], options["rpn_nms"], options["anchors"],
    )  # fmt: skip
    try:
        return with_numbers(own(trace), numbers)
    except LookupError as error:
        raise UserError(str(error.args[0])) from error


def _by_class(trace: Trace, texts: tuple[str, ...]) -> dict[int, float]:
    """Values by class index; raises UserError where one says nothing."""
    names = trace.origin.class_names
    found: dict[int, float] = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        if name not in names:
            raise UserError(f"{text!r} names no class of the network.", f"It knows {', '.join(names)}; as NAME=0.3.")
        try:
            found[names.index(name)] = float(value)
        except ValueError as error:
            raise UserError(f"{text!r} gives no number.", "As NAME=0.3.") from error
    return found


def _judged(path: Path, trace: Trace, outcome: Outcome) -> Judged:
    image_id = trace.origin.image_id
    if image_id is None:
        raise UserError("The trace is of no image of a project: it cannot be compared with annotations.")
    with Project.open(path, read_only=True) as project:
        return judging.judged(trace.origin, outcome.found, judging.truths_of(project, image_id))


def _keep(path: Path, trace: Trace, settings: Settings | None) -> None:
    """None: let go of what was kept."""
    run_id = trace.origin.run_id
    if run_id is None:
        raise UserError("The trace is of no run: there is nothing that the settings could be kept for.")
    with Project.open(path) as project:
        runs.detector(project, run_id)
        text = None if settings is None else rule_text.settings_json(settings)
        History(project).do(run_settings.KeepSettings(run_id, text))


def _plain(trace: Trace, outcome: Outcome, judged: Judged | None) -> dict[str, Any]:
    found, origin = outcome.found, trace.origin
    columns = zip(found.boxes_image.tolist(), found.scores.tolist(), found.class_indices.tolist(), strict=True)
    detections: list[dict[str, Any]] = [
        {"box": box, "score": score, "class": origin.class_names[at], "class_id": origin.class_ids[at]}
        for box, score, at in columns
    ]
    for each, is_right in zip(detections, () if judged is None else judged.is_right, strict=False):
        each["right"] = is_right
    result: dict[str, Any] = {
        "image": origin.image_id, "run": origin.run_id, "detections": detections, "unasked": outcome.n_unasked,
        "own": outcome.settings == own(trace),
    }  # fmt: skip
    if judged is not None:
        result |= {
            "tp": judged.n_right, "fp": judged.n_wrong, "fn": judged.n_missed, "ap": judged.ap,
            "ap50": judged.ap_at_iou, "missed": list(judged.missed_ids),
        }  # fmt: skip
    return result


def _in_words(trace: Trace, outcome: Outcome, judged: Judged | None) -> str:
    found, names = outcome.found, trace.origin.class_names
    boxes = (" ".join(f"{value:8.1f}" for value in box) for box in found.boxes_image.tolist())
    columns = zip(found.scores.tolist(), found.class_indices.tolist(), boxes, strict=True)
    lines = [f"{len(found)} detections on {trace.origin.image_name}"]
    lines += [f"  {score:.3f}  {names[at]:<16} {box}" for score, at, box in columns]
    if outcome.n_unasked:
        lines.append(f"{outcome.n_unasked} proposals were never looked at; trace with --asked-more to know of them.")
    if judged is not None:
        lines.append(
            f"{judged.n_right} right, {judged.n_wrong} wrong, {judged.n_missed} missed; AP {_number(judged.ap)}"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
