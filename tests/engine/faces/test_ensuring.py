"""An embedder with its weights in the project: of a run, a file, official, or somebody's own network; there once."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.embedders import EMBEDDERS, EmbedderCard, embedded, encode
from engine.embedders.siamese import SiameseOptions
from engine.errors import UserError
from engine.faces.choice import EmbedderChoice
from engine.faces.ensuring import ensuring, latest
from engine.faces.recipe import FaceRecipe
from engine.faces.recognising import Recogniser
from engine.nn import weights
from engine.progress import Progress, finish
from engine.project import embeddings, runs
from engine.project.runs import NewCheckpoint
from tests.engine.faces.drawn_faces import face
from tests.engine.faces.having import ensure_embedder

SMALL = SiameseOptions(dim=16, channels=4, height=24, width=20)


def siamese(seed=0):
    """A small network as bytes, and itself."""
    torch.manual_seed(seed)
    network = EMBEDDERS.get("siamese").build(SMALL).eval()
    return encode(network, EmbedderCard.of("siamese", SMALL, network)), network


def trained(project, content, kind="best"):
    with project.atomic():
        run_id = runs.add(project, "embedder", "siamese", FaceRecipe().to_json())
        runs.add_checkpoint(project, run_id, NewCheckpoint(kind, 7, content, "{}"))
        return run_id


def test_pixels_need_no_weights_and_are_there_once(project):
    first = ensure_embedder(project, "pixels")
    assert ensure_embedder(project, "pixels") == first
    assert embeddings.embedder(project, first).checkpoint_id is None
    assert runs.all_runs(project) == []


def test_a_trained_network_is_that_of_the_newest_run_with_weights(project):
    older, newer = siamese(1), siamese(2)
    trained(project, older[0])
    run_id = trained(project, newer[0])
    trained(project, siamese(3)[0], kind="last")
    id_ = ensure_embedder(project, "siamese")
    record = embeddings.embedder(project, id_)
    assert record.checkpoint_id == runs.checkpoint(project, run_id).id
    crops = [face(0, 0), face(1, 0)]
    assert np.array_equal(Recogniser.load(project, id_).vectors(crops), embedded(newer[1], crops))
    assert latest(project, "siamese") == record
    assert latest(project, "pixels") is None


def test_a_run_can_be_named(project):
    run_id = trained(project, siamese(1)[0])
    trained(project, siamese(2)[0])
    id_ = finish(ensuring(project, EmbedderChoice("siamese", run_id=run_id)))
    assert embeddings.embedder(project, id_).checkpoint_id == runs.checkpoint(project, run_id).id
    with project.atomic():
        detector = runs.add(project, "detector", "yolo", "{}")
    with pytest.raises(UserError, match="no embedder's weights"):
        finish(ensuring(project, EmbedderChoice("siamese", run_id=detector)))


def test_untrained_it_is_said(project):
    with pytest.raises(UserError, match="was trained"):
        ensure_embedder(project, "siamese")
    with pytest.raises(UserError, match="no 'nobody' in embedders"):
        ensure_embedder(project, "nobody")


def test_a_file_from_another_project_is_taken_in_once(project, tmp_path):
    content, network = siamese(4)
    (tmp_path / "faces.safetensors").write_bytes(content)
    id_ = ensure_embedder(project, "siamese", str(tmp_path / "faces.safetensors"))
    (run,) = runs.all_runs(project)
    assert (run.kind, run.network, run.state) == ("embedder", "siamese", "done")
    assert "faces.safetensors" in run.message and str(tmp_path) not in run.message
    assert ensure_embedder(project, "siamese", str(tmp_path / "faces.safetensors")) == id_
    assert len(runs.all_runs(project)) == 1
    assert ensure_embedder(project, "siamese") == id_
    (tmp_path / "faces.safetensors").unlink()
    assert np.array_equal(Recogniser.load(project, id_).vectors([face(0, 0)]), embedded(network, [face(0, 0)]))
    with pytest.raises(UserError, match="no weights file"):
        ensure_embedder(project, "siamese", str(tmp_path / "faces.safetensors"))


def test_files_of_another_embedder_or_not_whole_are_refused(project, tmp_path):
    path = tmp_path / "faces.safetensors"
    path.write_bytes(siamese()[0])
    with pytest.raises(UserError, match="of 'siamese', not of 'latent'"):
        ensure_embedder(project, "latent", str(path))
    path.write_bytes(siamese()[0][:2000])
    with pytest.raises(UserError):
        ensure_embedder(project, "siamese", str(path))
    network = EMBEDDERS.get("siamese").build(SiameseOptions())
    first, *others = network.state_dict().items()
    assert first[1].numel() > 1
    save_file(dict(others), path)
    with pytest.raises(UserError, match="not whole"):
        ensure_embedder(project, "siamese", str(path))
    (tmp_path / "w.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(UserError, match="cannot be read as weights"):
        ensure_embedder(project, "latent", str(tmp_path / "w.pth"))
    assert runs.all_runs(project) == [] and embeddings.embedders(project) == ()


def test_official_weights_are_taken_in_from_the_cache(project, shared, tmp_path, monkeypatch):
    official = EMBEDDERS.get("latent").official(EMBEDDERS.get("latent").options())
    (tmp_path / official.file_name).write_bytes((shared / "weights" / "mobilenet_v2_imagenet.pth").read_bytes())
    monkeypatch.setattr(weights, "cache_folder", lambda: tmp_path)
    heard: list[object] = []
    id_ = finish(ensuring(project, EmbedderChoice("latent")), heard.append)
    assert all(isinstance(each, Progress) for each in heard)
    assert ensure_embedder(project, "latent", str(shared / "weights" / "mobilenet_v2_imagenet.pth")) == id_
    record = embeddings.embedder(project, id_)
    assert (record.name, record.metric, record.dim) == ("latent", "cosine", 1280)
    assert Recogniser.load(project, id_).vectors([face(0, 0)]).shape == (1, 1280)


def test_somebodys_own_network_lives_in_the_project(project, tmp_path):
    pytest.importorskip("onnxruntime")
    from tests.engine.embedders.test_onnx import CARD, model

    (tmp_path / "faces.onnx").write_bytes(model().SerializeToString())
    card = tmp_path / "faces.json"
    card.write_text(json.dumps(CARD))
    id_ = ensure_embedder(project, "onnx", card=str(card))
    assert ensure_embedder(project, "onnx", card=str(card)) == id_
    before = Recogniser.load(project, id_).vectors([face(0, 0)])
    for file in (tmp_path / "faces.onnx", card):
        file.unlink()
    assert np.array_equal(Recogniser.load(project, id_).vectors([face(0, 0)]), before)
    stored = runs.checkpoint_with_id(project, embeddings.embedder(project, id_).checkpoint_id)
    assert str(tmp_path) not in stored.card
    with pytest.raises(UserError, match="needs its card"):
        ensure_embedder(project, "onnx")


def test_an_option_that_changes_no_vector_makes_no_other_embedder(project, tmp_path):
    for n, options in enumerate((SMALL, replace(SMALL, dropout=0.1))):
        torch.manual_seed(0)
        network = EMBEDDERS.get("siamese").build(options).eval()
        Path(tmp_path / f"{n}.safetensors").write_bytes(encode(network, EmbedderCard.of("siamese", options, network)))
    ids = {ensure_embedder(project, "siamese", str(tmp_path / f"{n}.safetensors")) for n in range(2)}
    assert len(ids) == 1
