"""Weights whose classes are known, matched by name with the classes that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from engine.detectors._seam import Detector, ReadyMade


def classes_chosen(
    detector: Detector[Any], tensors: Mapping[str, Tensor], class_names: Sequence[str]
) -> Mapping[str, Tensor]:
    """The tensors for classes of these names, where it is known which classes they are for; else as they are."""
    known = detector.known_classes(tensors) if isinstance(detector, ReadyMade) else ()
    if not known or not isinstance(detector, ReadyMade):
        return tensors
    places = {plain_name(name): at for at, name in enumerate(known)}
    return detector.of_classes(tensors, [places.get(plain_name(name), -1) for name in class_names])


def plain_name(class_name: str) -> str:
    """What two names of the same class have in common, as 'Traffic_Light' and 'traffic light'."""
    return " ".join(class_name.casefold().replace("_", " ").replace("-", " ").split())
