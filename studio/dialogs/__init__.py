"""SEAM: one file per dialog, opened by its file's name: `studio.ask.show("fine_tune")`. Each holds one as `DIALOG`.

A dialog never stops the window's event loop: it is opened, and does what it does when its button is pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtWidgets import QDialog, QWidget

from engine.registry import Registry
from studio.surroundings import Studio, Subject

MakeDialog: TypeAlias = Callable[[Studio, Subject, QWidget], QDialog]
"""Makes a dialog about something, over a window."""

DIALOGS: Registry[MakeDialog] = Registry("studio.dialogs", "DIALOG")
