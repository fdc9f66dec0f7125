"""What can stand where the cursor is in the query box: keys first, then the names that a key can have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.project import authors, classes, gallery, images
from engine.project.queries import STATES, THINGS
from engine.project.query_language import NAMED_KEYS, NUMBER_KEYS, quoted
from engine.project.records import SPLITS
from engine.project.store import Project

MAX_COMPLETIONS = 50

_LAST = re.compile(r'(?:[^\s()"]|"[^"]*")*(?:"[^"]*)?$')
"""What of the text before the cursor is being typed; a quotation mark may still be open."""

_MEANINGS = {
    "class": "has one of this class, or of a class under it",
    "split": "is in this split",
    "state": "is in this review state",
    "tag": "has this tag",
    "has": "has any",
    "author": "has an annotation that this person made",
    "person": "shows this person, by annotations or enrolled faces",
    "name": "has this in its name",
    "text": "has this in an attribute's text",
    "attribute": "has an annotation with this attribute",
    "size": "has one of this size: the side of a square of its area, in pixels",
    "aspect": "has one whose width is so many times its height",
    "seconds": "has one that a person drew in this time",
    "id": "is one of these, by number: 3,7,20..31",
    "objects": "how many annotations",
    "suggestions": "how many open suggestions",
    "disagreements": "how many disagreements between model and annotations, or people",
    "width": "in pixels",
    "height": "in pixels",
    "pixels": "width x height",
}

_RANGES = {
    "size": [("..32", "small, as COCO has it"), ("32..96", "medium"), ("96..", "large")],
    "aspect": [("..0.5", "tall"), ("2..", "wide")],
    "seconds": [("..5", "up to 5 seconds"), ("30..", "half a minute or more")],
}


@dataclass(frozen=True, slots=True)
class Completion:
    """What may replace the text from `start` to `end`, and what it means."""

    text: str
    start: int
    end: int
    meaning: str


def completions(project: Project, text: str, cursor: int) -> tuple[Completion, ...]:
    """What can stand at the cursor, given what is typed before it; nothing where anything may be typed."""
    found = _LAST.search(text, 0, cursor)
    typed = found.group() if found else ""
    minus = len(typed) - len(typed.lstrip("-"))
    typed, start = typed[minus:], cursor - len(typed) + minus
    key, colon, prefix = typed.partition(":")
    if colon:
        start += len(key) + 1
        candidates = [(quoted(name), meaning) for name, meaning in _names(project, key.lower())]
    else:
        prefix = typed
        candidates = list(_keys(is_first=not text[:start].strip(" -(")))
    wanted = prefix.lstrip('"').casefold()
    matching = [one for one in candidates if one[0].lstrip('"').casefold().startswith(wanted)]
    return tuple(Completion(one, start, cursor, meaning) for one, meaning in matching[:MAX_COMPLETIONS])


def _keys(*, is_first: bool) -> Iterator[tuple[str, str]]:
    yield from ((f"{key}:", _MEANINGS[key]) for key in NAMED_KEYS)
    yield from ((f"{key}>", _MEANINGS[key]) for key in NUMBER_KEYS)
    if not is_first:
        yield "OR", "either what stands before or what follows"


def _names(project: Project, key: str) -> list[tuple[str, str]]:
    """The names that a key can have, with what is known of them."""
    match key:
        case "class":
            by_id = classes.by_id(project)  # not how many there are: counting a million takes longer than a key stroke
            parents = {id_: by_id[one.parent_id].name for id_, one in by_id.items() if one.parent_id in by_id}
            return [(one.name, f"under {parents[id_]}" if id_ in parents else "") for id_, one in by_id.items()]
        case "split":
            return [(split, "") for split in (*SPLITS, "none")]
        case "state":
            return [(state, state.replace("_", " ")) for state in STATES]
        case "has":
            return [(thing, "") for thing in THINGS]
        case "tag" | "person" | "author":
            return [(name, "") for name in _given_names(project, key)]
        case "attribute":
            sql = "SELECT name, MIN(kind) FROM attributes GROUP BY name ORDER BY name"
            return [(name, kind) for name, kind in project.rows(sql)]
    return _RANGES.get(key, [])


def _given_names(project: Project, key: Literal["tag", "person", "author"]) -> Iterable[str]:
    match key:
        case "tag":
            return images.tag_counts(project, ())
        case "person":
            return (each.name for each in gallery.identities(project))
        case "author":
            return authors.names(project).values()
