"""One reading of a foreign folder: its files, the pictures in it, and an account of all that was left out.

Nothing outside the folder is opened, whatever names and links say; one bad item never spoils the rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from engine import pictures
from engine.errors import UserError
from engine.formats._fields import Reject, readable, shown
from engine.formats._names import safe_name
from engine.formats._pages import Item, Page, PageClass, Pages, Skipped, Split
from engine.formats._settling import settled, turning


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was found: a file inside the folder, or bytes inside the annotation file, or a mere name."""

    name: str
    path: Path | None
    head: pictures.PictureHead
    embedded: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An item as the file has it, and what to call it in the account of what was left out."""

    what: str
    item: Item


class Reading:
    """Collects pages and the account of one import."""

    def __init__(self, root: Path) -> None:
        """Read below `root`, a folder."""
        self.root = root
        self._real_root = root.resolve()
        self._pages: list[Page] = []
        self._skipped: dict[Skipped, None] = {}  # once each, though a folder is walked several times
        self._notes: list[str] = []
        self._real_paths: dict[Path, Path] = {}

    @contextmanager
    def skipping(self, what: str) -> Iterator[None]:
        """Whatever is refused inside is left out by this name, and reading goes on."""
        try:
            yield
        except (Reject, UserError) as reason:
            self.skip(what, str(reason).removesuffix("."))

    def skip(self, what: str, why: str) -> None:
        """Leave something out by name."""
        self._skipped[Skipped(readable(what).strip() or "something without a name", readable(why))] = None

    def note(self, sentence: str) -> None:
        """Say that something was not taken in as it stood."""
        self._notes.append(readable(sentence))

    def called(self, path: Path) -> str:
        """A file's path relative to the imported folder, for messages and names."""
        return path.relative_to(self.root).as_posix()

    def files(self, suffixes: Iterable[str]) -> list[Path]:
        """Every file below the folder with one of these lower-case suffixes, sorted; nothing hidden, no link out."""
        wanted = tuple(suffixes)
        found = []
        for folder, folders, names in os.walk(self.root):
            for link in [name for name in folders if Path(folder, name).is_symlink()]:
                self.skip(self.called(Path(folder, link)), "it is a link to a folder, and links are not followed")
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            paths = (Path(folder, name) for name in names if name.lower().endswith(wanted) and not _is_hidden(name))
            found += [path for path in paths if self._is_sound(path)]
        return sorted(found, key=self.called)

    def pictures(self) -> list[Path]:
        """Every picture file below the folder, sorted."""
        return self.files(pictures.SUFFIXES)

    def picture(
        self, name: str, folders: Sequence[Path], others: Sequence[str] = (), *, stated: tuple[int, int] | None = None
    ) -> Picture:
        """The picture of this name, or else one of the others, in the first of the folders that has it.

        One that is missing, but whose (width, height) the format has `stated`, is known by its name alone: the project
        may hold it. Raises Reject or UserError in words.
        """
        for each in map(safe_name, (name, *others)):
            for folder in folders:
                if _is_file(path := folder / each):
                    return self.opened(path, each)
        return missing(safe_name(name), stated)

    def opened(self, path: Path, name: str) -> Picture:
        """The picture at a path that was found; raises Reject where a link leads out, UserError where it is none."""
        self.refuse_outside(path)
        return Picture(name, path, pictures.head(path, name))

    def refuse_outside(self, path: Path) -> None:
        """Raise Reject where a file is a link, or lies in a linked folder, and is not inside the imported one."""
        folder = path.parent
        if folder not in self._real_paths:
            self._real_paths[folder] = folder.resolve()
        real = path.resolve() if path.is_symlink() else self._real_paths[folder]
        if not real.is_relative_to(self._real_root):
            raise Reject("it is a link that leads out of the imported folder")

    def add(
        self,
        picture: Picture,
        drafts: Iterable[Draft] = (),
        *,
        stated: tuple[int, int] | None = None,
        split: Split | None = None,
        tags: tuple[str, ...] = (),
    ) -> None:
        """Take in a page; `stated` is the (width, height) that the format gives for its picture."""
        size = picture.head.size
        if stated not in {None, size, picture.head.raw_size}:
            self.note(f"{picture.name}: its stated size was wrong, it has {size[0]} x {size[1]} pixels.")
        items = tuple(self._settled(drafts, picture, stated))
        self._pages.append(Page(picture.name, picture.path, *size, items, split, tags, picture.embedded))

    def add_rest(self, annotated: Iterable[Path]) -> None:
        """Take in the pictures that lie beside those read and have no annotation file, as pages without items.

        `annotated` are the annotation files, also those that were left out: a picture of the same stem is no rest.
        """
        stems = {path.stem for path in annotated}
        known = {page.path for page in self._pages}
        beside: dict[Path, list[Page]] = {}
        for page in self._pages:
            if page.path:
                beside.setdefault(page.path.parent, []).append(page)
        for path in self.pictures():
            if path.parent in beside and path not in known and path.stem not in stems:
                siblings = beside[path.parent]
                splits = {page.split for page in siblings}
                name = PurePosixPath(siblings[0].name).with_name(path.name).as_posix()
                with self.skipping(self.called(path)):
                    self.add(self.opened(path, name), split=splits.pop() if len(splits) == 1 else None)

    def pages(self, classes: Iterable[PageClass]) -> Pages:
        """All that was read, each picture once and by a name of its own; classes that only items name come last."""
        stated = tuple(classes)
        pages = self._distinct()
        known = {page_class.name for page_class in stated}
        more = [name for name in Pages(pages).class_names if name not in known]
        every = (*stated, *map(PageClass, more))
        return Pages(pages, every, tuple(self._skipped), tuple(self._notes))

    def refuse_nothing(self, path: Path, sentence: str, hint: str = "") -> None:
        """Raise UserError where not a single page was read from `path`: with the sentence, or what is wrong with it."""
        if self._pages or (self._skipped and path.is_dir()):
            return
        first = next(iter(self._skipped), None)
        raise UserError(f"{first.what}: {first.why}." if first else sentence, hint)

    def _settled(self, drafts: Iterable[Draft], picture: Picture, stated: tuple[int, int] | None) -> Iterator[Item]:
        turn = turning(picture.head, stated)
        n_clipped = 0
        for draft in drafts:
            with self.skipping(draft.what):
                item, was_clipped = settled(draft.item, turn, picture.head.size)
                n_clipped += was_clipped
                yield item
        if n_clipped:
            shapes = "1 shape was" if n_clipped == 1 else f"{n_clipped} shapes were"
            self.note(f"{picture.name}: {shapes} clipped at the picture's border.")

    def _distinct(self) -> tuple[Page, ...]:
        """Pages whose names differ: of a picture listed twice the first, of two pictures of one name their paths."""
        seen: set[tuple[str, Path | None]] = set()
        by_name: dict[str, list[Page]] = {}
        for page in self._pages:
            if (key := (page.name, page.path)) in seen:
                self.skip(page.name, "its picture is listed twice; the first is kept")
                continue
            seen.add(key)
            by_name.setdefault(page.name, []).append(page)
        pages: dict[str, Page] = {name: same[0] for name, same in by_name.items() if len(same) == 1}
        for page in (page for same in by_name.values() if len(same) > 1 for page in same):
            name = self.called(page.path) if page.path else page.name
            if name in pages:
                self.skip(page.name, "another picture has the same name")
            else:
                pages[name] = replace(page, name=name)
        return tuple(pages.values())

    def _is_sound(self, path: Path) -> bool:
        if readable(path.name) != path.name:
            self.skip(shown(path.name), "its name cannot be read")
        elif _is_file(path):
            with self.skipping(self.called(path)):
                self.refuse_outside(path)
                return True
        return False


def missing(name: str, stated: tuple[int, int] | None) -> Picture:
    """A picture known by its name and stated (width, height), taken to be upright; Reject where that is no size."""
    if stated is None or min(stated) < 1 or stated[0] * stated[1] > pictures.MAX_PIXELS:
        raise Reject("its picture is missing")
    return Picture(name, None, pictures.PictureHead(*stated, orientation=1, format=""))


def _is_file(path: Path) -> bool:
    """Whether it is a file that can be opened without waiting: no pipe, no device."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
