"""Who a face is: enrolled templates as vectors, and what is decided by their distances. Numpy alone, no torch.

gallery     Gallery: the vectors of enrolled templates; distances
decisions   Decision: who a probe is, or nobody; how far each person is
"""

from engine.gallery.decisions import RULES, Candidate, Decision, Rule
from engine.gallery.gallery import Gallery, Metric, Vectors

__all__ = ["RULES", "Candidate", "Decision", "Gallery", "Metric", "Rule", "Vectors"]
