"""Which images a query finds, and in which order: the tree of `query_language` as one parametrised SELECT.

Every condition is a look-up in an index for each image: no annotation's or detection's row is read, only their indexes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from engine.project import authors, classes, gallery
from engine.project.query_language import AllOf, AnyOf, NamedKey, Node, Not, NumberKey, Term, Word, parse
from engine.project.records import SPLITS, ReviewState
from engine.project.store import Project

SortOrder: TypeAlias = Literal["imported", "name", "objects", "suggestions", "uncertainty", "disagreement", "edited"]
ORDERS: tuple[SortOrder, ...] = get_args(SortOrder)
STATES: tuple[ReviewState, ...] = get_args(ReviewState)
THINGS = ("objects", "suggestions", "disagreement", "conflict", "tag", "attribute")
"""What `has:` may ask for."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which images, and in which order: names from A, the oldest import first, of all else the most first."""

    text: str = ""
    order: SortOrder = "imported"
    reverse: bool = False
    run_id: int | None = None
    """Whose suggestions and disagreements count; None: of every run."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL over the images `i`, and its parameters in order."""

    sql: str
    values: tuple[str | int | float | None, ...] = ()

    def joined(self, word: str, others: Iterable[Condition]) -> Condition:
        """This and the others with AND or OR between them."""
        all_of = (self, *others)
        values = tuple(value for each in all_of for value in each.values)
        return Condition("(" + f" {word} ".join(each.sql for each in all_of) + ")", values)


def image_ids(project: Project, search: Search) -> list[int]:
    """The ids of the images that a search finds, in its order; raises QueryError where its text is no query."""
    statement = select(project, search)
    return project.ids(statement.sql, statement.values)


def select(project: Project, search: Search) -> Condition:
    """The whole SELECT of a search, with its parameters."""
    where = _condition(project, parse(search.text), search.run_id)
    order = _ORDERS[search.order]
    n_runs = order.count("?")
    direction = ("DESC", "ASC") if search.order in ("imported", "name") else ("ASC", "DESC")
    nulls = " NULLS LAST" if search.order in ("uncertainty", "edited") else ""
    by = f"{order} {direction[not search.reverse]}{nulls}, i.id"
    return Condition(
        f"SELECT i.id FROM images i WHERE {where.sql} ORDER BY {by}", (*where.values, *(search.run_id,) * n_runs)
    )


def _condition(project: Project, node: Node, run_id: int | None) -> Condition:
    match node:
        case Word(text):
            return _in_name(text).joined("OR", [_with_tag_like(text)])
        case Not(of):
            inner = _condition(project, of, run_id)
            return Condition(f"NOT {inner.sql}", inner.values)
        case AllOf(of) | AnyOf(of):
            word = "AND" if isinstance(node, AllOf) else "OR"
            found = [_condition(project, each, run_id) for each in of]
            return found[0].joined(word, found[1:]) if found else Condition("1")
        case Term():
            if node.comparison and not node.value:
                return _counted(node, run_id)
            return _NAMED[node.key](project, node, run_id)  # type: ignore[index]


def _counted(term: Term, run_id: int | None) -> Condition:
    number: NumberKey = term.key  # type: ignore[assignment]
    sql = _NUMBERS[number]
    return Condition(f"{sql} {term.comparison} ?", (*(run_id,) * sql.count("?"), term.number))


