"""What training makes of a picture: which boxes stand for which objects, and what masks are taught."""

from __future__ import annotations

import numpy as np

from engine.tracing.explaining.wording import Explanation, Formula, counted, number
from engine.tracing.stages import MaskTargets, Taught

_BY_IOU = (
    "Each is compared with every object by IoU: where that is high enough it shall say that there is an object, where "
    "it is low that there is none, and in between it is left alone. An object that nothing overlaps enough gets what "
    "overlaps it best."
)
_BY_CELL = "The cell that an object's centre lies in answers for it, with the prior whose shape suits it best."
_BY_BIDS = (
    "The cells near an object's centre bid for it: the cost of each is how wrong it is about class and box, and the "
    "cheapest k get it. An object whose best guesses are good gets more of them: k is the sum of its ten best IoUs."
)


def taught(stage: Taught) -> Explanation:
    """Which boxes are on objects, on background, or in between."""
    n, n_objects = len(stage.role), len(stage.truth_boxes)
    on, off, between = (int((stage.role == each).sum()) for each in (1, 0, -1))
    rule = _BY_BIDS if stage.bid_rows is not None else _BY_CELL if "cell" in stage.by else _BY_IOU
    text = (
        f"While it is trained, {counted(n, stage.of[:-1], stage.of)} of this picture are matched with its "
        f"{counted(n_objects, 'object')}. {rule} Here {on:,} stand for an object, {off:,} for background, and "
        f"{between:,} teach nothing. The loss counts {int(stage.is_chosen.sum()):,} of them, so that the many on "
        "background do not drown the few on objects."
    )
    parts = Formula("All of them", "on objects + background + in between", f"{on:,} + {off:,} + {between:,} = {n:,}")
    return Explanation("What stands for which object", text, (parts, *_wanted(stage)))


def _wanted(stage: Taught) -> tuple[Formula, ...]:
    """Dynamic k of the first object."""
    if stage.n_wanted is None or stage.bid_ious is None or not len(stage.n_wanted):
        return ()
    best = np.sort(stage.bid_ious[0])[::-1][:10]
    shown = " + ".join(number(float(each)) for each in best if each > 0) or "0"
    numbers = f"max(⌊{shown}⌋, 1) = {int(stage.n_wanted[0])}"
    return (Formula("How many the first object gets", "k = max(⌊Σ_{10 best} IoU⌋, 1)", numbers),)


def mask_targets(stage: MaskTargets) -> Explanation:
    """What the mask head shall paint."""
    n, side = len(stage.cells), stage.cells.shape[-1]
    text = (
        f"The mask head learns from {counted(n, 'region')} that were sampled on objects. The object's mask is cut to "
        f"the region and brought to {side} × {side} cells: how much of each cell it covers is what the head shall "
        "say there. What lies outside of the region is not asked for. Each cell is a question of its own, answered by "
        "a sigmoid and judged by binary cross-entropy."
    )
    letters = "L = −1/m^{2} Σ_{ij} (y log p + (1 − y) log(1 − p))"
    loss = Formula("What it is trained by", letters)
    if not n:
        return Explanation("What masks are taught", text, (loss,))
    covered = float(stage.cells[0].sum())
    numbers = f"{number(covered)} / {side * side} = {number(covered / side**2)}"
    return Explanation(
        "What masks are taught", text, (Formula("Share of the first that is object", "Σ y / m^{2}", numbers), loss)
    )
