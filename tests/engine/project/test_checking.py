"""A sound file has no problems; every kind of damage is called by its name; no damage at all makes a traceback."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.progress import Progress
from engine.project import annotations, classes, contents, detections, images, opening, runs, schema
from engine.project.checking import CheckReport, check
from engine.project.findings import MAX_PROBLEMS, Findings
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from tests.engine.project.cutting import leave_unfinished

N_FLIPS = 300 if os.environ.get("CI") else 60


def tamper(path: Path, *statements: str) -> None:
    """Change a file as no program of ours would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)


def blamed(report: CheckReport) -> str:
    """All problems as text."""
    return "\n".join(f"{problem.what}: {problem.why}" for problem in report.problems)


def test_a_sound_file_is_whole_and_everything_in_it_was_looked_at(filled: Path) -> None:
    report = check(filled)
    assert report.problems == ()
    assert report.is_whole
    counted = {"contents": "contents", "images": "images", "thumbnails": "thumbnails", "undo steps": "history"}
    counted |= {name: name for name in ("annotations", "detections", "conflicts", "classes")}
    with Project.open(filled) as project:
        for noun, table in counted.items():
            assert report.checked[noun] == project.value(f"SELECT COUNT(*) FROM {table}") > 0, noun
    assert report.checked["linked pictures"] == 1


def test_an_empty_project_is_whole(project: Project, path: Path) -> None:
    assert check(path).problems == ()


def test_a_check_changes_nothing_and_tells_how_far_it_is(filled: Path) -> None:
    before, heard = filled.read_bytes(), list[object]()
    check(filled, heard.append)
    assert filled.read_bytes() == before
    assert len(heard) > 10
    assert all(isinstance(one, Progress) for one in heard)


def test_a_file_that_is_not_there_is_a_user_error(path: Path) -> None:
    with pytest.raises(UserError, match="no project file"):
        check(path)


