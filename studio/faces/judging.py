"""How well an embedder recognises the gallery's own faces: every face tried as a probe against the others. No Qt.

An embedder that learned from people looks better with them than it is with others. So, where there are any, the faces
of those people are tried whom no embedder of the project learned from, the same for all; else it is told how many of
them it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.evaluation.verification import (
    Curve,
    Figure,
    Searches,
    Trials,
    cmc,
    eer,
    fnir_at_fpir,
    measured_all,
    rank_k,
    roc,
    tar_at_far,
)
from engine.gallery import Gallery, LeftOut, Outlook, Rule, calibrated, left_out, outlook, with_few
from engine.gallery.distances import Floats
from engine.gallery.outlook import carried_on, stranger_share
from engine.gallery.trials import N_FRESH
from engine.project import embeddings, gallery, run_faces
from engine.project.gallery import GallerySettings
from engine.project.records import EmbedderRecord
from engine.project.store import Project

FAR, FPIR = 0.01, 0.1
BAND_FARS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""At these the curve is told with what it is between."""
MAX_TRIALS = 150_000
"""Of a larger gallery every so-manieth face is tried, so that an answer comes while one waits."""
_N_DRAWS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One embedder by one rule."""

    record: EmbedderRecord
    rule: Rule
    n_templates: int | None
    """As if so many of everybody's were enrolled; None: all but the one that is tried."""
    n_people: int
    """Enrolled."""
    n_tried: int
    """People whose faces were tried."""
    n_faces: int
    """That were tried."""
    n_learned: int
    """Of the people tried, those whom the embedder learned from."""
    trials: Trials
    left_out: LeftOut
    """What its threshold is from: with people whom this embedder did not learn from, whatever others did."""
    curve: Curve
    ranks: Floats
    """(C,) shares of searches that find the person among the first k."""
    figures: Mapping[str, Figure]
    """rank1, eer, tar and fnir."""
    band: tuple[Figure, ...]
    """TAR at each of BAND_FARS."""
    outlook: Outlook
    """At the threshold in force, or for an embedder that does not decide at the one that would be."""
    words: tuple[str, ...]
    """What that is worth at the gallery's size."""
    expected_at: Mapping[int, float]
    """By sizes of the gallery: the share of strangers who are taken for somebody."""

    @property
    def threshold(self) -> float:
        """For searches."""
        return self.outlook.threshold

    def expected(self, n_people: int) -> float:
        """The share of strangers who are taken for one of so many people; known already for sizes that are drawn."""
        known = self.expected_at.get(n_people)
        return stranger_share(self.left_out, self.threshold, n_people) if known is None else known

    def expected_between(self, n_people: int) -> tuple[float, float]:
        """What that is between: the measured share's bounds, carried on to so many people."""
        share, n_others = self.outlook.strangers, self.outlook.n_others
        low, high = (carried_on(each, n_others, n_people) for each in (share.low, share.high))
        expected = self.expected(n_people)
        return min(low, expected), max(high, expected)

    def distance_of(self, template_id: int) -> float | None:
        """How far an enrolled face is from the rest of its person, or from the nearest other one where it is alone."""
        rows = np.flatnonzero(self.left_out.template_ids == template_id)
        if not len(rows):
            return None
        own = float(self.left_out.own[rows[0]])
        return float(self.left_out.strangers[rows[0]]) if np.isnan(own) else own


def judged(project: Project, embedder_id: int, n_templates: int | None = None) -> Judged | None:
    """Judge an embedder by the rule in force, with all templates or as if there were fewer of everybody.

    None where it has seen fewer than two enrolled people, or nobody has any further face.
    """
    settings = gallery.settings(project)
    record = embeddings.embedder(project, embedder_id)
    enrolled = embeddings.gallery(project, embedder_id)
    if len(np.unique(enrolled.identity_ids)) < 2:
        return None
    others = [run_faces.learned_from(project, each.checkpoint_id) for each in embeddings.embedders(project)]
    fair = fair_trials(enrolled, frozenset[int]().union(*others), settings.rule, n_templates)
    return judged_gallery(record, enrolled, settings, fair, n_templates) if len(fair.own) else None


def fair_trials(enrolled: Gallery, learned: frozenset[int], rule: Rule, n_templates: int | None = None) -> LeftOut:
    """What embedders are compared by: where there are enough of them, people whom none of the embedders learned from.

    Empty where nobody has more than so many templates.
    """
    among = _among(enrolled, learned)
    return _thinned(left_out(among, rule) if n_templates is None else with_few(among, rule, n_templates))


def judged_gallery(
    record: EmbedderRecord,
    enrolled: Gallery,
    settings: GallerySettings,
    fair: LeftOut,
    n_templates: int | None = None,
) -> Judged:
    """The same of vectors that are there, by trials that are."""
    tried = _thinned(left_out(enrolled, settings.rule))
    trials = Trials.of_gallery(fair)
    searches = Searches.left_out(fair.distances, fair.person_ids, fair.column_ids)
    statistics = {
        "rank1": rank_k(searches, 1), "eer": eer(trials),
        "tar": tar_at_far(trials, FAR), "fnir": fnir_at_fpir(searches, FPIR),
    }  # fmt: skip
    band = [tar_at_far(trials, each) for each in BAND_FARS]
    drawn = measured_all([*statistics.values(), *band], n_draws=_N_DRAWS)
    worth = calibrated(tried, settings.far)
    assert worth is not None  # there are two people
    by_hand = settings.threshold if settings.embedder_id == record.id else None
    worth_of = worth.search if by_hand is None else outlook(tried, by_hand)
    return Judged(
        record, settings.rule, n_templates, fair.n_people, fair.n_tried, len(fair.template_ids),
        len(fair.learned_ids),
        trials, tried, roc(trials), cmc(searches),
        dict(zip(statistics, drawn, strict=False)),
        drawn[len(statistics) :],
        worth_of,
        worth.words if by_hand is None else worth_of.words,
        {n: stranger_share(tried, worth_of.threshold, n) for n in sizes_of(fair.n_people).astype(int).tolist()},
    )  # fmt: skip


def sizes_of(n_people: int) -> Floats:
    """Sizes from 1 person to ten times the gallery."""
    return np.unique(np.geomspace(1, 10 * max(1, n_people), 48).round())


def _among(enrolled: Gallery, learned: frozenset[int]) -> Gallery:
    """With fewer people to be tried, where that leaves enough of them."""
    aside = np.array(sorted(learned | set(enrolled.learned_ids.tolist())), np.int64)
    is_enough = len(np.setdiff1d(enrolled.identity_ids, aside)) >= N_FRESH
    return replace(enrolled, learned_ids=aside) if is_enough else enrolled


def _thinned(trials: LeftOut) -> LeftOut:
    step = -(-trials.distances.size // MAX_TRIALS)
    if step <= 1:
        return trials
    rows = slice(None, None, step)
    whose = trials.template_ids[rows], trials.person_ids[rows]
    return LeftOut.of(trials.rule, whose, trials.column_ids, trials.distances[rows], trials.learned_ids)
