"""Why an annotated object was missed: the first cut after which nothing on it was left, with its numbers.

Rows are on the object where their box overlaps it by `Asked.iou` or more. They are looked for from the end of the pass
to its beginning, as a row that is not on it yet may be moved there: among what the last head made, among the kept
proposals, among all guesses, among the anchors. At the latest stage that has any, the cut that the last of them fell
to is the loss. So every object that was not found has exactly one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.tracing import endings
from engine.tracing.losing import Case, lost
from engine.tracing.remedies import Table
from engine.tracing.selecting import Selected
from engine.tracing.sought import Sought
from engine.tracing.stages import Ints
from engine.tracing.standings import fates
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked, Verdict, Wanted


def autopsy(trace: Trace, wanted: Wanted, selections: Mapping[str, Selected], asked: Asked | None = None) -> Verdict:
    """What became of an object under the cuts of these selections, by name: the network's own, or others.

    The anchors are those of the trace, in their own size.
    """
    sought = Sought(trace, wanted, selections, asked or Asked())
    if wanted.class_index < 0:
        return endings.unknown(sought)
    if wanted.found is not None:
        return endings.found(sought, wanted.found)
    return _at_the_end(sought) or _among_proposals(sought) or endings.unguessed(sought)


def _at_the_end(sought: Sought) -> Verdict | None:
    """Among what the last head made of its rows."""
    rows = sought.last.rows
    assert rows is not None
    on = rows[sought.is_on(sought.boxes_of(rows))]
    if not len(on):
        return endings.of_another_class(sought)
    case = _case(sought, sought.last, on)
    return endings.uncounted(case) if _is_kept(case) else lost(case)


def _among_proposals(sought: Sought) -> Verdict | None:
    """Among the guesses that the proposals are selected from."""
    if sought.proposals is None:
        return None
    on = np.flatnonzero(sought.is_on(sought.proposals.scores.boxes))
    if not len(on):
        return None
    case = _case(sought, sought.proposals, on)
    if not _is_kept(case):
        return lost(case)
    return endings.moved_away(sought, on[case.fates.cuts == case.fates.furthest])


def _case(sought: Sought, table: Table, on: Ints) -> Case:
    class_index = 0 if table.is_of_proposals else sought.wanted.class_index
    return Case(sought, table, class_index, fates(table.selected, on, class_index))


def _is_kept(case: Case) -> bool:
    return case.fates.furthest == len(case.table.selected.rules)
