"""Where weights come from: downloads that resume and are checked, files that are only ever data, names that map."""

import hashlib
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.nn import backbones, weights
from engine.nn.weights import Naming, Official, UnreachableError, adopt, fetch, read
from engine.progress import finish

BODY = bytes(range(256)) * 4096
HASH = hashlib.sha256(BODY).hexdigest()
OFFICIAL = Official("Tiny.V1", f"https://example.invalid/tiny-{HASH[:8]}.pth")


class Reply(io.BytesIO):
    """What a web server answers."""

    def __init__(self, body: bytes, status: int, length: int | None = None) -> None:
        super().__init__(body)
        self.status = status
        self.headers = {"Content-Length": str(len(body) if length is None else length)}


class Server:
    """Serves BODY, from where it is asked to; breaks the connection after `breaks_after` bytes once."""

    def __init__(self, *, resumes: bool = True, breaks_after: int | None = None, body: bytes = BODY) -> None:
        self.resumes, self.breaks_after, self.body = resumes, breaks_after, body
        self.asked: list[str | None] = []

    def __call__(self, request: Request) -> Reply:
        asked = request.get_header("Range")
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.resumes else 0
        rest = self.body[start:]
        sent = rest if self.breaks_after is None else rest[: self.breaks_after]
        self.breaks_after = None
        return Reply(sent, 206 if start else 200, len(rest))


def download(folder: Path, opener: Callable[[Request], Any]) -> tuple[Path, list[weights.Bytes]]:
    told: list[weights.Bytes] = []
    return finish(fetch(OFFICIAL, folder, opener), told.append), told


def test_a_download_is_told_checked_and_kept(tmp_path: Path) -> None:
    server = Server()
    path, told = download(tmp_path / "cache", server)
    assert path.read_bytes() == BODY
    assert told[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert download(tmp_path / "cache", server)[0] == path
    assert len(server.asked) == 1
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("resumes", [True, False])
def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, resumes: bool) -> None:
    server = Server(resumes=resumes, breaks_after=300_000)
    with pytest.raises(UserError, match="300000 of"):
        download(tmp_path, server)
    path, _ = download(tmp_path, server)
    assert path.read_bytes() == BODY
    assert server.asked == [None, "bytes=300000-"]


def test_a_damaged_download_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="damaged"):
        download(tmp_path, Server(body=BODY[:-1] + b"x"))
    assert list(tmp_path.iterdir()) == []


def test_offline_says_what_else_can_be_done(tmp_path: Path) -> None:
    def offline(_: Request) -> Reply:
        raise URLError("Name or service not known")

    with pytest.raises(UnreachableError, match=r"Tiny\.V1.*not known.*--weights PATH.*--weights none"):
        download(tmp_path, offline)


def test_a_download_from_a_real_url(tmp_path: Path) -> None:
    source = tmp_path / f"tiny-{HASH[:8]}.pth"
    source.write_bytes(BODY)
    path = finish(fetch(Official("Tiny.V1", source.as_uri()), tmp_path / "cache"))
    assert path.read_bytes() == BODY


def test_official_names_of_every_trunk_hold_a_hash() -> None:
    for trunk in backbones.TRUNKS.values():
        assert len(Official(str(trunk.official), trunk.official.url).sha256_prefix) >= 8


@pytest.mark.parametrize("wrapped", [False, True])
def test_reading_pytorch_and_safetensors_files(tmp_path: Path, wrapped: bool) -> None:
    tensors = {"a": torch.arange(3.0), "b": torch.ones(2, 2)}
    torch.save({"state_dict": tensors, "epoch": 3} if wrapped else tensors, tmp_path / "a.pth")
    save_file(tensors, tmp_path / "a.safetensors")
    for name in ("a.pth", "a.safetensors"):
        found = read(tmp_path / name)
        assert found.keys() == tensors.keys()
        assert all(torch.equal(found[key], tensors[key]) for key in tensors)


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_weights_file_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "bomb.pth").write_bytes(pickle.dumps(Bomb(tmp_path / "boom"), protocol=2))
    torch.save({"a": Bomb(tmp_path / "boom")}, tmp_path / "bomb2.pth")
    for name in ("bomb.pth", "bomb2.pth"):
        with pytest.raises(UserError, match="cannot be read as weights"):
            read(tmp_path / name)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("body", [b"", b"nonsense", b"PK\x03\x04 no zip"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_what_is_no_weights_file_is_refused_by_name(tmp_path: Path, body: bytes, suffix: str) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(body)
    with pytest.raises(UserError, match=f"bad{suffix}"):
        read(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no weights file .*gone\.pth"):
        read(tmp_path / "gone.pth")


def test_adopting_takes_what_fits_by_name_and_shape() -> None:
    network = nn.ModuleDict({"body": nn.Linear(2, 3), "head": nn.Linear(3, 5)})
    offered = {"old.weight": torch.full((3, 2), 7.0), "old.bias": torch.full((3,), 8.0), "other": torch.ones(1)}
    report, names = adopt(network, offered, (Naming("old.", "body."), Naming()))
    assert (report.n_matched, report.n_wanted, report.unused) == (2, 2, ("other",))
    assert names == ("body.bias", "body.weight")
    assert torch.equal(network["body"].weight, offered["old.weight"])


def test_weights_of_another_network_are_refused() -> None:
    network = nn.ModuleDict({"body": nn.Linear(2, 3)})
    with pytest.raises(UserError, match="another network: 0 of 2"):
        adopt(network, {"old.weight": torch.ones(4, 4)}, (Naming("old.", "body."),))


def test_the_shared_classifier_fills_the_whole_trunk(shared: Path) -> None:
    detector = DETECTORS.get("mask_rcnn")
    network = detector.build(detector.options(), 1)
    tensors = read(shared / "weights" / "mobilenet_v2_imagenet.pth")
    report, names = detector.adopt(network, tensors)
    assert report.n_matched == report.n_wanted == len(names) == 306
    assert all(name.startswith(("classifier.", "features.18.")) for name in report.unused)
    ours = network.state_dict()["rcnn.backbone.body.17.conv.2.weight"]
    assert torch.equal(ours, tensors["features.17.conv.2.weight"])


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@given(st.binary(max_size=60) | st.sampled_from((b"text\n", b"torn\n", b"hello", b"\x80\x02.", b"\x89PNG\r\n")))
def test_any_bytes_are_refused_in_words(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.pth"
    path.write_bytes(body)
    with pytest.raises(UserError, match=r"a\.pth"):
        read(path)
