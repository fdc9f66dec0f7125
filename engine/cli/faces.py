"""The commands on people and their faces, as a group of its own: `boxwright faces COMMAND`.

`FACES` says which module holds which command, as `COMMANDS` does for all others.
"""

from __future__ import annotations

import click

from engine.cli import Entry, LazyGroup

FACES: dict[str, Entry] = {
    "enroll": Entry(
        "engine.cli.faces_recognising",
        "enroll",
        "Bring faces in: enrolled where it is said who they are, else to wait for a name.",
    ),
    "embed": Entry(
        "engine.cli.faces_recognising",
        "embed",
        "Have an embedder in a project, and make the vectors that its faces lack.",
    ),
    "identify": Entry(
        "engine.cli.faces_recognising",
        "identify",
        "Say whom of the enrolled people pictures show, or nobody.",
    ),
    "verify": Entry("engine.cli.faces_recognising", "verify", "Say whether two pictures of faces are of one person."),
    "evaluate": Entry(
        "engine.cli.faces_evaluating",
        "evaluate",
        "Say how well an embedder recognises people of a folder, with what each figure is between.",
    ),
    "list": Entry("engine.cli.faces_people", "list_", "Say whom a project knows, and what is held of them."),
    "consent": Entry(
        "engine.cli.faces_people", "consent", "Write down what a person agreed to, and until when it may be kept."
    ),
    "export": Entry("engine.cli.faces_people", "export", "Write all that is held of a person into a new folder."),
    "erase": Entry(
        "engine.cli.faces_people",
        "erase",
        "Erase a person for good, and prove that nothing of them is left in the file.",
    ),
    "train": Entry(
        "engine.cli.faces_training", "train", "Train an embedder on the confirmed faces of a project's people."
    ),
    "improve": Entry(
        "engine.cli.faces_training",
        "improve",
        "Train the embedder in use further on the gallery and on what was confirmed and rejected; compare old and new.",
    ),
}
"""Every command of the group by its name, in the order in which they are listed."""


@click.group(cls=LazyGroup, entries=FACES, no_args_is_help=False)
def faces() -> None:
    """Enrol people, say who a face is, and erase people again.

    Every command takes --json. Faces never leave this machine.
    """
