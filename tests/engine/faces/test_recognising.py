"""The vectors that templates lack, made once; an embedder at work, refused where its weights are others."""

import numpy as np
import pytest

from engine.cropping import decoded
from engine.embedders import EMBEDDERS, embedded
from engine.errors import UserError
from engine.faces.recognising import Recogniser, embed, whole_gallery
from engine.faces.sources import FaceFiles
from engine.progress import Progress, finish
from engine.project import embeddings, gallery
from engine.project.gallery_edits import RemoveTemplates
from engine.project.history import History
from tests.engine.faces.enrolled import enrolled, enrolled_folders, picture
from tests.engine.faces.having import ensure_embedder


@pytest.fixture
def pixels_id(project, tmp_path):
    enrolled_folders(project, tmp_path / "people")
    return ensure_embedder(project, "pixels")


def naively(project):
    """One template after the other, by the embedder itself."""
    network = EMBEDDERS.get("pixels").build(EMBEDDERS.get("pixels").options()).eval()
    crops = [decoded(gallery.crop(project, each.id)) for each in gallery.templates(project)]
    return np.concatenate([embedded(network, [crop]) for crop in crops])


def test_all_templates_are_embedded_once(project, pixels_id):
    assert finish(embed(project, pixels_id)) == 6
    found = embeddings.vectors(project, pixels_id)
    assert found.template_ids.tolist() == [each.id for each in gallery.templates(project)]
    assert np.allclose(found.vectors, naively(project), atol=1e-6)
    assert finish(embed(project, pixels_id)) == 0


def test_only_what_is_missing_is_embedded(project, pixels_id, tmp_path):
    finish(embed(project, pixels_id))
    enrolled(project, FaceFiles((picture(tmp_path / "x.png", 3, 0),)))
    assert finish(embed(project, pixels_id, ("confirmed",))) == 0
    assert finish(embed(project, pixels_id)) == 1


def test_stopped_half_way_it_goes_on_there(project, pixels_id, monkeypatch):
    monkeypatch.setattr("engine.faces.recognising._AT_ONCE", 2)
    work = embed(project, pixels_id)
    events = [next(work), next(work)]
    work.close()
    assert events == [Progress(0, 6, "Embedding faces"), Progress(2, 6, "Embedding faces")]
    assert len(embeddings.vectors(project, pixels_id)) == 2
    assert finish(embed(project, pixels_id)) == 4


def test_a_face_that_goes_meanwhile_is_left_out(project, pixels_id, monkeypatch):
    monkeypatch.setattr("engine.faces.recognising._AT_ONCE", 2)
    first = gallery.templates(project)[0].id
    seen = Recogniser.vectors_of

    def removing(self, project, ids):
        found = seen(self, project, ids)
        if first in ids:
            History(project).do(RemoveTemplates((first,)))
        return found

    monkeypatch.setattr(Recogniser, "vectors_of", removing)
    finish(embed(project, pixels_id))
    assert len(embeddings.vectors(project, pixels_id)) == 5


def test_the_whole_gallery_is_there_without_anything_written(project, pixels_id, tmp_path):
    recogniser = Recogniser.load(project, pixels_id)
    with project.atomic():
        ids = [each.id for each in gallery.templates(project)][1::2]
        embeddings.store(project, pixels_id, ids, recogniser.vectors_of(project, ids))
    enrolled(project, FaceFiles((picture(tmp_path / "x.png", 3, 0),)))  # nobody knows who: not in the gallery
    found = whole_gallery(project, recogniser)
    confirmed = gallery.templates(project, states=("confirmed",))
    assert found.template_ids.tolist() == [each.id for each in confirmed]
    assert found.identity_ids.tolist() == [each.identity_id for each in confirmed]
    assert np.allclose(found.vectors, naively(project)[:6], atol=1e-6)
    assert len(embeddings.vectors(project, pixels_id)) == 3


def test_a_recogniser_whose_weights_are_others_is_refused(project, pixels_id):
    with project.atomic():
        project.execute("UPDATE embedders SET weights_sha256 = 'other'")
    with pytest.raises(UserError, match="the weights differ"):
        Recogniser.load(project, pixels_id)
    with pytest.raises(UserError, match="no embedder 99"):
        Recogniser.load(project, 99)
