"""The commands that bring faces in and say who they are, as somebody at a shell uses them."""

import hashlib
import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.cropping import crop_of
from engine.faces.finding import Finder
from engine.faces.sources import FaceIn
from engine.geometry.shapes import Box
from engine.project import classes, detections, embeddings, gallery, runs
from engine.project.edits import AddAnnotations
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.cropping.faces import drawn, similarity_of
from tests.engine.faces.enrolled import folders, picture, put_image


class Shell:
    """Commands on one project, and what they say."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys
        Project.create(path).close()

    def told(self, command: str, *words: object):
        code = main(["faces", command, str(self.path), *map(str, words), "--json"])
        captured = self._capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    def says(self, command: str, *words: object) -> str:
        assert main(["faces", command, str(self.path), *map(str, words)]) == 0
        return self._capsys.readouterr().out

    def refused(self, command: str, *words: object) -> str:
        assert main(["faces", command, str(self.path), *map(str, words), "--json"]) == 2
        captured = self._capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1
        return captured.err


@pytest.fixture
def shell(tmp_path, capsys):
    return Shell(tmp_path / "p.boxwright", capsys)


@pytest.fixture
def enrolled(shell, tmp_path):
    folders(tmp_path / "people", 4, 3)
    shell.told("enroll", "--folders", tmp_path / "people")
    return shell


def test_folders_are_enrolled_and_told(shell, tmp_path):
    root = folders(tmp_path / "people")
    (root / "Anna" / "bad.png").write_bytes(b"no picture")
    told = shell.told("enroll", "--folders", root, "--consent", "signed", "--until", "2030-01-31")
    assert [(each["name"], len(each["templates"])) for each in told["identities"]] == [
        ("Anna", 2), ("Ben", 2), ("Cleo", 2),
    ]  # fmt: skip
    assert told["templates"] == 6 and told["known"] == [] and told["unknown"] == []
    assert [each["source"] for each in told["refused"]] == ["Anna/bad.png"]
    with Project.open(shell.path) as project:
        assert {each.consent for each in gallery.identities(project)} == {"signed"}
    words = shell.says("enroll", "--folders", root)
    assert "Anna/0.png is there already, as Anna's" in words and "Anna/bad.png was refused" in words


def test_one_persons_pictures_are_enrolled_and_poor_ones_told(shell, tmp_path):
    small = picture(tmp_path / "small.png", 1, 0, scale=1)
    told = shell.told("enroll", "--identity", "Ben", picture(tmp_path / "b.png", 1, 1), small)
    assert [each["name"] for each in told["identities"]] == ["Ben"]
    poor = next(each for each in told["poor"] if each["source"] == "small.png")
    assert "small" in poor["flaws"] and poor["quality"] < 0.5
    assert "few pixels" in shell.says("enroll", "--identity", "Cleo", picture(tmp_path / "c.png", 2, 0, scale=1))
    told = shell.told("enroll", picture(tmp_path / "d.png", 3, 0))
    assert told["identities"] == [] and len(told["unknown"]) == 1


def test_annotations_and_detections_are_enrolled(shell, tmp_path):
    with Project.open(shell.path) as project:
        image_id = put_image(project, tmp_path, drawn(similarity_of(0, 3), 300, 300))
        with project.atomic():
            class_id = classes.add(project, "face")
            run_id = runs.add(project, "detector", "yolo", "{}")
            found = Detection(0, image_id, class_id, 0.8, Box(10, 10, 150, 150), run_id)
            detections.put(project, image_id, run_id, [found])
        History(project).do(AddAnnotations((Annotation(0, image_id, class_id, Box(50, 40, 250, 240)),)))
    assert len(shell.told("enroll", "--annotations", "face")["unknown"]) == 1
    assert shell.told("enroll", "--run", run_id, "--score", 0.7)["templates"] == 1
    assert "has no class 'dog'" in shell.refused("enroll", "--annotations", "dog")
    assert "no such faces" in shell.refused("enroll", "--run", run_id, "--score", 0.9)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Say which faces"),
        (["--identity", "Anna"], "needs pictures"),
        (["--identity", " ", "a.png"], "needs a name"),
        (["--folders", "nowhere"], "no folder"),
        (["--run", "7"], "no class of faces"),
    ],
)
def test_wrong_use_is_said_in_one_line(shell, words, said):
    assert said in shell.refused("enroll", *words)


def test_known_people_are_identified_and_strangers_are_not(enrolled, tmp_path):
    known = picture(tmp_path / "known.png", 1, 7)
    with_other_light = tmp_path / "people" / "Cleo" / "2.png"
    told = enrolled.told("identify", known, with_other_light, "--threshold", "auto", "--far", 0.2)
    first, second = told["images"]
    assert told["embedder"] == "pixels" and told["rule"] == "nearest" and told["wanted_far"] == 0.2
    assert first["ranking"][0]["identity"] == "Ben"
    assert [each["identity"] for each in first["ranking"]][1:] != ["Ben"] * 3
    assert first["distance"] == first["ranking"][0]["distance"]
    assert first["margin"] == pytest.approx(first["ranking"][1]["distance"] - first["distance"])
    assert second["identity"] == "Cleo" and second["distance"] == pytest.approx(0, abs=1e-3)
    assert 0 <= second["far"] <= first["far"] <= 1
    strict = enrolled.told("identify", known, "--threshold", 1e-9)["images"][0]
    loose = enrolled.told("identify", known, "--threshold", 9)["images"][0]
    assert strict["identity"] is None and strict["ranking"] == loose["ranking"] and loose["identity"] == "Ben"


def test_every_rule_is_followed(enrolled, tmp_path):
    probe = picture(tmp_path / "known.png", 1, 7)
    distances = {
        rule: enrolled.told("identify", probe, "--rule", rule, "--threshold", 9)["images"][0]["distance"]
        for rule in ("mean", "nearest", "centroid", "nearest_few")
    }
    assert distances["nearest"] < distances["nearest_few"] <= distances["mean"]
    assert distances["centroid"] < distances["mean"]


def test_identifying_and_verifying_write_nothing(enrolled, tmp_path):
    probe = picture(tmp_path / "known.png", 1, 7)
    before = hashlib.sha256(enrolled.path.read_bytes()).hexdigest()
    enrolled.told("identify", probe)
    enrolled.told("verify", probe, probe)
    assert hashlib.sha256(enrolled.path.read_bytes()).hexdigest() == before


def test_a_picture_that_cannot_be_read_is_refused_and_the_rest_goes_on(enrolled, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no")
    told = enrolled.told("identify", tmp_path / "bad.png", tmp_path / "people" / "Ben" / "0.png")
    assert "not a picture" in told["images"][0]["refused"] and told["images"][0]["identity"] is None
    assert told["images"][1]["identity"] == "Ben"
    assert "cannot be read" in enrolled.says("identify", tmp_path / "bad.png", tmp_path / "people" / "Ben" / "0.png")


def test_where_every_picture_is_refused_it_fails_and_still_tells_each(enrolled, tmp_path, capsys):
    (tmp_path / "bad.png").write_bytes(b"no")
    for words, told in (
        (("identify", enrolled.path, tmp_path / "bad.png"), "images"),
        (("enroll", enrolled.path, "--identity", "Eve", tmp_path / "bad.png"), "refused"),
    ):
        assert main(["faces", *map(str, words), "--json"]) == 2
        captured = capsys.readouterr()
        assert len(json.loads(captured.out)[told]) == 1
        assert captured.err.count("\n") == 1 and "bad.png" in captured.err and "not a picture" in captured.err
    enrolled.told("enroll", "--identity", "Ben", tmp_path / "people" / "Ben" / "0.png")  # it is there already: no fault


def test_faces_are_found_by_the_projects_own_choice_unless_another_is_said(enrolled, tmp_path, monkeypatch):
    probe = picture(tmp_path / "known.png", 1, 7)
    with Project.open(enrolled.path) as project, project.atomic():
        runs.add(project, "detector", "yolo", "{}")
    with Project.open(enrolled.path) as project:
        History(project).do(KeepGallerySettings(gallery.GallerySettings(find_run_id=1)))
    asked = []

    def load(_, run_id):
        asked.append(run_id)
        return Pictures()

    class Pictures:
        """Finds all of a picture."""

        def faces(self, picture):
            return (FaceIn(crop_of(picture, None), (0, 0, 1, 1)),)

    monkeypatch.setattr(Finder, "load", load)
    assert enrolled.told("identify", probe)["images"][0]["box"] is not None
    assert enrolled.told("identify", probe, "--find", "none")["images"][0]["box"] is None
    enrolled.told("identify", probe, "--find", 9)
    enrolled.told("verify", probe, probe)
    enrolled.told("enroll", probe)
    assert asked == [1, 9, 1, 1]
    assert "the number of a run" in enrolled.refused("identify", probe, "--find", "first")


def test_words_name_distances_and_what_the_threshold_is_worth(enrolled, tmp_path):
    words = enrolled.says("identify", picture(tmp_path / "s.png", 9, 0), "--threshold", "auto", "--far", 0.01)
    assert "s.png: " in words and " at 0." in words and "any stranger" in words
    assert "1.0 % cannot be shown with 12 searches of strangers" in words
    words = enrolled.says("identify", picture(tmp_path / "s.png", 9, 0), "--threshold", 1e-6)
    assert "no identification; nearest is" in words and "cannot be shown" not in words


def test_an_embedder_is_brought_in_and_used(enrolled, tmp_path):
    told = enrolled.told("embed", "--embedder", "pixels")
    assert told == {
        "id": 1, "embedder": "pixels", "metric": "euclidean", "dim": told["dim"], "embedded": 12, "used": True,
    }  # fmt: skip
    assert enrolled.told("embed", "--embedder", "pixels")["embedded"] == 0
    enrolled.told("enroll", "--identity", "Eve", picture(tmp_path / "e.png", 8, 0))
    with Project.open(enrolled.path) as project:
        assert embeddings.missing(project, 1) == ()  # the gallery's embedder keeps up
    assert enrolled.told("identify", tmp_path / "e.png")["images"][0]["identity"] == "Eve"
    assert "was trained" in enrolled.refused("embed", "--embedder", "siamese")
    assert "needs its card" in enrolled.refused("embed", "--embedder", "onnx")
    assert "There is no 'x' in embedders" in enrolled.refused("embed", "--embedder", "x")


def test_the_gallerys_own_settings_are_followed_unless_something_else_is_said(enrolled, tmp_path):
    probe = picture(tmp_path / "known.png", 1, 7)
    enrolled.told("embed", "--embedder", "pixels")
    with Project.open(enrolled.path) as project:
        History(project).do(KeepGallerySettings(gallery.GallerySettings(1, "mean", 1e-9)))
    told = enrolled.told("identify", probe)
    assert (told["rule"], told["threshold"], told["images"][0]["identity"]) == ("mean", 1e-9, None)
    assert enrolled.told("identify", probe, "--threshold", "auto", "--far", 0.3)["threshold"] > 1e-3


def test_two_pictures_are_of_one_person_or_not(enrolled, tmp_path):
    same = tmp_path / "people" / "Ben"
    told = enrolled.told("verify", same / "0.png", same / "0.png", "--far", 0.2)
    assert told["same"] and told["distance"] == pytest.approx(0, abs=1e-3) and told["far"] == 0
    other = enrolled.told("verify", same / "0.png", tmp_path / "people" / "Anna" / "0.png", "--threshold", 0.01)
    assert not other["same"] and other["far"] > 0
    assert "not one person" in enrolled.says(
        "verify", same / "0.png", tmp_path / "people" / "Anna" / "0.png", "--threshold", 0.01
    )
    assert "of pairs of different people it takes" in enrolled.says("verify", same / "0.png", same / "0.png")
    assert "missing" in enrolled.refused("verify", same / "0.png", tmp_path / "gone.png")


def test_without_enough_people_it_is_said(shell, tmp_path):
    probe = picture(tmp_path / "a.png", 0, 0)
    assert "Nobody is enrolled" in shell.refused("identify", probe)
    shell.told("enroll", "--identity", "Anna", probe)
    assert "no threshold can be worked out" in shell.refused("identify", probe)
    assert shell.told("identify", probe, "--threshold", 0.5)["images"][0]["identity"] == "Anna"
    assert shell.told("identify", probe, "--threshold", 0.5)["images"][0]["far"] is None
    assert shell.told("verify", probe, probe, "--threshold", 0.5)["same"]
    for words in (
        ["--threshold", "near"],
        ["--threshold", "nan"],
        ["--threshold", "-1"],
        ["--far", 0],
        ["--card", "x.json"],
    ):
        shell.refused("identify", probe, *words)
    shell.refused("identify")
