"""Numbers for charts, compared with loops over the annotations themselves."""

import numpy as np
import pytest

from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from engine.project import annotations, authors, classes
from engine.project import statistics as statistics_module
from engine.project.records import Annotation, Split
from engine.project.statistics import COLUMNS, count_histogram, histogram, statistics, summary
from engine.project.store import Project
from tests.engine.project.pictures import add_image

SHAPES: tuple[Shape, ...] = (
    Box(0, 0, 8, 2),
    Polygon.of([(0, 0), (6, 0), (0, 3)]),
    Box(1, 1, 4, 10),
    Keypoints.of([(3, 3, 2)]),
)


@pytest.fixture
def drawn(project: Project) -> list[tuple[Split | None, Annotation]]:
    """What was drawn, with the split of its image: five images, one of them bare; the second class comes first."""
    found: list[tuple[Split | None, Annotation]] = []
    with project.atomic():
        ids = [classes.add(project, name) for name in ("cell", "dirt", "unused")]
        project.execute("UPDATE classes SET position = CASE id WHEN 1 THEN 1 WHEN 2 THEN 0 ELSE 2 END")
        for n, split in enumerate(("train", "train", "val", None, None)):
            image_id = add_image(project, f"{n}.png", n, split)  # type: ignore[arg-type]
            placed = [
                Annotation(0, image_id, ids[k % 2], SHAPES[k], seconds=None if k == 1 else 2.0 * k)
                for k in range(n if n < 4 else 0)
            ] + ([Annotation(0, image_id, ids[0], SHAPES[3])] if n == 3 else [])
            annotations.add(project, placed)
            found += [(split, one) for one in placed]  # type: ignore[misc]
    return found


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_counts_and_measures(
    project: Project, drawn: list[tuple[Split | None, Annotation]], monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("engine.project.statistics.BATCH", batch)
    found = statistics(project)
    assert [one.name for one in found.classes] == ["dirt", "cell", "unused"]
    expected = [
        [sum(split == column and one.class_id == record.id for split, one in drawn) for column in COLUMNS]
        for record in found.classes
    ]
    assert found.objects.tolist() == expected
    assert found.images.tolist() == [2, 1, 0, 2]
    assert found.objects_per_image.tolist() == [0, 1, 2, 4, 0]
    assert found.size.tolist() == pytest.approx([one.shape.area**0.5 for _, one in drawn])
    assert found.relative_size.tolist() == pytest.approx([one.shape.area**0.5 / 32 for _, one in drawn])
    for aspect, (_, one) in zip(found.aspect.tolist(), drawn, strict=True):
        x0, y0, x1, y1 = one.shape.bounds
        assert np.isnan(aspect) if y1 == y0 else aspect == pytest.approx((x1 - x0) / (y1 - y0))
    assert found.seconds.tolist() == pytest.approx(
        [np.nan if one.seconds is None else one.seconds for _, one in drawn], nan_ok=True
    )
    assert found.seconds_per_object.tolist() == pytest.approx([np.nan, 0.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("class_id", [None, 1, 2, 3])
@pytest.mark.parametrize("split", ["any", "train", "val", "test", None])
def test_narrowed(
    project: Project, drawn: list[tuple[Split | None, Annotation]], class_id: int | None, split: Split | None
) -> None:
    found = statistics(project).of(class_id, split)
    kept = [one for where, one in drawn if class_id in (None, one.class_id) and split in ("any", where)]
    assert found.size.tolist() == pytest.approx([one.shape.area**0.5 for one in kept])
    assert found.objects_per_image.sum() == len(kept)
    assert len(found.objects_per_image) == {"any": 5, "train": 2, "val": 1, "test": 0, None: 2}[split]
    assert found.objects.sum() == len(kept)


def test_narrowed_to_an_author(project: Project, drawn: list[tuple[Split | None, Annotation]]) -> None:
    with project.atomic():
        anna = authors.by_name(project, "anna")
        project.execute("UPDATE annotations SET author_id = ? WHERE id IN (1, 3)", (anna,))
    found = statistics(project)
    assert len(found.of(author_id=anna).size) == 2
    assert found.of(author_id=anna).objects_per_image.sum() == 2
    assert len(found.of(author_id=0).size) == len(drawn) - 2


def test_a_summary_counts_everything_once(project: Project, drawn: list[tuple[Split | None, Annotation]]) -> None:
    found = statistics(project)
    told = summary(found)
    assert (told.n_objects, told.n_images, told.n_bare) == (len(drawn), 5, 2)
    assert sum(told.by_size) == len(drawn)
    assert told.per_image.counts.sum() == 5
    assert told.objects.sum() == len(drawn)
    seconds = [one.seconds for _, one in drawn if one.seconds is not None]
    assert told.seconds.counts.sum() == sum(value > 0 for value in seconds)
    assert told.median_second == pytest.approx(np.median(seconds))
    assert told.hours == pytest.approx(sum(seconds) / 3600)


def test_small_medium_and_large_are_cocos(project: Project) -> None:
    with project.atomic():
        class_id, image_id = classes.add(project, "cell"), add_image(project, "a.png", 1)
        boxes = [Box(0, 0, side, side) for side in (31.9, 32, 95.9, 96, 200)]
        annotations.add(project, [Annotation(0, image_id, class_id, box) for box in boxes])
    assert summary(statistics(project)).by_size == (1, 2, 2)


def test_the_summary_of_nothing(project: Project) -> None:
    told = summary(statistics(project))
    assert (told.n_objects, told.by_size, told.hours) == (0, (0, 0, 0), 0.0)
    assert np.isnan(told.median_second)


def test_an_empty_project_has_empty_statistics(project: Project) -> None:
    found = statistics(project)
    assert len(found.size) == len(found.objects_per_image) == 0
    assert found.objects.shape == (0, 4)
    assert found.images.tolist() == [0, 0, 0, 0]
    assert histogram(found.size).counts.tolist() == [0]


@pytest.mark.parametrize("log", [False, True])
def test_histograms_hold_every_value_once(log: bool) -> None:
    values = np.random.default_rng(1).lognormal(3, 1, 500)
    found = histogram(values, 20, log=log)
    assert found.counts.sum() == 500
    assert (found.edges[0], found.edges[-1]) == (values.min(), values.max())
    for low, high, count in zip(found.edges[:-2], found.edges[1:-1], found.counts[:-1], strict=True):
        assert sum(low <= value < high for value in values) == count
    steps = np.diff(np.log(found.edges)) if log else np.diff(found.edges)
    assert np.allclose(steps, steps[0])


def test_odd_values_do_not_stop_a_histogram() -> None:
    assert histogram(np.array([np.nan, np.inf, 2.0, 2.0])).counts.sum() == 2
    assert histogram(np.array([0.0, -1.0, 5.0]), log=True).counts.sum() == 1
    assert histogram(np.array([0, 0, 3])).counts.sum() == 3


@pytest.mark.parametrize("high", [0, 1, 7, 39, 40, 41, 1000])
def test_whole_numbers_are_counted_in_whole_bins(high: int) -> None:
    counts = np.arange(high + 1, dtype=np.int64)
    found = count_histogram(counts)
    assert found.counts.sum() == len(counts)
    assert len(found.counts) <= 40
    assert (np.diff(found.edges) == round(found.edges[1] - found.edges[0])).all()
    assert count_histogram(np.zeros(0, dtype=np.int64)).counts.tolist() == [0]


def test_what_changes_while_it_is_read_does_not_upset_it(
    project: Project, drawn: list[tuple[Split | None, Annotation]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture with a class that comes in between two batches is left out, and one that goes is empty."""
    monkeypatch.setattr("engine.project.statistics.BATCH", 1)
    read = statistics_module._objects

    def meddling(project: Project, image_ids: np.ndarray) -> np.ndarray:
        if image_ids[0] == 3:
            with project.atomic():
                project.execute("DELETE FROM images WHERE id IN (1, 4)")
        return read(project, image_ids)

    monkeypatch.setattr("engine.project.statistics._objects", meddling)
    found = statistics(project)
    assert found.objects_per_image.tolist() == [0, 1, 2, 0, 0]
    assert found.of(split="train").objects.sum() == 1
