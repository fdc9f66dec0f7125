"""A user's own network: one that is exported here, and files that are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.embedders import EMBEDDERS, Carried, embedded, rebuilt
from engine.embedders.onnx import OnnxOptions
from engine.errors import UserError

onnx = pytest.importorskip("onnx", reason="ONNX networks need onnx and onnxruntime")
pytest.importorskip("onnxruntime", reason="ONNX networks need onnx and onnxruntime")

CARD: dict[str, Any] = {
    "network": "faces.onnx", "height": 6, "width": 5, "channels": "BGR", "divisor": 1, "mean": [127.5] * 3,
    "deviation": [64.0] * 3, "dim": 4, "metric": "cosine", "adds_mirror": True,
}  # fmt: skip


def model(n_at_once: int | str = "n", dim: int = 4, domain: str = "", **tensor: Any) -> Any:
    """A linear layer over all pixels of a crop, as ONNX."""
    weight = np.random.default_rng(0).normal(size=(90, dim)).astype(np.float32)
    matrix = onnx.numpy_helper.from_array(weight, "weight")
    if tensor.get("is_external"):
        matrix.data_location = onnx.TensorProto.EXTERNAL
        matrix.external_data.add(key="location", value="elsewhere.bin")
        matrix.ClearField("raw_data")
    nodes = [
        onnx.helper.make_node("Flatten", ["crops"], ["flat"]),
        onnx.helper.make_node("MatMul", ["flat", "weight"], ["vectors"], domain=domain),
    ]
    crops = onnx.helper.make_tensor_value_info("crops", onnx.TensorProto.FLOAT, [n_at_once, 3, 6, 5])
    vectors = onnx.helper.make_tensor_value_info("vectors", onnx.TensorProto.FLOAT, [n_at_once, dim])
    graph = onnx.helper.make_graph(nodes, "faces", [crops], [vectors], [matrix])
    sets = [onnx.helper.make_opsetid("", 17), *([onnx.helper.make_opsetid(domain, 1)] if domain else [])]
    return onnx.helper.make_model(graph, opset_imports=sets, ir_version=8)


def written(folder: Path, made: Any, **changed: Any) -> OnnxOptions:
    """The options of a card with its network beside it."""
    (folder / "faces.onnx").write_bytes(made.SerializeToString())
    (folder / "faces.json").write_text(json.dumps(CARD | changed))
    return OnnxOptions(str(folder / "faces.json"))


def faces(n: int) -> list[Any]:
    return list(np.random.default_rng(1).integers(0, 256, (n, 6, 5, 3), dtype=np.uint8))


@pytest.mark.parametrize("n_at_once", ["n", 1])
def test_vectors_are_what_the_network_gives_of_prepared_crops(tmp_path: Path, n_at_once: int | str) -> None:
    network = EMBEDDERS.get("onnx").build(written(tmp_path, model(n_at_once))).eval()
    weight = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32)
    found = embedded(network, faces(3))
    for crop, vector in zip(faces(3), found, strict=True):
        both = []
        for side in (crop, crop[:, ::-1]):
            picture = (side[..., ::-1].astype(np.float32) - 127.5) / 64
            raw = picture.transpose(2, 0, 1).reshape(-1) @ weight
            both.append(raw / np.linalg.norm(raw))
        assert np.allclose(vector, sum(both) / np.linalg.norm(sum(both)), atol=1e-5)
    assert embedded(network, []).shape == (0, 4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_of_torch_is_the_same_after_its_export(tmp_path: Path) -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4)).eval()
    path = tmp_path / "faces.onnx"
    torch.onnx.export(
        layers, (torch.zeros(1, 3, 6, 5),), path, dynamo=False,
        input_names=["crops"], output_names=["vectors"], dynamic_axes={"crops": {0: "n"}, "vectors": {0: "n"}},
    )  # fmt: skip
    (tmp_path / "faces.json").write_text(json.dumps(CARD | {"metric": "euclidean", "adds_mirror": False}))
    network = EMBEDDERS.get("onnx").build(OnnxOptions(str(tmp_path / "faces.json"))).eval()
    crops = torch.from_numpy(np.stack(faces(3))).permute(0, 3, 1, 2)
    with torch.inference_mode():
        wanted = layers(network.preprocessing.normalised(network.preprocessing.shown(crops)))
    assert np.allclose(embedded(network, faces(3)), wanted, atol=1e-5)


def test_the_kind_of_its_vectors_follows_the_file(tmp_path: Path) -> None:
    embedder = EMBEDDERS.get("onnx")
    first = embedder.build(written(tmp_path, model())).kind("onnx")
    assert embedder.build(written(tmp_path, model())).kind("onnx") == first
    other = model()
    other.doc_string = "another"
    with pytest.raises(UserError, match="the weights differ"):
        first.refuse_other(embedder.build(written(tmp_path, other)).kind("onnx"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"network": "../faces.onnx"}, "beside its card"),
        ({"network": "..\\faces.onnx"}, "beside its card"),
        ({"network": "nobody.onnx"}, "cannot be read"),
        ({"network": "faces\0.onnx"}, "beside its card"),
        ({"network": ""}, "cannot be read"),
        ({"height": 10**9}, "at most 4096"),
        ({"height": "tall"}, "no card"),
        ({"metric": "taxicab"}, "no card"),
        ({"mean": [1.0]}, "need 3 numbers"),
        ({"dim": 0}, "at least one number"),
        ({"dim": 5}, "does not give vectors of 5"),
        ({"width": 7}, "does not take one batch"),
        ({"channels": "grey", "mean": [], "deviation": []}, "does not take one batch"),
    ],
    ids=str,
)
def test_cards_that_do_not_describe_the_network_are_refused(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        EMBEDDERS.get("onnx").build(written(tmp_path, model(), **changed))


def test_networks_that_are_not_plain_onnx_are_refused(tmp_path: Path) -> None:
    embedder = EMBEDDERS.get("onnx")
    with pytest.raises(UserError, match="weights in other files"):
        embedder.build(written(tmp_path, model(is_external=True)))
    with pytest.raises(UserError, match=r"not ONNX's own \(com\.microsoft\)"):
        embedder.build(written(tmp_path, model(domain="com.microsoft")))
    with pytest.raises(UserError, match="takes exactly 4 crops"):
        embedder.build(written(tmp_path, model(4)))
    options = written(tmp_path, model())
    for content in (b"not onnx at all", b"", model().SerializeToString()[:200]):
        (tmp_path / "faces.onnx").write_bytes(content)
        with pytest.raises(UserError, match=r"faces\.onnx"):
            embedder.build(options)


def test_foreign_operators_hide_in_no_branch(tmp_path: Path) -> None:
    made = model()
    inner = onnx.helper.make_node("Sly", [], ["vectors"], domain="com.example")
    branch = onnx.helper.make_graph([inner], "branch", [], [])
    made.graph.node.append(onnx.helper.make_node("If", ["flat"], [], then_branch=branch, else_branch=branch))
    with pytest.raises(UserError, match=r"not ONNX's own \(com\.example\)"):
        EMBEDDERS.get("onnx").build(written(tmp_path, made))


def test_nothing_hides_in_a_function(tmp_path: Path) -> None:
    def with_function(node: Any, domain: str = "com.example") -> OnnxOptions:
        made = model()
        sets = [onnx.helper.make_opsetid("", 17)]
        made.functions.append(onnx.helper.make_function(domain, "Own", [], ["out"], [node], sets))
        return written(tmp_path, made)

    inner = onnx.helper.make_node("Sly", [], ["out"], domain="com.example")
    branch = onnx.helper.make_graph([inner], "branch", [], [])
    matrix = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "kept")
    matrix.data_location = onnx.TensorProto.EXTERNAL
    for node, words in (
        (inner, r"not ONNX's own \(com\.example\)"),
        (onnx.helper.make_node("If", ["x"], ["out"], then_branch=branch, else_branch=branch), "not ONNX's own"),
        (onnx.helper.make_node("Constant", [], ["out"], value=matrix), "weights in other files"),
    ):
        with pytest.raises(UserError, match=words):
            EMBEDDERS.get("onnx").build(with_function(node))


def test_a_network_that_fails_on_crops_says_so(tmp_path: Path) -> None:
    made = model()
    made.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1, 4], np.int64), "one"))
    made.graph.node[1].output[0] = "found"
    made.graph.node.append(onnx.helper.make_node("Reshape", ["found", "one"], ["vectors"]))
    network = EMBEDDERS.get("onnx").build(written(tmp_path, made)).eval()
    assert embedded(network, faces(1)).shape == (1, 4)
    with pytest.raises(UserError, match=r"faces\.onnx fails on 3 crops"):
        embedded(network, faces(3))


def test_vectors_of_half_precision_are_taken(tmp_path: Path) -> None:
    made = model()
    made.graph.node[1].output[0] = "found"
    made.graph.node.append(onnx.helper.make_node("Cast", ["found"], ["vectors"], to=onnx.TensorProto.FLOAT16))
    made.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    network = EMBEDDERS.get("onnx").build(written(tmp_path, made)).eval()
    found = embedded(network, faces(2))
    assert found.dtype == np.float32
    assert np.allclose(
        found, embedded(EMBEDDERS.get("onnx").build(written(tmp_path, model())).eval(), faces(2)), atol=2e-3
    )


@pytest.mark.parametrize("text", [b"", b"not JSON", b"\xff\xfe", b'{"network": "\xff"}', b'{"a":' * 100_000, b"[]"])
def test_a_card_that_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "faces.json").write_bytes(text)
    with pytest.raises(UserError, match=r"faces\.json is no card"):
        EMBEDDERS.get("onnx").build(OnnxOptions(str(tmp_path / "faces.json")))


def test_it_asks_for_its_card() -> None:
    with pytest.raises(UserError, match="needs its card"):
        EMBEDDERS.get("onnx").build(OnnxOptions())
    with pytest.raises(UserError, match="no card of a face network"):
        EMBEDDERS.get("onnx").build(OnnxOptions("nowhere.json"))


def test_it_is_kept_as_bytes_and_a_card_and_used_without_its_files(tmp_path: Path) -> None:
    embedder = EMBEDDERS.get("onnx")
    options = written(tmp_path, model())
    from_files = embedder.build(options).eval()
    assert isinstance(embedder, Carried)
    weights, card = embedder.packed(options)
    assert str(tmp_path) not in card
    for file in tmp_path.iterdir():
        file.unlink()
    again = rebuilt("onnx", weights, card)
    assert again.kind("onnx") == from_files.kind("onnx")
    assert np.array_equal(embedded(again, faces(3)), embedded(from_files, faces(3)))
    with pytest.raises(UserError, match="no card"):
        rebuilt("onnx", weights, "{}")
    with pytest.raises(UserError, match=r"faces\.onnx"):
        rebuilt("onnx", weights[:100], card)


def test_only_such_networks_are_carried() -> None:
    assert [name for name, embedder in EMBEDDERS if isinstance(embedder, Carried)] == ["onnx"]
