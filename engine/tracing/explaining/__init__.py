"""What a stage does, in a few sentences, with its formulas as lectures write them and the numbers of this very picture.

wording    the values that an explanation is made of, and how numbers are written
example    which row of each stage is looked at: that of the detection that is picked, or of the most certain one
opening    the picture scaled, feature maps, anchors
heads      scores and boxes of anchors and regions
boxes      how terms move a box
choosing   cuts and suppression
regions    RoIAlign, masks, keypoints

Formulas are plain text with two marks, `_{below}` and `^{above}`; "letters" is the rule, "numbers" the same with this
picture's values put in, as `expression = value`.
"""

from __future__ import annotations

from engine.tracing.explaining import choosing, heads, opening, regions
from engine.tracing.explaining.example import Example, example_at, example_of
from engine.tracing.explaining.wording import Explanation, Formula
from engine.tracing.selecting import Selected
from engine.tracing.stages import (
    Anchors,
    FeatureMaps,
    Input,
    KeypointMaps,
    Masks,
    Pooling,
    Scores,
    Selection,
)
from engine.tracing.trace import Trace

__all__ = ["Example", "Explanation", "Formula", "example_at", "example_of", "explained"]


def explained(trace: Trace, name: str, example: Example | None = None, selected: Selected | None = None) -> Explanation:
    """The stage of this name, with the numbers of `example`; by default those of the most certain detection.

    `selected` is what became of a selection's candidates, where it is known already or came of other rules. Raises
    KeyError where there is no such stage.
    """
    shown = example_of(trace) if example is None else example
    match trace.named(name):
        case Input() as stage:
            return opening.scaling(trace, stage)
        case FeatureMaps() as stage:
            return opening.features(trace, stage)
        case Anchors() as stage:
            return opening.anchors(trace, stage, shown)
        case Scores() as stage:
            return heads.scores(trace, stage, shown)
        case Selection() as stage:
            return choosing.selection(trace, stage, shown, selected)
        case Pooling() as stage:
            return regions.pooling(stage, shown)
        case Masks() as stage:
            return regions.masks(trace, stage, shown)
        case KeypointMaps() as stage:
            return regions.keypoints(stage, shown)
    raise KeyError(name)
