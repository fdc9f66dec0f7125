"""What would become of a missed object if the cut that took it were undone: it is found, or the next one takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.tracing.autopsy import autopsy
from engine.tracing.rules import Rules
from engine.tracing.selecting import Selected, Selector
from engine.tracing.sought import taking_part
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from engine.tracing.verdicts import TITLES, Asked, Outlook, Remedy, Verdict, Wanted


@dataclass(frozen=True, eq=False)
class Prospects:
    """A trace whose cuts are undone one at a time; what does not depend on their numbers is made once.

    What follows of other proposals is known where the trace has their regions (`Askable.asked_more`).
    """

    trace: Trace
    selectors: Mapping[str, Selector]

    @classmethod
    def of(cls, trace: Trace) -> Prospects:
        """Of the network's own cuts."""
        selections = trace.all(Selection)
        return cls(trace, {each.name: Selector(trace.scores_of(each), each) for each in selections})

    def after(self, wanted: Wanted, verdict: Verdict, asked: Asked) -> Verdict | None:
        """The verdict on the object with its first remedy; None where no cut was to blame."""
        if not verdict.remedies or verdict.remedies[0].rule is None:
            return None
        return autopsy(self.trace, wanted, self.selections(verdict.remedies[0]), asked)

    def outlook(self, wanted: Wanted, verdict: Verdict, asked: Asked) -> Outlook | None:
        """The same in a word; None where it is not known."""
        if verdict.loss == "shown":
            return "found"
        after = self.after(wanted, verdict, asked)
        if after is None or after.loss == "unasked":
            return None
        is_new = after.loss == "mask" and (after.row, wanted.class_index) not in wanted.shape_ious
        return "found" if is_new else after.outlook

    def selections(self, remedy: Remedy | None = None) -> dict[str, Selected]:
        """What the network's own rules leave, but for the cut that a remedy changes."""
        found: dict[str, Selected] = {}
        for stage in self.trace.all(Selection):
            rows = taking_part(self.trace, found) if found else None
            found[stage.name] = self.selectors[stage.name].select(changed(stage, remedy), rows)
        return found


def in_words(outlook: Outlook) -> str:
    """One sentence: what happens where the cut is undone."""
    if outlook == "found":
        return "Then it would be found."
    title = TITLES[outlook]
    return f"Then it would be lost again: {title[0].lower()}{title[1:]}."


def changed(stage: Selection, remedy: Remedy | None) -> Rules:
    """The rules of a selection with a remedy, where it is one for them."""
    if remedy is None or remedy.rule is None or remedy.selection != stage.name:
        return stage.rules
    return (*stage.rules[: remedy.at], remedy.rule, *stage.rules[remedy.at + 1 :])
