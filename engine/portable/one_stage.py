"""What one-stage networks say of every guessed box, as detections in pixels of the scaled picture."""

from __future__ import annotations

import numpy as np

from engine.portable import anchors, arithmetic
from engine.portable.arithmetic import Floats, Ints
from engine.portable.card import Card

Rows = tuple[Floats, Floats, Ints]
"""Boxes, scores, class indices."""


def sizes(card: Card, frame: tuple[int, int]) -> list[tuple[int, int]]:
    """Rows and columns of cells on each level of a frame (height, width)."""
    return [(-(-frame[0] // stride), -(-frame[1] // stride)) for stride in card.strides]


def yolo(card: Card, outputs: list[Floats], frame: tuple[int, int]) -> Rows:
    """From box terms (1, A, 4), objectness (1, A) and class logits (1, A, K)."""
    terms, objectness, classes = (each[0] for each in outputs)
    parts, first = [], 0
    for size, stride, shapes in zip(sizes(card, frame), card.strides, card.cell_boxes, strict=True):
        last = first + size[0] * size[1] * len(shapes)
        parts.append(anchors.boxes_in_cells(terms[first:last], size, stride, shapes))
        first = last
    boxes = np.concatenate(parts)
    scores = arithmetic.sigmoid(objectness)[:, None] * arithmetic.sigmoid(classes)
    rows, class_indices = np.nonzero(scores > card.score_threshold)
    certain = scores[rows, class_indices]
    order = arithmetic.best(certain, card.n_candidates)
    return kept(card, (boxes[rows[order]], certain[order], class_indices[order]))


def retinanet(card: Card, outputs: list[Floats], frame: tuple[int, int], model: tuple[int, int]) -> Rows:
    """From class logits (1, A, K) and box terms (1, A, 4); `model` is the scaled picture's height and width."""
    logits, terms = (each[0] for each in outputs)
    found: list[Rows] = []
    first = 0
    for guesses in guessed(card, frame):
        last = first + len(guesses)
        scores = arithmetic.sigmoid(logits[first:last])
        rows, classes = np.nonzero(scores > card.score_threshold)
        certain = scores[rows, classes]
        order = arithmetic.best(certain, card.n_candidates)
        rows = rows[order]
        boxes = arithmetic.decoded(terms[first:last][rows], guesses[rows], card.box_weights)
        found.append((arithmetic.clipped(boxes, *model), certain[order], classes[order]))
        first = last
    return kept(card, together(found))


def ssd(card: Card, outputs: list[Floats], frame: tuple[int, int], model: tuple[int, int]) -> Rows:
    """From class logits (1, A, K + 1), the background first, and box terms (1, A, 4)."""
    logits, terms = (each[0] for each in outputs)
    guesses = np.concatenate(guessed(card, frame))
    boxes = arithmetic.clipped(arithmetic.decoded(terms, guesses, card.box_weights), *model)
    scores = arithmetic.softmax(logits)[:, 1:]
    found: list[Rows] = []
    for class_index in range(scores.shape[1]):
        rows = np.flatnonzero(scores[:, class_index] > card.score_threshold)
        rows = rows[arithmetic.best(scores[rows, class_index], card.n_candidates)]
        found.append((boxes[rows], scores[rows, class_index], np.full(len(rows), class_index)))
    return kept(card, together(found))


def guessed(card: Card, frame: tuple[int, int]) -> list[Floats]:
    """The guessed boxes of every level."""
    levels = zip(sizes(card, frame), card.strides, card.cell_boxes, strict=True)
    return [anchors.at_corners(size, (stride, stride), boxes) for size, stride, boxes in levels]


def together(found: list[Rows]) -> Rows:
    """Several groups of rows as one."""
    boxes, scores, classes = (np.concatenate(column) for column in zip(*found, strict=True))
    return boxes, scores, classes


def kept(card: Card, rows: Rows) -> Rows:
    """What is left where classes are thinned out, the most certain ones."""
    boxes, scores, classes = rows
    chosen = arithmetic.distinct(boxes, scores, classes, card.nms_iou)[: card.n_most]
    return boxes[chosen], scores[chosen], classes[chosen]
