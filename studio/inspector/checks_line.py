"""Whether what is shown is what the network itself did: one line, with all that was compared behind it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.tracing.trace import Check
from studio.theme import GAP, Theme
from studio.widgets import IconLabel, role

EQUAL = "Equal to the network's own result, bit by bit."
_ICON = 16


class ChecksLine(QWidget):
    """Nothing where nothing was compared."""

    def __init__(self, theme: Theme) -> None:
        """Of no trace yet."""
        super().__init__()
        self._good, self._bad = IconLabel("check", _ICON, theme, accent=True), IconLabel("warning", _ICON, theme)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP // 2)
        for icon in (self._good, self._bad):
            row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.show_checks(())

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        """Say what differs, or that nothing does; the tooltip has every sentence."""
        wrong = [check.words for check in checks if not check.is_equal]
        self.setVisible(bool(checks))
        self._good.setVisible(not wrong)
        self._bad.setVisible(bool(wrong))
        role(self.words, "" if wrong else "faint")
        self.words.style().polish(self.words)
        self.words.setText("\n".join(wrong) if wrong else EQUAL)
        self.setToolTip("\n".join(check.words for check in checks))
