"""Commands on the people of a project: faces list, consent, export, erase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from engine.cli._output import Output, json_option, project_argument
from engine.progress import finish
from engine.project import erasing, gallery, holdings
from engine.project.erasing import Erased
from engine.project.history import History
from engine.project.people_edits import SetIdentity
from engine.project.records import Identity
from engine.project.store import Project

_name = click.argument("name", metavar="NAME")


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """What `faces list` says of one person."""

    id: int
    name: str
    consent: str
    retain_until: str | None
    is_due: bool
    """Whether the last day on which anything may be kept is over."""
    confirmed: int
    suggested: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PeopleInfo:
    """What `faces list` says."""

    people: tuple[PersonInfo, ...]
    unknown: int
    """Faces that nobody named."""
    ignored: int


@click.command("list")
@project_argument
@json_option
def list_(path: Path, output: Output) -> None:
    """Say whom a project knows, and what is held of them."""
    with Project.open(path) as project:
        n = gallery.counts(project)
        late = {each.id for each in gallery.due(project, datetime.now(UTC).date())}
        people = tuple(
            PersonInfo(
                each.id,
                each.name,
                each.consent,
                each.retain_until,
                each.id in late,
                *(n.get((each.id, state), 0) for state in ("confirmed", "suggested", "rejected")),
            )
            for each in gallery.identities(project)
        )
    told = PeopleInfo(people, n.get((None, "unknown"), 0), n.get((None, "ignored"), 0))
    lines = [*map(_in_words, people), f"{told.unknown} faces are unknown, {told.ignored} are ignored."]
    output.emit(told, "\n".join(lines))


@click.command()
@project_argument
@_name
@click.option("--text", help="What the person agreed to, in your words; '' takes it back.")
@click.option("--until", metavar="DATE", help="The last day to keep it, as 2027-12-31; 'none' for no such day.")
@json_option
def consent(path: Path, output: Output, name: str, text: str | None, until: str | None) -> None:
    """Write down what a person agreed to, and until when it may be kept.

    Without --text and --until it only says what is written down.
    """
    with Project.open(path) as project:
        known = gallery.person(project, name)
        told = known if text is None else replace(known, consent=text)
        if until is not None:
            told = replace(told, retain_until=None if until == "none" else until)
        if told != known:
            History(project).do(SetIdentity(told))
        told = gallery.identity(project, known.id)
    output.emit(told, _consent_words(told))


@click.command()
@project_argument
@_name
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
def export(path: Path, output: Output, name: str, folder: Path) -> None:
    """Write all that is held of a person into a new folder.

    Their faces as pictures, and a JSON file of all the rest: consent, vectors, pairs, pictures that show them, networks
    that learned from them, and what can be undone.
    """
    with Project.open(path) as project:
        told = finish(holdings.export(project, gallery.person(project, name).id, folder), output.show)
    lines = [
        f"{told.identity.name}: {len(told.faces) + len(told.past_crops)} faces, {len(told.pairs)} pairs, "
        f"{len(told.annotations)} places in pictures, {len(told.runs)} trainings, {len(told.steps)} steps to undo.",
        f"Written into {folder}.",
    ]
    output.emit(told, "\n".join(lines))


@click.command()
@project_argument
@_name
@click.option("--with-images", is_flag=True, help="Remove the pictures that show them, too.")
@click.option("--keep-suggested", is_flag=True, help="Keep faces that were only taken for them, as unknown ones.")
@json_option
def erase(path: Path, output: Output, name: str, with_images: bool, keep_suggested: bool) -> None:
    """Erase a person for good, and prove that nothing of them is left in the file.

    Crops, vectors and pairs go, and undo brings none of it back. Networks that learned from the person say so from then
    on. What stays, and copies of the project that may hold them still, are named.
    """
    with Project.open(path) as project:
        person = gallery.person(project, name)
        work = erasing.erase(project, person.id, with_images=with_images, with_suggested=not keep_suggested)
        told = finish(work, output.show)
    output.emit(told, _erased_words(told))


def _erased_words(told: Erased) -> str:
    n_faces = told.n_templates + told.n_past_templates
    lines = [
        f"{told.name} was erased: {n_faces} faces, {told.n_pairs} pairs, {told.n_steps} steps to undo.",
        f"{told.n_needles:,} pieces of it were looked for in {told.n_bytes:,} bytes.",
    ]
    lines.append("None was found." if not told.left else f"Some are part of what stays: {', '.join(told.left)}.")
    if told.runs:
        lines.append(f"Trained with erased data: run {', '.join(map(str, told.runs))}.")
    if told.images_left:
        lines.append(f"Pictures that showed them are still there: {', '.join(told.images_left)}.")
    if told.images_removed:
        lines.append(f"Pictures removed: {', '.join(told.images_removed)}.")
    if told.files_left:
        lines.append(f"Picture files outside the project: {', '.join(map(str, told.files_left))}.")
    if told.backups:
        lines.append(f"Copies that may hold them: {', '.join(map(str, told.backups))}.")
    return "\n".join(lines)


def _in_words(person: PersonInfo) -> str:
    words = f"{person.name}: {person.confirmed} enrolled"
    if person.suggested:
        words += f", {person.suggested} suggested"
    if person.retain_until is not None:
        words += f", to be kept until {person.retain_until}"
    return words + (", which is over" if person.is_due else "")


def _consent_words(person: Identity) -> str:
    until = "no last day" if person.retain_until is None else f"to be kept until {person.retain_until}"
    return f"{person.name}: {person.consent or 'nothing is written down'}; {until}."
