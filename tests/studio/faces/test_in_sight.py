"""A view is brought up to date while it is in sight, and once when it is seen again."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.faces.in_sight import InSight


def test_a_view_is_brought_up_to_date_only_in_sight(qtbot: QtBot) -> None:
    widget, shown = QWidget(), []
    qtbot.addWidget(widget)
    in_sight = InSight(widget, lambda: shown.append(widget.isVisible()))
    in_sight.refresh()
    assert shown == []
    widget.show()
    assert shown == [True]
    in_sight.refresh()
    in_sight.refresh()
    assert shown == [True] * 3
    widget.hide()
    in_sight.refresh()
    in_sight.refresh()
    assert len(shown) == 3
    widget.show()
    widget.hide()
    widget.show()
    assert len(shown) == 4
