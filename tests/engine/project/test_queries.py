"""Which images a query finds: compared with a naive reading of the same tree, picture by picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.shapes import Box
from engine.project import annotations, authors, classes, detections, gallery, images, runs
from engine.project.attribute_edits import AddAttribute
from engine.project.attributes import Attribute
from engine.project.history import History
from engine.project.queries import ORDERS, STATES, THINGS, Search, SortOrder, image_ids, select
from engine.project.query_completion import Completion, completions
from engine.project.query_language import AllOf, AnyOf, Node, Not, QueryError, Term, Word, listed, parse
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.project import people
from tests.engine.project.pictures import add_image

CLASSES = ("red cell", "nucleus", "dirt", "Dirt")
N_IMAGES = 12


@dataclass(frozen=True)
class Facts:
    """What a test knows of one picture."""

    id: int
    name: str
    split: str
    state: str
    width: int
    tags: frozenset[str]
    classes: tuple[str, ...]
    author: str | None
    attributes: tuple[dict[str, str | float | bool], ...]
    scores: tuple[float, ...]
    rejected: int
    disagreements: int
    conflicts: int


def facts_of(n: int) -> Facts:
    return Facts(
        id=n + 1,
        name=f"{'IMG' if n % 2 else 'dsc'}_{n:02}.png",
        split=("none", "train", "val", "test")[n % 4],
        state=STATES[n // 3 % 4],
        width=100 * (n % 5 + 1),
        tags=frozenset(name for name, every in (("night", 2), ("100%", 5)) if n % every == 0),
        classes=tuple(CLASSES[k % 4] for k in range(n % 6)),
        author="anna" if n % 4 == 1 else None,
        attributes=({"stain": "Blue", "age": float(n), "live": n % 4 == 1},) if n % 6 == 1 else (),
        scores=tuple(0.05 + 0.3 * k for k in range(n % 4)),
        rejected=n % 3,
        disagreements=n % 5 if n % 2 else 0,
        conflicts=1 if n == 10 else 0,
    )


FACTS = tuple(map(facts_of, range(N_IMAGES)))


def store(project: Project, facts: Facts, class_ids: dict[str, int], run_id: int) -> None:
    split = None if facts.split == "none" else facts.split
    image_id = add_image(project, facts.name, facts.id)
    project.execute(
        "UPDATE images SET split = ?, state = ?, width = ? WHERE id = ?", (split, facts.state, facts.width, image_id)
    )
    images.tag(project, image_id, facts.tags)
    anna = authors.by_name(project, "anna") if facts.author else None
    values = [*facts.attributes, *({} for _ in facts.classes)]
    annotations.add(
        project,
        [
            Annotation(0, image_id, class_ids[name], Box(0, 0, 9, 9), attributes=value, author_id=anna)
            for name, value in zip(facts.classes, values, strict=False)
        ],
    )
    found = [Detection(0, image_id, 1, score, Box(0, 0, 9, 9)) for score in facts.scores]
    found += [Detection(0, image_id, 1, 0.5, Box(0, 0, 9, 9), state="rejected") for _ in range(facts.rejected)]
    detections.put(project, image_id, run_id, found)
    if facts.disagreements:
        values_of_survey = (image_id, run_id, "", facts.disagreements, 0, 0, 0, float(facts.disagreements))
        project.execute("INSERT INTO surveys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values_of_survey)
    if facts.conflicts:
        project.execute(
            "INSERT INTO conflicts (image_id, class_id, iou, created, kind, x0, y0, x1, y1, area, geometry) "
            "SELECT image_id, class_id, 0.5, created, kind, x0, y0, x1, y1, area, geometry FROM annotations "
            "WHERE image_id = ? LIMIT 1",
            (image_id,),
        )


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project.create(tmp_path_factory.mktemp("queries") / "p.boxwright") as project:
        with project.atomic():
            class_ids = {name: classes.add(project, name) for name in CLASSES}
            project.execute("UPDATE classes SET parent_id = 1 WHERE id = 2")
            run_id = runs.add(project, "detector", "mask_rcnn", "{}")
            for facts in FACTS:
                store(project, facts, class_ids, run_id)
        History(project).do(AddAttribute(Attribute(0, 1, "stain", "text")))
        yield project


def holds(node: Node, facts: Facts) -> bool:
    match node:
        case Word(text):
            return text.lower() in facts.name.lower() or any(text.lower() in tag.lower() for tag in facts.tags)
        case Not(of):
            return not holds(of, facts)
        case AllOf(of):
            return all(holds(each, facts) for each in of)
        case AnyOf(of):
            return any(holds(each, facts) for each in of)
        case Term():
            return term_holds(node, facts)


def compare(a: float, comparison: str, b: float) -> bool:
    return {">": a > b, "<": a < b, ">=": a >= b, "<=": a <= b, "=": a == b}[comparison]


def term_holds(term: Term, facts: Facts) -> bool:  # noqa: PLR0911
    disagreements = facts.disagreements + facts.conflicts
    match term.key:
        case "class":
            wanted = {"red cell", "nucleus"} if term.value == "red cell" else {term.value}
            n = sum(name in wanted for name in facts.classes)
            return compare(n, term.comparison or ">", float(term.operand or 0))
        case "split" | "state":
            return bool(getattr(facts, term.key) == term.value)
        case "tag":
            return term.value in facts.tags
        case "author":
            return facts.author == term.value and bool(facts.classes)
        case "name":
            return term.value.lower() in facts.name.lower()
        case "has":
            return {
                "objects": bool(facts.classes),
                "suggestions": bool(facts.scores),
                "disagreement": disagreements > 0,
                "conflict": facts.conflicts > 0,
                "tag": bool(facts.tags),
                "attribute": bool(facts.attributes),
            }[term.value]
        case "text":
            return any(
                isinstance(v, str) and term.value.lower() in v.lower() for a in facts.attributes for v in a.values()
            )
        case "attribute":
            return any(attribute_holds(term, a[term.value]) for a in facts.attributes if term.value in a)
        case _:
            number = {
                "objects": len(facts.classes),
                "suggestions": len(facts.scores),
                "disagreements": disagreements,
                "width": facts.width,
                "height": 32,
                "pixels": facts.width * 32,
            }[term.key]
            return compare(number, term.comparison or ">", term.number)


def attribute_holds(term: Term, value: str | float | bool) -> bool:
    if term.comparison is None:
        return value is not False
    if term.comparison == "=":
        return str(value).lower() == term.operand.lower() or (
            not isinstance(value, bool | str) and value == float(term.operand)
        )
    return not isinstance(value, str | bool) and compare(value, term.comparison, term.number)


NUMBERS = st.sampled_from(["objects", "suggestions", "disagreements", "width", "height", "pixels"])
COMPARISONS = st.sampled_from([">", "<", ">=", "<=", "="])
TERMS = st.one_of(
    st.sampled_from(['class:"red cell"', "class:nucleus", "class:dirt", "class:Dirt", "author:anna", "tag:night"]),
    st.sampled_from(["tag:100%", "name:img", "IMG", "_", "0%", "text:blu", "attribute:stain=blue", "attribute:live"]),
    st.sampled_from(["attribute:age>3", "attribute:age=7", "attribute:live=true", "attribute:live=false"]),
    st.sampled_from([f"split:{split}" for split in ("train", "val", "test", "none")]),
    st.sampled_from([f"state:{state}" for state in STATES] + [f"has:{thing}" for thing in THINGS]),
    st.tuples(NUMBERS, COMPARISONS, st.sampled_from(["0", "1", "2.5", "3", "300"])).map("".join),
    st.tuples(st.just('class:"red cell"'), COMPARISONS, st.sampled_from(["0", "1", "2"])).map("".join),
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"-({text})"),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda texts: f"({' OR '.join(texts)})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(text=QUERIES)
def test_the_sql_means_what_the_tree_says(stocked: Project, text: str) -> None:
    node = parse(text)
    assert image_ids(stocked, Search(text)) == [facts.id for facts in FACTS if holds(node, facts)]


def uncertainty(facts: Facts) -> float:
    return sum(4 * s * (1 - s) for s in facts.scores) / len(facts.scores) if facts.scores else -1


@pytest.mark.parametrize("order", ORDERS)
def test_orders(stocked: Project, order: SortOrder) -> None:
    edited: dict[int, str] = dict(stocked.rows("SELECT image_id, MAX(modified) FROM annotations GROUP BY image_id"))
    keys = {
        "imported": lambda facts: -facts.id,
        "objects": lambda facts: len(facts.classes),
        "suggestions": lambda facts: len(facts.scores),
        "uncertainty": uncertainty,
        "disagreement": lambda facts: facts.disagreements + facts.conflicts,
        "edited": lambda facts: edited.get(facts.id, ""),
    }
    ranked = sorted(FACTS, key=lambda facts: facts.name)
    if order != "name":
        ranked = sorted(FACTS, key=keys[order], reverse=True)
    assert image_ids(stocked, Search(order=order)) == [facts.id for facts in ranked]
    backwards = image_ids(stocked, Search(order=order, reverse=True))
    assert sorted(backwards) == [facts.id for facts in FACTS]
    if order in ("imported", "name"):
        assert backwards == [facts.id for facts in reversed(ranked)]


def test_another_run_has_no_suggestions(stocked: Project) -> None:
    assert image_ids(stocked, Search("has:suggestions", run_id=99)) == []
    assert image_ids(stocked, Search("has:suggestions", run_id=1)) == [one.id for one in FACTS if one.scores]
    assert image_ids(stocked, Search("disagreements>1", run_id=99)) == []
    ordered = image_ids(stocked, Search("objects>1", "uncertainty", run_id=99))
    assert ordered == [one.id for one in FACTS if len(one.classes) > 1]


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("a class:cel", 2, "no class 'cel'.*red cell"),
        ("tag:x", 0, "no tag"),
        ("a author:bob", 2, "no author 'bob'.*anna"),
        ("split:training", 0, "no split"),
        ("state:ready", 0, "no state"),
        ("has:fun", 0, "no has"),
    ],
)
def test_names_that_are_not_there_are_pointed_at(stocked: Project, text: str, at: int, words: str) -> None:
    with pytest.raises(QueryError, match=words) as caught:
        image_ids(stocked, Search(text))
    assert caught.value.at == at


def test_a_name_may_be_written_in_other_case_unless_one_is_called_so(stocked: Project) -> None:
    assert image_ids(stocked, Search('class:"RED CELL"')) == image_ids(stocked, Search('class:"red cell"'))
    assert image_ids(stocked, Search("class:Dirt")) != image_ids(stocked, Search("class:dirt"))


@pytest.mark.parametrize(
    "text",
    [
        "class:dirt",
        "class:dirt>3",
        "objects>10",
        "has:objects",
        "has:suggestions",
        "suggestions>1",
        "author:anna",
        "tag:night",
        "disagreements>1",
        "has:conflict",
        "attribute:stain=blue",
        "text:blue",
    ],
)
def test_no_condition_reads_more_than_an_index_of_what_is_large(stocked: Project, text: str) -> None:
    for order in ORDERS:
        statement = select(stocked, Search(text, order))
        for *_, step in stocked.rows(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values):
            if any(table in step for table in ("annotations", "detections", "conflicts", " a ")):
                assert "COVERING INDEX" in step, step


def texts(found: tuple[Completion, ...]) -> list[str]:
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("", ["class:", "objects>"]),
        ("cl", ["class:"]),
        ("a -(sta", ["state:"]),
        ("class:", ['"red cell"', "nucleus", "dirt", "Dirt"]),
        ("a class:n", ["nucleus"]),
        ('class:"red', ['"red cell"']),
        ("class:red", ['"red cell"']),
        ("split:t", ["train", "test"]),
        ("tag:", ["100%", "night"]),
        ("author:", ["anna"]),
        ("attribute:", ["stain"]),
        ("has:s", ["suggestions"]),
        ("name:x", []),
        ("a O", ["objects>", "OR"]),
    ],
)
def test_completions(stocked: Project, text: str, some: list[str]) -> None:
    found = completions(stocked, text, len(text))
    assert set(some) <= set(texts(found))
    if ":" in text:
        assert texts(found) == some
    for one in found:
        replaced = text[: one.start] + one.text + text[one.end :]
        assert replaced.startswith(text[: one.start])
        if ":" in text:
            image_ids(stocked, Search(replaced.replace("(", "")))


def test_completion_looks_at_the_cursor_alone(stocked: Project) -> None:
    (only,) = completions(stocked, "cla split:val", 3)
    assert (only.text, only.start, only.end) == ("class:", 0, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size:..19", [1]), ("size:..20", [1, 2]), ("size:20..", [2]), ("size:20", [2]), ("size:20..20", [2]),
        ("aspect:2..", [1]),
        ("aspect:..1", [2]), ("seconds:3..", [2]), ("seconds:..2.5", [1]), ("size:30.. OR aspect:3..", [1]),
        ("-seconds:..10", [3]),
    ],
)  # fmt: skip
def test_objects_are_found_by_what_they_measure(project: Project, text: str, expected: list[int]) -> None:
    with project.atomic():
        class_id = classes.add(project, "cell")
        ids = [add_image(project, f"{n}.png", n) for n in range(3)]
        wide, square = Box(0, 0, 40, 5), Box(0, 0, 20, 20)
        annotations.add(project, [Annotation(0, ids[0], class_id, wide, seconds=2.0)])
        annotations.add(project, [Annotation(0, ids[1], class_id, square, seconds=3.0)])
    assert image_ids(project, Search(text)) == expected


@given(st.sets(st.integers(1, 60), min_size=1))
def test_a_list_of_numbers_names_just_those(ids: set[int]) -> None:
    term = parse(listed(ids))
    assert isinstance(term, Term)
    assert term.ids == sorted(ids)


def test_pictures_are_found_by_number(project: Project) -> None:
    with project.atomic():
        ids = [add_image(project, f"{n}.png", n) for n in range(5)]
    chosen = [ids[0], ids[2], ids[3]]
    assert image_ids(project, Search(listed(chosen))) == chosen
    assert image_ids(project, Search(f"-id:{ids[0]}..{ids[3]}")) == [ids[4]]


@pytest.mark.parametrize("text", ["id:x", "id:1,", "id:..3", "id:1..9999999999"])
def test_what_is_no_list_of_numbers_is_pointed_at(project: Project, text: str) -> None:
    with pytest.raises(QueryError, match=r"are no numbers|are listed"):
        image_ids(project, Search(text))


@pytest.mark.parametrize("text", ["size:big", "aspect:..", "seconds:1..x"])
def test_what_is_no_range_is_pointed_at(project: Project, text: str) -> None:
    with pytest.raises(QueryError, match="is no range"):
        image_ids(project, Search(text))


def test_a_person_is_found_by_annotations_and_by_enrolled_faces(project: Project) -> None:
    with project.atomic():
        pictures = [add_image(project, f"{n}.png", n) for n in range(4)]
        class_id = classes.add(project, "face")
    people.add(project, [people.face(1, "Anna B", image_id=pictures[0]), people.face(2, "Carl", image_id=pictures[1])])
    people.add(project, [people.face(3, image_id=pictures[2]), people.face(4, "Anna B")])
    anna = gallery.person(project, "Anna B").id
    with project.atomic():
        annotations.add(project, [Annotation(0, pictures[3], class_id, Box(0, 0, 9, 9), identity_id=anna)])
    assert set(image_ids(project, Search('person:"anna b"'))) == {pictures[0], pictures[3]}
    assert set(image_ids(project, Search('-person:"Anna B"'))) == {pictures[1], pictures[2]}
    assert [each.text for each in completions(project, "person:", 7)] == ['"Anna B"', "Carl"]
    with pytest.raises(QueryError, match="person"):
        image_ids(project, Search("person:Dora"))
