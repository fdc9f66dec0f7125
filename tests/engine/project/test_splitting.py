"""A proposed split keeps about its share of every class, never all and never none, and is an edit."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project.splitting import stratified

held = st.dictionaries(st.integers(1, 3), st.integers(1, 9), min_size=1)


@given(st.dictionaries(st.integers(1, 400), held, max_size=60), st.floats(0.05, 0.5), st.integers(0, 5))
def test_some_are_chosen_and_some_are_left(classes_of: dict[int, dict[int, int]], share: float, seed: int) -> None:
    chosen = stratified(classes_of, share, seed)
    assert chosen <= classes_of.keys()
    if len(classes_of) >= 2:
        assert 1 <= len(chosen) < len(classes_of)
        assert abs(len(chosen) - share * len(classes_of)) <= 1
    else:
        assert not chosen
    assert chosen == stratified(dict(reversed(classes_of.items())), share, seed)


@pytest.mark.parametrize("n", [50, 1000])
def test_a_rare_class_is_in_both_parts(n: int) -> None:
    classes_of = {image: {1: 10, 2: 5} for image in range(n)}
    for image in range(0, n, n // 5):
        classes_of[image] = {1: 10, 3: 2}
    chosen = stratified(classes_of, 0.2, seed=1)
    objects = Counter[int]()
    for image in chosen:
        objects.update(classes_of[image])
    assert objects[3] == 2
