"""Faster R-CNN (Ren et al. 2015) with a feature pyramid, on torchvision's modules: boxes in two looks, no masks."""

from __future__ import annotations

from dataclasses import dataclass

from torchvision.models.detection import FasterRCNN

from engine.detectors._rcnn import RcnnDetector, RcnnNetwork, RcnnOptions, rcnn


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RcnnOptions):
    """What can be chosen about a Faster R-CNN."""


class FasterRcnnDetector(RcnnDetector[Options]):
    """The drop-in."""

    title = "Faster R-CNN"
    options = Options

    def build(self, options: Options, n_classes: int) -> RcnnNetwork:
        """A network with random weights."""
        return RcnnNetwork(options, rcnn(FasterRCNN, options, n_classes + 1))


DETECTOR = FasterRcnnDetector()
