"""What is told of a probe: who it may be and why, how far everybody is, and what decides, also while that is tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPixmap

from engine.gallery import Decision, distances
from studio.asked_faces import Probe
from studio.faces.decision_chart import Row
from studio.faces.decision_words import NOBODY_ENROLLED, margin, rarity, reason, verdict
from studio.faces.model import FacesModel
from studio.faces.probe_strip import Mark, ProbeTile
from studio.faces.rule_pane import Deciding, Key
from studio.faces.spread_chart import Spread
from studio.faces.spreads import SearchSpread
from studio.faces.verdict_pane import Verdict
from studio.identifying import NO_EMBEDDER, Identifying

MOST_ROWS = 60
"""People in the picture of a decision; those farther are told of as a number."""
UNKEPT = "Not in the project: nothing of this face is written until you say who it is or is not."


class ProbeTelling:
    """Of the studio's probes, people and threshold."""

    def __init__(self, model: FacesModel, probes: Identifying, searches: SearchSpread) -> None:
        """`searches` say what a distance means."""
        self._model, self._probes, self._searches = model, probes, searches
        self._apart: tuple[Decision, NDArray[np.float64]] | None = None
        """How far all templates are, of the probe that was told of last."""
        self.tried: float | None = None
        """A threshold that is being dragged."""

    @property
    def threshold(self) -> float:
        """That decides, or is being tried."""
        return self._model.threshold if self.tried is None else self.tried

    @property
    def spread(self) -> Spread:
        """Where distances of searches lie."""
        return self._searches.spread

    def decision(self, probe: Probe) -> Decision | None:
        """By the threshold that is being dragged, too."""
        decision = self._probes.deciding.decision(probe)
        if decision is None or self.tried is None or not decision.ranking:
            return decision
        first = decision.ranking[0]
        accepted = first.identity_id if first.distance <= self.tried else None
        return replace(decision, identity_id=accepted, threshold=self.tried)

    def tile(self, probe: Probe, picture: QPixmap | None) -> ProbeTile:
        """For the line of all probes."""
        state = self._probes.deciding.state_of(probe)
        words, mark = self._told(probe)
        if state is not None and state[0] == "confirmed":
            words, mark = self._model.name(state[1]), "confirmed"
        elif state is not None and state[0] == "rejected" and mark == "nobody":
            mark = "rejected"
        return ProbeTile(probe.number, picture, words, mark, f"{probe.face.source}: {words}")

    def _told(self, probe: Probe) -> tuple[str, Mark]:
        if probe.face.refusal:
            return probe.face.source, "refused"
        decision = self._probes.deciding.decided(probe)
        if decision is None:
            return probe.face.source, "waiting"
        if decision.identity_id is None:
            return "Nobody", "nobody"
        return self._model.name(decision.identity_id), "somebody"

    def verdict(self, probe: Probe, picture: QPixmap | None) -> Verdict:
        """For the probe that is looked at."""
        if probe.face.refusal:
            return Verdict(picture, "It cannot be compared", (probe.face.refusal,))
        if self._model.embedder is None:
            return Verdict(picture, "No embedder", (NO_EMBEDDER,))
        decision = self.decision(probe)
        if decision is None:
            return Verdict(picture, "…", ("The embedder looks at this face.",))
        candidate = self._probes.candidate
        return Verdict(
            picture,
            verdict(decision, self._model.name),
            self._lines(probe, decision),
            self._state_words(probe),
            "" if candidate is None else self._model.name(candidate),
            can_answer=self._probes.can_answer,
            is_sure=decision.identity_id is not None,
        )

    def _lines(self, probe: Probe, decision: Decision) -> tuple[str, ...]:
        lines = [reason(decision, self._model.name)]
        if decision.distance is not None:
            lines += [margin(decision), rarity(decision.distance, self.spread.different)]
        if probe.face.quality is not None and probe.face.quality.flaws:
            lines.append(" ".join(each.words for each in probe.face.quality.flaws))
        return tuple(lines)

    def _state_words(self, probe: Probe) -> str:
        """What the project knows of it."""
        state = self._probes.deciding.state_of(probe)
        if probe.template_id is None or state is None:
            return UNKEPT
        kind, identity_id = state
        name = self._model.name(identity_id)
        not_them = " nor ".join(sorted(self._model.name(each) for each in self._probes.deciding.excluded(probe)))
        return {
            "confirmed": f"In the project: confirmed as {name}, and left out where it is decided.",
            "rejected": f"In the project: not {not_them}, you said.",
            "suggested": f"In the project: suggested as {name}.",
            "ignored": "In the project: ignored.",
        }.get(kind, "In the project, without a name.")

    def rows(self, probe: Probe, everybody: Decision) -> tuple[Row, ...]:
        """The nearest people, with the distance of each of their templates."""
        gallery, apart = self._probes.deciding.gallery(probe), self._distances(probe, everybody)
        excluded, model = self._probes.deciding.excluded(probe), self._model
        return tuple(
            Row(
                each.identity_id,
                model.name(each.identity_id),
                each.distance,
                tuple(np.sort(apart[gallery.identity_ids == each.identity_id]).tolist()),
                model.crop(each.nearest_template_id),
                each.identity_id in excluded,
            )
            for each in everybody.ranking[:MOST_ROWS]
        )

    def _distances(self, probe: Probe, everybody: Decision) -> NDArray[np.float64]:
        """Kept, as they are wanted anew at every move of the threshold."""
        if self._apart is None or self._apart[0] is not everybody:
            vector = self._probes.deciding.vector(probe)
            assert vector is not None
            self._apart = everybody, distances(self._probes.deciding.gallery(probe), vector[None])[0]
        return self._apart[1]

    def deciding(self, embedders: Sequence[tuple[Key, str]]) -> Deciding:
        """What decides, for the pane of choices."""
        settings = self._model.settings
        reach = 1.25 * self.threshold if math.isfinite(self.threshold) else 0.0
        return Deciding(
            tuple(embedders),
            settings.embedder_id,
            settings.rule,
            self.threshold,
            settings.threshold is None and self.tried is None,
            settings.far,
            max(reach, self.spread.farthest) or 1.0,
            self._worth(),
        )

    def _worth(self) -> tuple[str, ...]:
        """What the threshold is worth."""
        model = self._model
        if not model.identities:
            return (NOBODY_ENROLLED,)
        if model.calibration is None or not math.isfinite(self.threshold):
            return ()
        if model.settings.threshold is None and self.tried is None:
            return model.calibration.words
        return (rarity(self.threshold, self.spread.different),)
