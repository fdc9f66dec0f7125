"""What one click chooses for an embedder's training, and what it says of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.faces.choosing import decided_faces, planned_faces
from engine.faces.gathering import taken
from engine.faces.plan import FacePlanRequest
from engine.faces.recipe import FaceRecipe
from engine.project import runs
from engine.project.gallery_edits import RejectTemplates
from engine.project.store import Project
from tests.engine.faces.drawn_people import enrolled, faces


def test_everything_is_chosen_with_a_reason(tmp_path: Path) -> None:
    with enrolled(tmp_path / "a.boxwright", n_people=10, n_each=4) as project:
        recipe, reasons = decided_faces(project, FaceRecipe(), ())
        assert (recipe.loss, recipe.minutes, recipe.n_warped, recipe.validation_share) == ("triplet", 3.0, 3, 0.2)
        assert (recipe.people, recipe.crops) == (12, 4)
        said = " ".join(reasons)
        for words in ("Triplets", "3 minutes for 40 faces", "10 people are few", "2 people are kept back", "cores"):
            assert words in said
        plan = planned_faces(project, FacePlanRequest())
        assert (plan.n_people, plan.n_faces, plan.n_tried_people, plan.n_pairs) == (10, 40, 2, 0)
        assert plan.reasons == reasons
        assert {"loss", "mining", "clicks_weight", "learning_rate"} <= {each.name for each in plan.recipe}
        assert {"dim", "channels"} <= {each.name for each in plan.options}


def test_what_is_given_is_kept_and_not_reasoned_about(tmp_path: Path) -> None:
    with enrolled(tmp_path / "a.boxwright", n_people=10, n_each=2) as project:
        given = replace(FaceRecipe(), loss="contrastive", minutes=7.0, n_warped=0)
        recipe, reasons = decided_faces(project, given, {"loss", "minutes", "n_warped"})
        assert (recipe.loss, recipe.minutes, recipe.n_warped, recipe.crops) == ("contrastive", 7.0, 0, 2)
        assert not any(word in " ".join(reasons) for word in ("Triplets", "minutes", "warps"))
        plan = planned_faces(project, FacePlanRequest({"loss": "pair"}, {"dim": 64}))
        assert {each.value for each in plan.recipe if each.name == "loss"} == {"pair"}
        assert {each.value for each in plan.options if each.name == "dim"} == {64}
        with pytest.raises(UserError, match="cannot be"):
            planned_faces(project, FacePlanRequest({"loss": "guess"}))


def test_of_few_people_nobody_is_kept_back(tmp_path: Path) -> None:
    with enrolled(tmp_path / "a.boxwright", n_people=5, n_each=2) as project:
        recipe, reasons = decided_faces(project, FaceRecipe(), ())
        assert recipe.validation_share == 0
        assert any("so few" in each for each in reasons)


def test_the_last_pace_says_how_often_faces_are_seen_and_clicks_are_counted(tmp_path: Path) -> None:
    with enrolled(tmp_path / "a.boxwright", n_people=4, n_each=3) as project, project.atomic():
        run_id = runs.add(project, "embedder", "siamese", FaceRecipe().to_json())
        runs.add_metrics(project, run_id, 1, {"train/faces_per_second": 100.0})
        faces((1,), (9,), "suggested", of="Person 0").apply(project)
        RejectTemplates((13,)).apply(project)
        assert len(taken(project).pairs) == 3
        said = " ".join(decided_faces(project, FaceRecipe(), ())[1])
        assert "at 100 faces a second, as last time, each is seen 1,500 times" in said
        assert "3 pairs that you confirmed or rejected" in said


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.boxwright") as project, pytest.raises(UserError, match="No people have two"):
        planned_faces(project, FacePlanRequest())
