"""What the view of curves shows of embedders: rows of a table, lines and axes of plots, and their words. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.evaluation.verification import Figure, det, far_of, in_words
from engine.gallery.distances import Floats
from engine.gallery.rates import percent
from engine.project.classes import distinct_colour
from studio.charts.plot import Trail
from studio.charts.ruled import Axis, Band, Ruling
from studio.charts.scale import ticks
from studio.charts.table import Heading, Line
from studio.faces.decision_words import number
from studio.faces.judging import BAND_FARS, Judged

LEAST_FAR = 0.001
"""Where the logarithmic axis begins; what is rarer stands at its edge."""
_DET_FROM, _DET_TO = -3.0902, 0.8416
"""Normal deviates of 0.1 % and 80 %."""
_DET_MARKS = ((0.001, -3.0902), (0.01, -2.3263), (0.05, -1.6449), (0.2, -0.8416), (0.5, 0.0), (0.8, 0.8416))
MOST_RANKS = 20


def _shares(low: float, high: float) -> tuple[Ruling, ...]:
    """Round numbers on an axis from one share to another."""
    marks = ticks(low, high, 6)
    return tuple(Ruling((each - low) / (high - low), f"{100 * each:.3g} %") for each in marks)


HEADINGS = (
    Heading("Found first", "How often the right person comes first among all, however far (rank 1)"),
    Heading("EER", "The rate at which as many strangers are accepted as own faces are refused (1:1)"),
    Heading("Found at 1 % FAR", "Own faces accepted where 1 % of strangers are, too (1:1)"),
    Heading("Missed at 10 % FPIR", "Searches of enrolled people without the right answer, where 10 % of strangers "
            "are taken for somebody (1:K)"),
    Heading("Strangers taken", "Of strangers, how many to expect to be taken for somebody in this gallery, at the "
            "threshold in force"),
)  # fmt: skip
_NAMES = ("rank1", "eer", "tar", "fnir")
ROC_AXES = (
    Axis("strangers accepted (FAR)", tuple(Ruling(_log_place, words) for _log_place, words in (
        (0.0, "0.1 %"), (1 / 3, "1 %"), (2 / 3, "10 %"), (1.0, "100 %")))),
    Axis("own faces accepted (TAR)", _shares(0.0, 1.0)),
)  # fmt: skip


def _det_axis(title: str) -> Axis:
    return Axis(title, tuple(Ruling(_det_place(place), f"{100 * share:g} %") for share, place in _DET_MARKS))


def _det_place(deviate: float) -> float:
    return (deviate - _DET_FROM) / (_DET_TO - _DET_FROM)


DET_AXES = (_det_axis("strangers accepted (FAR)"), _det_axis("own faces refused (FRR)"))


_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def rank_floor(every: Sequence[Judged]) -> float:
    """Where the axis of ranks begins, so that what differs is seen: at a quarter, a half or three quarters."""
    return min(0.75, math.floor(4 * min(float(each.ranks[0]) for each in every)) / 4)


def size_top(every: Sequence[Judged], sizes: Floats) -> float:
    """Where the axis of sizes ends: at a round share above all that is shown."""
    most = max(each.expected_between(int(sizes[-1]))[1] for each in every)
    return next((each for each in _TOPS if each >= most), 1.0)


def rank_axes(n: int, floor: float = 0.0) -> tuple[Axis, Axis]:
    """Ranks from 1 to n, and shares from the floor on."""
    step = max(1, n // 6)
    ranks = tuple(Ruling((k - 1) / max(1, n - 1), str(k)) for k in range(1, n + 1, step))
    return Axis("among the first", ranks), Axis("right person found", _shares(floor, 1.0))


def size_axes(sizes: Floats, top: float = 1.0) -> tuple[Axis, Axis]:
    """Numbers of people, logarithmic, and shares up to the top."""
    marks = [each for power in range(7) for each in (10**power, 3 * 10**power) if sizes[0] <= each <= sizes[-1]]
    places = size_places(np.array(marks, np.float64), sizes)
    people = tuple(Ruling(place, f"{mark:,}") for place, mark in zip(places.tolist(), marks, strict=True))
    return Axis("people enrolled", people), Axis("strangers taken for somebody", _shares(0.0, top))


def size_places(n: Floats, sizes: Floats) -> Floats:
    """Where numbers of people stand between the first and the last size."""
    span = math.log(sizes[-1] / sizes[0])
    return np.asarray(np.log(n / sizes[0]) / span, np.float64)


def far_place(far: Floats | float) -> Floats:
    """Where rates stand on the logarithmic axis."""
    return np.asarray(1 - np.log10(np.clip(far, LEAST_FAR, 1.0)) / math.log10(LEAST_FAR), np.float64)


def line_of(found: Judged, title: str, colour: str) -> Line:
    """The row of an embedder."""
    shown = [found.figures[name] for name in _NAMES]
    taken = found.expected(found.n_people)
    between = found.expected_between(found.n_people)
    return Line(
        title,
        (*(cell(each) for each in shown), _cell(taken, *between)),
        (*(each.value for each in shown), taken),
        (*(told(each) for each in shown), f"Among {found.n_people} people, accepted up to {number(found.threshold)}"),
        colour,
    )


def cell(figure: Figure) -> str:
    """As '93 % (88 – 97)'; a dash where it cannot be shown."""
    if figure.value is None:
        return "–"
    return _cell(figure.value, figure.low, figure.high)


def _cell(value: float, low: float, high: float) -> str:
    bounds = " – ".join(percent(each).removesuffix(" %") for each in (low, high))
    return f"{percent(value)} ({bounds})"


def told(figure: Figure) -> str:
    """What is said of a cell."""
    if figure.value is None:
        return figure.reason
    return f"95 % sure: between {percent(figure.low)} and {percent(figure.high)}, of {figure.n:,} trials"


def head_words(every: Sequence[Judged], titles: Sequence[str], rule_title: str) -> str:
    """What all of it is of, and whom embedders know already."""
    first = every[0]
    whom = "" if first.n_tried == first.n_people else f" whom none of them learned from, among {first.n_people}"
    which, how = "Every face", "as if it were new"
    if first.n_templates is not None:
        n = "first face" if first.n_templates == 1 else f"first {first.n_templates} faces"
        which, how = "Every further face", f"as if everybody's {n} were all that is enrolled"
    said = [
        f"{which} of {first.n_tried} people{whom} ({first.n_faces:,} faces) is tried {how}, by the rule "
        f"“{rule_title}”. In brackets: between what the true rate lies (95 % sure, people drawn anew)."
    ]
    for each, title in zip(every, titles, strict=True):
        if each.n_learned:
            said.append(f"{title} learned from {each.n_learned} of these people: with others it does worse.")
        if (each.n_people, each.n_tried, each.n_faces) != (first.n_people, first.n_tried, first.n_faces):
            said.append(
                f"{title} was tried with {each.n_faces:,} faces of {each.n_tried} people among {each.n_people}."
            )
    return "\n".join(said)


def roc_trail(found: Judged, title: str, colour: str) -> Trail:
    """TAR over FAR; strict thresholds first."""
    return Trail(title, far_place(found.curve.far), found.curve.tar, colour)


def roc_words(found: Judged, title: str, at: int) -> str:
    """One point of it."""
    far, tar = float(found.curve.far[at]), float(found.curve.tar[at])
    where = f"up to {number(float(found.curve.thresholds[at]))}" if at else "nothing accepted"
    return f"{title}, {where}: {percent(tar)} found, {percent(far)} of strangers"


def roc_band(found: Judged, colour: str) -> Band | None:
    """What the curve is between, where there are trials enough."""
    shown = [(far, each) for far, each in zip(BAND_FARS, found.band, strict=False) if each.value is not None]
    if len(shown) < 2:
        return None
    x = far_place(np.array([far for far, _ in shown]))
    low, high = (np.array([getattr(each, end) for _, each in shown], np.float64) for end in ("low", "high"))
    return Band(x, low, high, colour)


def det_trail(found: Judged, title: str, colour: str) -> Trail:
    """FRR over FAR, both as normal deviates: a straight line where distances are spread normally."""
    far, frr = det(found.curve)
    is_shown = (far >= _DET_FROM) & (far <= _DET_TO) & (frr >= _DET_FROM) & (frr <= _DET_TO)
    x, y = ((each[is_shown] - _DET_FROM) / (_DET_TO - _DET_FROM) for each in (far, frr))
    return Trail(title, x, y, colour)


def det_words(title: str, trail: Trail, at: int) -> str:
    """One point of it."""
    far, frr = (_share(_DET_FROM + float(each[at]) * (_DET_TO - _DET_FROM)) for each in (trail.x, trail.y))
    return f"{title}: {percent(far)} of strangers accepted, {percent(frr)} of own faces refused"


def _share(deviate: float) -> float:
    return 0.5 * (1 + math.erf(deviate / math.sqrt(2)))


def rank_trail(found: Judged, title: str, colour: str, floor: float = 0.0) -> Trail:
    """Shares over ranks."""
    shown = found.ranks[:MOST_RANKS]
    return Trail(title, np.arange(len(shown)) / max(1, len(shown) - 1), (shown - floor) / (1 - floor), colour)


def rank_words(found: Judged, title: str, at: int) -> str:
    """One point of it."""
    return f"{title}: {percent(float(found.ranks[at]))} among the first {at + 1}"


def size_trail(found: Judged, title: str, colour: str, sizes: Floats, top: float) -> Trail:
    """Strangers taken for somebody over the size of the gallery, as shares of the top."""
    shares = np.array([found.expected(int(each)) for each in sizes], np.float64)
    return Trail(title, size_places(sizes, sizes), shares / top, colour)


def size_band(found: Judged, colour: str, sizes: Floats, top: float) -> Band:
    """What that is between."""
    low, high = np.array([found.expected_between(int(each)) for each in sizes], np.float64).T
    return Band(size_places(sizes, sizes), low / top, high / top, colour)


def size_words(found: Judged, title: str, n: int) -> str:
    """One point of it."""
    people = "1 person" if n == 1 else f"{n:,} people"
    return f"{title}, {people}: {_cell(found.expected(n), *found.expected_between(n))} of strangers"


def rarity_words(found: Judged, distance: float) -> str:
    """How rare a distance is, and where that lies on the curve."""
    tar = found.curve.at(distance)[1]
    return f"{in_words(far_of(found.trials, distance))}; {percent(tar)} of own faces are as near."


def colour_of(position: int) -> str:
    """The colour of the embedder in a place."""
    return distinct_colour(position)
