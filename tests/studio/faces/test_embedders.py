"""Which embedders there are is known to every view at once."""

import pytest

from engine.project import embeddings
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.records import EmbedderRecord
from engine.project.store import Change, Project
from studio.faces.embedders import ANOTHER
from studio.faces.identify_pane import IdentifyPane
from studio.faces.map_pane import MapPane
from studio.faces.model import FacesModel
from tests.studio.faces import gallery_window as faces
from tests.studio.windows import Opened


@pytest.fixture
def model(at_work: Opened) -> FacesModel:
    return faces.stock(at_work, {"Anna": 3, "Bert": 2}, {})


def test_a_new_one_is_offered_by_every_view(at_work: Opened, model: FacesModel) -> None:
    for name in ("identify", "map", "curves"):
        faces.view(at_work, name)
    with Project.open(at_work.session.project.path) as project, project.atomic():
        other = embeddings.put_embedder(project, EmbedderRecord(0, "siamese", None, "c", "d", "cosine", 8))
    at_work.session.announce(Change(gallery=True))
    identify, map_ = faces.view(at_work, "identify"), faces.view(at_work, "map")
    assert isinstance(map_, MapPane)
    assert isinstance(identify, IdentifyPane)
    at_work.qtbot.waitUntil(lambda: map_.embedder.findData(other) >= 0)
    faces.view(at_work, "identify")
    at_work.qtbot.waitUntil(lambda: identify.rules.embedder.findData(other) >= 0)
    keys = [identify.rules.embedder.itemData(n) for n in range(identify.rules.embedder.count())]
    assert keys == [model.settings.embedder_id, other, "latent", ANOTHER]
    at_work.session.do(KeepGallerySettings(GallerySettings(other)))
    at_work.qtbot.waitUntil(lambda: model.settings.embedder_id == other)
    faces.view(at_work, "map")
    at_work.qtbot.waitUntil(lambda: map_.embedder.currentData() == other)
