"""Verdicts on objects that a cut dropped: which loss it is, its numbers, two sentences, and what would have kept it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.tracing.remedies import Table, setting_name, undone, value_of
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.sought import Sought, box_of, chances, plain
from engine.tracing.standings import UNLISTED, Fates, Standing, scores_at, standing
from engine.tracing.verdicts import Loss, Number, Remedy, Verdict

_OF_PROPOSALS: Mapping[type[Cut], Loss] = {
    TopK: "proposals_top_k", LeastSide: "proposals_side", LeastScore: "proposals_score",
    Nms: "proposals_nms", Most: "proposals_most",
}  # fmt: skip
_OF_DETECTIONS: Mapping[type[Cut], Loss] = {
    TopK: "top_k", LeastSide: "side", LeastScore: "score", Nms: "nms", Most: "most",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An object, the selection that lost it, and what became of the rows on it."""

    sought: Sought
    table: Table
    class_index: int
    """That the table counts in: 0 of objectness."""
    fates: Fates


@dataclass(frozen=True, slots=True, eq=False)
class _Fall:
    """The row of a case that came closest to passing the cut that they fell to, and how it stood there."""

    case: Case
    row: int
    candidate: int
    stood: Standing

    @property
    def is_early(self) -> bool:
        """Whether it fell among the proposals."""
        return self.case.table.is_of_proposals

    @property
    def limit(self) -> float:
        """The number that the cut holds against it."""
        return value_of(self.stood.rule, self.case.class_index)

    @property
    def setting(self) -> str:
        return setting_name(self.stood.rule, is_of_proposals=self.is_early)

    @property
    def rival(self) -> tuple[int, float] | None:
        """The class, and its score, that it was taken for: by the row itself, or by a detection that is kept on it."""
        likely = chances(self.case.table.scores, np.array([self.row]))[0]
        best = int(likely.argmax()) - 1
        if best >= 0:
            return None if best == self.case.sought.wanted.class_index else (best, float(likely[1 + best]))
        return _rival_detection(self.case)

    @property
    def background(self) -> float:
        """How likely the row is nothing."""
        return float(chances(self.case.table.scores, np.array([self.row]))[0, 0])


def lost(case: Case) -> Verdict:
    """At the cut that the last of the rows fell to."""
    fall = _fall(case)
    loss, after = _loss(fall), _remedies(fall)
    stood = fall.stood
    other = case.sought.whose(case.table.selected.boxes[stood.suppressor]) if stood.suppressor >= 0 else -1
    words = " ".join([_what(fall, loss), *(each.words for each in after)])
    return Verdict(
        loss, case.table.own.name, fall.row, fall.candidate, _numbers(fall), words, after, stood.suppressor, other
    )  # fmt: skip


def _fall(case: Case) -> _Fall:
    at = case.fates.furthest
    chosen = case.fates.cuts == at
    best = _closest(case, at, chosen)
    row, candidate = int(case.fates.rows[chosen][best]), int(case.fates.candidates[chosen][best])
    if candidate == UNLISTED:
        return _Fall(case, row, candidate, _unlisted(case, row))
    return _Fall(case, row, candidate, standing(case.table.scores, case.table.selected, candidate, at))


