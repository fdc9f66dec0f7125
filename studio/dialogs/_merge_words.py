"""What a merge does, or has done, in numbers and words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.interchange.joining import JoinReport
from studio.theme import GAP


def report_lines(report: JoinReport) -> list[tuple[int, str]]:
    """What a merge does, as numbers with words; nothing of what there is none."""
    lines = [
        (report.images, _noun("new picture", report.images)),
        (report.shared_images, _noun("picture", report.shared_images) + " that both have"),
        (report.classes, "new class" if report.classes == 1 else "new classes"),
        (report.annotations, _noun("annotation", report.annotations) + " added"),
        (report.identical, "the same in both"),
        (report.only_a, "only yours"),
        (report.newer_in_b, "newer in theirs, taken over"),
        (report.kept_in_a, "changed by you since, kept"),
        (report.conflicts, "drawn differently: into the queue"),
        (report.known_conflicts, "drawn differently, known from an earlier merge"),
    ]
    return [line for line in lines if line[0]] or [(0, "differences")]


def report_rows(report: JoinReport) -> QWidget:
    """The same as a widget: numbers with words behind them, aligned."""
    found = QWidget()
    grid = QGridLayout(found)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(GAP // 2)
    grid.setHorizontalSpacing(GAP)
    grid.setColumnStretch(1, 1)
    for row, (number, words) in enumerate(report_lines(report)):
        grid.addWidget(QLabel(f"{number:,}"), row, 0, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(QLabel(words), row, 1)
    return found


def _noun(noun: str, n: int) -> str:
    return noun if n == 1 else f"{noun}s"
