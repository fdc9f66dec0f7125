"""What classes are called says whether a mirror changes them; what is given stays."""

import pytest

from engine.feeding.augment import Augmentation
from engine.training.variety import variety


@pytest.mark.parametrize(
    "names", [("cell", "nucleus"), ("bright spot", "copyright", "leftover"), ("a", "cat", "dog"), ()]
)
def test_most_things_are_the_same_in_a_mirror(names: tuple[str, ...]) -> None:
    how, why = variety(names, {})
    assert how == Augmentation()
    assert why == ("Pictures vary each time: made 0.75 to 1.33 times as large, mirrored and relit by 20%.",)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("cell", "Left-hand"), "“Left-hand” tells left from right"),
        (("turn_right",), "“turn_right” tells left from right"),
        (("a", "b", "7", "space"), "3 of 4 classes are single characters"),
    ],
)
def test_sides_and_letters_are_not_mirrored_unless_asked_to(names: tuple[str, ...], words: str) -> None:
    how, why = variety(names, {})
    assert how == Augmentation(flip_horizontal=0)
    assert words in why[0]
    assert "mirrored" not in why[1]
    assert variety(names, {"flip_horizontal": 0.5, "light": 0})[0] == Augmentation(light=0)
