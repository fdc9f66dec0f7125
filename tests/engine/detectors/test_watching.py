"""What is kept of calls, and that nothing stays behind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.detectors._watching import watching


class Halving(nn.Module):
    """Halves what it is given, by a method of its own."""

    def halved(self, values: Tensor) -> dict[str, list[Tensor]]:
        return {"half": [values / 2]}

    def forward(self, values: Tensor) -> Tensor:
        told = self.halved(values)
        told["half"].append(values)  # as torchvision fills in its results
        return told["half"][0]


class Pair(nn.Module):
    """Two of them, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Halving(), Halving()

    def forward(self, values: Tensor) -> Tensor:
        found: Tensor = self.second(self.first(values))
        return found


FOUR = torch.tensor([4.0])


def test_calls_of_modules_and_methods_are_kept_with_what_they_were_given_and_gave() -> None:
    pair = Pair()
    with watching(pair, ["first", "second.halved"]) as calls:
        assert pair(FOUR).item() == 1
    assert calls["first"].args[0] is FOUR
    assert calls["first"].given.item() == 2
    assert calls["second.halved"].args[0] is calls["first"].given
    assert "first.halved" not in calls and "first" in calls


def test_what_is_filled_in_later_is_not_in_what_was_given() -> None:
    pair = Pair()
    with watching(pair, ["first.halved"]) as calls:
        pair(FOUR)
    assert [each.item() for each in calls["first.halved"].given["half"]] == [2]


def test_only_one_instance_is_watched_and_only_for_a_while() -> None:
    pair, other = Pair(), Pair()
    with watching(pair, ["first.halved"]) as calls:
        other(FOUR)
    pair(FOUR)
    assert "first.halved" not in calls
    assert "halved" not in vars(pair.first)


def test_a_method_that_the_instance_has_of_its_own_comes_back() -> None:
    pair = Pair()

    def own(values: Tensor) -> dict[str, list[Tensor]]:
        return {"half": [values / 10]}

    object.__setattr__(pair.first, "halved", own)
    with watching(pair, ["first.halved"]) as calls:
        pair(FOUR)
    assert calls["first.halved"].given["half"][0].item() == pytest.approx(0.4)
    assert vars(pair.first)["halved"] is own


def test_what_fails_leaves_nothing_behind() -> None:
    pair = Pair()
    with pytest.raises(TypeError), watching(pair, ["first", "first.halved"]):
        pair("four")
    assert not pair.first._forward_hooks and "halved" not in vars(pair.first)
    with pytest.raises(AttributeError), watching(pair, ["first", "third"]):
        pass
    assert not pair.first._forward_hooks


def test_a_call_is_only_told_where_there_was_exactly_one() -> None:
    pair = Pair()
    with watching(pair, ["first"]) as calls:
        pair(FOUR)
        pair(FOUR)
    with pytest.raises(KeyError, match="2 times"):
        _ = calls["first"]
    with pytest.raises(KeyError, match="0 times"):
        _ = calls["second"]
