"""Wrong names and people with two names are found, and little else."""

import dataclasses

import numpy as np
import pytest

from engine.gallery import Duplicate, Gallery, Metric, Outlier, duplicates, outliers
from engine.gallery.distances import between
from tests.engine.gallery.galleries import gallery_of


def name(identity_id: int) -> str:
    return f"P{identity_id}"


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_a_template_under_another_name_is_doubted(metric: Metric) -> None:
    gallery = gallery_of(15, 6, metric=metric, spread=0.4, dim=32)
    assert outliers(gallery) == ()
    people = gallery.identity_ids.copy()
    row = int(np.flatnonzero(people == 13)[2])
    people[row] = 40
    (found,) = outliers(dataclasses.replace(gallery, identity_ids=people))
    assert (found.template_id, found.identity_id, found.kind, found.other_id) == (
        int(gallery.template_ids[row]), 40, "other", 13,
    )  # fmt: skip
    rest = np.setdiff1d(np.flatnonzero(people == 40), [row])
    assert found.distance == pytest.approx(between(gallery.vectors[rest], gallery.vectors[row], metric).mean())
    theirs = np.flatnonzero(people == 13)
    assert found.other_distance == pytest.approx(between(gallery.vectors[theirs], gallery.vectors[row], metric).mean())
    assert found.words(name) == (
        f"Nearer to P13 ({found.other_distance:.3g}) than to the other faces of P40 ({found.distance:.3g})."
    )


def test_a_template_that_is_nobodys_is_doubted() -> None:
    gallery = gallery_of(15, 6, spread=0.3, dim=64)
    vectors = gallery.vectors.copy()
    own = gallery.identity_ids == gallery.identity_ids[20]
    stray = np.random.default_rng(1).normal(size=64) - 2 * vectors[own].mean(axis=0)
    vectors[20] = stray / np.linalg.norm(stray)
    (found,) = outliers(dataclasses.replace(gallery, vectors=vectors))
    assert (found.template_id, found.identity_id) == (gallery.template_ids[20], gallery.identity_ids[20])
    assert "other faces of" in found.words(name)


def test_of_two_templates_none_is_the_wrong_one() -> None:
    gallery = gallery_of(10, 2, spread=0.2)
    people = gallery.identity_ids.copy()
    a, b = np.flatnonzero(people == 10)[0], np.flatnonzero(people == 13)[0]
    people[[a, b]] = people[[b, a]]
    assert outliers(dataclasses.replace(gallery, identity_ids=people)) == ()


def test_an_embedder_that_tells_nobody_apart_doubts_little() -> None:
    gallery = gallery_of(20, 10, spread=50)
    assert len(outliers(gallery)) <= 8  # of 200
    assert len(duplicates(gallery)) <= 4


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_one_person_under_two_names_is_found(metric: Metric) -> None:
    gallery = gallery_of(15, 8, metric=metric, spread=0.4, dim=32)
    assert duplicates(gallery) == ()
    people = gallery.identity_ids.copy()
    half = np.flatnonzero(people == 25)[:4]
    people[half] = 12
    split = dataclasses.replace(gallery, identity_ids=people)
    (found,) = duplicates(split)
    assert found.identity_ids == (12, 25)
    a, b = (np.flatnonzero(people == each) for each in (12, 25))
    assert found.distance == pytest.approx(between(gallery.vectors[a], gallery.vectors[b], metric).mean())
    n_nearer = n = 0
    for row in np.flatnonzero(~np.isin(people, (12, 25))):
        for other in set(people.tolist()) - {12, 25, int(people[row])}:
            theirs = gallery.vectors[people == other]
            n, n_nearer = n + 1, n_nearer + (between(theirs, gallery.vectors[row], metric).mean() <= found.distance)
    assert (found.n_nearer, found.n_compared) == (n_nearer, n)
    assert found.words(name).startswith(f"P12 and P25 are {found.distance:.3g} apart, faces of one of them ")
    assert f"none of {n:,} comparisons of other people is as near" in found.words(name)


def test_people_with_one_template_each_can_be_one() -> None:
    gallery = gallery_of(30, 1, dim=64)
    assert duplicates(gallery) == ()
    twin = gallery.vectors[3] + np.float32(0.01)
    more = Gallery(
        np.append(gallery.template_ids, 1000),
        np.concatenate([gallery.vectors, twin[None] / np.linalg.norm(twin)]),
        "cosine",
        np.append(gallery.identity_ids, 5000),
    )
    (found,) = duplicates(more)
    assert found.identity_ids == (int(gallery.identity_ids[3]), 5000)
    assert found.own_distance is None
    assert outliers(more) == ()


def test_a_duplicate_in_words() -> None:
    some = Duplicate((1, 2), 0.2, None, 3, 300)
    assert some.far == 0.01
    assert some.words(name) == "P1 and P2 are 0.2 apart; 3 of 300 comparisons of other people are as near (1.0 %)."
    assert Duplicate((1, 2), 0.2, 0.25, 0, 0).words(name) == "P1 and P2 are 0.2 apart, faces of one of them 0.25."
    far = Outlier(7, 1, "far", 0.9, 2, 0.8)
    assert far.words(name) == "As far from the other faces of P1 (0.9) as other people are."


def test_a_gallery_of_nobody_or_few_doubts_nothing() -> None:
    for n in (1, 2):
        assert duplicates(gallery_of(n, 4)) == ()
    assert outliers(gallery_of(1, 4)) == ()
    empty = Gallery(np.empty(0, np.int64), np.empty((0, 3), np.float32), "cosine", np.empty(0, np.int64))
    assert (outliers(empty), duplicates(empty)) == ((), ())


def test_equal_faces_have_no_spread() -> None:
    gallery = gallery_of(6, 4, spread=0)
    assert outliers(gallery) == ()
    people = gallery.identity_ids.copy()
    people[0] = next(each for each in people.tolist() if each != people[0])
    (found,) = outliers(dataclasses.replace(gallery, identity_ids=people))
    assert found.template_id == gallery.template_ids[0]


def on_a_line(*people: tuple[float, ...]) -> Gallery:
    """People by the places of their faces; ids of templates count on from 1."""
    places = np.array([[place] for each in people for place in each], np.float32)
    identity_ids = np.repeat(np.arange(1, len(people) + 1), [len(each) for each in people])
    return Gallery(np.arange(1, len(places) + 1), places, "euclidean", identity_ids)


FAR_AWAY = (100.0,) * 5


def test_who_is_nearer_to_somebody_only_in_the_mean_is_not_doubted() -> None:
    line = on_a_line((0, 0, 0, 0, 0, 5, 5.3), (8,) * 6, FAR_AWAY)
    assert not {6, 7} & {each.template_id for each in outliers(line)}  # the two are each other's nearest


def test_who_is_nearer_to_somebody_only_by_one_face_is_not_doubted() -> None:
    line = on_a_line((0, 0, 0, 0, 0, 3), (4, 12, 12, 12, 12), FAR_AWAY)
    assert 6 not in {each.template_id for each in outliers(line)}  # the face at 4 is the wrong one


def test_who_is_nearer_to_somebody_in_both_ways_is_doubted() -> None:
    line = on_a_line((0, 0, 0, 0, 0, 7), (8,) * 6, FAR_AWAY)
    (found,) = outliers(line)
    assert (found.template_id, found.kind, found.other_id) == (6, "other", 2)
