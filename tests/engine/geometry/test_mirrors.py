"""Keypoints that change places in a mirror."""

from __future__ import annotations

import pytest

from engine.geometry.mirrors import mirror


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("nose", "left_eye", "right_eye"), (0, 2, 1)),
        (("Left Ear", "tail", "right_ear"), (2, 1, 0)),
        (("leftHand", "rightHand"), (1, 0)),
        (("l_hip", "r_hip", "l_knee"), (1, 0, 2)),
        (("leftover", "bright"), (0, 1)),
        ((), ()),
    ],
)
def test_left_and_right_change_places_in_a_mirror(names: tuple[str, ...], wanted: tuple[int, ...]) -> None:
    assert mirror(names) == wanted
