"""The command that says how well people are recognised: faces evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from engine.cli._output import Output, json_option, project_argument
from engine.evaluation.verification import Figure
from engine.faces.choice import EmbedderChoice
from engine.faces.evaluating import EvaluateReport, EvaluateRequest
from engine.faces.evaluating import evaluate as evaluating
from engine.faces.protocol import FAR, FPIR, TEMPLATES_BY_PROTOCOL, Plan
from engine.gallery import RULES
from engine.gallery.rates import percent
from engine.progress import finish
from engine.project.store import Project

_WORDS = {
    "rank1": "found first among all",
    "eer": "equal error rate",
    "tar_at_far_1pct": "true accepts at 1 % false accepts",
    "fnir_at_fpir_10pct": "missed where 10 % of strangers are taken for somebody",
    "far": f"false accepts, {percent(FAR)} wanted",
    "tar": "true accepts",
    "fpir": f"strangers taken for somebody, {percent(FPIR)} wanted",
    "fnir": "missed",
}


@click.command()
@project_argument
@click.option("--folders", required=True, type=click.Path(path_type=Path), help="A folder of crops for each person.")
@click.option(
    "--protocol", type=click.Choice(list(TEMPLATES_BY_PROTOCOL)), default="one-shot", show_default=True,
    help="How many faces of each person are enrolled: one, or five.",
)  # fmt: skip
@click.option("--embedder", metavar="NAME", help="Instead of the gallery's: pixels, latent, siamese or onnx.")
@click.option("--weights", default="auto", show_default=True, metavar="auto|FILE", help="Where its weights are.")
@click.option("--card", default="", metavar="FILE", help="With onnx: the card that describes the network.")
@click.option("--rule", type=click.Choice(RULES), default="nearest", show_default=True, help="How far a person is.")
@click.option(
    "--repeats", type=click.IntRange(1), default=20, show_default=True, help="How often faces are drawn anew."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@json_option
def evaluate(path: Path, output: Output, folders: Path, **options: Any) -> None:
    """Say how well an embedder recognises people of a folder, with what each figure is between.

    People whom the embedder learned from are left out. Nothing is written to the project.
    """
    name = options["embedder"]
    if name is None and (options["card"] or options["weights"] != "auto"):
        raise click.UsageError("Give --weights and --card together with --embedder.")
    plan = Plan(TEMPLATES_BY_PROTOCOL[options["protocol"]], options["rule"], options["repeats"], options["seed"])
    choice = None if name is None else EmbedderChoice(name, options["weights"], options["card"])
    with Project.open(path, read_only=True) as project:
        report = finish(evaluating(project, EvaluateRequest(folders, plan, choice)), output.show)
    output.emit(plain(report, options["protocol"]), in_words(report))


def plain(report: EvaluateReport, protocol: str) -> dict[str, Any]:
    """A report as `--json` prints it: figures by their names, and under `intervals` what each is between."""
    return {
        "embedder": report.embedder, "protocol": protocol, "rule": report.plan.rule,
        "templates": report.plan.n_templates, "repeats": report.plan.n_repeats, "seed": report.plan.seed,
        **{name: each.value for name, each in report.figures.items()},
        "intervals": _intervals(report.figures),
        "realised": _intervals(report.realised) | {"set_on": report.n_set_on, "wanted": {"far": FAR, "fpir": FPIR}},
        "people": report.n_people, "probes": report.n_probes,
        "learned": report.learned, "learned_is_known": report.is_learning_known, "too_few": report.too_few,
        "refused": [{"source": each.source, "why": each.why} for each in report.refused],
    }  # fmt: skip


def _intervals(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: asdict(each) for name, each in figures.items()}


def in_words(report: EvaluateReport) -> str:
    """A report for a person."""
    n = report.plan.n_templates
    how = f"{n} {'face' if n == 1 else 'faces'} of each enrolled, {report.n_probes} searched"
    lines = [f"{report.embedder}, rule {report.plan.rule}: {report.n_people} people, {how}"]
    lines += [_line(name, each) for name, each in report.figures.items()]
    if report.realised:
        whom = "whom it learned from" if report.learned else "drawn from the folder"
        lines.append(f"with thresholds set on {report.n_set_on} others, {whom}:")
        lines += [_line(name, each) for name, each in report.realised.items()]
    if report.learned:
        lines.append(f"left out, as it learned from them: {', '.join(report.learned)}")
    if not report.is_learning_known:
        lines.append("It learned from people who are not known here: were they among these, all would be too good.")
    if report.too_few:
        lines.append(f"left out, as they have too few pictures: {', '.join(report.too_few)}")
    lines += [f"{each.source} was refused: {each.why}" for each in report.refused]
    return "\n".join(lines)


def _line(name: str, figure: Figure) -> str:
    if figure.value is None:
        return f"  {_WORDS[name]}: {figure.reason}"
    between = f"{percent(figure.low).removesuffix(' %')} to {percent(figure.high)}, of {figure.n:,}"
    return f"  {_WORDS[name]}: {percent(figure.value)} ({between})"
