"""Priors as a table, and the boxes that terms make of them."""

from __future__ import annotations

import math

import torch

from engine.nn.prior_grid import grid

SHAPES = torch.tensor([[[8.0, 8.0], [4.0, 12.0]], [[16.0, 16.0], [30.0, 20.0]]])


def test_rows_go_level_by_level_prior_by_prior_cell_by_cell() -> None:
    priors = grid([(2, 3), (1, 2)], (8, 16), SHAPES)
    rows = [
        (x, y, stride, *shape)
        for (height, width), stride, shapes in zip([(2, 3), (1, 2)], (8, 16), SHAPES.tolist(), strict=True)
        for shape in shapes
        for y in range(height)
        for x in range(width)
    ]
    table = torch.cat([priors.cells, priors.strides[:, None], priors.shapes], dim=1)
    assert table.tolist() == [list(map(float, row)) for row in rows]
    assert priors.centres[1].tolist() == [12.0, 4.0]


def test_boxes_follow_from_terms_by_the_equations() -> None:
    priors = grid([(2, 3), (1, 2)], (8, 16), SHAPES)
    terms = torch.randn(2, len(priors.cells), 4)
    boxes = priors.boxes(terms)
    for picture in range(2):
        for row, (tx, ty, tw, th) in enumerate(terms[picture].tolist()):
            (x, y), stride, (w, h) = priors.cells[row].tolist(), float(priors.strides[row]), priors.shapes[row].tolist()
            cx, cy, half_w, half_h = (x + tx) * stride, (y + ty) * stride, w * math.exp(tw) / 2, h * math.exp(th) / 2
            wanted = torch.tensor([cx - half_w, cy - half_h, cx + half_w, cy + half_h])
            assert torch.allclose(boxes[picture, row], wanted, atol=1e-3)


def test_a_term_that_has_run_away_still_gives_a_number() -> None:
    priors = grid([(1, 1)], (8,), SHAPES[:1])
    assert priors.boxes(torch.full((2, 4), 1e4)).isfinite().all()
