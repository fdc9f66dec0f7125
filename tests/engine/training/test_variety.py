"""What classes are called and where they lie says whether a mirror changes them; what is given stays."""

import pytest

from engine.feeding.augment import Augmentation
from engine.project import annotations, classes, images
from engine.project.placement import ClassSides, class_sides
from engine.project.store import Project
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
        (("10", "11", "12"), "3 of 3 classes are single characters or numbers"),
        (("handL", "foot", "handR"), "the class “handL” is “handR” in a mirror"),
        (("main gauche",), "“main gauche” tells left from right"),
    ],
)
def test_sides_and_letters_are_not_mirrored_unless_asked_to(names: tuple[str, ...], words: str) -> None:
    how, why = variety(names, {})
    assert how == Augmentation(flip_horizontal=0)
    assert words in why[0]
    assert "mirrored" not in why[1]
    asked, told = variety(names, {"flip_horizontal": 0.5, "light": 0})
    assert asked == Augmentation(light=0)
    assert told == ("Pictures vary each time: made 0.75 to 1.33 times as large and mirrored.",)


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (
            ClassSides("heart", 50, 0.02),
            "of “heart”, 98% lie in the right half, so all pictures are taken one way round",
        ),
        (ClassSides("heart", 5000, 0.98), "98% lie in the left half"),
        (ClassSides("heart", 49, 0.0), ""),
        (ClassSides("heart", 5000, 0.9), ""),
        (ClassSides("heart", 5000, 0.5), ""),
    ],
)
def test_what_lies_on_one_side_everywhere_is_not_mirrored(sides: ClassSides, words: str) -> None:
    how, why = variety(("cell", "heart"), {}, (ClassSides("cell", 900, 0.5), sides))
    assert how.flip_horizontal == (0 if words else 0.5)
    assert words in why[0]


def test_sides_are_those_of_what_is_learned_from(project: Project) -> None:
    """Counted by hand, from the shapes themselves."""
    expected: dict[str, list[bool]] = {}
    known = classes.by_id(project)
    for image in images.all_images(project, "train"):
        for each in annotations.of_image(project, image.id):
            x0, _, x1, _ = each.shape.bounds
            expected.setdefault(known[each.class_id].name, []).append((x0 + x1) / 2 < image.width / 2)
    found = class_sides(project)
    assert {each.name: each.share_left for each in found} == pytest.approx(
        {name: sum(left) / len(left) for name, left in expected.items()}
    )
    assert [each.n_images for each in found] == [4, 3]
    assert {each.share_left for each in found} != {0.5}
