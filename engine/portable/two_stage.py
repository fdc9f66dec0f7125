"""What the R-CNN family says (Ren et al. 2015, He et al. 2017): boxes are proposed, then named and refined.

Legend: R boxes, K classes; class 0 of the networks is the background.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.portable import anchors, arithmetic, regions
from engine.portable.arithmetic import Floats
from engine.portable.card import Card
from engine.portable.one_stage import Rows, kept

N_LEVELS = 5
"""Levels on which boxes are proposed; regions are looked up on all but the coarsest."""
BOX_CELLS, MASK_CELLS = 7, 14
_LEAST_SIDE = 1e-2


def proposals(card: Card, outputs: Sequence[Floats], frame: tuple[int, int], model: tuple[int, int]) -> Floats:
    """(R, 4) boxes worth a second look, from objectness (1, A, h, w) and box terms (1, 4 A, h, w) of every level."""
    boxes, scores, levels = [], [], []
    for level, (objectness, terms) in enumerate(zip(outputs[:N_LEVELS], outputs[N_LEVELS:], strict=True)):
        n_boxes, height, width = objectness.shape[1:]
        stride = (frame[0] // height, frame[1] // width)
        logits = objectness[0].transpose(1, 2, 0).reshape(-1)
        table = terms[0].reshape(n_boxes, 4, height, width).transpose(2, 3, 0, 1).reshape(-1, 4)
        rows = arithmetic.best(logits, card.n_candidates)
        guesses = anchors.at_corners((height, width), stride, card.cell_boxes[level])[rows]
        boxes.append(arithmetic.clipped(arithmetic.decoded(table[rows], guesses, [1, 1, 1, 1]), *model))
        scores.append(arithmetic.sigmoid(logits[rows]))
        levels.append(np.full(len(rows), level))
    found, certain, level_of = np.concatenate(boxes), np.concatenate(scores), np.concatenate(levels)
    rows = arithmetic.wide(found, card.proposal_min_side)
    chosen = arithmetic.distinct(found[rows], certain[rows], level_of[rows], card.proposal_iou)[: card.n_proposals]
    return found[rows[chosen]]


def named(card: Card, outputs: Sequence[Floats], proposed: Floats, model: tuple[int, int]) -> Rows:
    """Detections from class logits (R, K + 1) and box terms (R, 4 (K + 1)) of proposed boxes."""
    logits, terms = outputs
    n_outputs = logits.shape[1]
    guesses = np.repeat(proposed, n_outputs, axis=0)
    boxes = arithmetic.clipped(arithmetic.decoded(terms.reshape(-1, 4), guesses, card.box_weights), *model)
    boxes = boxes.reshape(-1, n_outputs, 4)[:, 1:].reshape(-1, 4)
    scores = arithmetic.softmax(logits)[:, 1:].reshape(-1)
    classes = np.tile(np.arange(n_outputs - 1), len(proposed))
    rows = np.flatnonzero(scores > card.score_threshold)
    rows = rows[arithmetic.wide(boxes[rows], _LEAST_SIDE)]
    return kept(card, (boxes[rows], scores[rows], classes[rows]))


def own_points(card: Card, maps: Floats, found: Rows) -> Floats:
    """(R, P, 3) x, y and 2 for the points that a detection's class has, zeros for others."""
    boxes, _, classes = found
    places = regions.keypoints(maps, boxes)
    counts = np.array(card.n_keypoints or [0])[classes]
    is_own = np.arange(maps.shape[1]) < counts[:, None]
    points = np.concatenate([places, np.full((*places.shape[:2], 1), 2, dtype=np.float32)], axis=-1)
    return np.asarray(points * is_own[..., None], dtype=np.float32)
