"""Our own YOLO: one-stage, CSP trunk, pyramid down and up, decoupled head, anchor-free or with fitted priors.

After YOLOX (Ge et al. 2021, arXiv 2107.08430), and YOLOv1 to v3 for the way the lectures teach it. The layout is that
of YOLOX-Nano, Tiny and S, so that their weights fit by a table of names and find COCO's classes at once.

Legend: B pictures, A priors over all levels of a picture, K classes. Pictures go in as 0..255, blue first, at the top
left of a frame of grey 114 whose sides 32 divides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torchvision.ops import batched_nms, clip_boxes_to_image

from engine.detectors._arrays import input_stage
from engine.detectors._lessons import Teaching
from engine.detectors._picking import Limits
from engine.detectors._portable import Called, Exportable, Portable, on_pictures
from engine.detectors._seam import Detected, Features, Network, Normalisation, Suggestion, Truth, Warmable
from engine.detectors._settling import Settable, is_plain, number_of
from engine.detectors._survey import Survey
from engine.detectors._traceable import Traceable
from engine.detectors._watching import watching
from engine.detectors._yolo_choices import Options, covered, suggested
from engine.detectors._yolo_lessons import assigner_lesson, guessed_of, wanted_of
from engine.detectors._yolo_tracing import WATCHED, Manners, YoloWatched, prior_stage
from engine.errors import UserError
from engine.nn import dense_losses, yolox_names
from engine.nn.assigning import ASSIGNERS
from engine.nn.backbones import norms
from engine.nn.coco_classes import COCO_CLASSES
from engine.nn.csp_network import SHAPES, STRIDES, Body, Terms
from engine.nn.dense_losses import BOX_LOSSES, Sums, Told
from engine.nn.prior_grid import Grid, grid
from engine.nn.priors import Coverage
from engine.nn.scaling import frame_size, model_size, resized
from engine.nn.shares import WHOLE, LossSums, Share
from engine.nn.weights import Naming, Official, WeightsReport, adopt
from engine.portable.card import Card
from engine.tracing.rules import LeastScore, Most, Nms, TopK
from engine.tracing.stages import Stage
from engine.tracing.whatif import Settings

_GREY = 114
_MOST_BEFORE_NMS = 3000
_PRIORS = "priors"


class Yolo(Network, Warmable, Exportable, Traceable, Teaching, Settable):
    """A YOLO for K classes; `body` is all that computes on pictures."""

    normalisation = Normalisation("BGR", 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

    def __init__(self, options: Options, n_classes: int) -> None:
        super().__init__()
        self.options = options
        self.body = Body(SHAPES[options.size], n_classes, options.n_priors)
        self.register_buffer(_PRIORS, torch.tensor(options.level_sides()))
        self.priors: Tensor
        self._is_held = False

    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel: the longer side fills the input."""
        return self.options.input_side / max(height, width)

    def loss_sums(
        self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE
    ) -> LossSums:
        """Box, objectness and class, over the priors that the assigner makes answer for objects."""
        return self.sums_on(self.features(pictures_model, share), truths_model, share)

    def features(self, pictures_model: Sequence[Tensor], share: Share = WHOLE) -> Features:
        """The levels of the trunk."""
        pictures = framed(pictures_model, share.frame)
        levels = {str(stride): level for stride, level in zip(STRIDES, self.body.trunk(pictures), strict=True)}
        sizes = tuple((each.shape[-2], each.shape[-1]) for each in pictures_model)
        return Features(levels, sizes, (pictures.shape[-2], pictures.shape[-1]))

    def sums_on(self, features: Features, truths_model: Sequence[Truth], share: Share = WHOLE) -> LossSums:
        """Through the pyramid and the head."""
        terms = self.body.above(list(features.levels.values()))
        priors = self.grid(terms)
        boxes = priors.boxes(terms.boxes)
        with torch.autocast(boxes.device.type, enabled=False):
            losses = [
                self._picture_loss(priors, Told(boxes[at], terms.objectness[at], terms.classes[at]), truth)
                for at, truth in enumerate(truths_model)
            ]
        return sum(losses[1:], losses[0]).by_term()

    def _picture_loss(self, priors: Grid, told: Told, truth: Truth) -> Sums:
        guessed, wanted = guessed_of(told), wanted_of(truth)
        assigned = ASSIGNERS[self.options.assigner](priors, guessed, wanted)
        return dense_losses.sums(told, wanted, assigned, BOX_LOSSES[self.options.box_loss])

    def lessons(self, picture_model: Tensor, truth_model: Truth, share: Share = WHOLE) -> tuple[Stage, ...]:
        """Which priors stand for which objects, by either assigner; the one that is learned from comes first."""
        frame = framed([picture_model], share.frame)
        terms = self.body(frame)
        priors = self.grid(terms)
        told = Told(priors.boxes(terms.boxes)[0], terms.objectness[0], terms.classes[0])
        size = (picture_model.shape[-2], picture_model.shape[-1])
        names = sorted(ASSIGNERS, key=lambda name: name != self.options.assigner)
        return (
            input_stage(frame, size, size, self.normalisation),
            prior_stage(priors, terms.sizes, self._manners().called),
            *(assigner_lesson(name, priors, guessed_of(told), truth_model) for name in names),
        )

    def grid(self, terms: Terms) -> Grid:
        """The priors that the rows of these terms speak of."""
        return grid(terms.sizes, STRIDES, self.priors)

    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """Objects on each picture, best first. Only pictures of one frame go together: none depends on the others."""
        models = [self._resized(picture) for picture in pictures]
        if len({frame_size([each], (0, 0), STRIDES[-1]) for each in models}) > 1:
            return [found for picture in pictures for found in self.detect([picture])]
        terms = self.body(framed(models))
        boxes, certain = self.grid(terms).boxes(terms.boxes), scores(terms)
        pairs = enumerate(zip(pictures, models, strict=True))
        return [_placed(self.chosen(boxes[at], certain[at]), *pair) for at, pair in pairs]

    def settle(self, settings: Settings) -> bool:
        """Other numbers, all but that of candidates, which is fixed; larger priors."""
        rules = settings.rules["detections"]
        self.options = replace(
            self.options, score_threshold=number_of(rules, LeastScore).value, nms_iou=number_of(rules, Nms).iou,
            detections_per_image=number_of(rules, Most).n,
        )  # fmt: skip
        self.anchor_scale = settings.anchor_scale
        self.priors *= settings.anchor_scale
        return is_plain(settings) and number_of(rules, TopK).n == _MOST_BEFORE_NMS

    def watch(self, picture: Tensor) -> YoloWatched:
        """The same on one picture, watched."""
        with watching(self, WATCHED) as calls:
            found = self.detect([picture])[0]
        return YoloWatched(self._manners(), calls, (picture.shape[-2], picture.shape[-1]), found)

    def _manners(self) -> Manners:
        chosen = self.options
        limits = Limits(chosen.score_threshold, _MOST_BEFORE_NMS, chosen.nms_iou, chosen.detections_per_image, 0)
        return Manners("cells" if chosen.mode == "anchor_free" else "priors", self.normalisation, limits)

    def _resized(self, picture: Tensor) -> Tensor:
        """A picture in model space."""
        height, width = picture.shape[-2:]
        return resized(picture, model_size(height, width, self.scale(height, width)))

    def chosen(self, boxes: Tensor, scores: Tensor) -> Detected:
        """Of (A, 4) boxes with (A, K) scores those that are certain enough and not found twice, in model pixels."""
        rows, classes = (scores > self.options.score_threshold).nonzero(as_tuple=True)
        best = scores[rows, classes].topk(min(len(rows), _MOST_BEFORE_NMS))
        rows, classes = rows[best.indices], classes[best.indices]
        kept = batched_nms(boxes[rows], best.values, classes, self.options.nms_iou)[: self.options.detections_per_image]
        return Detected(boxes[rows[kept]], best.values[kept], classes[kept])

    def portable(self, detector: str, class_names: Sequence[str]) -> Portable:
        """The body; boxes are made of its terms outside."""

        def told(pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            terms = self.body(pictures)
            return terms.boxes, terms.objectness, terms.classes

        body = on_pictures(Called(told, self.body), ("box_terms", "objectness", "class_logits"))
        options, seen = self.options, self.normalisation
        card = Card(
            family="yolo", detector=detector, class_names=list(class_names), parts=["network"],
            channels=seen.channels, divisor=seen.divisor, mean=list(seen.mean), deviation=list(seen.deviation),
            min_side=options.input_side, max_side=options.input_side, frame_step=STRIDES[-1], frame_value=_GREY,
            strides=list(STRIDES), cell_boxes=self.priors.tolist(), box_weights=[1.0] * 4,
            score_threshold=options.score_threshold, nms_iou=options.nms_iou, n_most=options.detections_per_image,
            n_candidates=_MOST_BEFORE_NMS,
        )  # fmt: skip
        return Portable(card, {"network": body})

    def hold(self) -> None:
        """Keep the stem, and the statistics of all norms: batches are too small for better ones."""
        self.body.trunk.stem.requires_grad_(False)
        self._is_held = True
        self.train(self.training)

    def train(self, mode: bool = True) -> Yolo:
        """As torch's, except that held norms stay in eval mode."""
        super().train(mode)
        if self._is_held:
            for norm in norms(self.body):
                norm.eval()
        return self


def framed(pictures_model: Sequence[Tensor], least: tuple[int, int] = (0, 0)) -> Tensor:
    """(B, 3, H, W) float of RGB pictures in model space: blue first, on grey, as large as the largest needs.

    `least` is a height and width that there is room for in any case.
    """
    size = frame_size(pictures_model, least, STRIDES[-1])
    frame = pictures_model[0].new_full((len(pictures_model), 3, *size), _GREY, dtype=torch.float32)
    for at, picture in enumerate(pictures_model):
        frame[at, :, : picture.shape[1], : picture.shape[2]] = picture.flip(0)
    return frame.contiguous(memory_format=torch.channels_last)


def _placed(found: Detected, picture: Tensor, model: Tensor) -> Detected:
    """What was found in model space, on the picture."""
    (height, width), size = picture.shape[-2:], model.shape[-2:]
    ratio = found.boxes.new_tensor([width / size[1], height / size[0]] * 2)
    return Detected(clip_boxes_to_image(found.boxes * ratio, (height, width)), found.scores, found.class_indices)


def scores(terms: Terms) -> Tensor:
    """(B, A, K) how certain each class is at each prior: that there is an object, times that it is of the class."""
    return terms.objectness.sigmoid()[..., None] * terms.classes.sigmoid()


class YoloDetector:
    """The drop-in."""

    title = "YOLO"
    options = Options
    has_masks = False

    def suggest(self, survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[Options]:
        """Size, mode and limits from the objects and the device."""
        return suggested(survey, device, given)

    def covered(self, survey: Survey, options: Options) -> Coverage | None:
        """How well fitted priors cover the objects."""
        return covered(survey, options)

    def build(self, options: Options, n_classes: int) -> Yolo:
        """A network with random weights."""
        return Yolo(options, n_classes)

    def official(self, options: Options) -> Official | None:
        """None: whoever has a file of weights gives it."""
        return None

    def adopt(self, network: Network, tensors: Mapping[str, Tensor]) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over YOLOX's layers, or those of another of these networks.

        What boxes are made of goes only with the priors it was learned for: with other ones it begins anew.
        """
        named = yolox_names.ours(tensors)
        theirs = named.pop(_PRIORS, torch.tensor(Options().level_sides()))
        if not isinstance(network, Yolo) or not torch.equal(theirs, network.priors.cpu()):
            named = {name: value for name, value in named.items() if not _is_of_priors(name)}
        return adopt(network, named, (Naming("", "body."), Naming("", "")))

    def known_classes(self, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
        """COCO's, where the weights are YOLOX's and have as many."""
        biases = tensors.get("head.cls_preds.0.bias")
        is_coco = yolox_names.is_yolox(tensors) and biases is not None and len(biases) == len(COCO_CLASSES)
        return COCO_CLASSES if is_coco else ()

    def asked_options(self, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        """The size that weights in YOLOX's layout were trained in."""
        stem = yolox_names.ours(tensors).get("trunk.stem.conv.weight")
        if stem is None:
            return {}
        sizes = {shape.channels(64): name for name, shape in SHAPES.items()}
        if len(stem) not in sizes:
            raise UserError(
                f"These weights are of no known size: {len(stem)} channels.", f"Known: {', '.join(SHAPES)}."
            )
        return {"size": sizes[len(stem)]}

    def of_classes(self, tensors: Mapping[str, Tensor], indices: Sequence[int]) -> dict[str, Tensor]:
        """The same weights for these of their classes; -1 is one they do not know."""
        return yolox_names.of_classes(yolox_names.ours(tensors), indices)


def _is_of_priors(name: str) -> bool:
    return "head.box_terms." in name or "head.objectness." in name


DETECTOR = YoloDetector()
