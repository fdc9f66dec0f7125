"""Faces drawn here: everyone has eyes, a mouth and a skin of their own, and every picture another light and place."""

import numpy as np
from numpy.typing import NDArray

from engine.faces.training import Faces


def face(person: int, picture: int, height: int = 32, width: int = 28) -> NDArray[np.uint8]:
    """One (H, W, 3) picture of a person, always the same one."""
    own, shot = np.random.default_rng([person, 7]), np.random.default_rng([person, picture, 8])
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    rows, columns = rows - shot.uniform(-1.5, 1.5), columns - shot.uniform(-1.5, 1.5)
    drawn = np.full((height, width), own.uniform(90, 200))
    for y, x in ((0.35, 0.3), (0.35, 0.7), (0.75, 0.5)):
        size, depth = own.uniform(1.5, 4.5), own.uniform(-90, 90)
        down, across = rows - (y + own.uniform(-0.1, 0.1)) * height, columns - (x + own.uniform(-0.1, 0.1)) * width
        drawn += depth * np.exp(-(down**2 + across**2) / (2 * size**2))
    drawn = drawn * shot.uniform(0.7, 1.2) + shot.normal(0, 4, drawn.shape)
    return np.repeat(np.clip(drawn, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def drawn(n_people: int, n_each: int, first: int = 0) -> Faces:
    """Some people's pictures; identity ids begin at 100."""
    people = [person for person in range(first, first + n_people) for _ in range(n_each)]
    crops = [face(person, picture % n_each) for picture, person in enumerate(people)]
    return Faces(crops, [100 + person for person in people])
