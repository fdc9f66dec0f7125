"""Embedders to choose from: those whose vectors the project has, and those that can be had without training."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.faces.choice import EmbedderChoice
from engine.project.gallery_edits import KeepGallerySettings
from studio.embedder_words import TITLES
from studio.face_training import have_embedder
from studio.faces.rule_pane import Key
from studio.orders import Task
from studio.surroundings import Studio

UNTRAINED = ("pixels", "latent")
AT_ONCE = "pixels"
"""This one has no weights to be fetched or chosen."""
ANOTHER = "another"
"""The key of what asks which embedder is meant."""


class Embedders(QObject):
    """Follows the project."""

    changed = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        """Those that the studio's faces have."""
        super().__init__(parent)
        self._studio = studio
        self.records = studio.faces.embedders
        studio.faces.changed.connect(self._on_model)

    @property
    def choices(self) -> tuple[tuple[Key, str], ...]:
        """What can be chosen, with its title; what has to be fetched first ends with '…'."""
        known = {each.name for each in self.records}
        there = [(each.id, self.title(each.id)) for each in self.records]
        had = ((name, f"{TITLES[name]}…") for name in UNTRAINED if name not in known)
        return (*there, *had, (ANOTHER, "Another, from a file…"))

    def title(self, embedder_id: int) -> str:
        """What an embedder is called; several of one name are told apart by their ids."""
        record = next((each for each in self.records if each.id == embedder_id), None)
        if record is None:
            return ""
        title = TITLES.get(record.name, record.name)
        has_more = sum(each.name == record.name for each in self.records) > 1
        return f"{title} {record.id}" if has_more else title

    def use(self, key: Key) -> None:
        """Decide by this one from now on; faces that it has not seen yet are embedded meanwhile."""
        studio = self._studio
        if studio.session.project is None or not studio.session.can_write:
            return
        if isinstance(key, int):
            settings = studio.faces.settings
            if key != settings.embedder_id:
                studio.session.do(KeepGallerySettings(replace(settings, embedder_id=key, threshold=None)))
            self.see(key)
        elif key == AT_ONCE:
            have_embedder(studio, EmbedderChoice(key))
        else:
            studio.ask.show("choose_embedder", key)  # arrow keys go through a list: nothing is fetched by passing
            self.changed.emit()  # nothing is chosen yet, whatever the list shows

    def see(self, embedder_id: int) -> None:
        """Have it embed the faces that it has not seen yet."""
        project = self._studio.session.project
        if project is not None and self._studio.session.can_write:
            path, title = project.path, f"Embed faces: {self.title(embedder_id)}"
            self._studio.jobs.start(Task(title, "infer", "studio.face_errands:embed_faces", path, (embedder_id,)))

    def _on_model(self) -> None:
        if self._studio.faces.embedders != self.records:
            self.records = self._studio.faces.embedders
            self.changed.emit()
