"""What brush and eraser share: the circle, its size, and a stroke that goes on as the pointer does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.geometry import masks
from engine.geometry.shapes import XY, Bounds, Mask
from engine.geometry.spans import Spans
from engine.imaging import brush
from studio.tools import Options, Pointer, Preview, Scene

SIZE_KEYS: Mapping[str, float] = {"[": 1 / 1.25, "]": 1.25, "{": 1 / 2, "}": 2.0}
_FIRST_RADIUS = 14.0
"""Logical pixels, before anyone chose."""
_RADII = (0.5, 4096.0)


def radius_of(options: Options, event: Pointer) -> float:
    """The brush's radius in image pixels."""
    return _FIRST_RADIUS * event.view_pixel if options.brush is None else options.brush


def resized(options: Options, event: Pointer) -> Options:
    """The options after a key: another size where it was one of `SIZE_KEYS`."""
    if event.kind != "key" or event.key not in SIZE_KEYS:
        return options
    least, most = _RADII
    return replace(options, brush=min(max(radius_of(options, event) * SIZE_KEYS[event.key], least), most))


def shown(options: Options, event: Pointer, preview: Preview) -> Preview:
    """A preview with the brush's circle where the pointer is, its size told before the hint."""
    radius = radius_of(options, event)
    hint = f"{2 * radius:.0f} px wide.  {preview.hint}"
    keys = preview.keys | SIZE_KEYS.keys()
    circle = None if event.kind == "leave" else (event.xy_image, radius)
    return replace(preview, circle=circle, hint=hint, keys=frozenset(keys), options=options)


@dataclass(slots=True)
class Others:
    """What other annotations cover, worked out where the brush comes."""

    scene: Scene
    besides: int | None
    """The annotation that is painted on."""
    _known: dict[int, Spans] = field(default_factory=dict)
    _ids: NDArray[np.int64] = field(init=False)
    _bounds: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        stored = {key: bounds for key, bounds in self.scene.bounds.items() if key > 0 and key != self.besides}
        self._ids = np.array(list(stored), dtype=np.int64)
        self._bounds = np.array(list(stored.values()), dtype=np.float64).reshape(-1, 4)

    def about(self, bounds: Bounds) -> list[Spans]:
        """The strips of those whose bounds meet these."""
        x0, y0, x1, y1 = self._bounds.T
        near = (x0 <= bounds[2]) & (x1 >= bounds[0]) & (y0 <= bounds[3]) & (y1 >= bounds[1])
        return [self._strips(int(id_)) for id_ in self._ids[near]]

    def _strips(self, id_: int) -> Spans:
        if id_ not in self._known:
            shape = self.scene.annotations[id_].shape
            self._known[id_] = self.scene.strips(shape if isinstance(shape, Mask) else masks.of_shape(shape))
        return self._known[id_]


def covered(scene: Scene, way: tuple[XY, XY], radius: float) -> Spans:
    """The pixels of the picture that the brush covers from one point to the next."""
    return brush.stroke(*way, radius, (scene.width, scene.height))
