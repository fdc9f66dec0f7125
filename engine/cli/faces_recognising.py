"""The commands that bring faces in and say who they are: faces enroll, embed, identify, verify."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.cli import _face_rows
from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.errors import UserError
from engine.faces.choice import DecideRequest, EmbedderChoice
from engine.faces.enrolling import EnrolRequest, enrol
from engine.faces.sources import AnnotatedFaces, DetectedFaces, FaceFiles, FaceFolders, FaceSource
from engine.gallery import RULES
from engine.progress import finish
from engine.project import classes, embeddings, gallery
from engine.project.store import Project

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_pictures = click.argument("pictures", metavar="IMAGE...", nargs=-1, type=click.Path(path_type=Path))
_find = click.option(
    "--find",
    metavar="RUN|none",
    help="This run's network finds the faces in pictures; none: each is a crop of one face. Else as the project says.",
)


@click.command()
@project_argument
@_pictures
@click.option("--folders", type=click.Path(path_type=Path), help="A folder with one folder of crops for each person.")
@click.option("--identity", metavar="NAME", help="Who the pictures IMAGE... are of, one face in each.")
@_find
@click.option("--annotations", metavar="CLASS", help="Faces that are annotated as this class; 'face' is any of faces.")
@click.option(
    "--landmarks", type=int, metavar="RUN", help="With --annotations: this run's landmarks where none are drawn."
)
@click.option("--run", type=int, metavar="ID", help="Faces that this run has detected on the project's images.")
@click.option(
    "--score", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="With --run: the least score."
)
@click.option("--consent", default="", metavar="TEXT", help="What the people agreed to, in your words.")
@click.option("--until", metavar="DATE", help="The last day to keep it, as 2027-12-31.")
@json_option
def enroll(path: Path, output: Output, pictures: tuple[Path, ...], **options: Any) -> None:
    """Bring faces in: enrolled where it is said who they are, else to wait for a name."""
    with Project.open(path) as project, stoppable(output.show) as heard:
        sources = _sources(project, pictures, options)
        request = EnrolRequest(sources, options["consent"], options["until"])
        report = finish(enrol(project, request), heard)
        embedder_id = gallery.settings(project).embedder_id
        if embedder_id is not None and report.template_ids:
            from engine.faces.recognising import embed  # noqa: PLC0415 (torch, which enrolling alone does not need)

            finish(embed(project, embedder_id), heard)
    output.emit(_face_rows.enrolled(report), _face_rows.enrolled_words(report))
    if report.refused and not (report.template_ids or report.known):
        first = report.refused[0]
        raise UserError(f"Nothing of it could be enrolled: {first.source}: {first.why}")


def _sources(project: Project, pictures: tuple[Path, ...], options: Mapping[str, Any]) -> tuple[FaceSource, ...]:
    named, folders, run_id = options["identity"], options["folders"], options["run"]
    if named is not None and not pictures:
        raise click.UsageError("--identity needs pictures: --identity NAME IMAGE...")
    if named is not None and not named.strip():
        raise click.UsageError("--identity needs a name.")
    found: list[FaceSource] = []
    find_run_id = _find_run_id(project, options)
    if folders is not None:
        found.append(FaceFolders(folders, find_run_id))
    if pictures:
        found.append(FaceFiles(pictures, named or "", find_run_id))
    if options["annotations"] is not None:
        found.append(AnnotatedFaces(None, _class_id(project, options["annotations"]), options["landmarks"]))
    if run_id is not None:
        found.append(DetectedFaces(run_id, min_score=options["score"]))
    if not found:
        raise click.UsageError("Say which faces: --folders DIR, --identity NAME IMAGE..., --annotations or --run.")
    return tuple(found)


def _find_run_id(project: Project, options: Mapping[str, Any]) -> int | None:
    """The run that is to find faces, as it is said or as the gallery's settings have it."""
    said = options["find"]
    if said is None:
        return gallery.settings(project).find_run_id
    if said == "none":
        return None
    try:
        return int(said)
    except ValueError as error:
        raise click.UsageError(f"--find needs the number of a run, or none, not {said!r}.") from error


def _class_id(project: Project, name: str) -> int | None:
    """None: any class of faces."""
    record = classes.find(project, name)
    if record is not None:
        return record.id
    if name == "face":
        return None
    raise click.UsageError(f"{project.path} has no class {name!r}.")


