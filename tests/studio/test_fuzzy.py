"""What is typed finds what is meant first; every order-keeping choice of letters fits, nothing else does."""

from hypothesis import given
from hypothesis import strategies as st

from studio.fuzzy import fit, ranked

TITLES = ["Fit Picture", "Fine-Tune…", "Find It", "Zoom In", "Zoom Out", "Export…", "Import File…", "Import Folder…"]


def is_subsequence(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


@given(st.text("abcd ", max_size=5), st.text("abcd -", max_size=10))
def test_a_text_fits_exactly_when_the_letters_occur_in_order(typed: str, text: str) -> None:
    assert (fit(typed, text) is not None) == is_subsequence(typed.replace(" ", ""), text)


def test_starts_of_words_and_letters_in_a_row_come_first() -> None:
    assert ranked("ft", TITLES, str)[0] == "Fine-Tune…"
    assert ranked("fit", TITLES, str)[0] == "Fit Picture"
    assert ranked("zo", TITLES, str)[:2] == ["Zoom In", "Zoom Out"]
    assert ranked("ifo", TITLES, str)[0] == "Import Folder…"


def test_nothing_typed_lists_all_in_their_order() -> None:
    assert ranked(" ", TITLES, str) == TITLES


def test_case_does_not_matter() -> None:
    assert fit("ZOOM", "zoom in") == fit("zoom", "ZOOM IN")
