"""The command that compares people: agreement, between the authors of a project or between two files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from engine.cli._output import Output, json_option, project_argument
from engine.evaluation.agreement import SAME_THING, Agreement, PairAgreement, of_files, of_project
from engine.progress import finish
from engine.project.store import Project


@click.command()
@project_argument
@click.argument("other", metavar="[OTHER]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--same",
    metavar="IOU",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=SAME_THING,
    show_default=True,
    help="From which IoU on two shapes are of one thing.",
)
@json_option
def agreement(path: Path, other: Path | None, same: float, output: Output) -> None:
    """Say how far people agree: within one project, or between two files.

    Within a project every two authors are compared on the pictures that both have annotated: Cohen's kappa for each
    class, and the mean IoU of what both marked.
    """
    with Project.open(path, read_only=True) as project:
        if other is None:
            found = finish(of_project(project, same), output.show)
        else:
            found = (PairAgreement(str(path), str(other), of_files(project, other, same)),)
    output.emit({"pairs": [asdict(one) for one in found]}, _in_words(found))


def agreement_lines(found: Agreement) -> list[str]:
    """How far two people agree, in words."""
    return [
        f"agreement: kappa {_number(found.kappa)}, mean IoU {_number(found.mean_iou)}",
        *(
            f"  {one.class_name:<20} kappa {_number(one.kappa)}  mean IoU {_number(one.mean_iou)}  "
            f"both {one.both}, only A {one.only_a}, only B {one.only_b}"
            for one in found.classes
        ),
    ]


def _in_words(found: tuple[PairAgreement, ...]) -> str:
    if not found:
        return "No two people have annotated the same pictures."
    lines = []
    for pair in found:
        lines.append(f"A {pair.a}, B {pair.b}: {pair.agreement.images} images that both have annotated")
        lines += agreement_lines(pair.agreement)
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
