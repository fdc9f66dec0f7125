"""What a merge does, or has done, in numbers and words."""

from __future__ import annotations

from engine.interchange.joining import JoinReport


def report_lines(report: JoinReport) -> list[tuple[int, str]]:
    """What a merge does, as numbers with words; nothing of what there is none."""
    lines = [
        (report.images, "new pictures"),
        (report.shared_images, "pictures that both have"),
        (report.classes, "new classes"),
        (report.annotations, "annotations added"),
        (report.identical, "the same in both"),
        (report.only_a, "only yours"),
        (report.newer_in_b, "newer in theirs, taken over"),
        (report.kept_in_a, "changed by you since, kept"),
        (report.conflicts, "drawn differently: into the queue"),
        (report.known_conflicts, "drawn differently, known from an earlier merge"),
    ]
    return [line for line in lines if line[0]] or [(0, "differences")]
