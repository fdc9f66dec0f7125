"""SEAM: one file per detector (mask_rcnn, yolo).

A detector knows pictures as tensors and truths as tensors: no files, no project, no training loop. What is common to
all of them is in `_seam` (the values and the protocol) and `_survey` (what options are chosen from). Relatives
share `_rcnn` with `_rcnn_parts` and `_rcnn_losses`, and `_dense`; `_choices` are options chosen from the data.
`_known_classes` matches weights with the classes that are wanted, by name. `_portable` and `_torchvision_portable` take
a network apart for use without torch. `_traceable` is what of one pass can be watched, `_watching` how, and
`_rcnn_tracing`, `_dense_tracing` and `_yolo_tracing` make stages of it; `_settling` is other
numbers than a network was built with; `_lessons` with those of the families are what
one picture teaches.
"""

from typing import Any

from engine.detectors._known_classes import classes_chosen, plain_name
from engine.detectors._lessons import Teaching
from engine.detectors._portable import Exportable, Part, Portable
from engine.detectors._seam import (
    Detected,
    Detector,
    Features,
    Losses,
    Network,
    Normalisation,
    Priored,
    Promptable,
    ReadyMade,
    Seen,
    Suggestion,
    Truth,
    Warmable,
)
from engine.detectors._settling import Settable
from engine.detectors._survey import Survey
from engine.detectors._traceable import Askable, Traceable, Watched
from engine.options import option, options_help
from engine.registry import Registry

DETECTORS: Registry[Detector[Any]] = Registry("engine.detectors", "DETECTOR")

__all__ = [
    "DETECTORS",
    "Askable",
    "Detected",
    "Detector",
    "Exportable",
    "Features",
    "Losses",
    "Network",
    "Normalisation",
    "Part",
    "Portable",
    "Priored",
    "Promptable",
    "ReadyMade",
    "Seen",
    "Settable",
    "Suggestion",
    "Survey",
    "Teaching",
    "Traceable",
    "Truth",
    "Warmable",
    "Watched",
    "classes_chosen",
    "option",
    "options_help",
    "plain_name",
]
