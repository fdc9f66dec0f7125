"""Detect: on which images the shown run looks for things; how it looks is folded away below, and remembered."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.project import detections, images, runs
from engine.project.records import CheckpointKind, Run
from engine.project.store import Project
from studio.dialogs._frame import Frame
from studio.dialogs._titled import Titled, choice_of
from studio.errand_values import DetectWay
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.training import remember_way, remembered_way, start_detecting

_TILINGS = (
    ("In tiles where needed", "auto"),
    ("Always in tiles", "always"),
    ("Always as a whole", "never"),
)
_TILES_TOLD = (
    "They are needed where a picture is far larger than those that were learned from: made small, it would lose its "
    "small objects. What borders of tiles cut is joined again."
)
_FLIPS = (("No", "none"), ("Left right", "horizontal"), ("Left right, upside down, and both", "both"))
_FLIPS_TOLD = "What is found in mirrors too is averaged: a little better, and it takes two or four times as long."
_FUSED_TOLD = "What several runs find is fused: boxes averaged, masks put to the vote."
_MOST_RUNS = 6
"""Other runs that are offered, the newest ones."""


class DetectDialog(Frame):
    """One job for one run, or for several at once."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the run that is shown."""
        run_id = studio.session.run_id or 0
        words = f"What run {run_id} finds appears as suggestions, in place of those it made there before."
        super().__init__("Detect", parent, words=words)
        self._studio, self._run_id = studio, run_id
        self.all, self.missing, self.chosen = QRadioButton(), QRadioButton(), QRadioButton()
        self.tiling, self.flips = choice_of(*_TILINGS), choice_of(*_FLIPS)
        self.others: dict[int, QCheckBox] = {}
        self.toggle, self._how = QToolButton(), QWidget()
        self._lay_out_images()
        self._lay_out_how()
        self._show(remembered_way(studio))
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Detect", self._detect, is_default=True)
        if studio.session.project is not None:
            self._offer(studio.session.project)

    @property
    def way(self) -> DetectWay:
        """How to detect."""
        others = tuple(run_id for run_id, box in self.others.items() if box.isChecked())
        tiling, flips = self.tiling.currentData(), self.flips.currentData()
        return DetectWay(tiling, flips, others, self.missing.isChecked())

    @property
    def image_ids(self) -> tuple[int, ...] | None:
        """On which images; None: on all."""
        return self._studio.session.listing.subjects if self.chosen.isChecked() else None

    def _lay_out_images(self) -> None:
        for button in (self.all, self.missing, self.chosen):
            self.body.addWidget(button)

    def _lay_out_how(self) -> None:
        self.toggle.setText("How")
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.toggled.connect(self._fold)
        self._column = QVBoxLayout(self._how)
        self._column.setContentsMargins(0, 0, 0, GAP)
        self._column.addWidget(Titled("Large pictures", self.tiling, _TILES_TOLD))
        self._column.addWidget(Titled("Look in mirrors", self.flips, _FLIPS_TOLD))
        self.body.addSpacing(GAP)
        self.body.addWidget(self.toggle)
        self.body.addWidget(self._how)
        self._fold(is_open=False)

    def _fold(self, is_open: bool) -> None:
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._how.setVisible(is_open)
        self.fit_height()

    def _show(self, way: DetectWay) -> None:
        self.tiling.setCurrentIndex(self.tiling.findData(way.tiling))
        self.flips.setCurrentIndex(self.flips.findData(way.flips))

    def _offer(self, project: Project) -> None:
        """Say how many images there are, and which other runs could look with this one."""
        every = {image.id for image in images.all_images(project)}
        n_left = len(every - detections.examined(project, self._run_id))
        n_chosen = len(self._studio.session.listing.subjects)
        self.all.setText(f"All {len(every):,} images")
        self.missing.setText(
            "The one image that this run has not seen yet"
            if n_left == 1
            else f"The {n_left:,} images that this run has not seen yet"
        )
        self.missing.setEnabled(n_left > 0)
        self.chosen.setText("This image" if n_chosen == 1 else f"The {n_chosen:,} images chosen in the list")
        self.chosen.setVisible(n_chosen > 0)
        (self.missing if 0 < n_left < len(every) else self.all).setChecked(True)
        self._offer_runs(project)

    def _offer_runs(self, project: Project) -> None:
        others = [run for run in runs.all_runs(project) if run.id != self._run_id and _can_detect(project, run)]
        if not others:
            return
        boxes = QWidget()
        column = QVBoxLayout(boxes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        for run in others[:_MOST_RUNS]:
            self.others[run.id] = QCheckBox(f"Run {run.id}: {run.name}")
            column.addWidget(self.others[run.id])
        self._column.addWidget(Titled("Together with", boxes, _FUSED_TOLD))

    def _detect(self) -> None:
        remember_way(self._studio, self.way)
        start_detecting(self._studio, self._run_id, self.image_ids, self.way)
        self.accept()


def _can_detect(project: Project, run: Run) -> bool:
    kinds: tuple[CheckpointKind, ...] = ("best", "imported", "last")
    return run.kind == "detector" and any(runs.has_checkpoint(project, run.id, kind) for kind in kinds)


def open_detect(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Ask on which images, and how."""
    return DetectDialog(studio, parent)


DIALOG = open_detect
