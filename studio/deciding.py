"""Deciding: who faces are that are asked about, from vectors that are there; looked up once by gallery and rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from engine.gallery import Decision, Gallery, Rule, identify
from engine.project.records import TemplateState
from studio.asked_faces import Probe, Vector, without
from studio.known_faces import FacesModel

NOBODY = -1.0
"""A threshold that nobody is within."""
_SECONDS_AT_ONCE = 0.01


class Deciding(QObject):
    """By the model's gallery, rule and threshold."""

    more_decided = Signal()
    """There are decisions about some that had none."""

    def __init__(self, model: FacesModel, asked: Callable[[], Sequence[Probe]], parent: QObject | None = None) -> None:
        """About whatever faces `asked` gives."""
        super().__init__(parent)
        self._model, self._asked = model, asked
        self._everybody: dict[int, Decision] = {}
        """By number: how far all people of `_looked_in` are."""
        self._looked_in: tuple[Gallery, Rule] | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._decide_more)

    def forget(self, number: int) -> None:
        """A probe is compared with others than before."""
        self._everybody.pop(number, None)

    def follow(self) -> None:
        """Decide anew where gallery or rule are others; with another threshold, nobody is looked up anew."""
        gallery, rule = self._model.gallery, self._model.settings.rule
        if self._looked_in is None or self._looked_in[0] is not gallery or self._looked_in[1] != rule:
            self._looked_in = gallery, rule
            self._everybody.clear()

    def decision(self, probe: Probe) -> Decision | None:
        """Who a probe is; None: its vector is not known yet, or cannot be."""
        everybody = self.everybody(probe)
        return None if everybody is None else without(everybody, self.excluded(probe), self._model.threshold)

    def everybody(self, probe: Probe) -> Decision | None:
        """How far all people are, those whom it is known not to be among the others; nobody is accepted."""
        if probe.number not in self._everybody:
            found = self._looked_up(probe)
            if found is None:
                return None
            self._everybody[probe.number] = found
        return self._everybody[probe.number]

    def decided(self, probe: Probe) -> Decision | None:
        """The decision where it is there already; else it follows, and `more_decided` tells."""
        if probe.number not in self._everybody:
            if self.vector(probe) is not None:
                self._later.start()
            return None
        return self.decision(probe)

    def excluded(self, probe: Probe) -> frozenset[int]:
        """Who it was said not to be."""
        return self._model.rejected.get(probe.template_id or 0, frozenset())

    def gallery(self, probe: Probe) -> Gallery:
        """What it is compared with: a face that is enrolled itself is left out."""
        every = self._model.gallery
        is_other = every.template_ids != (probe.template_id or 0)
        if is_other.all():
            return every
        return every.part(is_other)

    def vector(self, probe: Probe) -> Vector | None:
        """As the embedder in use sees it."""
        record = self._model.embedder
        return None if record is None else probe.vectors.get(record.id)

    def state_of(self, probe: Probe) -> tuple[TemplateState, int | None] | None:
        """What the project says of it, and of whom; None where it is not in the file."""
        template = self._model.templates.get(probe.template_id or 0)
        return None if template is None else (template.state, template.identity_id)

    def _looked_up(self, probe: Probe) -> Decision | None:
        vector, gallery = self.vector(probe), self.gallery(probe)
        if vector is None or (len(gallery) and gallery.vectors.shape[1] != len(vector)):
            return None
        return identify(gallery, vector, self._model.settings.rule, NOBODY)

    def _decide_more(self) -> None:
        """For a moment, so that the window is never kept waiting; the rest a moment later."""
        until, before = monotonic() + _SECONDS_AT_ONCE, len(self._everybody)
        lacking = (each for each in self._asked() if each.number not in self._everybody)
        for probe in [each for each in lacking if self.vector(each) is not None]:
            if self.everybody(probe) is None or monotonic() > until:
                break
        if len(self._everybody) > before:
            self.more_decided.emit()