DAMAGES: dict[str, tuple[str, str]] = {
    "UPDATE images SET sha256 = printf('%064d', 7) WHERE name = '0.png'": ("Image 0.png", "bytes of another picture"),
    "DELETE FROM chunks WHERE content_id = (SELECT content_id FROM images WHERE name = '1.png')": (
        "Image 1.png",
        "it has 0 bytes instead of",
    ),
    "UPDATE chunks SET position = 1 WHERE content_id = (SELECT content_id FROM images WHERE name = '1.png')": (
        "Image 1.png",
        "chunk 0 of its bytes is missing",
    ),
    "UPDATE chunks SET bytes = x'00' WHERE content_id = (SELECT content_id FROM checkpoints WHERE kind = 'best')": (
        "Checkpoint 'best' of run 1, step 1",
        "chunk 0 of its bytes is not what was stored",
    ),
    "UPDATE contents SET sha256 = printf('%064d', 7) WHERE id = (SELECT crop_content_id FROM templates WHERE id = 4)": (
        "Template 4 of Ben",
        "its bytes are not what was stored",
    ),
    "UPDATE contents SET size = 1 WHERE id = (SELECT content_id FROM history_contents)": (
        "What undoing 'Delete image' needs",
        "instead of 1",
    ),
    "UPDATE chunks SET sha256 = printf('%064d', 7) WHERE content_id = (SELECT crop_content_id FROM templates)": (
        "Template 1 of Anna",
        "chunk 0 of its bytes is not what was stored",
    ),
    "UPDATE chunks SET bytes = x'00' WHERE content_id = (SELECT content_id FROM traces)": (
        "Trace 1 of image 1.png",
        "chunk 0",
    ),
    "UPDATE chunks SET bytes = x'00' WHERE content_id = (SELECT MAX(truth_content_id) FROM run_images)": (
        "Truth of image 1 for run 1",
        "chunk 0",
    ),
    "UPDATE thumbnails SET jpeg = x'00' WHERE image_id = 1": ("The thumbnail of Image 0.png", "is not what was stored"),
    "UPDATE annotations SET x0 = x0 - 1 WHERE id = 1": ("Annotation 1 on image 0.png", "bounds or area"),
    "UPDATE annotations SET area = area + 1 WHERE id = 3": ("Annotation 3 on image 0.png", "bounds or area"),
    "UPDATE annotations SET geometry = x'00' WHERE id = 3": ("Annotation 3 on image 0.png", "its shape cannot be read"),
    "UPDATE annotations SET keypoints = x'00' WHERE id = 3": ("Annotation 3 on image 0.png", "cannot be read"),
    "UPDATE annotations SET attributes = '{' WHERE id = 4": ("Annotation 4 on image 0.png", "cannot be read"),
    "UPDATE annotations SET class_id = 77 WHERE id = 4": ("Annotation 4 on image 0.png", "row of classes"),
    "UPDATE annotations SET image_id = 77 WHERE id = 4": ("Annotation 4 on image 77", "row of images"),
    "UPDATE detections SET kind = 'mask' WHERE id = 1": ("Detection 1 on image 1.png", "its shape"),
    "UPDATE conflicts SET geometry = x'' WHERE id = 1": ("Conflict 1 on image 0.png", "its shape"),
    "UPDATE classes SET colour = 'red' WHERE id = 1": ("Class white cell", "its colour is 'red'"),
    "UPDATE classes SET skeleton = '[' WHERE id = 1": ("classes, recipes and cards", "cannot be read"),
    "UPDATE classes SET parent_id = 77 WHERE id = 2": ("Class face", "row of classes"),
    "UPDATE recipes SET json = '{' WHERE id = 1": ("The recipe of run 1", "is not what was stored"),
    "UPDATE checkpoints SET card = '' WHERE kind = 'last'": ("The card of checkpoint 2", "is not what was stored"),
    "UPDATE history SET edit = x'c1' WHERE id = 6": ("What can be undone: Add box", "cannot be read"),
    "UPDATE history SET edit = CAST(replace(CAST(edit AS TEXT), 'annotations', 'annotatinos') AS BLOB) WHERE id = 6": (
        "What can be undone: Add box",
        "rows of annotatinos cannot be restored",
    ),
    "UPDATE templates SET state = 'unknown' WHERE id = 1": ("Template 1", "is unknown, but of person 1"),
    "UPDATE templates SET identity_id = NULL WHERE id = 1": ("Template 1", "is confirmed, but of nobody"),
    "UPDATE templates SET identity_id = 77 WHERE id = 1": ("Template 1", "refers to a row of identities"),
    "UPDATE templates SET crop_content_id = (SELECT content_id FROM checkpoints) WHERE id = 1": (
        "Template 1",
        "its crop is no picture",
    ),
    "UPDATE embeddings SET vector = x'00000000' WHERE template_id = 1": (
        "The vector of template 1 by 'siamese'",
        "has 4 bytes instead of 16",
    ),
    "UPDATE pairs SET template_a_id = template_b_id": ("Pair 1", "is of no two faces"),
    "UPDATE identities SET retain_until = 'soon' WHERE id = 1": ("Person Anna", "is 'soon'"),
    "UPDATE identities SET name = ' ' WHERE id = 1": ("Person 1", "has no name"),
    "UPDATE meta SET value = '{' WHERE name = 'gallery'": ("How the gallery decides", "is damaged"),
    "DROP INDEX annotations_of_image": ("The definition of annotations_of_image", "is missing"),
    "CREATE TRIGGER t AFTER INSERT ON annotations BEGIN DELETE FROM images; END": (
        "The definition of t",
        "not as Boxwright makes it",
    ),
    "UPDATE images SET width = 0 WHERE id = 1": ("The structure of the file", "CHECK constraint failed in images"),
    "PRAGMA user_version = 99": ("project.boxwright", "newer Boxwright"),
    "PRAGMA user_version = 0": ("project.boxwright", "is of file version 0"),
    "PRAGMA application_id = 7": ("project.boxwright", "no Boxwright project"),
}


@pytest.mark.parametrize("statement", DAMAGES)
def test_damage_is_called_by_its_name(filled: Path, statement: str) -> None:
    tamper(filled, statement)
    what, why = DAMAGES[statement]
    report = check(filled)
    assert any(problem.what == what and why in problem.why for problem in report.problems), blamed(report)


def test_a_linked_picture_that_is_gone_or_another_is_named(filled: Path) -> None:
    linked = filled.with_name("linked.png")
    linked.write_bytes(b"another")
    assert "Image linked.png: the linked picture" in blamed(check(filled))
    linked.unlink()
    assert "cannot be read" in blamed(check(filled))


def embedded_values(path: Path) -> dict[str, bytes]:
    """What lies in the file as bytes with a hash, by what a problem there is called."""
    with Project.open(path) as project:
        found = {
            f"Image {image.name}": images.read(project, image)
            for image in images.all_images(project)
            if image.content_id is not None
        }
        found["Checkpoint 'best' of run 1, step 1"] = contents.get(project, runs.checkpoint(project, 1).content_id)
        for image in images.all_images(project):
            found[f"The thumbnail of Image {image.name}"] = images.thumbnail(project, image.id) or b""
    return found


def test_a_flipped_bit_in_stored_bytes_is_always_found_and_named(filled: Path) -> None:
    sound, chance = filled.read_bytes(), random.Random(1)
    values = embedded_values(filled)
    assert len(values) >= 8
    for name, value in values.items():
        tail = value[-200:]  # pictures of one kind begin alike
        start = sound.find(tail)
        assert sound.count(tail) == 1, name
        for _ in range(8):
            broken = bytearray(sound)
            broken[start + chance.randrange(len(tail))] ^= 1 << chance.randrange(8)
            filled.write_bytes(broken)
            assert name in {problem.what for problem in check(filled).problems}