def _closest(case: Case, at: int, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    rows, candidates, selected = case.fates.rows[chosen], case.fates.candidates[chosen], case.table.selected
    if isinstance(selected.rules[at], LeastSide):
        own = selected.boxes[candidates]
        return int((own[:, 2:] - own[:, :2]).min(axis=1).argmax())
    if (candidates == UNLISTED).any():
        return int(case.table.scores.scores[rows, case.class_index].argmax())
    return int(scores_at(selected, at)[candidates].argmax())


def _unlisted(case: Case, row: int) -> Standing:
    """At the first threshold, which lists only what passes."""
    selected, box = case.table.selected, box_of(case.table.scores, row, case.class_index)
    score, side = float(case.table.scores.scores[row, case.class_index]), float((box[2:] - box[:2]).min())
    n_all = len(selected) + selected.n_uncounted
    return Standing(0, selected.rules[0], False, 0, n_all, score, score, side)


def _loss(fall: _Fall) -> Loss:
    if fall.is_early:
        return _OF_PROPOSALS[type(fall.stood.rule)]
    if not isinstance(fall.stood.rule, LeastScore):
        return _OF_DETECTIONS[type(fall.stood.rule)]
    if fall.rival is not None:
        return "other_class"
    return "background" if fall.background >= fall.stood.score else "score"


def _rival_detection(case: Case) -> tuple[int, float] | None:
    """The most certain detection of another class on the object; none where its row is more likely background."""
    found = case.table.selected
    rivals = found.kept[found.classes[found.kept] != case.sought.wanted.class_index]
    rivals = rivals[case.sought.is_on(found.boxes[rivals])]
    rivals = rivals[chances(case.table.scores, found.rows[rivals]).argmax(axis=1) == found.classes[rivals] + 1]
    if not len(rivals):
        return None
    best = int(rivals[found.scores[rivals].argmax()])
    return int(found.classes[best]), float(found.scores[best])


def _remedies(fall: _Fall) -> tuple[Remedy, ...]:
    """The cut undone, where a number does that."""
    table = fall.case.table
    rule = undone(table, fall.row, fall.case.class_index, fall.stood)
    if rule is None:
        return ()
    value = value_of(rule, fall.case.class_index)
    is_last = fall.stood.at + 1 == len(table.selected.rules)
    place = "been kept" if is_last else "passed this cut"
    words = f"With “{fall.setting}” at {plain(value)} instead of {plain(fall.limit)} it would have {place}."
    return (Remedy(fall.setting, value, words, table.own.name, fall.stood.at, rule),)


def _numbers(fall: _Fall) -> tuple[Number, ...]:
    stood = fall.stood
    box = box_of(fall.case.table.scores, fall.row, fall.case.class_index)
    found = [
        Number("IoU with the annotation", float(fall.case.sought.ious(box[None])[0])),
        Number("Score", stood.score),
        Number(fall.setting, fall.limit),
    ]
    if stood.place:
        found += [Number("Place", stood.place), Number("Of", stood.n_group)]
    if isinstance(stood.rule, LeastSide):
        found.append(Number("Shorter side", stood.side))
    if stood.suppressor >= 0:
        found += _of_suppressor(fall)
    if isinstance(stood.rule, LeastScore) and not fall.is_early:
        found += _of_classes(fall)
    return tuple(found)


def _of_suppressor(fall: _Fall) -> list[Number]:
    own, by = fall.case.table.selected, fall.stood.suppressor
    return [
        Number("IoU with the suppressor", fall.stood.iou),
        Number("Score of the suppressor", float(own.first_scores[by])),
        Number("IoU of the suppressor with the annotation", float(fall.case.sought.ious(own.boxes[by][None])[0])),
    ]


def _of_classes(fall: _Fall) -> list[Number]:
    rival = fall.rival
    own = [Number("Background", fall.background)]
    return own if rival is None else [*own, Number(f"Score as {fall.case.sought.class_names[rival[0]]}", rival[1])]


def _what(fall: _Fall, loss: Loss) -> str:
    """The first sentence."""
    stood = fall.stood
    box = "The best box guessed for it" if fall.is_early else "Its best box"
    place = f"{box} came at place {stood.place:,} of {stood.n_group:,}"
    match stood.rule:
        case LeastScore():
            return _too_uncertain(fall, loss)
        case LeastSide():
            return f"{box} is only {plain(stood.side)} pixels across in the scaled picture, below {plain(fall.limit)}."
        case TopK(n, per):
            return f"{place} by score{_within(fall, per)}, and only {n:,} go on."
        case Most(n):
            return f"{place} {'proposals' if fall.is_early else 'detections'}, and only {n:,} are kept."
        case Nms():
            return _suppressed(fall, stood.rule, box)


def _within(fall: _Fall, per: str) -> str:
    level = int(fall.case.table.scores.level[fall.row])
    return {"level": f" on level {level}", "class": f" for {fall.case.sought.class_name}"}.get(per, "")


def _too_uncertain(fall: _Fall, loss: Loss) -> str:
    score, least, name = plain(fall.stood.score), plain(fall.limit), fall.case.sought.class_name
    if fall.is_early:
        return f"The best box guessed for it has an objectness of {score}, below {least}."
    if loss == "score":
        return f"It was seen as {name} with a score of {score}, which is not above {least}."
    rival = fall.rival
    if rival is None:
        return f"It was scored as background ({plain(fall.background)}), as {name} only {score}: not above {least}."
    return (
        f"It was taken for {fall.case.sought.class_names[rival[0]]} ({plain(rival[1])}), "
        f"as {name} only {score}: not above {least}."
    )


def _suppressed(fall: _Fall, rule: Nms, box: str) -> str:
    own, stood, sought = fall.case.table.selected, fall.stood, fall.case.sought
    if rule.method != "greedy":
        return f"{box} lost score to those that overlap it: from {plain(stood.score)} to {plain(stood.left)}."
    by, score = own.boxes[stood.suppressor], float(own.first_scores[stood.suppressor])
    where = "on another annotated object" if sought.whose(by) >= 0 else "on no annotated object"
    return (
        f"{box} (score {plain(stood.score)}) was suppressed by one of {plain(score)} "
        f"{where}, which overlaps it by {stood.iou:.3f}: more than {plain(fall.limit)}."
    )
