"""The stages of a check of people, their faces and vectors: that each is what it has to be. See `inspections`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

from PIL import Image

from engine.errors import UserError
from engine.progress import Progress
from engine.project import contents, gallery, naming
from engine.project.findings import Findings, reason
from engine.project.store import Project

BATCH = 100
_NUMBER_BYTES = 4


def check_people(project: Project, found: Findings) -> Iterator[Progress]:
    """People: names and last days; and how the gallery decides."""
    for id_, name, until in project.rows("SELECT id, name, retain_until FROM identities ORDER BY id"):
        found.checked["people"] += 1
        if not str(name).strip():
            found.blame(f"Person {id_}", "has no name")
        if until is not None and not _is_day(until):
            found.blame(f"Person {name}", f"the last day to keep it is {until!r}")
    try:
        gallery.settings(project)
    except UserError as error:
        found.blame("How the gallery decides", reason(error))
    yield from ()


def check_faces(project: Project, found: Findings) -> Iterator[Progress]:
    """Templates: a person where their state needs one, and a crop that is a picture."""
    rows = project.rows("SELECT id, state, identity_id, crop_content_id FROM templates ORDER BY id")
    for done, (id_, state, identity_id, content_id) in enumerate(rows):
        if done % BATCH == 0:
            yield Progress(done, len(rows), "Checking faces")
        found.checked["faces"] += 1
        if (identity_id is not None) != (state in gallery.NAMED):
            found.blame(naming.row(project, "templates", id_), f"is {state}, but of {_whom(identity_id)}")
        if fault := _fault_of_crop(project, content_id):
            found.blame(naming.row(project, "templates", id_), fault)


def check_vectors(project: Project, found: Findings) -> Iterator[Progress]:
    """Embeddings: as long as their embedder's are; and pairs: of two faces, the older one first."""
    yield Progress(0, None, "Checking vectors")
    found.checked["vectors"] = int(project.value("SELECT COUNT(*) FROM embeddings"))
    sql = (
        "SELECT e.template_id, d.name, d.dim, length(e.vector) FROM embeddings e JOIN embedders d "
        f"ON d.id = e.embedder_id WHERE length(e.vector) <> {_NUMBER_BYTES} * d.dim ORDER BY e.template_id"
    )
    for template_id, name, dim, size in project.rows(sql):
        what = f"The vector of template {template_id} by {name!r}"
        found.blame(what, f"has {size} bytes instead of {_NUMBER_BYTES * dim}")
    for (pair_id,) in project.rows("SELECT id FROM pairs WHERE template_a_id >= template_b_id ORDER BY id"):
        found.blame(f"Pair {pair_id}", "is of no two faces, the older one first")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _whom(identity_id: int | None) -> str:
    return "nobody" if identity_id is None else f"person {identity_id}"


def _fault_of_crop(project: Project, content_id: int) -> str:
    """What is wrong with a crop; nothing where its bytes cannot be read, which the check of bytes has told."""
    try:
        png = contents.get(project, content_id)
    except UserError:
        return ""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            picture.verify()
    except Exception as error:  # damaged pictures make decoders raise anything
        return f"its crop is no picture: {reason(error)}"
    return ""
