"""The second migration: the gallery as it is used. A face brought in is a template at once, named or not.

So probes become templates and their matches go. Embeddings are ordered by their embedder, so that all vectors of one
are read from one piece of the file; an embedder goes with the checkpoint that holds its weights; and of two faces it
is said once, the older template first, whether they are of one person. Of a run it is kept which faces, of whom, it
learned from or was tried on; that they are gone meanwhile changes nothing about that, but for a person who is erased.

History keeps rows by tables and columns: what it holds of probes and matches is left out, and its rows of embeddings
and pairs are turned to the new order. This is done on plain decoded values, since a migration must mean the same for
ever, whatever becomes of the classes that read history today.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlite_utils import Database

_TABLES = """
ALTER TABLE templates ADD COLUMN flaws TEXT NOT NULL DEFAULT '';
ALTER TABLE templates ADD COLUMN source TEXT NOT NULL DEFAULT '';
CREATE INDEX templates_of_state ON templates (state, identity_id);
UPDATE templates SET source = COALESCE((SELECT name FROM images WHERE images.id = image_id), '');

INSERT INTO templates (identity_id, annotation_id, image_id, crop_content_id, state, created, source)
SELECT
    CASE WHEN m.state IN ('suggested', 'confirmed', 'rejected') THEN m.identity_id END,
    p.annotation_id, p.image_id, p.crop_content_id,
    CASE
        WHEN m.state = 'ignored' THEN 'ignored'
        WHEN m.identity_id IS NULL THEN 'unknown'
        ELSE m.state
    END,
    p.created, COALESCE((SELECT name FROM images WHERE images.id = p.image_id), '')
FROM probes p LEFT JOIN matches m ON m.id = (SELECT MAX(id) FROM matches WHERE probe_id = p.id)
ORDER BY p.id;
DROP TABLE matches;
DROP TABLE probes;

CREATE TEMP TABLE embedders_before AS SELECT * FROM embedders;
CREATE TEMP TABLE embeddings_before AS SELECT * FROM embeddings;
DROP TABLE embeddings;
DROP TABLE embedders;
CREATE TABLE embedders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    checkpoint_id INTEGER REFERENCES checkpoints ON DELETE CASCADE,
    preprocessing_sha256 TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL DEFAULT '',
    metric TEXT NOT NULL CHECK (metric IN ('euclidean', 'cosine')),
    dim INTEGER NOT NULL CHECK (dim > 0)
) STRICT;
CREATE INDEX embedders_of_checkpoint ON embedders (checkpoint_id) WHERE checkpoint_id IS NOT NULL;
CREATE TABLE embeddings (
    embedder_id INTEGER NOT NULL REFERENCES embedders ON DELETE CASCADE,
    template_id INTEGER NOT NULL REFERENCES templates ON DELETE CASCADE,
    vector BLOB NOT NULL,
    PRIMARY KEY (embedder_id, template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX embeddings_of_template ON embeddings (template_id);
INSERT INTO embedders (id, name, checkpoint_id, preprocessing_sha256, metric, dim)
SELECT id, name, checkpoint_id, preprocessing_sha256, metric, dim FROM embedders_before
WHERE metric IN ('euclidean', 'cosine');
INSERT INTO embeddings (embedder_id, template_id, vector)
SELECT embedder_id, template_id, vector FROM embeddings_before WHERE embedder_id IN (SELECT id FROM embedders);
DROP TABLE embedders_before;
DROP TABLE embeddings_before;

UPDATE pairs SET template_a_id = template_b_id, template_b_id = template_a_id WHERE template_a_id > template_b_id;
DELETE FROM pairs WHERE template_a_id = template_b_id
    OR EXISTS (
        SELECT 1 FROM pairs newer WHERE newer.template_a_id = pairs.template_a_id
        AND newer.template_b_id = pairs.template_b_id AND newer.id > pairs.id
    );
CREATE TABLE run_faces (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    template_id INTEGER NOT NULL,
    identity_id INTEGER,
    split TEXT NOT NULL CHECK (split IN ('train', 'val')),
    PRIMARY KEY (run_id, template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_faces_of_identity ON run_faces (identity_id) WHERE identity_id IS NOT NULL;
DROP INDEX pairs_of_a;
CREATE UNIQUE INDEX pairs_once ON pairs (template_a_id, template_b_id);
ALTER TABLE runs ADD COLUMN has_erased INTEGER NOT NULL DEFAULT 0 CHECK (has_erased IN (0, 1));
"""
_GONE = frozenset({"probes", "matches"})
_ROWS = ("added", "changed")


def apply(db: Database) -> None:
    """Bring the tables and the history of the first version to the second."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for row_id, packed in db.execute("SELECT id, edit FROM history").fetchall():
        _rewrite(db, row_id, packed)


def _rewrite(db: Database, row_id: int, packed: bytes) -> None:
    try:
        decoded = msgspec.msgpack.decode(packed, type=dict[str, list[dict[str, Any]]])
        pieces = [_turned(piece) for piece in decoded["steps"] if piece["table"] not in _GONE]
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError):
        return  # a damaged step, which a check names, and undo leaves out
    if not pieces:
        db.execute("DELETE FROM history WHERE id = ?", (row_id,))
    elif (again := msgspec.msgpack.encode({"steps": pieces})) != packed:
        db.execute("UPDATE history SET edit = ? WHERE id = ?", (again, row_id))


def _turned(piece: dict[str, Any]) -> dict[str, Any]:
    if piece["table"] == "pairs" and piece.get("columns"):
        return piece | {name: [_in_order(piece["columns"], row) for row in piece.get(name, ())] for name in _ROWS}
    if piece["table"] != "embeddings":
        return piece
    turned = {
        name: [[row[1], row[0], *row[2:]] for row in piece[name]] for name in (*_ROWS, "removed") if name in piece
    }
    columns = piece.get("columns", [])
    return piece | turned | ({"columns": [columns[1], columns[0], *columns[2:]]} if columns else {})


def _in_order(columns: list[str], row: list[Any]) -> list[Any]:
    """A row of pairs with the older template first."""
    a, b = (columns.index(name) for name in ("template_a_id", "template_b_id"))
    row = list(row)
    row[a], row[b] = sorted((row[a], row[b]))
    return row
