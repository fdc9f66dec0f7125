"""Real faces from pictures to decisions: people are known again, and most strangers are not taken for anybody."""

from pathlib import Path

import pytest

from engine.faces.choice import DecideRequest, EmbedderChoice
from engine.faces.identifying import Identified, identify_files
from engine.faces.sources import FaceFiles
from engine.progress import finish
from engine.project import gallery
from engine.project.store import Project
from tests.engine.faces.enrolled import enrolled

N_PEOPLE, N_TEMPLATES, N_PROBES = 10, 4, 3


def pictures(person: Path) -> list[Path]:
    return sorted(each for each in person.iterdir() if each.suffix in {".pgm", ".jpg"})


def names_first(project: Project, found: Identified) -> str:
    assert found.decision is not None
    return gallery.identity(project, found.decision.ranking[0].identity_id).name


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["nearest", "mean"])
def test_people_of_orl_are_known_again_by_their_pixels_and_strangers_are_turned_away(project, shared, rule):
    folders = sorted(each for each in (shared / "data" / "orl_faces").iterdir() if each.is_dir())
    people, strangers = folders[:N_PEOPLE], folders[-N_PEOPLE:]
    sources = (FaceFiles(tuple(pictures(each)[:N_TEMPLATES]), each.name) for each in people)
    report = enrolled(project, *sources)
    assert [len(each.template_ids) for each in report.people] == [N_TEMPLATES] * N_PEOPLE
    assert report.poor == report.refused == ()
    known = [file for each in people for file in pictures(each)[-N_PROBES:]]
    unknown = [file for each in strangers for file in pictures(each)[-N_PROBES:]]
    request = DecideRequest(EmbedderChoice("pixels"), rule, is_automatic=True, far=0.1)
    decided = finish(identify_files(project, [*known, *unknown], request))
    own, others = decided.found[: len(known)], decided.found[len(known) :]
    firsts = [names_first(project, each) == each.path.parent.name for each in own]
    assert sum(firsts) >= 0.9 * len(firsts)
    right = [each for each in own if each.decision and each.decision.identity_id is not None]
    taken = [each for each in others if each.decision and each.decision.identity_id is not None]
    assert len(right) >= 0.5 * len(own)
    assert len(taken) <= 0.35 * len(others)
    assert len(taken) / len(others) < len(right) / len(own)
    assert all(each.far is not None and each.far > 0.1 for each in others if each not in taken)