_OBJECTS = "(SELECT COUNT(*) FROM annotations WHERE image_id = i.id)"
_SUGGESTIONS = (
    "(SELECT COUNT(*) FROM detections WHERE image_id = i.id AND state = 'suggested' AND run_id IS COALESCE(?, run_id))"
)
_CONFLICTS = "(SELECT COUNT(*) FROM conflicts WHERE image_id = i.id AND state = 'open')"
_DISAGREEMENTS = (
    "(SELECT COALESCE(SUM(missed + extra + wrong_class + poor_shape), 0) FROM surveys "
    "WHERE image_id = i.id AND run_id = COALESCE(?, run_id))"
)
_NUMBERS: dict[NumberKey, str] = {
    "objects": _OBJECTS,
    "suggestions": _SUGGESTIONS,
    "disagreements": f"({_DISAGREEMENTS} + {_CONFLICTS})",
    "width": "i.width",
    "height": "i.height",
    "pixels": "(i.width * i.height)",
}
_ORDERS: dict[SortOrder, str] = {
    "imported": "i.id",
    "name": "i.name",
    "objects": _OBJECTS,
    "suggestions": _SUGGESTIONS,
    # How far scores are from certain: 1 at 0.5, 0 at 0 and 1 (Gini impurity, which SQLite can do without logarithms).
    "uncertainty": (
        "(SELECT AVG(4 * score * (1 - score)) FROM detections "
        "WHERE image_id = i.id AND state = 'suggested' AND run_id IS COALESCE(?, run_id))"
    ),
    "disagreement": (
        "(COALESCE((SELECT SUM(weight) FROM surveys WHERE image_id = i.id AND run_id = COALESCE(?, run_id)), 0) "
        f"+ {_CONFLICTS})"
    ),
    "edited": "(SELECT MAX(modified) FROM annotations WHERE image_id = i.id)",
}


def _of_class(project: Project, term: Term, _: int | None) -> Condition:
    names = {record.id: record.name for record in classes.all_classes(project)}
    ids = sorted(classes.with_descendants(project, _known(term, names, "class")))
    marks = ", ".join("?" * len(ids))
    of = f"FROM annotations WHERE class_id IN ({marks}) AND image_id = i.id"
    if term.comparison:
        return Condition(f"(SELECT COUNT(*) {of}) {term.comparison} ?", (*ids, term.number))
    return Condition(f"EXISTS (SELECT 1 {of})", tuple(ids))


def _of_author(project: Project, term: Term, _: int | None) -> Condition:
    author_id = _known(term, authors.names(project), "author")
    return Condition("EXISTS (SELECT 1 FROM annotations WHERE author_id = ? AND image_id = i.id)", (author_id,))


def _of_person(project: Project, term: Term, _: int | None) -> Condition:
    person_id = _known(term, {each.id: each.name for each in gallery.identities(project)}, "person")
    return Condition(
        "i.id IN (SELECT image_id FROM annotations WHERE identity_id = ? UNION SELECT image_id FROM templates "
        "WHERE identity_id = ? AND state = 'confirmed' AND image_id IS NOT NULL)",
        (person_id, person_id),
    )


def _of_split(_: Project, term: Term, __: int | None) -> Condition:
    split = _one_of(term, (*SPLITS, "none"))
    return Condition("i.split IS ?", (None if split == "none" else split,))


def _of_state(_: Project, term: Term, __: int | None) -> Condition:
    return Condition("i.state = ?", (_one_of(term, STATES),))


def _of_tag(project: Project, term: Term, _: int | None) -> Condition:
    tag_id = _known(term, dict(project.rows("SELECT id, name FROM tags ORDER BY id")), "tag")
    return Condition("EXISTS (SELECT 1 FROM image_tags WHERE image_id = i.id AND tag_id = ?)", (tag_id,))


def _having(_: Project, term: Term, run_id: int | None) -> Condition:
    thing = _one_of(term, THINGS)
    sql = {
        "objects": "EXISTS (SELECT 1 FROM annotations WHERE image_id = i.id)",
        "suggestions": _SUGGESTIONS.replace("(SELECT COUNT(*)", "EXISTS (SELECT 1", 1),
        "disagreement": f"({_DISAGREEMENTS} > 0 OR {_CONFLICTS} > 0)",
        "conflict": f"{_CONFLICTS} > 0",
        "tag": "EXISTS (SELECT 1 FROM image_tags WHERE image_id = i.id)",
        "attribute": "EXISTS (SELECT 1 FROM annotations WHERE image_id = i.id AND attributes <> '{}')",
    }[thing]
    return Condition(sql, (run_id,) * sql.count("?"))


