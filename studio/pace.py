"""Pace: how fast something goes, smoothed, and how long the rest will take."""

from __future__ import annotations

import math

SMOOTHING_SECONDS = 12.0
"""Speed of this long ago counts 1/e as much as now."""
FIRST_SECONDS = 1.0
"""Nothing is foretold before this much was seen."""


class Pace:
    """The smoothed speed of one count towards its total. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._first_at: float | None = None
        self._at = 0.0
        self._done = 0
        self._speed = 0.0
        self._weight = 0.0
        self._total: int | None = None

    def update(self, done: int, total: int | None, now: float) -> None:
        """Hear that `done` of `total` were done at `now`; a smaller count or another total begins anew."""
        if self._first_at is None or done < self._done or total != self._total:
            self._first_at, self._at, self._done, self._total = now, now, done, total
            self._speed = self._weight = 0.0
        elif done > self._done and now > self._at:
            keep = math.exp(-(now - self._at) / SMOOTHING_SECONDS)
            self._speed = self._speed * keep + (1 - keep) * (done - self._done) / (now - self._at)
            self._weight = self._weight * keep + (1 - keep)
            self._at, self._done = now, done

    @property
    def per_second(self) -> float | None:
        """The smoothed speed, or None before anything was done."""
        return self._speed / self._weight if self._weight > 0 else None

    def seconds_left(self, now: float) -> float | None:
        """How long the rest will take from `now` on, or None while that is anyone's guess."""
        speed = self.per_second
        if speed is None or self._total is None or self._first_at is None or self._at - self._first_at < FIRST_SECONDS:
            return None
        return max(0.0, (self._total - self._done) / speed - (now - self._at))


def in_words(seconds: float | None) -> str:
    """A time left as people say it: '40 s', '3 min', '1 h 20 min'; empty for None."""
    if seconds is None:
        return ""
    if seconds < 5:
        return "a few seconds"
    if seconds < 90:
        return f"{5 * math.ceil(seconds / 5)} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
