"""How large pictures are needed at most: as large as the network ever sees them, and no larger are they kept."""

from __future__ import annotations

from collections.abc import Sequence

from engine.detectors import Network
from engine.feeding.augment import Augmentation
from engine.feeding.data import Example, Kept


def fitted(examples: Sequence[Example], network: Network, how: Augmentation) -> Sequence[Example]:
    """Examples no larger than the network ever sees them, where they are kept at all."""
    if not isinstance(examples, Kept):
        return examples
    return examples.fitted(lambda height, width: most_needed(network, how, height, width))


def most_needed(network: Network, how: Augmentation, height: int, width: int) -> float:
    """How large a picture of this size is needed at most, as a share of what it is."""
    return min(network.scale(height, width) * max(how.largest_scale, 1.0), 1.0)
