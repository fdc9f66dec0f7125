"""What it costs to watch a network: CPU time of a watched pass beside a plain one, in turns, for every detector.

Networks have the default options, three classes, and learned for a few steps, so that there is much to tell of; no
least score hides it. 'Watched' is the pass with hooks and shadows; 'with stages' is what is told of it as arrays, too.
"""

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from engine.detectors import DETECTORS, Network, Traceable
from tests.bench._rows import Row, median, show
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.taught import taught

LIMIT = 1.2
N_TURNS = 15
DEFAULTS = {
    "proposals_train": 400, "proposals_detect": 600, "regions_per_image": 128, "min_side": 512, "max_side": 1024,
    "pyramid_channels": 128, "head_channels": 512, "extra_channels": 256, "keypoint_layers": 4, "input_side": 416,
    "anchor_sides": (16, 32, 64, 128, 256), "score_threshold": 0.05,
}  # fmt: skip
"""Instead of what makes the tests' networks small."""


def picture() -> Tensor:
    """Nine scenes beside and above one another."""
    one = torch.from_numpy(Scenes().train[0].picture).permute(2, 0, 1)
    return one.repeat(1, 3, 3)


def cpu_ms(job: Callable[[], object]) -> float:
    """CPU time of this process."""
    start = time.process_time()
    job()
    return (time.process_time() - start) * 1000


def network_of(name: str) -> Network:
    """A network of full size that has learned a little."""
    known = DETECTORS.get(name).options.__dataclass_fields__
    return taught(name, {key: value for key, value in DEFAULTS.items() if key in known}, n_steps=4, n_classes=3)


@torch.inference_mode()
def turns(network: Network, seen: Tensor) -> list[tuple[float, float, float]]:
    """Of plain passes, watched ones, and watched ones with their stages: one of each a turn, after one to warm up."""
    watchable = network
    assert isinstance(watchable, Traceable)
    jobs = (
        lambda: network.detect([seen]),
        lambda: watchable.watch(seen),
        lambda: watchable.watch(seen).stages(),
    )
    found = [(cpu_ms(jobs[0]), cpu_ms(jobs[1]), cpu_ms(jobs[2])) for _ in range(N_TURNS + 1)]
    return found[1:]


def rows(name: str) -> Iterator[Row]:
    """Of one detector."""
    network = network_of(name)
    if not isinstance(network, Traceable):
        return
    found = turns(network, picture())
    yield Row(f"{name}, plain pass, CPU, median", median(plain for plain, _, _ in found), "ms")
    watched, told = (median(turn[at] / turn[0] for turn in found) for at in (1, 2))
    yield Row(f"{name}, watched, times a plain pass", watched, "", limit=LIMIT)
    yield Row(f"{name}, with stages, times a plain pass", told, "", limit=LIMIT)


def main() -> None:
    torch.set_num_threads(1)
    show([row for name in DETECTORS.names() for row in rows(name)])


if __name__ == "__main__":
    main()
