"""A day until which something may be kept, or none."""

from __future__ import annotations

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QHBoxLayout, QWidget

from studio.theme import GAP

_YEARS = 2
"""What is proposed."""


class RetentionField(QWidget):
    """A box to tick, and a day."""

    edited = Signal()
    """Somebody chose another day, or none."""

    def __init__(self) -> None:
        """No day."""
        super().__init__()
        self.has_day = QCheckBox()
        self.has_day.setAccessibleName("Has a last day")
        self.date = QDateEdit(QDate.currentDate().addYears(_YEARS))
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setEnabled(False)
        self.date.setAccessibleName("Keep until")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.has_day)
        row.addWidget(self.date, 1)
        self.has_day.toggled.connect(self.date.setEnabled)
        self.has_day.clicked.connect(lambda _: self.edited.emit())
        self.date.editingFinished.connect(self.edited)

    @property
    def day(self) -> str | None:
        """As 'YYYY-MM-DD'; None for no such day."""
        return self.date.date().toString(Qt.DateFormat.ISODate) if self.has_day.isChecked() else None

    def show_day(self, day: str | None) -> None:
        """Show another day; nothing is told."""
        self.has_day.setChecked(day is not None)
        if day is not None:
            self.date.setDate(QDate.fromString(day, Qt.DateFormat.ISODate))
