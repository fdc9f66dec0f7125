"""What all dialogs have in common: a heading, a body, a row of buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from studio.theme import GAP
from studio.widgets import role


class Frame(QDialog):
    """A dialog of the studio; it is gone once it is closed."""

    def __init__(self, title: str, parent: QWidget, *, width: int = 480, words: str = "") -> None:
        """A dialog over `parent` with a heading and a sentence under it."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 2 * GAP)
        outer.setSpacing(2 * GAP)
        outer.addWidget(_heading(title))
        if words:
            outer.addWidget(paragraph(words))
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP)
        outer.addLayout(self.body, 1)
        self._default: QPushButton | None = None
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GAP)
        self._buttons.addStretch(1)
        outer.addLayout(self._buttons)

    def fit_height(self) -> None:
        """Be as high as the words need at this width."""
        # A card tells its dialog of words that changed inside it by events that are still under way.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            layout.invalidate()
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the words once they know their width."""
        super().showEvent(event)
        self.fit_height()
        if self._default is not None and self._default.isEnabled():
            self._default.setFocus()

    def add_button(self, text: str, act: Callable[[], object], *, is_default: bool = False) -> QPushButton:
        """Add a button to the row at the bottom."""
        button = QPushButton(text)
        button.setAutoDefault(is_default)
        button.setDefault(is_default)
        button.clicked.connect(lambda _=False: act())
        self._buttons.addWidget(button)
        if is_default:
            self._default = button
        return button


def card_of(rows: Sequence[tuple[str, QLabel]]) -> tuple[QFrame, list[QLabel]]:
    """A card with a title before each line of words; returns the titles, too."""
    card, titles = role(QFrame(), "card"), []
    grid = QGridLayout(card)
    grid.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
    grid.setHorizontalSpacing(2 * GAP)
    grid.setVerticalSpacing(GAP)
    for n, (title, line) in enumerate(rows):
        titles.append(role(QLabel(title), "faint"))
        grid.addWidget(titles[-1], n, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(line, n, 1)
    grid.setColumnStretch(1, 1)
    return card, titles


def fold_button() -> QToolButton:
    """A button 'Details' that is checked while they are unfolded."""
    button = QToolButton()
    button.setText("Details")
    button.setCheckable(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setArrowType(Qt.ArrowType.RightArrow)
    button.toggled.connect(
        lambda is_open: button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
    )
    return button


def _heading(text: str) -> QLabel:
    """Larger type; it breaks into lines where it holds a long name."""
    label = role(QLabel(text), "title")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 1.3)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def form() -> QFormLayout:
    """Rows of a label and a field, the label at half the height of its field."""
    made = QFormLayout()
    made.setHorizontalSpacing(2 * GAP)
    made.setVerticalSpacing(GAP)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return made


def paragraph(text: str, dressed: str = "faint") -> QLabel:
    """Words that break into lines."""
    label = role(QLabel(text), dressed)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