@click.command()
@project_argument
@click.option("--embedder", required=True, metavar="NAME", help="pixels, latent, siamese or onnx.")
@click.option("--weights", default="auto", show_default=True, metavar="auto|FILE", help="Where its weights are.")
@click.option("--card", default="", metavar="FILE", help="With onnx: the card that describes the network.")
@click.option("--run", "run_id", type=int, metavar="ID", help="The training whose weights are wanted.")
@click.option("--use", is_flag=True, help="The gallery decides by it from now on, also where another was chosen.")
@json_option
def embed(path: Path, output: Output, use: bool, **options: Any) -> None:
    """Have an embedder in a project, and make the vectors that its faces lack."""
    from engine.faces import recognising  # noqa: PLC0415 (torch)
    from engine.faces.ensuring import ensuring, use_embedder  # noqa: PLC0415

    choice = EmbedderChoice(options["embedder"], options["weights"], options["card"], options["run_id"])
    with Project.open(path) as project, stoppable(output.show) as heard:
        embedder_id = finish(ensuring(project, choice), heard)
        n_made = finish(recognising.embed(project, embedder_id), heard)
        if use or gallery.settings(project).embedder_id is None:
            use_embedder(project, embedder_id)
        is_used = gallery.settings(project).embedder_id == embedder_id
        record = embeddings.embedder(project, embedder_id)
    told = {
        "id": record.id, "embedder": record.name, "metric": record.metric, "dim": record.dim,
        "embedded": n_made, "used": is_used,
    }  # fmt: skip
    words = f"{n_made} faces embedded by {record.name} ({record.dim} numbers each)"
    output.emit(told, words + ("; the gallery decides by it" if is_used else ""))


def _decide_options(command: Any) -> Any:
    """The options of every command that decides."""
    for option in (
        _find,
        click.option("--embedder", metavar="NAME", help="Instead of the gallery's: pixels, latent, siamese or onnx."),
        click.option("--card", default="", metavar="FILE", help="With onnx: the card that describes the network."),
        click.option("--threshold", metavar="T|auto", help="How near is near enough; auto: worked out for --far."),
        click.option("--far", type=_SHARE, help="The share of strangers that may be taken for somebody."),
    ):
        command = option(command)
    return command


@click.command()
@project_argument
@_pictures
@_decide_options
@click.option("--rule", type=click.Choice(RULES), help="How far a person is: by all of their faces, or by the nearest.")
@json_option
def identify(path: Path, output: Output, pictures: tuple[Path, ...], **options: Any) -> None:
    """Say whom of the enrolled people pictures show, or nobody.

    Nothing is written to the project.
    """
    from engine.faces.identifying import identify_files  # noqa: PLC0415 (torch)

    if not pictures:
        raise click.UsageError("Say which pictures: IMAGE...")
    with Project.open(path, read_only=True) as project:
        report = finish(identify_files(project, pictures, _asked(project, options)), output.show)
        names = {each.id: each.name for each in gallery.identities(project)}
    output.emit(_face_rows.identified(report, names), _face_rows.identified_words(report, names))
    if all(each.refusal for each in report.found):
        raise UserError(f"No face can be looked up: {report.found[0].refusal}")


@click.command()
@project_argument
@click.argument("image_a", type=click.Path(path_type=Path))
@click.argument("image_b", type=click.Path(path_type=Path))
@_decide_options
@json_option
def verify(path: Path, output: Output, image_a: Path, image_b: Path, **options: Any) -> None:
    """Say whether two pictures of faces are of one person.

    Nothing is written to the project.
    """
    from engine.faces.identifying import verify_files  # noqa: PLC0415 (torch)

    with Project.open(path, read_only=True) as project:
        report = finish(verify_files(project, (image_a, image_b), _asked(project, options)), output.show)
    output.emit(_face_rows.verified(report, (image_a, image_b)), _face_rows.verified_words(report))


def _asked(project: Project, options: Mapping[str, Any]) -> DecideRequest:
    threshold, name = options["threshold"], options["embedder"]
    if options["card"] and name is None:
        raise click.UsageError("Give --card together with --embedder onnx.")
    try:
        distance = None if threshold in {None, "auto"} else float(threshold)
    except ValueError as error:
        raise click.UsageError(f"{threshold!r} is no distance.") from error
    if distance is not None and not 0 <= distance < math.inf:
        raise click.UsageError(f"{threshold!r} is no distance.")
    return DecideRequest(
        embedder=None if name is None else EmbedderChoice(name, card=options["card"]),
        rule=options.get("rule"),
        threshold=distance,
        is_automatic=threshold == "auto",
        far=options["far"],
        find_run_id=_find_run_id(project, options),
    )
