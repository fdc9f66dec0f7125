"""The training chart, whose plotting library is loaded when the chart is first seen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.panels import Panel
from studio.surroundings import Studio


def _chart(studio: Studio) -> QWidget:
    from studio.panels._training_chart import TrainingPanel  # noqa: PLC0415

    return TrainingPanel(studio)


PANEL = Panel("Training", "chart", "bottom", 40, _chart, is_shown=False)
