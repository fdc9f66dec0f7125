"""How faces are found in picture files: each file is a crop of one, or a run's network looks for them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox

from engine.project.gallery_edits import KeepGallerySettings
from studio.surroundings import Studio

WHOLE = "One face a picture"
TIP = (
    "What pictures show that are enrolled, identified or compared: one face each, cut out already, or whole scenes, in "
    "which a run finds the faces"
)
NO_RUN = "Train a detector with a class 'face' to have faces found in whole pictures"


class FinderBox(QComboBox):
    """The project's choice; another one counts from the moment it is made, and can be undone."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's faces."""
        super().__init__()
        self._studio = studio
        self.setAccessibleName("Faces in pictures")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(18)
        self.activated.connect(self._choose)
        studio.faces.changed.connect(self._show)
        studio.session.writable_changed.connect(self._show)
        self._show()

    @property
    def run_id(self) -> int | None:
        """The run that is chosen; None: each picture is a crop. Also before the choice is read back from the file."""
        found: int | None = self.currentData()
        return found

    def _show(self) -> None:
        chosen = self._studio.faces.settings.find_run_id
        every: dict[int | None, str] = {None: WHOLE}
        every |= {run.id: f"Found by run {run.id}, {run.name}" for run in self._studio.faces.finders}
        if chosen not in every:
            every[chosen] = f"Found by run {chosen}"  # it is not read yet, or knows no faces any more, and says so
        blocker = QSignalBlocker(self)
        if [self.itemData(at) for at in range(self.count())] != list(every):
            self.clear()
            for run_id, title in every.items():
                self.addItem(title, run_id)
        for at, title in enumerate(every.values()):
            self.setItemText(at, title)
            self.setItemData(at, title, Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(list(every).index(chosen))
        del blocker
        self.setEnabled(self._studio.session.can_write and len(every) > 1)
        self.setToolTip(TIP if len(every) > 1 else f"{TIP}.\n{NO_RUN}")

    def _choose(self, at: int) -> None:
        settings = self._studio.faces.settings
        wanted = replace(settings, find_run_id=self.itemData(at))
        if wanted != settings:
            self._studio.session.do(KeepGallerySettings(wanted))
