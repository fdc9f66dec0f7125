"""Files of embedders that are damaged, of another network, or promise what no network has."""

import json
from dataclasses import replace

import pytest
import torch

from engine.embedders import EMBEDDERS, EmbedderCard, decode, encode
from engine.embedders.siamese import SiameseOptions
from engine.errors import UserError

OPTIONS = SiameseOptions(dim=8, channels=2, height=16, width=16)


def file_and_card() -> tuple[bytes, EmbedderCard]:
    torch.manual_seed(0)
    network = EMBEDDERS.get("siamese").build(OPTIONS)
    card = EmbedderCard.of("siamese", OPTIONS, network)
    return encode(network, card), card


def with_header(weights: bytes, change) -> bytes:
    """The file with its header changed by a function."""
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + weights[8 + length :]


def with_card(weights: bytes, **changed) -> bytes:
    def change(header) -> None:
        header["__metadata__"]["card"] = json.dumps(json.loads(header["__metadata__"]["card"]) | changed)

    return with_header(weights, change)


def test_a_header_that_is_written_anew_is_read() -> None:
    weights, card = file_and_card()
    assert decode(with_header(weights, lambda header: None))[1] == card


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"1234567",
        b"\xff" * 40,
        b"\x00" * 40,
        b"\x04" + b"\x00" * 7 + b"{{{{",
        (12).to_bytes(8, "little") + b'{"a": "\xff"}',
        (500_000).to_bytes(8, "little") + b'{"a":' * 100_000,
    ],
)
def test_what_is_no_file_of_weights_is_refused(wrong: bytes) -> None:
    with pytest.raises(UserError, match="no safetensors"):
        decode(wrong)


@pytest.mark.slow
def test_every_cut_of_a_file_is_refused() -> None:
    weights, _ = file_and_card()
    for n_bytes in range(0, len(weights), max(1, len(weights) // 200)):
        with pytest.raises(UserError):
            decode(weights[:n_bytes])


def test_weights_without_a_card_are_refused() -> None:
    weights, _ = file_and_card()
    with pytest.raises(UserError, match="without a card"):
        decode(with_header(weights, lambda header: header.pop("__metadata__")))
    with pytest.raises(UserError, match="no embedder's card"):
        decode(with_header(weights, lambda header: header["__metadata__"].update(card="{}")))


def test_an_unknown_embedder_and_unknown_options_are_refused() -> None:
    weights, _card = file_and_card()
    with pytest.raises(UserError, match="There is no 'nobody'"):
        decode(with_card(weights, embedder="nobody"))
    with pytest.raises(UserError, match="no file of 'Siamese network'"):
        decode(with_card(weights, options={"dim": "many"}))


def test_a_card_that_promises_a_vast_network_takes_no_memory() -> None:
    weights, card = file_and_card()
    with pytest.raises(UserError, match="another network"):
        decode(with_card(weights, options={**card.options, "dim": 10**9, "channels": 10**4}))
    with pytest.raises(UserError, match="can be built"):
        decode(with_card(weights, options={**card.options, "channels": 10**18}))


def test_a_file_does_not_lead_to_another_one(tmp_path) -> None:
    weights, _ = file_and_card()
    with pytest.raises(UserError, match="file of its own format"):
        decode(with_card(weights, embedder="onnx", options={"card": str(tmp_path / "faces.json")}))


@pytest.mark.parametrize("changed", [{"height": 10**9}, {"width": 10**9}, {"members": 10**9, "dim": 10**9}])
def test_a_card_that_asks_for_vast_crops_or_endless_members_is_refused(changed) -> None:
    weights, card = file_and_card()
    with pytest.raises(UserError, match="at most"):
        decode(with_card(weights, options=dict(card.options) | changed))


def test_a_shape_a_type_or_a_name_of_another_network_is_refused() -> None:
    weights, _ = file_and_card()
    name = "members.0.8.weight"

    def reshape(header) -> None:
        header[name]["shape"] = header[name]["shape"][::-1]

    def retype(header) -> None:
        header[name]["dtype"] = "I32"

    def rename(header) -> None:
        header["other"] = header.pop(name)

    for change in (reshape, retype, rename):
        with pytest.raises(UserError, match="another network"):
            decode(with_header(weights, change))


def test_offsets_that_lie_are_refused() -> None:
    weights, _ = file_and_card()

    def shift(header) -> None:
        start, end = header["members.0.8.weight"]["data_offsets"]
        header["members.0.8.weight"]["data_offsets"] = [start + 4, end + 4]

    with pytest.raises(UserError, match="damaged"):
        decode(with_header(weights, shift))


def test_weights_that_expect_other_crops_are_refused() -> None:
    weights, _card = file_and_card()
    with pytest.raises(UserError, match="prepares crops in another way"):
        decode(with_card(weights, preprocessing_sha256="before"))


def test_a_network_says_who_it_was_trained_on() -> None:
    _, card = file_and_card()
    network = EMBEDDERS.get("siamese").build(OPTIONS)
    kept = decode(encode(network, replace(card, identity_ids=(4, 9), recipe="{}")))[1]
    assert kept.identity_ids == (4, 9)
