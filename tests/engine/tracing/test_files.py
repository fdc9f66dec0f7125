"""Traces as files: they come back as they went, also where there is no torch, and what is none is refused by name."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from engine.errors import UserError
from engine.tracing import rule_text
from engine.tracing.files import VERSION, load, save
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.stages import FeatureMaps, Selection, Stage
from engine.tracing.trace import Trace
from engine.tracing.whatif import own, what_if
from tests.engine.tracing.traces import Made, one_stage, two_stages

TRACES = [two_stages(), two_stages(Made(3, 5, has_masks=True)), one_stage(Made(2, 80))]


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    return type(one) is type(other) and one == other


def _same_stage(one: Stage, other: Stage) -> bool:
    names = [each.name for each in dataclasses.fields(one)]
    return type(one) is type(other) and all(_same(getattr(one, name), getattr(other, name)) for name in names)


@pytest.mark.parametrize("trace", TRACES)
def test_a_trace_comes_back_as_it_went(trace: Trace, tmp_path: Path) -> None:
    size = save(trace, tmp_path / "one.trace")
    back = load(tmp_path / "one.trace")
    assert size == (tmp_path / "one.trace").stat().st_size
    assert (back.origin, back.checks) == (trace.origin, trace.checks)
    assert all(_same_stage(*pair) for pair in zip(trace.stages, back.stages, strict=True))
    assert np.array_equal(what_if(back, own(back)).found.scores, trace.all(Selection)[-1].kept_scores)


def test_without_feature_maps_it_is_smaller(tmp_path: Path) -> None:
    whole, less = (save(two_stages(), tmp_path / str(has), has_features=has) for has in (True, False))
    maps = two_stages().first(FeatureMaps)
    assert whole - less > sum(level.nbytes for level in maps.levels) * 0.9
    assert not load(tmp_path / "False").all(FeatureMaps)


def test_an_empty_picture_of_a_network_that_found_nothing(tmp_path: Path) -> None:
    stages = [dataclasses.replace(each, **_none_kept(each)) for each in one_stage().stages]
    save(dataclasses.replace(one_stage(), stages=tuple(stages)), tmp_path / "none")
    assert load(tmp_path / "none").first(Selection).kept_boxes.shape == (0, 4)


def _none_kept(stage: Stage) -> dict[str, object]:
    names = [each.name for each in dataclasses.fields(stage) if each.name.startswith("kept_")]
    return {name: getattr(stage, name)[:0] for name in names}


_READ = """
import sys
class NoTorch:
    def find_spec(self, name, *_):
        if name.split(".")[0] in ("torch", "torchvision", "PySide6"):
            raise ImportError(name)
sys.meta_path.insert(0, NoTorch())
from pathlib import Path
from engine.tracing.files import load
from engine.tracing.whatif import own, what_if
trace = load(Path(sys.argv[1]))
print(len(what_if(trace, own(trace)).found), trace.is_equal)
"""


def test_it_is_read_where_there_is_no_torch(tmp_path: Path) -> None:
    save(two_stages(), tmp_path / "one.trace")
    command = [sys.executable, "-c", _READ, str(tmp_path / "one.trace")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(len(two_stages().all(Selection)[-1].kept_rows)), "True"], done.stderr


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x00" * 100, b"\x10" + b"\x00" * 7 + b'{"a": [1, 2, 3]}'])
def test_a_foreign_file_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "holiday.trace"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"holiday\.trace is no trace"):
        load(path)


def test_what_is_not_there_or_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.trace cannot be read"):
        load(tmp_path / "gone.trace")
    save_file({"a": np.zeros(1)}, tmp_path / "weights", metadata={"card": "{}"})
    with pytest.raises(UserError, match="weights is no trace"):
        load(tmp_path / "weights")
    save_file({"a": np.zeros(1)}, tmp_path / "newer", metadata={"boxwright_trace": str(VERSION + 1), "trace": "{}"})
    with pytest.raises(UserError, match="newer was written by another version"):
        load(tmp_path / "newer")


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.trace"
    save(two_stages(), path)
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) // 2):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"one\.trace is a damaged trace"):
            load(path)


def test_any_change_of_the_header_is_refused_or_read(tmp_path: Path) -> None:
    """Bytes changed by chance never lead to anything but a trace or a UserError."""
    path = tmp_path / "one.trace"
    save(one_stage(), path, has_features=False)
    whole = bytearray(path.read_bytes())
    n_header = int.from_bytes(whole[:8], "little")
    chance = np.random.default_rng(4)
    for at in chance.integers(0, 8 + n_header, 300).tolist():
        changed = whole.copy()
        changed[at] = int(chance.integers(0, 256))
        path.write_bytes(changed)
        try:
            load(path)
        except UserError as error:
            assert "one.trace" in str(error)


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        save(one_stage(), tmp_path / "folder")
    with pytest.raises(UserError, match="cannot be written"):
        save(one_stage(), tmp_path / "nowhere" / "one.trace")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


_SHARES = st.floats(0, 1)
_BY_CLASS = st.dictionaries(st.integers(0, 90), _SHARES, max_size=3)
_PER = st.sampled_from(["all", "level", "class"])
_CUTS: st.SearchStrategy[Cut] = st.one_of(
    st.builds(LeastScore, _SHARES, st.booleans(), _BY_CLASS),
    st.builds(TopK, st.integers(0, 5000), _PER),
    st.builds(LeastSide, _SHARES),
    st.builds(Nms, _SHARES, _PER, st.sampled_from(["greedy", "linear", "gaussian"]), _SHARES, _SHARES, _BY_CLASS),
    st.builds(Most, st.integers(0, 500)),
)


@given(st.lists(_CUTS, max_size=5).map(tuple))
def test_rules_come_back_as_they_went(rules: tuple[Cut, ...]) -> None:
    assert rule_text.rules(json.loads(json.dumps(rule_text.told(rules)))) == rules


@pytest.mark.parametrize("value", [{"cut": "Trim"}, {}, 5, {"cut": "Most"}, {"cut": "Most", "n": "many"}])
def test_no_rule_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"rule|Expected|missing"):
        rule_text.rules([value])  # type: ignore[list-item]


def test_others_may_read_a_trace_as_any_file(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    save(one_stage(), tmp_path / "t.trace")
    assert (tmp_path / "t.trace").stat().st_mode == usual.stat().st_mode
