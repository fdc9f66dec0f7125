"""Where distances lie in the gallery itself: every face tried as if it were a probe, on a thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.gallery import Gallery, Rule, left_out
from studio.faces.model import FacesModel
from studio.faces.spread_chart import NO_SPREAD, Spread


class SearchSpread(QObject):
    """By the rule in force: how far enrolled faces are from their own person, and strangers from the nearest person."""

    changed = Signal()

    def __init__(self, model: FacesModel, parent: QObject | None = None) -> None:
        """Of what the model's gallery is at each `refresh`."""
        super().__init__(parent)
        self._model = model
        self._of: tuple[Gallery, Rule] | None = None
        self.spread = NO_SPREAD

    def refresh(self) -> None:
        """Have it worked out, unless it is for these very faces."""
        gallery, rule = self._model.gallery, self._model.settings.rule
        if self._of is not None and self._of[0] is gallery and self._of[1] == rule:
            return
        self._of, self.spread = (gallery, rule), NO_SPREAD
        if len(gallery):
            self._model.think("spread of faces", lambda _: searched(gallery, rule), self._take)

    def _take(self, spread: Spread) -> None:
        self.spread = spread
        self.changed.emit()


def searched(gallery: Gallery, rule: Rule) -> Spread:
    """Of searches: every face against its own person, and against the others as if that person were not enrolled."""
    trials = left_out(gallery, rule)
    own, strangers = trials.own, trials.strangers
    return Spread(np.sort(own[np.isfinite(own)]), np.sort(strangers[np.isfinite(strangers)]))
