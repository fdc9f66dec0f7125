"""Verdicts on objects that no cut dropped: found, counted for another, of poor shape, moved away, never guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.tracing.losing import Case, lost
from engine.tracing.remedies import AnchorFit, anchor_fit
from engine.tracing.sought import Sought, box_of, chances, plain
from engine.tracing.stages import Anchors, Ints
from engine.tracing.standings import candidates_of
from engine.tracing.verdicts import Key, Number, Remedy, Verdict

_FURTHER = 2.0
"""How many times larger a picture is suggested where anchors are too far apart."""


def unknown(sought: Sought) -> Verdict:
    """Of a class that the network was not trained with."""
    words = "The network does not know the class of this annotation. Train it with this class."
    return Verdict("unknown_class", sought.last.own.name, -1, -1, (), words)


def found(sought: Sought, key: Key) -> Verdict:
    """A detection was counted for it; whether that is shown is another question."""
    table, (row, candidate) = sought.last, (key[0], sought.candidate(*key))
    score, overlap = float(table.selected.scores[candidate]), _overlap(sought, key)
    numbers = (Number("Score", score), Number("IoU of the boxes", overlap))
    if score >= sought.asked.score:
        words = f"It was found with a score of {plain(score)}. The boxes overlap by {overlap:.2f}."
        return Verdict(None, table.own.name, row, candidate, numbers, words)
    remedy = Remedy("Score shown", score, f"From {plain(score)} on it would be shown.")
    words = f"It was found with a score of {plain(score)}, below {plain(sought.asked.score)}: it is not shown."
    return Verdict("shown", table.own.name, row, candidate, numbers, f"{words} {remedy.words}", (remedy,))


def uncounted(case: Case) -> Verdict:
    """Detections of its class are on it, but none was counted for it."""
    sought = case.sought
    kept = case.fates.rows[case.fates.cuts == case.fates.furthest]
    keys: list[Key] = [(int(row), sought.wanted.class_index) for row in kept]
    free = [key for key in keys if key not in sought.wanted.others.taken]
    return _poor(sought, free) if free else _taken(case, keys)


def _poor(sought: Sought, keys: list[Key]) -> Verdict:
    """By their masks they do not overlap it enough; first of all those whose masks nobody knows."""
    key = max(keys, key=lambda each: sought.wanted.shape_ious.get(each, 1.0))
    overlap, shape = _overlap(sought, key), sought.wanted.shape_ious.get(key)
    numbers = [Number("IoU of the boxes", overlap)]
    if shape is None:
        words = f"A detection is on it, but its box overlaps it by {overlap:.4f}: at the very border of what counts."
    else:
        numbers.append(Number("IoU of the masks", shape))
        words = f"A detection is on it (IoU of the boxes {plain(overlap)}), but the masks have only {plain(shape)}."
    words += " No setting mends that: outlines have to be learned better."
    return Verdict("mask", sought.last.own.name, key[0], sought.candidate(*key), tuple(numbers), words)


def _taken(case: Case, keys: list[Key]) -> Verdict:
    """They count for others; what took its own next box tells how to get one more."""
    sought, key = case.sought, max(keys, key=lambda each: _overlap(case.sought, each))
    candidate, overlap = sought.candidate(*key), _overlap(sought, key)
    numbers = (Number("Score", float(sought.last.selected.scores[candidate])), Number("IoU of the boxes", overlap))
    words = f"The detection on it (IoU {overlap:.2f}) is counted for another annotation."
    rest = case.fates.pick(case.fates.cuts < case.fates.furthest)
    second = lost(replace(case, fates=rest)) if len(rest.rows) else None
    words += f" Of the others: {second.words}" if second else " There is no other on it."
    after, other = second.remedies if second else (), sought.wanted.others.taken[key]
    return Verdict("taken", sought.last.own.name, key[0], candidate, numbers, words, after, other=other)


def of_another_class(sought: Sought) -> Verdict | None:
    """Where every class has a box of its own: a row on the object by its most likely class, which is another."""
    scores, rows = sought.last.scores, sought.last.rows
    if not scores.has_own_boxes or rows is None or not len(rows):
        return None
    best = chances(scores, rows).argmax(axis=1) - 1
    is_it = (best >= 0) & (best != sought.wanted.class_index) & sought.is_on(scores.boxes[rows, best])
    if not is_it.any():
        return None
    at = int((scores.scores[rows, best] * is_it).argmax())
    return _as_another(sought, (int(rows[at]), int(best[at])))


def _as_another(sought: Sought, key: Key) -> Verdict:
    row, rival = key
    own = (row, sought.wanted.class_index)
    theirs, ours = (float(sought.last.scores.scores[each]) for each in (key, own))
    name, overlap = sought.class_names[rival], _overlap(sought, own)
    numbers = (
        Number(f"Score as {name}", theirs), Number("Score", ours), Number("IoU with the annotation", overlap),
    )  # fmt: skip
    words = (
        f"It was taken for {name} ({plain(theirs)}), as {sought.class_name} only {plain(ours)}. The box for "
        f"{sought.class_name} overlaps it by {plain(overlap)}, so that no threshold brings it back."
    )
    return Verdict("other_class", sought.last.own.name, row, sought.candidate(*key), numbers, words)


def moved_away(sought: Sought, kept: Ints) -> Verdict:
    """Proposals on it, rows of objectness, were kept, but no box that the last head made of them is on it."""
    assert sought.proposals is not None
    rows = np.flatnonzero(np.isin(sought.last.scores.parent, kept))
    before = sought.ious(sought.proposals.scores.boxes[kept])
    if not len(rows):
        return _unasked(sought, int(kept[before.argmax()]), float(before.max()))
    after = sought.ious(sought.boxes_of(rows))
    key = (int(rows[after.argmax()]), sought.wanted.class_index)
    numbers = (
        Number("IoU of the best proposal", float(before.max())),
        Number("IoU of the best box made of one", float(after.max())),
        Number("Score", float(sought.last.scores.scores[key])),
    )
    reached, had = plain(float(after.max())), plain(float(before.max()))
    words = (
        f"A proposal on it (IoU {had}) was kept, but the boxes made of such reach only {reached}. "
        "No setting brings it back: boxes of such objects have to be learned better."
    )
    return Verdict("refinement", sought.last.own.name, key[0], sought.candidate(*key), numbers, words)


def _unasked(sought: Sought, row: int, overlap: float) -> Verdict:
    """Under cuts of somebody else, a proposal is kept that the network itself had dropped."""
    assert sought.proposals is not None
    words = "A proposal on it is kept with these settings, but the network was never asked about it. Ask it about all."
    candidate = int(candidates_of(sought.proposals.selected, np.array([row]), 0)[0])
    numbers = (Number("IoU of the proposal", overlap),)
    return Verdict("unasked", sought.proposals.own.name, row, candidate, numbers, words)


def unguessed(sought: Sought) -> Verdict:
    """Nothing was guessed on it: were there anchors?"""
    anchors, scores = sought.trace.first(Anchors), (sought.proposals or sought.last).scores
    fit = anchor_fit(anchors, sought.wanted.box_model, sought.asked.iou)
    ious = sought.ious(scores.boxes if sought.proposals else sought.boxes_of(np.arange(len(scores.boxes))))
    row, best = (int(ious.argmax()), float(ious.max())) if len(ious) else (-1, 0.0)
    numbers = (
        Number("Best IoU of an anchor", fit.iou), Number("Anchors near", fit.n_near),
        Number("Best IoU of a guessed box", best),
    )  # fmt: skip
    if not fit.n_near and anchors.called != "cells":
        return _unfitting(sought, anchors, fit, numbers)
    near = f"Of the {anchors.called}, {fit.n_near:,} would do for it, but the" if fit.n_near else "The"
    words = f"{near} best box guessed overlaps it by only {plain(best)}, less than {plain(sought.asked.iou)}."
    larger = _larger(sought, anchors)
    if larger is not None:
        return Verdict("guesses", scores.name, row, -1, numbers, f"{words} {larger.words}", (larger,))
    words += " No setting brings it back: boxes of such objects have to be learned better."
    return Verdict("guesses", scores.name, row, -1, numbers, words)


def _larger(sought: Sought, anchors: Anchors) -> Remedy | None:
    """A larger picture, where the object is smaller than the finest cells."""
    width, height = (float(each) for each in sought.wanted.box_model[2:] - sought.wanted.box_model[:2])
    stride = min(anchors.strides)
    if min(width, height) >= stride:
        return None
    side = _FURTHER * min(sought.trace.input.picture.shape[:2])
    words = (
        f"It is only {width:.0f} × {height:.0f} pixels in the scaled picture, where a cell has {stride:.0f}: "
        f"train with pictures scaled to {side:.0f} or more."
    )
    return Remedy("Smaller side of the picture", side, words)


def _unfitting(sought: Sought, anchors: Anchors, fit: AnchorFit, numbers: tuple[Number, ...]) -> Verdict:
    words = f"The {anchors.called} overlap it by at most {plain(fit.iou)}, less than {plain(sought.asked.iou)}."
    remedy = _fitting(sought, anchors, fit)
    more = (Number("Side that would fit", fit.side), Number("Ratio that would fit", fit.ratio))
    return Verdict("anchors", anchors.name, fit.anchor, -1, (*numbers, *more), f"{words} {remedy.words}", (remedy,))


def _fitting(sought: Sought, anchors: Anchors, fit: AnchorFit) -> Remedy:
    if fit.best_iou >= sought.asked.iou:
        words = f"With side {fit.side:.0f} and ratio {fit.ratio:.2g} (height to width) one would fit: train with such."
        return Remedy("Anchor side", fit.side, words)
    side = _FURTHER * min(sought.trace.input.picture.shape[:2])
    words = f"They are too far apart for it, whatever their size: train with pictures scaled to {side:.0f} or more."
    return Remedy("Smaller side of the picture", side, words)


def _overlap(sought: Sought, key: Key) -> float:
    """IoU of the annotation with the box of a row for a class."""
    return float(sought.ious(box_of(sought.last.scores, *key)[None])[0])
