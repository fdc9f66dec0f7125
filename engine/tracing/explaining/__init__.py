"""What a stage does, in a few sentences, with its formulas as lectures write them and the numbers of this very picture.

wording    the values that an explanation is made of, and how numbers are written
example    which row of each stage is looked at: that of the detection that is picked, or of the most certain one
opening    the picture scaled, feature maps, anchors
heads      scores and boxes of anchors and regions
boxes      how terms move a box
choosing   cuts and suppression
regions    RoIAlign, masks, keypoints
lessons    what training makes of the picture

Formulas are plain text with two marks, `_{below}` and `^{above}`; "letters" is the rule, "numbers" the same with this
picture's values put in, as `expression = value`.
"""

from __future__ import annotations

from engine.tracing.explaining import choosing, heads, lessons, opening, regions
from engine.tracing.explaining.example import Example, example_at, example_of
from engine.tracing.explaining.wording import Explanation, Formula
from engine.tracing.selecting import Selected
from engine.tracing.stages import (
    Anchors,
    FeatureMaps,
    Input,
    KeypointMaps,
    Masks,
    MaskTargets,
    Pooling,
    Scores,
    Selection,
    Stage,
    Taught,
)
from engine.tracing.trace import Trace

__all__ = ["Example", "Explanation", "Formula", "example_at", "example_of", "explained"]


def explained(trace: Trace, name: str, example: Example | None = None, selected: Selected | None = None) -> Explanation:
    """The stage of this name, with the numbers of `example`; by default those of the most certain detection.

    `selected` is what became of a selection's candidates, where it is known already or came of other rules. Raises
    KeyError where there is no such stage.
    """
    shown = Example() if trace.is_lesson else example_of(trace) if example is None else example
    stage = trace.named(name)
    if isinstance(stage, Selection):
        return choosing.selection(trace, stage, shown, selected)
    if isinstance(stage, Taught | MaskTargets):
        return lessons.taught(stage) if isinstance(stage, Taught) else lessons.mask_targets(stage)
    return _of_pass(trace, stage, shown)


def _of_pass(trace: Trace, stage: Stage, shown: Example) -> Explanation:
    match stage:
        case Input():
            return opening.scaling(trace, stage)
        case FeatureMaps():
            return opening.features(trace, stage)
        case Anchors():
            return opening.anchors(trace, stage, shown)
        case Scores():
            return heads.scores(trace, stage, shown)
        case Pooling():
            return regions.pooling(stage, shown)
        case Masks():
            return regions.masks(trace, stage, shown)
        case KeypointMaps():
            return regions.keypoints(stage, shown)
    raise KeyError(stage.name)
