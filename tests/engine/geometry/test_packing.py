"""Shapes as bytes."""

from __future__ import annotations

import math
import struct
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.packing import pack, unpack
from engine.geometry.shapes import Mask, Polygon, Shape, ShapeKind
from tests.engine.geometry.strategies import mask_shapes, polygon_shapes, shapes


@given(shapes())
def test_what_was_packed_comes_back(shape: Shape) -> None:
    assert unpack(shape.kind, pack(shape)) == shape


@given(st.sampled_from(get_args(ShapeKind)), st.binary(max_size=200))
def test_any_bytes_are_a_shape_or_refused(kind: ShapeKind, packed: bytes) -> None:
    try:
        shape = unpack(kind, packed)
    except ValueError:
        return
    assert shape.kind == kind


def test_keypoints_of_infinite_visibility_are_refused() -> None:
    with pytest.raises(ValueError, match="not a packed keypoints"):
        unpack("keypoints", struct.pack("<3d", 1, 2, math.inf))


@given(polygon_shapes(), st.sampled_from([1, 8, 16, 32]))
def test_a_polygon_cut_short_is_refused(polygon: Polygon, n_lost: int) -> None:
    with pytest.raises(ValueError):
        unpack("polygon", pack(polygon)[:-n_lost])


@given(mask_shapes().filter(lambda mask: not mask.is_empty))
def test_a_mask_whose_runs_do_not_fill_its_window_is_refused(mask: Mask) -> None:
    with pytest.raises(ValueError, match="fill"):
        unpack("mask", pack(mask)[:-4])


@given(shapes())
def test_packed_arrays_are_read_only(shape: Shape) -> None:
    back = unpack(shape.kind, pack(shape))
    if isinstance(back, Polygon):
        assert not any(points.flags.writeable for points in back.rings)
    if isinstance(back, Mask):
        assert not back.counts.flags.writeable
