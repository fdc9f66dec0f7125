"""Typed attributes: definitions that are inherited, values that are checked, groups."""

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, attributes, classes
from engine.project.attribute_edits import (
    AddAttribute,
    Group,
    RemoveAttribute,
    SetAttribute,
    SetAttributes,
    Ungroup,
)
from engine.project.attributes import Attribute, AttributeKind
from engine.project.history import History
from engine.project.records import Annotation, AttributeValue
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible


@pytest.fixture
def cells(project: Project) -> list[int]:
    """Annotations: two of class 1, one of class 2, which lies under 1, one of class 3."""
    with project.atomic():
        for name in ("cell", "nucleus", "dirt"):
            classes.add(project, name)
        project.execute("UPDATE classes SET parent_id = 1 WHERE id = 2")
        image_id = add_image(project, "a.png", 1)
        values: tuple[dict[str, AttributeValue], ...] = (
            {"stain": "blue", "note": "x"},
            {},
            {"stain": "red"},
            {"stain": "grey"},
        )
        return annotations.add(
            project,
            [
                Annotation(0, image_id, class_id, Box(0, 0, 5, 5), attributes=value)
                for class_id, value in zip((1, 1, 2, 3), values, strict=True)
            ],
        )


def define(project: Project, attribute: Attribute) -> Attribute:
    History(project).do(AddAttribute(attribute))
    return attributes.all_attributes(project)[-1]


def values_of(project: Project) -> list[dict[str, AttributeValue]]:
    return [dict(one.attributes) for one in annotations.of_image(project, 1)]


STAIN = Attribute(0, 1, "stain", "choice", ("blue", "red"), "blue", is_required=True)


def test_definitions_are_inherited_topmost_first(project: Project, cells: list[int]) -> None:
    define(project, Attribute(0, 2, "age", "number"))
    define(project, STAIN)
    define(project, Attribute(0, 2, "stain", "text"))
    assert [(one.name, one.kind) for one in attributes.of_class(project, 1)] == [("stain", "choice")]
    assert {(one.name, one.kind) for one in attributes.of_class(project, 2)} == {("stain", "text"), ("age", "number")}
    assert attributes.of_class(project, 3) == []


def test_a_definition_is_kept_as_it_was_given(project: Project, cells: list[int]) -> None:
    stored = define(project, STAIN)
    assert (stored.choices, stored.preset, stored.is_required, stored.position) == (("blue", "red"), "blue", True, 0)
    assert define(project, Attribute(0, 1, "n", "number", preset=2.0)).position == 1
    assert attributes.presets(attributes.of_class(project, 1)) == {"stain": "blue", "n": 2.0}
    assert attributes.missing(attributes.of_class(project, 1), {"n": 1.0}) == ("stain",)
    assert attributes.missing(attributes.of_class(project, 1), {"stain": "red"}) == ()


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "", 1.0),
        ("number", 1.5, "1.5"),
        ("number", 0.0, True),
        ("number", -1.0, float("nan")),
        ("choice", "blue", "green"),
        ("flag", False, 0.0),
        ("flag", True, "yes"),
    ],
)
def test_values_are_of_their_attributes_kind(
    project: Project, cells: list[int], kind: AttributeKind, good: AttributeValue, bad: AttributeValue
) -> None:
    define(project, Attribute(0, 1, "it", kind, ("blue", "red") if kind == "choice" else ()))
    assert_reversible(project, SetAttributes(tuple(cells[:2]), {"it": good}))
    assert [values.get("it") for values in values_of(project)][:2] == [good, good]
    with pytest.raises(UserError):
        History(project).do(SetAttributes(tuple(cells[:2]), {"it": bad}))


def test_none_takes_a_value_away_and_the_rest_stays(project: Project, cells: list[int]) -> None:
    assert_reversible(project, SetAttributes((cells[0], cells[3]), {"stain": None, "new": 1.0}))
    assert values_of(project) == [{"note": "x", "new": 1.0}, {}, {"stain": "red"}, {"new": 1.0}]


def test_renaming_takes_the_values_of_the_class_and_of_those_under_it_along(project: Project, cells: list[int]) -> None:
    stored = define(project, STAIN)
    renamed = Attribute(stored.id, 1, "note", "choice", ("blue", "red"))
    assert_reversible(project, SetAttribute(renamed))
    assert values_of(project) == [{"note": "blue"}, {}, {"note": "red"}, {"stain": "grey"}]


def test_forgetting_a_definition_leaves_the_values(project: Project, cells: list[int]) -> None:
    before = values_of(project)
    assert_reversible(project, RemoveAttribute(define(project, STAIN).id))
    assert values_of(project) == before


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(0, 1, "", "text"),
        Attribute(0, 1, " a", "text"),
        Attribute(0, 1, "a", "choice"),
        Attribute(0, 1, "a", "choice", ("x", "x")),
        Attribute(0, 1, "a", "choice", ("x", "")),
        Attribute(0, 1, "a", "text", ("x",)),
        Attribute(0, 1, "a", "number", preset="x"),
        Attribute(0, 1, "a", "choice", ("x",), preset="y"),
        Attribute(0, 99, "a", "text"),
        Attribute(0, 1, "stain", "text"),
    ],
)
def test_definitions_that_make_no_sense_are_refused(project: Project, cells: list[int], attribute: Attribute) -> None:
    define(project, STAIN)
    with pytest.raises(UserError):
        History(project).do(AddAttribute(attribute))
    with pytest.raises(UserError):
        History(project).do(SetAttribute(Attribute(77, 1, "gone", "text")))


def test_groups(project: Project, cells: list[int]) -> None:
    assert_reversible(project, Group((cells[0], cells[1])))
    assert_reversible(project, Group((cells[1], cells[2])))
    groups = [one.group_id for one in annotations.of_image(project, 1)]
    assert groups[1] == groups[2] != groups[0]
    assert groups[3] is None
    assert_reversible(project, Ungroup((cells[1],)))
    assert [one.group_id is None for one in annotations.of_image(project, 1)] == [False, True, False, True]
    with pytest.raises(UserError):
        History(project).do(Group((cells[0],)))
    with pytest.raises(UserError):
        History(project).do(Group((cells[0], 999)))
