"""What the fine-tune dialog says. No Qt here."""

from __future__ import annotations

from pathlib import Path

from engine.project.material import Material
from engine.training.plan import Plan


def learns(facts: Material | None) -> str:
    """What there is to learn from."""
    if facts is None:
        return "Counting…"
    if not facts.n_objects:
        return "Nothing yet: annotate some pictures first. A few dozen objects are a beginning."
    classes = "1 class" if facts.n_classes == 1 else f"{facts.n_classes} classes"
    kept_back = " (those for validation included)" if facts.keep_back else ""
    return f"{_pictures(facts.n_train, 'annotated ')}; {facts.n_objects:,} objects of {classes}{kept_back}"


def tried(facts: Material | None) -> str:
    """What it is tried on."""
    if facts is None:
        return "…"
    if facts.keep_back is not None:
        return f"{_pictures(facts.n_val)}, kept back now so that every class is among them (one step to undo)"
    if not facts.n_val:
        return "No picture: there are too few to keep one back."
    return f"{_pictures(facts.n_val)} of the validation split"


def _pictures(n: int, kind: str = "") -> str:
    return f"1 {kind}picture" if n == 1 else f"{n:,} {kind}pictures"


def starts(weights: str, plan: Plan | None) -> str:
    """What it starts from: `weights` is 'auto', 'none' or the path of a file, '' where none is chosen yet."""
    if weights == "none":
        return "From scratch: no pretrained weights. It needs many more pictures and much more time."
    if weights != "auto":
        path = Path(weights).expanduser()
        return f"Weights in {path.name}" if weights and path.is_file() else "Choose a file of weights below."
    if plan is None:
        return "Official pretrained weights"
    if not plan.official:
        return "From scratch: there are no official weights for it. A file of weights helps much."
    had = "downloaded before" if plan.is_cached else "downloaded once, with the hash checked"
    return f"Official weights {plan.official}, {had}"


def covers(plan: Plan) -> str:
    """How well priors cover the objects."""
    found = plan.covered
    if found is None:
        return ""
    return f"mean best IoU {found.mean_best_iou:.2f}, {found.share_above_half:.0%} above 0.5"
