"""What would become of a missed object if the cut that took it were undone: it is found, or the next one takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.tracing.autopsy import autopsy
from engine.tracing.selecting import Selected
from engine.tracing.trace import Trace
from engine.tracing.verdicts import TITLES, Asked, Outlook, Remedy, Verdict, Wanted
from engine.tracing.whatif import Settings, Trial, own


class Prospects:
    """A trace whose cuts, by the network's own settings or by others, are undone one at a time.

    What follows of other proposals is known where the trace has their regions (`Askable.asked_more`).
    """

    def __init__(self, trace: Trace, settings: Settings | None = None) -> None:
        self._trial = Trial(trace)
        self._settings = settings or own(trace)

    def after(self, wanted: Wanted, verdict: Verdict, asked: Asked) -> Verdict | None:
        """The verdict on the object with its first remedy; None where no cut was to blame."""
        if not verdict.remedies or verdict.remedies[0].rule is None:
            return None
        return autopsy(self._trial.trace, wanted, self.selections(verdict.remedies[0]), asked)

    def outlook(self, wanted: Wanted, verdict: Verdict, asked: Asked) -> Outlook | None:
        """The same in a word; None where it is not known."""
        if verdict.loss == "shown":
            return "found"
        after = self.after(wanted, verdict, asked)
        if after is None or after.loss == "unasked":
            return None
        is_new = after.loss == "mask" and (after.row, wanted.class_index) not in wanted.shape_ious
        return "found" if is_new else after.outlook

    def selections(self, remedy: Remedy | None = None) -> Mapping[str, Selected]:
        """What the settings leave, by themselves or with a remedy."""
        settings = self._settings if remedy is None else remedied(self._settings, remedy)
        return self._trial.outcome(settings).selections


def remedied(settings: Settings, remedy: Remedy) -> Settings:
    """The settings with a remedy, where it is one for them: else the same."""
    if remedy.rule is None or remedy.selection is None:
        return settings
    rules = settings.rules[remedy.selection]
    changed = (*rules[: remedy.at], remedy.rule, *rules[remedy.at + 1 :])
    return replace(settings, rules={**settings.rules, remedy.selection: changed})


def in_words(outlook: Outlook) -> str:
    """One sentence: what happens where the cut is undone."""
    if outlook == "found":
        return "Then it would be found."
    title = TITLES[outlook]
    return f"Then it would be lost again: {title[0].lower()}{title[1:]}."
