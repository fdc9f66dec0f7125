"""What is behind each part of an evaluation's charts: looked up on the reader's thread, and shown below them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.evaluation import cases, matching
from engine.evaluation.cases import EVERYTHING, Among, Cases
from engine.evaluation.comparison import Comparison
from engine.evaluation.curves import Curve
from engine.evaluation.errors import KINDS
from studio.evaluations import Behind, Evaluations
from studio.pages import _evaluate_words as words
from studio.session import Session


class Links:
    """Leads from numbers to pictures."""

    def __init__(self, session: Session, evaluations: Evaluations) -> None:
        """Of what is chosen there."""
        self._session, self._of = session, evaluations

    def _show(self, title: str, find: Callable[[], Cases]) -> None:
        """Look up the cases on the reader's thread, and show them."""
        self._session.ask("behind", lambda _: Behind(title, find()), self._of.show_behind)

    def of_number(self, name: str, column: int) -> None:
        """What keeps one of COCO's numbers from being 1."""
        result = self._of.result
        if result is None:
            return
        judgement = result.judgements[max(column, 0)]
        iou = {"AP50": 0.5, "AP75": 0.75}.get(name, self._of.choice.iou)
        among = Among(areas=words.AREA_OF.get(name[-1], EVERYTHING))
        shapes = words.SHAPES[judgement.iou_type].lower()
        what = "missed" if name.startswith("AR") else "wrong or missed"
        find = cases.missed if name.startswith("AR") else cases.mistakes
        self._show(
            f"{name} of {shapes}: {what} at IoU {iou:.2f}", partial(_found, find, judgement.compared, iou, among)
        )

    def of_class(self, class_id: int, column: int) -> None:
        """What is behind a cell of the table of classes; -1 is the name."""
        judgement, choice = self._of.judgement, self._of.choice
        if judgement is None:
            return
        name = judgement.compared.class_names[class_id]
        column_name = words.CLASS_COLUMNS[column].title if column >= 0 else "Objects"
        believed, all_of_it = Among(class_id, choice.score), Among(class_id)
        find, among, what = {
            "Objects": (cases.truths, all_of_it, "annotated"),
            "Found": (cases.detected, believed, f"detected from score {choice.score:.2f} on"),
            "Prec.": (cases.wrong, believed, f"wrong from score {choice.score:.2f} on"),
            "Recall": (cases.missed, believed, f"missed from score {choice.score:.2f} on"),
            "F1": (cases.mistakes, believed, f"wrong or missed from score {choice.score:.2f} on"),
        }.get(column_name, (cases.mistakes, all_of_it, "wrong or missed"))
        area = {"Small": "s", "Med.": "m", "Large": "l"}.get(column_name, "")
        if area:
            among = Among(class_id, areas=words.AREA_OF[area])
        iou = {"AP50": 0.5, "AP75": 0.75}.get(column_name, choice.iou)
        self._show(f"{name}: {what}", partial(_found, find, judgement.compared, iou, among))

    def of_point(self, curve: Curve, at: int) -> None:
        """What is wrong or missed from the score of a point on."""
        judgement = self._of.judgement
        if judgement is None:
            return
        score = float(curve.scores[at])
        among = Among(curve.class_id, score)
        title = f"{curve.class_name} from score {score:.2f} on, IoU {curve.iou:.2f}: wrong or missed"
        self._show(title, partial(_found, cases.mistakes, judgement.compared, curve.iou, among))

    def of_error(self, part: int) -> None:
        """The errors of a type."""
        found = self._of.at_iou
        if found is not None:
            kind = KINDS[part]
            title, told = words.KIND_WORDS[kind]
            self._of.show_behind(Behind(f"{title}: {told}", Cases.of(found.errors.faults[kind])))

    def of_cell(self, grid: words.Grid, part: int) -> None:
        """What was taken for what."""
        found = self._of.at_score
        if found is None:
            return
        row, column = divmod(part, len(grid.names))
        wanted = (grid.class_ids[row], grid.class_ids[column])
        chosen = [one for one in found.confusion.cells if (one.truth_class_id, one.found_class_id) == wanted]
        title = f"{grid.names[row]}, taken for {grid.names[column]}" if row != column else f"{grid.names[row]}, found"
        self._of.show_behind(Behind(title, Cases.of(*chosen)))

    def of_step(self, part: int) -> None:
        """The detections of a stretch of scores."""
        judgement, found = self._of.judgement, self._of.at_iou
        if judgement is None or found is None:
            return
        step, compared, matched = found.calibration.bins[part], judgement.compared, found.matched
        ids = np.array([*step.wrong_ids, *step.right_ids], dtype=np.int64)

        def find() -> Cases:
            return cases.of_found(compared, np.flatnonzero(np.isin(compared.found.ids, ids)), matched)

        words_of = (
            f"score {step.low:.1f} to {step.high:.1f}: {len(step.right_ids):,} right, {len(step.wrong_ids):,} wrong"
        )
        self._show(f"Detections with {words_of}", find)

    def of_threshold(self) -> None:
        """The pictures by their score, the worst first."""
        found = self._of.at_score
        if found is not None:
            ordered = sorted(found.bowl.pictures, key=lambda one: one.score)
            image_ids = np.array([one.image_id for one in ordered], dtype=np.int64)
            captions = {one.image_id: f"DSB2018 {one.score:.3f}" for one in ordered}
            title = "Pictures by their DSB2018 score over every IoU, the worst first"
            self._of.show_behind(Behind(title, Cases.on_images(image_ids), captions))

    def of_outcome(self, outcome: str) -> None:
        """What is right, wrong or missed from the chosen score on."""
        judgement, choice = self._of.judgement, self._of.choice
        if judgement is None:
            return
        find = {"right": cases.right, "wrong": cases.wrong, "missed": cases.missed}[outcome]
        name = judgement.compared.class_names.get(choice.class_id or 0, "All classes")
        title = f"{name}: {outcome} from score {choice.score:.2f} on, IoU {choice.iou:.2f}"
        among = Among(choice.class_id, choice.score)
        self._show(title, partial(_found, find, judgement.compared, choice.iou, among))


def _found(
    find: Callable[[Comparison, matching.Matching, Among], Cases], compared: Comparison, iou: float, among: Among
) -> Cases:
    return find(compared, matching.match(compared, iou), among)
