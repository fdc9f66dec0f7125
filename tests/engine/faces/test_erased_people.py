"""A trained network from whose lists a person was erased is read as before, and says so."""

from dataclasses import replace
from pathlib import Path

from engine.embedders import EMBEDDERS, EmbedderCard, decode, encode
from engine.progress import finish
from engine.project import contents, gallery, runs
from engine.project.erasing import erase
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from tests.engine.project.people import add, face


def test_its_weights_are_the_same_and_its_card_is_without_them(tmp_path: Path) -> None:
    embedder = EMBEDDERS.get("siamese")
    network = embedder.build(embedder.options())
    card = replace(EmbedderCard.of("siamese", embedder.options(), network), identity_ids=(1, 2))
    with Project.create(tmp_path / "a.boxwright") as project:
        add(project, [face(1, "Anna"), face(2, "Ben")])
        with project.atomic():
            run_id = runs.add(project, "embedder", "siamese", "{}")
            new = NewCheckpoint("best", 1, encode(network, card), card.to_json())
            checkpoint_id = runs.add_checkpoint(project, run_id, new)
        assert finish(erase(project, gallery.person(project, "Anna").id)).runs == (run_id,)
        kept = runs.checkpoint(project, run_id)
        again, told = decode(contents.get(project, kept.content_id))
    assert kept.id == checkpoint_id
    assert again.weights_sha256() == network.weights_sha256()
    assert told == replace(card, identity_ids=(2,), has_erased=True)
