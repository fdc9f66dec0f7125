"""Theme: the window's colours, dark and light, its stylesheet and its icons.

Icons are SVG strokes drawn in `currentColor`; they are painted in the theme's colour at any size and scale.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from studio.settings import ThemeChoice

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
GAP = 8
"""The step of every distance in the window, in view pixels."""


@dataclass(frozen=True, slots=True)
class Tones:
    """Every colour of a theme, '#rrggbb'."""

    tone: str
    window: str
    """Behind everything."""
    surface: str
    """Lists and cards."""
    raised: str
    """Menus and buttons."""
    sunken: str
    """Fields to type in."""
    canvas: str
    """Around the picture."""
    line: str
    hover: str
    scroll: str
    text: str
    faint: str
    disabled: str
    accent: str
    accent_hover: str
    accent_soft: str
    accent_text: str
    on_accent: str
    good: str
    warn: str
    warn_soft: str
    bad: str


DARK = Tones(
    tone="dark",
    window="#1b1d22",
    surface="#22252b",
    raised="#2b2f37",
    sunken="#16181c",
    canvas="#121417",
    line="#363b45",
    hover="#323742",
    scroll="#464c58",
    text="#e7e9ee",
    faint="#9aa1ae",
    disabled="#5f6673",
    accent="#3d7eff",
    accent_hover="#5a92ff",
    accent_soft="#2a3f6b",
    accent_text="#7aa7ff",
    on_accent="#ffffff",
    good="#4cc38a",
    warn="#f0b429",
    warn_soft="#4a3d18",
    bad="#ff6b6b",
)
LIGHT = Tones(
    tone="light",
    window="#f1f2f5",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#ffffff",
    canvas="#dfe2e7",
    line="#d3d7de",
    hover="#e4e7ec",
    scroll="#c3c8d1",
    text="#1c2026",
    faint="#5d6572",
    disabled="#a3aab5",
    accent="#2563eb",
    accent_hover="#1d4fd0",
    accent_soft="#cfdfff",
    accent_text="#1d4fd0",
    on_accent="#ffffff",
    good="#16794c",
    warn="#a86a00",
    warn_soft="#ffefc2",
    bad="#c92a2a",
)


class Theme(QObject):
    """The theme in use; follows the system unless the user has chosen one."""

    changed = Signal()
    """Other colours are in use."""

    def __init__(self, app: QApplication, choice: ThemeChoice = "system", parent: QObject | None = None) -> None:
        """Dress the application."""
        super().__init__(parent or app)
        self._app = app
        self._choice: ThemeChoice = choice
        self.tones = DARK
        if not app.styleSheet():  # with one, an earlier theme has seen to it
            app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._dress)
        self._dress()

    @property
    def choice(self) -> ThemeChoice:
        """What the user has chosen."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Take another theme, or the system's."""
        self._choice = choice
        self._dress()

    def icon(self, name: str) -> QIcon:
        """The icon resources/icons/<name>.svg in the theme's colours; it follows when they change."""
        return QIcon(_StrokeIcon(name, self))

    def _dress(self) -> None:
        """Every widget is dressed anew by a palette or a sheet, also by the same one: that is left out."""
        self.tones = _tones(self._choice)
        palette, sheet = _palette(self.tones), _stylesheet(self.tones)
        if palette != self._app.palette():
            self._app.setPalette(palette)
        if sheet != self._app.styleSheet():
            self._app.setStyleSheet(sheet)
        self.changed.emit()


def _tones(choice: ThemeChoice) -> Tones:
    if choice == "system":
        return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
    return DARK if choice == "dark" else LIGHT


def _stylesheet(tones: Tones) -> str:
    text = (RESOURCES / "theme" / "studio.qss").read_text(encoding="utf-8")
    return Template(text).substitute(asdict(tones), icons=(RESOURCES / "theme").as_posix())


def _palette(tones: Tones) -> QPalette:
    role, palette = QPalette.ColorRole, QPalette()
    for each, colour in {
        role.Window: tones.window,
        role.Base: tones.surface,
        role.AlternateBase: tones.window,
        role.Button: tones.raised,
        role.ToolTipBase: tones.raised,
        role.Text: tones.text,
        role.WindowText: tones.text,
        role.ButtonText: tones.text,
        role.ToolTipText: tones.text,
        role.PlaceholderText: tones.faint,
        role.Highlight: tones.accent,
        role.HighlightedText: tones.on_accent,
        role.Accent: tones.accent,
        role.Link: tones.accent_text,
        role.BrightText: tones.bad,
        role.Light: tones.raised,
        role.Midlight: tones.hover,
        role.Mid: tones.line,
        role.Dark: tones.line,
        role.Shadow: tones.sunken,
    }.items():
        palette.setColor(each, QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(tones.disabled))
    return palette


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever is easier to read on `colour` (WCAG relative luminance)."""
    return QColor("#000000") if luminance(colour) > 0.179 else QColor("#ffffff")


def luminance(colour: QColor) -> float:
    """WCAG 2 relative luminance, 0 to 1."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: QColor, b: QColor) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


class _StrokeIcon(QIconEngine):
    """Paints an SVG in the theme's colour of the moment."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self._name = name
        self._theme = theme

    def clone(self) -> QIconEngine:
        return _StrokeIcon(self._name, self._theme)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _: QIcon.State) -> None:
        tones = self._theme.tones
        colour = tones.disabled if mode == QIcon.Mode.Disabled else tones.text  # selected rows are but tinted
        svg_renderer(self._name, colour).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # on a button without any room
            return QPixmap()
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return QPixmap.fromImage(image)


def svg_renderer(name: str, colour: str) -> QSvgRenderer:
    """A renderer of resources/icons/<name>.svg with its strokes in `colour`."""
    text = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(re.sub("currentColor", colour, text).encode()))