def read_everything(path: Path) -> None:
    """What opening a project in a window, and undoing in it, asks for."""
    with Project.open(path) as project:
        listed = images.all_images(project)
        classes.all_classes(project), classes.counts(project), images.by_split(project)
        for run in runs.all_runs(project):
            runs.metrics(project, run.id), detections.of_run(project, run.id)
            contents.get(project, runs.checkpoint(project, run.id).content_id)
        for image in listed:
            images.read(project, image), images.thumbnail(project, image.id), images.tags(project, image.id)
            annotations.of_image(project, image.id), detections.of_image(project, image.id)
        history = History(project)
        with project.atomic():
            while history.undo():
                pass


def test_flipped_bits_anywhere_are_reported_and_never_a_traceback(filled: Path) -> None:
    sound, chance = filled.read_bytes(), random.Random(2)
    n_found = 0
    for _ in range(N_FLIPS):
        broken = bytearray(sound)
        for _ in range(chance.choice((1, 1, 1, 20))):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        filled.write_bytes(broken)
        n_found += not check(filled).is_whole
    assert n_found > 5  # most of the file is empty space, where a flipped bit means nothing


def test_flipped_bits_in_used_pages_make_no_traceback_when_the_project_is_used(filled: Path) -> None:
    sound, chance = filled.read_bytes(), random.Random(3)
    used = [n for n in range(len(sound)) if sound[n]]
    n_refused = 0
    for _ in range(N_FLIPS):
        broken = bytearray(sound)
        broken[chance.choice(used)] ^= 1 << chance.randrange(8)
        filled.write_bytes(broken)
        check(filled)
        try:
            read_everything(filled)
        except UserError:
            n_refused += 1
    assert n_refused > 5


def test_a_file_cut_short_anywhere_is_reported(filled: Path) -> None:
    sound, chance = filled.read_bytes(), random.Random(4)
    for size in (0, 1, 15, 16, 99, 100, 8191, 8192, *(chance.randrange(len(sound)) for _ in range(30)), len(sound) - 1):
        filled.write_bytes(sound[:size])
        assert not check(filled).is_whole, size
        with pytest.raises(UserError):
            read_everything(filled)
        filled.with_name(filled.name + "-journal").unlink(missing_ok=True)


def test_rows_behind_a_damaged_page_are_still_checked(project: Project, path: Path) -> None:
    """The page of some annotations is overwritten: those are named with their image, the others verified."""
    with project.atomic():
        classes.add(project, "cell")
        project.execute(
            "INSERT INTO images (name, sha256, link, width, height, created) "
            "VALUES ('a.png', printf('%064d', 1), 'a.png', 9, 9, '')"
        )
        ids = annotations.add(project, [Annotation(0, 1, 1, Box(n, 0, n + 1, 1)) for n in range(500)])
        project.execute("UPDATE annotations SET area = 7 WHERE id = ?", (ids[-1],))
    project.close()
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT pageno FROM dbstat WHERE name = 'annotations' AND pagetype = 'leaf' ORDER BY path"
        try:
            pages = [page for (page,) in connection.execute(sql)]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite cannot tell which pages are whose")
    broken = bytearray(path.read_bytes())
    start = (pages[2] - 1) * opening.PAGE_SIZE
    broken[start : start + 100] = b"\xff" * 100
    path.write_bytes(broken)
    report = check(path)
    named = {problem.what for problem in report.problems}
    assert f"Annotation {ids[-1]} on image a.png" in named
    assert any("cannot be read" in problem.why for problem in report.problems if problem.what.startswith("Annotation "))
    assert report.checked["annotations"] > 300


def test_problems_beyond_a_thousand_are_counted() -> None:
    found = Findings()
    for n in range(MAX_PROBLEMS + 5):
        found.blame(str(n), "why")
    assert len(found.listed()) == MAX_PROBLEMS + 1
    assert found.listed()[-1].why == "5 other problems"


def test_a_change_that_a_program_was_cut_off_in_is_rolled_back_first(filled: Path, tmp_path: Path) -> None:
    left = tmp_path / "left.boxwright"
    with Project.open(filled) as project:
        leave_unfinished(project, left)
    assert left.with_name("left.boxwright-journal").stat().st_size > 0
    (tmp_path / "linked.png").write_bytes(filled.with_name("linked.png").read_bytes())
    assert check(left).problems == ()
    assert not left.with_name("left.boxwright-journal").exists()


def test_the_expected_version_is_the_number_of_migrations() -> None:
    assert len(schema.MIGRATIONS._migrations) == schema.VERSION
