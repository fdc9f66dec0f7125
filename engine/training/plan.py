"""What a training is going to be, told before it begins. Plain values without torch, so that a window can read them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

AUTO = "auto"
Kind: TypeAlias = Literal["switch", "choice", "whole", "number", "numbers", "pairs", "words"]
Sides: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Choosable:
    """Something about a training that a person may choose: what it is, and what it is going to be."""

    name: str
    kind: Kind
    """'whole' and 'number' are one number, 'numbers' several, 'pairs' several widths and heights."""
    help: str
    value: Any
    """None only where it `is_optional`: then it is found out when the training starts."""
    choices: tuple[str, ...] = ()
    """Of a 'choice'."""
    is_optional: bool = False

    @property
    def title(self) -> str:
        """Its name as words."""
        return titled(self.name)


def titled(name: str) -> str:
    """A field's name as words."""
    words = " ".join({"iou": "IoU", "nms": "NMS"}.get(part, part) for part in name.split("_"))
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is decided already about a training."""

    detector: str = AUTO
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the detector, by name."""
    weights: str = AUTO
    """'auto', 'none' or the path of a file."""
    device: str = AUTO
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of weights that were used before, by detector: a reason to choose one."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How well the shapes that a network guesses from cover the objects; widths and heights in model pixels."""

    objects: Sides
    """Some of them, where there are very many."""
    n_objects: int
    priors: Sides
    best_for: tuple[int, ...]
    """How many objects each prior suits best."""
    mean_best_iou: float
    share_above_half: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is chosen, and why."""

    detector: str
    title: str
    weights: str
    """'auto', 'none' or the path of a file: one that was used before, where that is why the detector is chosen."""
    device: str
    """In words."""
    official: str
    """The name of the official weights, or nothing where there are none."""
    is_cached: bool
    """Whether they were downloaded before."""
    minutes: int
    """How long it should take."""
    reasons: tuple[str, ...]
    """Sentences, that for the detector first."""
    options: tuple[Choosable, ...]
    """Of the detector."""
    recipe: tuple[Choosable, ...]
    augmentation: tuple[Choosable, ...]
    covered: Covered | None
    """None where the network guesses from no such shapes."""
    detectors: tuple[tuple[str, str], ...]
    """Name and title of everything that can be trained."""


def choosables(kind: type[Any], values: Any) -> tuple[Choosable, ...]:
    """The fields of a dataclass that are made by `engine.detectors.option`, with the values that `values` has."""
    hints = get_type_hints(kind)
    offered = [each for each in fields(kind) if "help" in each.metadata]
    return tuple(_choosable(each, hints[each.name], getattr(values, each.name)) for each in offered)


def _choosable(each: Field[Any], hint: Any, value: Any) -> Choosable:
    """Raises TypeError for a type that no field can be made for."""
    is_optional = get_origin(hint) in (Union, types.UnionType)
    if is_optional:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    choices = tuple(map(str, get_args(hint))) if get_origin(hint) is Literal else ()
    return Choosable(each.name, _kind(each.name, hint), str(each.metadata["help"]), value, choices, is_optional)


_PLAIN: Mapping[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "words"}


def _kind(name: str, hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        return "choice"
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is tuple:
        return "pairs" if get_origin(get_args(hint)[0]) is tuple else "numbers"
    raise TypeError(f"There is no field for {name}: {hint}")
