"""How well, on the real window: embedders side by side, their curves, and where a chosen face lies."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.evaluation.verification import eer, measured
from engine.gallery import Gallery, left_out
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import RemoveIdentities
from engine.project.history import History
from engine.project.records import EmbedderRecord
from engine.project.store import Project
from studio.charts.card import TITLE
from studio.charts.table import ROW
from studio.faces import judging, judging_words
from studio.faces.curves_pane import CurvesPane
from studio.faces.judging import Judged, fair_trials, judged_gallery
from studio.pages.faces import FacesPage
from tests.engine.faces.having import ensure_embedder
from tests.studio.faces.people_at_work import N_EACH, N_PEOPLE, make
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("people") / "p.boxwright").read_bytes()


def shown(seen: Opened) -> CurvesPane:
    seen.studio.faces.show_view("curves")
    page = seen.window.pages.made["faces"]
    assert isinstance(page, FacesPage)
    found = page.made["curves"]
    assert isinstance(found, CurvesPane)
    return found


def opened(seen: Opened, made: bytes, folder: Path, qtbot: QtBot) -> CurvesPane:
    path = folder / "p.boxwright"
    path.write_bytes(made)
    seen.open(path)
    seen.window.resize(1400, 1200)
    pane = shown(seen)
    qtbot.waitUntil(lambda: pane.is_settled and bool(pane.judged), timeout=30_000)
    return pane


@pytest.fixture
def pane(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot) -> CurvesPane:
    return opened(seen, made, tmp_path, qtbot)


def record(number: int = 1) -> EmbedderRecord:
    return EmbedderRecord(number, "pixels", None, "", "", "euclidean", 4)


def of_gallery(
    n_people: int = 6,
    n_each: int = 4,
    apart: float = 1.0,
    own: Sequence[int] = (),
    learned: frozenset[int] = frozenset(),
    n_templates: int | None = None,
    **settings,
) -> Judged:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(n_people, 1, 4)) * apart + rng.normal(size=(n_people, n_each, 4))).reshape(-1, 4)
    n = len(vectors)
    ids = np.repeat(np.arange(n_people), n_each)
    enrolled = Gallery(np.arange(n), vectors.astype(np.float32), "euclidean", ids, np.array(own))
    kept = GallerySettings(1, **settings)
    return judged_gallery(record(), enrolled, kept, fair_trials(enrolled, learned, kept.rule, n_templates), n_templates)


def test_figures_are_those_of_the_gallery_left_one_out() -> None:
    found = of_gallery()
    assert (found.n_people, found.n_tried, found.n_faces, found.n_learned) == (6, 6, 24, 0)
    assert found.figures["eer"].value == measured(eer(found.trials)).value
    assert found.trials.genuine.tolist() == np.sort(found.left_out.own).tolist()
    low, high = found.expected_between(6)
    assert low <= found.expected(6) <= high
    assert found.expected(60) >= found.expected(6) >= found.expected(1)


def test_people_are_tried_whom_no_embedder_learned_from_and_the_threshold_is_from_its_own() -> None:
    found = of_gallery(own=(0, 1), learned=frozenset({1, 2, 77}))
    assert (found.n_people, found.n_tried, found.n_faces, found.n_learned) == (6, 3, 12, 0)
    assert found.outlook.one_to_one.n_tried == 4
    assert "Every face of 3 people whom none of them learned from, among 6" in judging_words.head_words(
        [found], ["A"], "r"
    )


def test_where_all_are_known_they_are_tried_and_it_is_said() -> None:
    found = of_gallery(own=range(6), learned=frozenset(range(6)))
    assert (found.n_tried, found.n_faces, found.n_learned) == (6, 24, 6)
    assert "A learned from 6 of these people" in judging_words.head_words([found], ["A"], "r")


def test_a_threshold_set_by_hand_is_what_is_judged() -> None:
    found = of_gallery(threshold=1.25)
    assert found.threshold == 1.25
    assert found.words == found.outlook.words
    assert judging_words.line_of(found, "Pixels", "#000000").told[-1].endswith("1.25")


def test_of_many_faces_some_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MAX_TRIALS", 50)
    found = of_gallery()
    assert found.n_faces == 8
    assert found.n_people == 6
    assert found.figures["rank1"].n == 8


def test_where_an_enrolled_face_lies_is_its_distance_left_out() -> None:
    found = of_gallery()
    tried = found.left_out
    assert found.distance_of(3) == tried.own[3]
    assert found.distance_of(999) is None
    assert "strangers" in judging_words.rarity_words(found, float(tried.own[3]))


def test_people_with_one_face_each_leave_figures_out() -> None:
    found = of_gallery(n_each=1)
    line = judging_words.line_of(found, "Pixels", "#000000")
    assert line.words[0] == "–"
    assert line.told[0] == "Nobody is enrolled with a further face to search."
    assert judging_words.roc_band(found, "#000000") is None


@pytest.mark.parametrize("apart", [0.3, 1.0, 30.0])
def test_every_line_stays_in_its_plot(apart: float) -> None:
    found = of_gallery(apart=apart)
    sizes = judging.sizes_of(found.n_people)
    floor, top = judging_words.rank_floor([found]), judging_words.size_top([found], sizes)
    trails = (
        judging_words.roc_trail(found, "a", "#000000"),
        judging_words.det_trail(found, "a", "#000000"),
        judging_words.rank_trail(found, "a", "#000000", floor),
        judging_words.size_trail(found, "a", "#000000", sizes, top),
    )
    for trail in trails:
        assert ((trail.x >= -1e-9) & (trail.x <= 1 + 1e-9)).all()
        assert ((trail.y >= -1e-9) & (trail.y <= 1 + 1e-9)).all()
        assert (np.diff(trail.x) >= 0).all()
    band = judging_words.size_band(found, "#000000", sizes, top)
    assert (band.low <= band.high).all()
    assert ((band.low >= 0) & (band.high <= 1)).all()


def test_all_is_shown_of_the_gallery(pane: CurvesPane, seen: Opened) -> None:
    (found,) = pane.judged.values()
    assert (found.n_people, found.n_faces) == (N_PEOPLE, N_PEOPLE * N_EACH)
    assert found.trials.n_genuine == N_PEOPLE * N_EACH
    assert "4 people (12 faces)" in pane.head.text()
    assert pane.table.lines[0].name == "Pixels"
    expected = left_out(seen.studio.faces.gallery, seen.studio.faces.settings.rule)
    assert pane.spread.spread.different.tolist() == expected.impostor.tolist()
    assert not pane.nothing.isVisible()


def test_one_face_of_everybody_can_be_taken_as_enrolled(pane: CurvesPane, qtbot: QtBot) -> None:
    five, one = pane.few.buttons[1:]
    qtbot.mouseClick(one, LEFT)
    qtbot.waitUntil(lambda: pane.is_settled and bool(pane.judged))
    (found,) = pane.judged.values()
    assert (found.n_templates, found.n_faces) == (1, N_PEOPLE * (N_EACH - 1))
    assert "first face" in pane.head.text()
    qtbot.mouseClick(five, LEFT)
    qtbot.waitUntil(lambda: pane.is_settled and not pane.judged)
    assert pane.nothing.isVisible()
    assert "Nobody has more" in pane.nothing.text()
    qtbot.mouseClick(pane.few.buttons[0], LEFT)
    qtbot.waitUntil(lambda: pane.is_settled and bool(pane.judged))
    assert next(iter(pane.judged.values())).n_faces == N_PEOPLE * N_EACH


def test_the_pointer_is_told_of_points(pane: CurvesPane, qtbot: QtBot) -> None:
    for plot in (pane.roc, pane.ranks, pane.sizes):
        pane.ensureWidgetVisible(plot)
        area = plot._area()
        trail = plot.trails[0]
        at = len(trail.x) // 2
        x, y = area.left() + trail.x[at] * area.width(), area.bottom() - trail.y[at] * area.height()
        qtbot.mouseMove(plot, QPoint(5, 5))
        qtbot.mouseMove(plot, QPoint(int(x), int(y)))
        assert plot.hovered >= 0
        assert plot.told(plot.hovered).startswith("Pixels")
        assert "%" in plot.told(plot.hovered)


def test_the_face_that_is_chosen_is_found_on_the_curves(pane: CurvesPane, seen: Opened) -> None:
    model = seen.studio.faces
    assert pane.roc.mark is None
    template_id = int(model.gallery.template_ids[2])
    model.select({template_id})
    (found,) = pane.judged.values()
    assert pane.spread.distance == found.distance_of(template_id)
    assert "The chosen face is" in pane.face.text()
    assert pane.roc.mark is not None
    (unknown,) = (each.id for each in model.templates.values() if each.state == "unknown")
    model.select({unknown})
    assert pane.spread.distance > 0
    model.select(())
    assert np.isnan(pane.spread.distance)
    assert pane.roc.mark is None


def test_a_click_on_a_row_shows_that_embedders_distances(
    pane: CurvesPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "two.boxwright"
    path.write_bytes((tmp_path / "p.boxwright").read_bytes())
    with Project.open(path) as project:
        other = ensure_embedder(project, "pixels")
        record_of = project.row("SELECT name FROM embedders WHERE id = ?", (other,))
        assert record_of is not None
        with project.atomic():
            project.execute(
                "INSERT INTO embedders (name, preprocessing_sha256, weights_sha256, metric, dim)"
                " SELECT 'latent', preprocessing_sha256, weights_sha256, metric, dim FROM embedders WHERE id = ?",
                (other,),
            )
            project.execute(
                "INSERT INTO embeddings (template_id, embedder_id, vector)"
                " SELECT template_id, (SELECT MAX(id) FROM embedders), vector FROM embeddings"
            )
    seen.open(path)
    seen.studio.faces.show_view("curves")
    qtbot.waitUntil(lambda: len(pane.judged) == 2 and pane.is_settled, timeout=30_000)
    assert pane.shown is pane.judged[other]
    assert [each.name for each in pane.table.lines] == ["Pixels", "Latent"]
    qtbot.mouseClick(pane.table, LEFT, pos=QPoint(80, int(TITLE + 2.5 * ROW)))
    assert pane.spread.title == "Distances by Latent"
    assert pane.shown is not pane.judged[other]


def test_it_follows_the_gallery(pane: CurvesPane, seen: Opened, qtbot: QtBot) -> None:
    model = seen.studio.faces
    seen.session.do(RemoveIdentities((min(model.identities),)))
    qtbot.waitUntil(lambda: next(iter(pane.judged.values())).n_people == N_PEOPLE - 1, timeout=30_000)
    qtbot.waitUntil(lambda: pane.is_settled, timeout=30_000)
    assert "3 people" in pane.head.text()


def test_too_few_people_are_said(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "few.boxwright"
    path.write_bytes(made)
    with Project.open(path) as project:
        ids = [row[0] for row in project.rows("SELECT id FROM identities ORDER BY id")]
        History(project).do(RemoveIdentities(tuple(ids[1:])))
    seen.open(path)
    pane = shown(seen)
    qtbot.waitUntil(lambda: pane.is_settled, timeout=30_000)
    assert pane.nothing.isVisible()
    assert not pane.table.isVisible()


def test_what_is_out_of_sight_is_not_judged(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot) -> None:
    pane = opened(seen, made, tmp_path, qtbot)
    seen.studio.faces.show_view("people")
    before = dict(pane.judged)
    seen.session.do(RemoveIdentities((min(seen.studio.faces.identities),)))
    qtbot.waitUntil(lambda: len(seen.studio.faces.identities) == N_PEOPLE - 1, timeout=10_000)
    qtbot.wait(400)
    assert pane.judged == before
    seen.studio.faces.show_view("curves")
    qtbot.waitUntil(lambda: next(iter(pane.judged.values())).n_people == N_PEOPLE - 1, timeout=30_000)


def test_it_is_painted_in_both_looks(pane: CurvesPane, seen: Opened) -> None:
    for tone in ("dark", "light"):
        seen.studio.theme.choose(tone)
        assert not pane.widget().grab().isNull()


def test_with_one_template_each_the_further_faces_are_tried_and_it_is_harder() -> None:
    every, one = (of_gallery(12, 8, 4.0, n_templates=each) for each in (None, 1))
    assert (one.n_faces, one.n_people) == (12 * 7, 12)
    assert one.outlook.threshold == every.outlook.threshold
    shares = [each.figures["rank1"].value for each in (one, every)]
    assert shares[0] is not None and shares[1] is not None and shares[0] < shares[1]
    assert "everybody's first face" in judging_words.head_words([one], ["A"], "r")
