"""Who a face is: enrolled templates as vectors, and what is decided by their distances. Numpy alone, no torch.

gallery     Vectors, Gallery: what one embedder made of faces, and whose they are
decisions   Decision: who a probe is, or nobody; how far each person is
distances   how far vectors are apart, by their embedder's metric; verify (1:1)
people      from distances of templates to those of people, by each rule
deciding    identify (1:K); suggest: who unknown faces may be
searching   search: the nearest of very many faces, exact without an index
"""

from engine.gallery.deciding import identify, suggest
from engine.gallery.decisions import RULES, Candidate, Decision, Rule
from engine.gallery.distances import distances, verify
from engine.gallery.gallery import Gallery, Metric, Vectors
from engine.gallery.people import people_distances
from engine.gallery.searching import Searcher, search

__all__ = [
    "RULES",
    "Candidate",
    "Decision",
    "Gallery",
    "Metric",
    "Rule",
    "Searcher",
    "Vectors",
    "distances",
    "identify",
    "people_distances",
    "search",
    "suggest",
    "verify",
]
