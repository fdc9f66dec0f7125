"""Edits of faces that were asked about: a probe that is kept with its answer, and answers to who a kept face is.

Until one of these is done, nothing of a probe is in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.project import embeddings
from engine.project.edits import Together
from engine.project.gallery_edits import (
    AddTemplates,
    NameTemplates,
    NewTemplate,
    RejectTemplates,
    SuggestTemplates,
)
from engine.project.restoring import Restore
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class AnswerFace:
    """Say of a face whether it is the person it was taken for."""

    template_id: int
    identity_id: int
    is_them: bool

    @property
    def title(self) -> str:
        return "Confirm face" if self.is_them else "Reject face"

    def apply(self, project: Project) -> Restore:
        """Suggest the person first, so that the answer is remembered as one; the inverse takes back both."""
        suggested = SuggestTemplates({self.template_id: self.identity_id})
        ids = (self.template_id,)
        answer = NameTemplates(ids, self.identity_id) if self.is_them else RejectTemplates(ids)
        return Together(self.title, (suggested, answer)).apply(project)


@dataclass(frozen=True, slots=True, eq=False)
class KeepProbe:
    """Bring a probe in as a face, with its vector and with what was said of it."""

    face: NewTemplate
    """Suggested as somebody where `is_them` answers that; else as it shall be."""
    is_them: bool | None = None
    """Whether it is whom it is suggested as; None: nothing was said."""
    embedder_id: int | None = None
    vector: NDArray[np.float32] | None = None
    """(D,) of that embedder, which then need not be computed again."""

    @property
    def title(self) -> str:
        if self.is_them is None:
            return AddTemplates((self.face,)).title
        return "Confirm face" if self.is_them else "Reject face"

    def apply(self, project: Project) -> Restore:
        """Add it, then answer; the inverse takes back all of it. Raises UserError as AddTemplates does."""
        added = AddTemplates((self.face,)).apply(project)
        template_id = int(project.value("SELECT MAX(id) FROM templates"))
        if self.embedder_id is not None and self.vector is not None:
            embeddings.store(project, self.embedder_id, (template_id,), self.vector[None])
        if self.is_them is None or self.face.identity_id is None:
            return added
        answered = AnswerFace(template_id, self.face.identity_id, self.is_them).apply(project)
        return Restore((*answered.steps, *added.steps))
