"""Made-up pictures with annotations and detections, all with ids, for properties of evaluation."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.evaluation.coco_tables import Judged, JudgedTables
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection

NAMES = {1: "cat", 2: "dog", 5: "eel"}
_PLACES = st.integers(0, 6).map(lambda step: 8 * step)
_SIDES = st.integers(2, 8).map(lambda step: 8 * step)
_BOXES = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), _PLACES, _PLACES, _SIDES, _SIDES)
_THINGS = st.tuples(_BOXES, st.sampled_from(list(NAMES)), st.sampled_from([False] * 6 + [True]))
_SEEN = st.tuples(_BOXES, st.sampled_from(list(NAMES)))


@st.composite
def pictures(draw: st.DrawFn) -> list[Judged]:
    """Up to three; no two detections have the same score."""
    contents = draw(st.lists(st.tuples(st.lists(_THINGS, max_size=5), st.lists(_SEEN, max_size=7)), max_size=3))
    n_seen = sum(len(seen) for _, seen in contents)
    scores = iter(draw(st.permutations([(at + 1) / (n_seen + 1) for at in range(n_seen)])))
    ids, found_ids = iter(range(101, 999)), iter(range(2001, 2999))
    return [
        Judged(
            image_id,
            120,
            140,
            [Annotation(next(ids), image_id, class_id, box, is_crowd=crowd) for box, class_id, crowd in things],
            [Detection(next(found_ids), image_id, class_id, next(scores), box) for box, class_id in seen],
        )
        for image_id, (things, seen) in enumerate(contents, 11)
    ]


def tables(found: list[Judged]) -> JudgedTables:
    return JudgedTables(found, NAMES)


def picture(annotations: list[Annotation], detections: list[Detection], image_id: int = 11) -> Judged:
    return Judged(image_id, 120, 140, annotations, detections)
