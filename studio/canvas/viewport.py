"""Viewport: which part of the picture is seen, and how large. Pure arithmetic; view space is the widget's own pixels.

A view pixel is a pixel of the screen, not Qt's logical one: whoever makes a Viewport multiplies by the device pixel
ratio, so that "100 %" is one picture pixel on one screen pixel and cached tiles fall on whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.geometry.shapes import XY, Bounds
from engine.geometry.spaces import Affine

MAX_SCALE = 64.0
"""View pixels a picture pixel can be wide."""
MAX_FRAMING_SCALE = 16.0
"""The scale at which the smallest part is framed: enough to see what lies around it."""
_FRAMED = 0.6
"""How much of the view a framed part takes."""
_MARGIN = 0.02
"""The part of the view that stays free around a picture that is shown whole."""
_SMALLEST = 32.0
"""View pixels of the longer side of a picture that is zoomed out as far as it goes."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """`x`, `y`: where the picture's top left corner lies in the view; `scale`: view pixels per picture pixel."""

    picture: tuple[int, int]
    """Width and height of the picture in image pixels."""
    view: tuple[int, int]
    """Width and height of the widget in view pixels."""
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def origin(self) -> tuple[int, int]:
        """Where the picture's corner is painted: on a whole view pixel, so that tiles need no resampling."""
        return (round(self.x), round(self.y))

    @property
    def to_view(self) -> Affine:
        """Image pixels to view pixels, as painted."""
        dx, dy = self.origin
        return Affine(xx=self.scale, dx=dx, yy=self.scale, dy=dy)

    @property
    def to_image(self) -> Affine:
        """View pixels to image pixels."""
        return self.to_view.inverse()

    @property
    def view_pixel(self) -> float:
        """The side of one view pixel in image pixels."""
        return 1.0 / self.scale

    @property
    def visible(self) -> Bounds:
        """The part of image space that the view shows, whether or not there is picture."""
        (x0, y0), (x1, y1) = self.to_image.apply_one((0, 0)), self.to_image.apply_one(self.view)
        return (x0, y0, x1, y1)

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole picture is seen."""
        room = (1 - 2 * _MARGIN) * min(self.view[0] / self.picture[0], self.view[1] / self.picture[1])
        return min(max(room, self._min_scale), MAX_SCALE)

    @property
    def fits(self) -> bool:
        """Whether it shows what `fitted` would show."""
        return self == self.fitted()

    def fitted(self) -> Viewport:
        """The whole picture, as large as it can be, centred."""
        return self._centred(self.fit_scale)

    def framing(self, bounds: Bounds) -> Viewport:
        """A part of the picture in the middle, as large as it can be with room around it."""
        (x0, y0, x1, y1), (width, height) = bounds, self.view
        room = min(width / max(x1 - x0, 1.0), height / max(y1 - y0, 1.0))
        scale = min(max(_FRAMED * room, self._min_scale), MAX_FRAMING_SCALE, MAX_SCALE)
        return replace(self, scale=scale).centred_on(((x0 + x1) / 2, (y0 + y1) / 2))

    def at_pixels(self, about: XY | None = None) -> Viewport:
        """One picture pixel on one view pixel, the point `about` (in view pixels; else the middle) staying put."""
        return self.zoomed(1.0 / self.scale, about)

    def zoomed(self, factor: float, about: XY | None = None) -> Viewport:
        """Larger by `factor`, the picture's point at `about` (in view pixels; else the middle) staying where it is."""
        scale = min(max(self.scale * factor, self._min_scale), MAX_SCALE)
        x, y = about or (self.view[0] / 2, self.view[1] / 2)
        grown = scale / self.scale
        return replace(self, scale=scale, x=x - (x - self.x) * grown, y=y - (y - self.y) * grown)._held()

    def panned(self, dx: float, dy: float) -> Viewport:
        """The picture moved by so many view pixels; its edge goes no farther than the middle of the view."""
        return replace(self, x=self.x + dx, y=self.y + dy)._held()

    def resized(self, view: tuple[int, int]) -> Viewport:
        """In a widget of another size: fitted where it was fitted, else with the same point in the middle."""
        other = replace(self, view=view)
        if self.fits:
            return other.fitted()
        return other.panned((view[0] - self.view[0]) / 2, (view[1] - self.view[1]) / 2)

    def centred_on(self, xy_image: XY) -> Viewport:
        """The same scale with a point of the picture in the middle."""
        x, y = self.to_view.apply_one(xy_image)
        return self.panned(self.view[0] / 2 - x, self.view[1] / 2 - y)

    @property
    def _min_scale(self) -> float:
        return min(1.0, _SMALLEST / max(self.picture))

    def _centred(self, scale: float) -> Viewport:
        x, y = ((room - scale * side) / 2 for room, side in zip(self.view, self.picture, strict=True))
        return replace(self, scale=scale, x=x, y=y)

    def _held(self) -> Viewport:
        """Moved as little as needed for the picture to lie under the middle of the view."""
        x, y = (
            min(max(at, room / 2 - self.scale * side), room / 2)
            for at, room, side in zip((self.x, self.y), self.view, self.picture, strict=True)
        )
        return replace(self, x=x, y=y)
