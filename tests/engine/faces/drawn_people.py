"""Projects with drawn faces, enrolled without looking for them in pictures."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from engine.faces.recipe import FaceRecipe
from engine.project.gallery_edits import AddTemplates, NewTemplate
from engine.project.records import TemplateState
from engine.project.store import Project
from tests.engine.faces.drawn_faces import face

NETWORK = {"dim": 16, "channels": 4, "height": 24, "width": 20, "dropout": 0.1}
SHORT = FaceRecipe(embedder_options=NETWORK, people=4, crops=2, n_warped=1, epochs=4, validation_share=0.3, threads=1)


def png(person: int, picture: int) -> bytes:
    written = io.BytesIO()
    Image.fromarray(face(person, picture)).save(written, "PNG")
    return written.getvalue()


def faces(
    people: Sequence[int], pictures: Sequence[int], state: TemplateState = "confirmed", of: str = ""
) -> AddTemplates:
    """Pictures of people as faces of 'Person 1' and so on; or of somebody else, by name."""
    named = state in ("confirmed", "suggested", "rejected")
    return AddTemplates(
        tuple(
            NewTemplate(png(person, picture), state, person=(of or f"Person {person}") if named else "")
            for person in people
            for picture in pictures
        )
    )


@contextmanager
def enrolled(path: Path, n_people: int = 8, n_each: int = 4) -> Iterator[Project]:
    """A new project with people's faces, confirmed."""
    with Project.create(path) as project:
        with project.atomic():
            faces(range(n_people), range(n_each)).apply(project)
        yield project
