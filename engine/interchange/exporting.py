"""A project into a folder of a format, whole or not at all: written beside it under another name, then renamed."""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from engine import pictures
from engine.errors import UserError
from engine.formats import FORMATS, Page, PageClass, Pages
from engine.interchange.importing import item_of
from engine.interchange.proof import Proof, prove
from engine.progress import Progress, Work
from engine.project import classes, images
from engine.project.annotations import of_image
from engine.project.records import Annotation, ClassRecord, ImageRecord, Split
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Where to export to, as what, and which images."""

    folder: Path
    """Made by the export; may exist only if it is empty."""
    format: str
    split: Split | None = None
    """None: every image."""
    proof: bool = False
    """Read back what was written and compare."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote."""

    format: str
    images: int
    annotations: int
    turned: tuple[str, ...]
    """Pictures whose EXIF orientation was applied to their pixels, so that every tool sees them upright."""
    loses: tuple[str, ...]
    """What the format cannot hold, whether it occurs here or not."""
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Contents:
    """What is written: images with the pages that say what is on them, in the same order."""

    records: Sequence[ImageRecord]
    pages: Pages
    """Without picture files."""


def export_from(project: Project, request: ExportRequest) -> Work[ExportReport]:
    """Write the images and their annotations; ending early leaves nothing behind.

    Raises UserError when the folder is in use, the disk is full, or a picture cannot be read.
    """
    yield Progress(0, None, "Reading annotations")
    records = images.all_images(project, request.split)
    return (yield from export_contents(project, request, Contents(records, pages_of(project, records))))


def export_contents(project: Project, request: ExportRequest, chosen: Contents) -> Work[ExportReport]:
    """Write these images as their pages say, as `export_from` does; the request's split is not looked at."""
    FORMATS.get(request.format)
    folder = request.folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{request.folder} is not empty.", "Choose a new folder: nothing is overwritten.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        partial.mkdir()
    except OSError as error:
        raise UserError(f"{request.folder} cannot be made: {error.strerror}.") from error
    try:
        report = yield from _write(project, request, chosen, partial)
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    except OSError as error:
        raise UserError(f"{request.folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return report


def pages_of(project: Project, records: Sequence[ImageRecord]) -> Pages:
    """The pages of these images as a format gets them, without picture files; names are made unique, ignoring case."""
    described = [Described(each, of_image(project, each.id), images.tags(project, each.id)) for each in records]
    return pages_as(described, classes.by_id(project))


@dataclass(frozen=True, slots=True)
class Described:
    """An image with what is on it."""

    record: ImageRecord
    annotations: Sequence[Annotation]
    tags: tuple[str, ...] = ()


def pages_as(described: Sequence[Described], class_by_id: Mapping[int, ClassRecord]) -> Pages:
    """The pages of described images, with these classes in their order."""
    class_names = {class_id: record.name for class_id, record in class_by_id.items()}
    taken: set[str] = set()
    pages = []
    for each in described:
        record = each.record
        items = tuple(item_of(annotation, class_names) for annotation in each.annotations)
        name = _free_name(record.name, taken)
        pages.append(Page(name, None, record.width, record.height, items, record.split, each.tags))
    return Pages(tuple(pages), tuple(_page_class(record, class_by_id) for record in class_by_id.values()))


def _page_class(record: ClassRecord, by_id: Mapping[int, ClassRecord]) -> PageClass:
    parent = None if record.parent_id is None else by_id.get(record.parent_id)
    return PageClass(record.name, parent.name if parent else "", record.keypoint_names, record.skeleton)


def _write(project: Project, request: ExportRequest, chosen: Contents, folder: Path) -> Work[ExportReport]:
    format_, records, pages = FORMATS.get(request.format), chosen.records, chosen.pages
    written, turned = [], []
    for n, (record, page) in enumerate(zip(records, pages.pages, strict=True), 1):
        path = folder / format_.picture_path(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_picture(project, record, path)
        written.append(replace(page, path=path))
        turned += [page.name] if record.orientation != 1 else []
        yield Progress(n, len(records), "Writing pictures")
    pages = replace(pages, pages=tuple(written))
    yield Progress(len(records), len(records), "Writing annotations")
    to_read = format_.write(pages, folder)
    proof = None
    if request.proof:
        yield Progress(len(records), len(records), "Reading back")
        proof = prove(format_, pages, to_read)
    n_annotations = sum(len(page.items) for page in pages.pages)
    return ExportReport(request.format, len(records), n_annotations, tuple(turned), format_.loses, proof)


def _write_picture(project: Project, record: ImageRecord, path: Path) -> None:
    """Write a picture's file, upright; a large one that is upright already is never in memory whole."""
    if record.orientation == 1 and pictures.is_large(record.width, record.height):
        with images.laid_out(project, record, path.parent) as there:
            shutil.copyfile(there, path)
    else:
        data = images.read(project, record)
        path.write_bytes(data if record.orientation == 1 else upright(data, record.name))


def upright(data: bytes, name: str) -> bytes:
    """A picture file whose pixels are upright and whose EXIF orientation is gone, in the format it came in.

    JPEG is encoded anew at quality 95 without chroma subsampling; other formats without loss.
    """
    kind = pictures.head(data, name).format
    buffer = io.BytesIO()
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(pictures.decode(data, name)).save(buffer, kind, **options)
    return buffer.getvalue()


def _free_name(name: str, taken: set[str]) -> str:
    """`name`, or with a number where it is taken.

    Case is ignored, as some file systems do, and so is the suffix: most formats name an annotation file after its
    picture's stem.
    """
    path, number = Path(name), 1
    free = path
    while free.with_suffix("").as_posix().casefold() in taken:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    taken.add(free.with_suffix("").as_posix().casefold())
    return free.as_posix()
