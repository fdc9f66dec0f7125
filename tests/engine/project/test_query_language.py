"""Text into conditions, and errors that say where."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project.query_language import AllOf, AnyOf, Node, Not, QueryError, Term, Word, parse, quoted


def bare(node: Node) -> object:
    """A tree as nested tuples, without places."""
    match node:
        case Term(key, value, comparison, operand):
            return (key, value, comparison, operand)
        case Word(text):
            return text
        case Not(of):
            return ("not", bare(of))
        case AllOf(of):
            return ("all", *map(bare, of))
        case AnyOf(of):
            return ("any", *map(bare, of))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ("all",)),
        ("  ", ("all",)),
        ("cat", "cat"),
        ("IMG-2_3.jpg", "IMG-2_3.jpg"),
        ('"two words"', "two words"),
        ('"a=b"', "a=b"),
        ("class:cell", ("class", "cell", None, "")),
        ("Class:cell", ("class", "cell", None, "")),
        ('class:"red cell">=3', ("class", "red cell", ">=", "3")),
        ("objects>10", ("objects", "", ">", "10")),
        ("Count>=3", ("objects", "", ">=", "3")),
        ("width<=1e3", ("width", "", "<=", "1e3")),
        ("attribute:stain=dark-blue", ("attribute", "stain", "=", "dark-blue")),
        ('attribute:"a b"="c d"', ("attribute", "a b", "=", "c d")),
        ("a b OR c", ("any", ("all", "a", "b"), "c")),
        ("a (b OR c)", ("all", "a", ("any", "b", "c"))),
        ("-a", ("not", "a")),
        ("-(a b)", ("not", ("all", "a", "b"))),
        ("--tag:x", ("not", ("not", ("tag", "x", None, "")))),
        ("a - b", ("all", "a", "-", "b")),
        ("or", "or"),
    ],
)
def test_trees(text: str, tree: object) -> None:
    assert bare(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "at", "length", "words"),
    [
        ("a coulour:red", 2, 7, "no 'coulour'"),
        ("a objects>many", 2, 12, "no number"),
        ("objects>nan", 0, 11, "no number"),
        ("objects", None, 0, ""),
        ("objects:3", 0, 9, "compared with a number"),
        ("class:", 0, 6, "of what"),
        ("class:cell>x", 0, 12, "no number"),
        ("split:train>3", 0, 13, "cannot be compared"),
        ('name "open', 5, 5, "never closed"),
        ("(a OR b", 0, 1, "never closed"),
        ("a)", 1, 1, "closes nothing"),
        ("a OR", 4, 1, "missing"),
        ("OR a", 0, 1, "missing"),
        ("()", 1, 1, "missing"),
        ("a -OR b", 2, 1, "missing"),
        ("(" * 40 + "a", 21, 1, "too deep"),
        ("a " * 201, 400, 2, "too long"),
    ],
)
def test_errors_say_where(text: str, at: int | None, length: int, words: str) -> None:
    if at is None:
        parse(text)
        return
    with pytest.raises(QueryError, match=words) as caught:
        parse(text)
    assert (caught.value.at, caught.value.length) == (at, length)


def test_errors_cross_process_borders() -> None:
    with pytest.raises(QueryError) as caught:
        parse("a objects>many")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.message, copy.hint, copy.at, copy.length) == (
        caught.value.message,
        caught.value.hint,
        caught.value.at,
        caught.value.length,
    )


@given(st.text())
def test_any_text_is_a_query_or_an_error_within_it(text: str) -> None:
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.at <= len(text)


@given(st.text(min_size=1).filter(lambda name: '"' not in name))
def test_a_quoted_name_is_read_as_that_name(name: str) -> None:
    assert bare(parse(f"class:{quoted(name)}")) == ("class", name, None, "")
