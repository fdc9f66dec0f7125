"""Settings in one line of words, for lists of runs and the command line."""

from __future__ import annotations

from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.whatif import Settings


def in_words(settings: Settings) -> str:
    """As 'least score 0.3, overlap 0.5, at most 100; proposals: ...'."""
    *before, last = settings.rules.items()
    parts = [_listed(last[1]), *(f"{name}: {_listed(rules)}" for name, rules in before)]
    if settings.anchor_scale != 1.0:
        parts.append(f"anchors {settings.anchor_scale:g} times as large")
    return "; ".join(parts)


def _listed(rules: tuple[Cut, ...]) -> str:
    return ", ".join(words for rule in rules if (words := _words(rule)))


def _words(rule: Cut) -> str:
    match rule:
        case LeastScore(value, _, by_class):
            return f"least score {value:g}{_for_classes(len(by_class))}" if value or by_class else ""
        case Nms():
            soft = {"greedy": "", "linear": " (soft, linear)", "gaussian": " (soft, Gaussian)"}[rule.method]
            return f"overlap {rule.iou:g}{soft}{_for_classes(len(rule.by_class))}"
        case TopK(n):
            return f"the best {n:,}"
        case Most(n):
            return f"at most {n:,}"
        case LeastSide():
            return ""


def _for_classes(n: int) -> str:
    return f" (another for {n} {'class' if n == 1 else 'classes'})" if n else ""
