"""Who a face is: enrolled templates as vectors, and what is decided by their distances. Numpy alone, no torch.

gallery     Vectors, Gallery: what one embedder made of faces, and whose they are
decisions   Decision: who a probe is, or nobody; how far each person is
distances   how far vectors are apart, by their embedder's metric; verify (1:1)
people      from distances of templates to those of people, by each rule
deciding    identify (1:K); suggest: who unknown faces may be
searching   search: the nearest of very many faces, exact without an index
trials      LeftOut: every template tried against the others, as the gallery's own genuine and impostor distances
rates       Rate: a share of trials, with what it is between; people are drawn anew
outlook     what a threshold means at a gallery's size: strangers let in, enrolled people found
calibrating Calibration: the threshold for a wanted rate
clustering  clusters: unknown faces put together, so that one name goes to many
doubts      outliers: templates under a wrong name; duplicates: one person under two
projecting  projected: vectors as points of a picture, by principal components
unfolding   unfolded: points that keep neighbours together, step by step
"""

from engine.gallery.calibrating import Calibration, calibrate, calibrate_pairs, calibrated, search_threshold
from engine.gallery.clustering import clusters, parting
from engine.gallery.deciding import identify, suggest
from engine.gallery.decisions import RULES, Candidate, Decision, Rule
from engine.gallery.distances import distances, verify
from engine.gallery.doubts import Duplicate, Outlier, duplicates, outliers
from engine.gallery.gallery import Gallery, Metric, Vectors
from engine.gallery.outlook import OneToOne, Outlook, one_to_one, outlook
from engine.gallery.people import people_distances
from engine.gallery.projecting import kept, projected
from engine.gallery.rates import Rate, percent
from engine.gallery.searching import Searcher, search
from engine.gallery.trials import LeftOut, left_out, pairs_left_out, with_few
from engine.gallery.unfolding import MAX_UNFOLDED, Unfolded, unfolded

__all__ = [
    "MAX_UNFOLDED",
    "RULES",
    "Calibration",
    "Candidate",
    "Decision",
    "Duplicate",
    "Gallery",
    "LeftOut",
    "Metric",
    "OneToOne",
    "Outlier",
    "Outlook",
    "Rate",
    "Rule",
    "Searcher",
    "Unfolded",
    "Vectors",
    "calibrate",
    "calibrate_pairs",
    "calibrated",
    "clusters",
    "distances",
    "duplicates",
    "identify",
    "kept",
    "left_out",
    "one_to_one",
    "outliers",
    "outlook",
    "pairs_left_out",
    "parting",
    "people_distances",
    "percent",
    "projected",
    "search",
    "search_threshold",
    "suggest",
    "unfolded",
    "verify",
    "with_few",
]