def _named(_: Project, term: Term, __: int | None) -> Condition:
    return _in_name(term.value)


def _with_text(_: Project, term: Term, __: int | None) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM annotations a, json_each(a.attributes) v WHERE a.image_id = i.id "
        "AND a.attributes <> '{}' AND v.type = 'text' AND v.value LIKE ? ESCAPE '\\')",
        (_like(term.value),),
    )


_MEASURES = {"size": "area", "aspect": "(x1 - x0) / NULLIF(y1 - y0, 0)", "seconds": "seconds"}
"""What is compared for each key that takes a range; size is the side of a square of the object's area."""


def _measuring(_: Project, term: Term, __: int | None) -> Condition:
    ends = [None if end is None else end * abs(end) if term.key == "size" else end for end in term.range]
    measure = _MEASURES[term.key]
    compared = [f"{measure} {sign} ?" for sign, end in zip((">=", "<="), ends, strict=True) if end is not None]
    return Condition(
        f"EXISTS (SELECT 1 FROM annotations WHERE image_id = i.id AND {' AND '.join(compared)})",
        tuple(end for end in ends if end is not None),
    )


def _by_id(_: Project, term: Term, __: int | None) -> Condition:
    return Condition("i.id IN (SELECT value FROM json_each(?))", (json.dumps(term.ids),))


def _with_attribute(_: Project, term: Term, __: int | None) -> Condition:
    compared, values = _compared(term)
    return Condition(
        "EXISTS (SELECT 1 FROM annotations a, json_each(a.attributes) v WHERE a.image_id = i.id "
        f"AND a.attributes <> '{{}}' AND v.key = ? AND ({compared}))",
        (term.value, *values),
    )


def _compared(term: Term) -> tuple[str, tuple[str | float, ...]]:
    """How the value of an attribute has to be."""
    if term.comparison is None:
        return "v.type <> 'false'", ()
    if term.comparison == "=" and term.operand.lower() in ("true", "false", "yes", "no"):
        return "v.type = ?", ("true" if term.operand.lower() in ("true", "yes") else "false",)
    if term.comparison == "=":
        return "CAST(v.value AS TEXT) = ? COLLATE NOCASE OR v.value = ?", (term.operand, _number_or_text(term.operand))
    return f"v.type IN ('integer', 'real') AND v.value {term.comparison} ?", (term.number,)


def _number_or_text(operand: str) -> float | str:
    try:
        return float(operand)
    except ValueError:
        return operand


_NAMED: dict[NamedKey, Callable[[Project, Term, int | None], Condition]] = {
    "class": _of_class,
    "author": _of_author,
    "person": _of_person,
    "split": _of_split,
    "state": _of_state,
    "tag": _of_tag,
    "has": _having,
    "name": _named,
    "text": _with_text,
    "attribute": _with_attribute,
    "size": _measuring,
    "aspect": _measuring,
    "seconds": _measuring,
    "id": _by_id,
}


def _in_name(text: str) -> Condition:
    return Condition("i.name LIKE ? ESCAPE '\\'", (_like(text),))


def _with_tag_like(text: str) -> Condition:
    return Condition(
        "i.id IN (SELECT image_id FROM image_tags WHERE tag_id IN (SELECT id FROM tags WHERE name LIKE ? ESCAPE '\\'))",
        (_like(text),),
    )


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _known(term: Term, names: dict[int, str], noun: str) -> int:
    """The id of what the term names, ignoring case where nothing is called exactly so."""
    for spelled in (str, str.casefold):
        for id_, name in names.items():
            if spelled(name) == spelled(term.value):
                return id_
    listed = ", ".join(list(names.values())[:20])
    raise term.wrong(f"There is no {noun} {term.value!r}.", f"There are: {listed}." if listed else "")


def _one_of(term: Term, allowed: Iterable[str]) -> str:
    wanted = term.value.lower().replace(" ", "_")
    if wanted not in allowed:
        raise term.wrong(f"There is no {term.key} {term.value!r}.", f"There are: {', '.join(allowed)}.")
    return wanted
