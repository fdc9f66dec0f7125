"""Every migration the project file went through, oldest first. A released migration is never edited: add another.

Conventions: STRICT tables; `id INTEGER PRIMARY KEY AUTOINCREMENT` where an id must never come back; shapes as `kind`
and `geometry` (engine.geometry.packing) with their bounds beside them for queries; times as ISO 8601 UTC text; large
bytes only in `chunks` and `thumbnails`, so that listing rows never reads them; an index for every foreign key, so that
dropping a row never scans those that could refer to it. Tables WITHOUT ROWID name the columns of their key first and
in the key's order: where they do not, SQLite 3.40's quick_check finds NULLs that are not there. History keeps rows by
the names of their columns: a migration may add columns with defaults, but one that renames or drops any must rewrite or
clear `history`.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from engine.project import faces_migration

MIGRATIONS = Migrations("boxwright")
VERSION = 2
"""The schema version this program writes, = the number of migrations; kept in the file's user_version."""

_SHAPE_COLUMNS = """
    kind TEXT NOT NULL CHECK (kind IN ('box', 'rotated_box', 'polygon', 'mask', 'keypoints')),
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
    area REAL NOT NULL CHECK (area >= 0),
    geometry BLOB NOT NULL,
    keypoints BLOB,
    CHECK (x0 <= x1 AND y0 <= y1)
"""


def _survey_ends(table: str, columns: str) -> str:
    """Triggers by which a survey of an image goes as soon as what it compared has changed."""
    events = {"insert": ("INSERT", "NEW"), "delete": ("DELETE", "OLD"), "change": (f"UPDATE OF {columns}", "NEW")}
    return "\n".join(
        f"CREATE TRIGGER {table}_{name}_ends_survey AFTER {event} ON {table} "
        f"BEGIN DELETE FROM surveys WHERE image_id = {row}.image_id; END;"
        for name, (event, row) in events.items()
    )


_SURVEY_ENDS = "\n".join(
    (
        _survey_ends("annotations", "class_id, geometry, is_crowd, confirmed_run_id"),
        _survey_ends("detections", "class_id, state"),
    )
)

_CONTENTS = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    size INTEGER NOT NULL CHECK (size >= 0)
) STRICT;
CREATE TABLE chunks (
    content_id INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes BLOB NOT NULL,
    PRIMARY KEY (content_id, position)
) STRICT;

CREATE TABLE windows (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    process TEXT NOT NULL, person TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
"""

_IMAGES = """
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    content_id INTEGER REFERENCES contents,
    link TEXT,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    orientation INTEGER NOT NULL DEFAULT 1 CHECK (orientation BETWEEN 1 AND 8),
    split TEXT CHECK (split IN ('train', 'val', 'test')),
    state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'in_progress', 'done', 'needs_review')),
    created TEXT NOT NULL,
    CHECK ((content_id IS NULL) <> (link IS NULL))
) STRICT;
CREATE INDEX images_by_name ON images (name);
CREATE INDEX images_by_split ON images (split);
CREATE INDEX images_of_content ON images (content_id) WHERE content_id IS NOT NULL;
CREATE TABLE thumbnails (
    image_id INTEGER PRIMARY KEY REFERENCES images ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    jpeg BLOB NOT NULL
) STRICT;
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE image_tags (
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    PRIMARY KEY (image_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX images_of_tag ON image_tags (tag_id);

CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    colour TEXT NOT NULL,
    position INTEGER NOT NULL,
    parent_id INTEGER REFERENCES classes ON DELETE SET NULL,
    keypoint_names TEXT NOT NULL DEFAULT '[]',
    skeleton TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX classes_of_parent ON classes (parent_id) WHERE parent_id IS NOT NULL;
CREATE TABLE attributes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class_id INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'choice', 'flag')),
    choices TEXT NOT NULL DEFAULT '[]',
    preset TEXT,
    is_required INTEGER NOT NULL DEFAULT 0 CHECK (is_required IN (0, 1)),
    position INTEGER NOT NULL,
    UNIQUE (class_id, name)
) STRICT;
"""

_RUNS = f"""
CREATE TABLE recipes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('detector', 'embedder')),
    network TEXT NOT NULL,
    recipe_id INTEGER NOT NULL REFERENCES recipes,
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'paused', 'stopped', 'done', 'failed', 'interrupted')),
    message TEXT NOT NULL DEFAULT '',
    device TEXT NOT NULL DEFAULT '',
    process TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL, started TEXT, ended TEXT
) STRICT;
CREATE INDEX runs_of_recipe ON runs (recipe_id);
CREATE TABLE run_images (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    image_id INTEGER NOT NULL,
    split TEXT NOT NULL,
    truth_content_id INTEGER REFERENCES contents,
    PRIMARY KEY (run_id, image_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_images_of_truth ON run_images (truth_content_id) WHERE truth_content_id IS NOT NULL;
CREATE TABLE metrics (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
    PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('best', 'last', 'imported')),
    step INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents,
    card TEXT NOT NULL,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX checkpoints_of_run ON checkpoints (run_id);
CREATE INDEX checkpoints_of_content ON checkpoints (content_id);

CREATE TABLE detections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    class_id INTEGER NOT NULL REFERENCES classes,
    run_id INTEGER REFERENCES runs ON DELETE CASCADE,
    score REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'suggested' CHECK (state IN ('suggested', 'accepted', 'rejected')),
    decided_by INTEGER REFERENCES authors,
    decided TEXT,
    {_SHAPE_COLUMNS.strip()}
) STRICT;
CREATE INDEX detections_of_image ON detections (image_id, run_id, state, score);
CREATE INDEX detections_of_run ON detections (run_id, class_id, state);
CREATE INDEX detections_of_class ON detections (class_id);
CREATE INDEX detections_of_decider ON detections (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX suggestions ON detections (image_id) WHERE state = 'suggested';
CREATE TABLE traces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    checkpoint_id INTEGER REFERENCES checkpoints ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES contents,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX traces_of_image ON traces (image_id);
CREATE INDEX traces_of_checkpoint ON traces (checkpoint_id);
CREATE INDEX traces_of_content ON traces (content_id);
CREATE TABLE stages (
    trace_id INTEGER NOT NULL REFERENCES traces ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (trace_id, position)
) STRICT, WITHOUT ROWID;
"""

_ANNOTATIONS = f"""
CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    consent TEXT NOT NULL DEFAULT '',
    retain_until TEXT,
    created TEXT NOT NULL
) STRICT;
CREATE TABLE annotations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    class_id INTEGER NOT NULL REFERENCES classes,
    is_crowd INTEGER NOT NULL DEFAULT 0 CHECK (is_crowd IN (0, 1)),
    attributes TEXT NOT NULL DEFAULT '{{}}',
    identity_id INTEGER REFERENCES identities ON DELETE SET NULL,
    group_id INTEGER,
    author_id INTEGER REFERENCES authors,
    detection_id INTEGER REFERENCES detections ON DELETE SET NULL,
    detection_iou REAL CHECK (detection_iou BETWEEN 0 AND 1),
    confirmed_run_id INTEGER REFERENCES runs ON DELETE SET NULL,
    seconds REAL CHECK (seconds >= 0),
    created TEXT NOT NULL, modified TEXT NOT NULL,
    {_SHAPE_COLUMNS.strip()}
) STRICT;
CREATE INDEX annotations_of_image ON annotations (image_id);
CREATE INDEX annotations_by_change ON annotations (image_id, modified);
CREATE INDEX annotations_of_class ON annotations (class_id, image_id);
CREATE INDEX annotations_with_attributes ON annotations (image_id, attributes) WHERE attributes <> '{{}}';
CREATE INDEX annotations_of_group ON annotations (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX annotations_confirmed ON annotations (confirmed_run_id) WHERE confirmed_run_id IS NOT NULL;
CREATE INDEX annotations_of_identity ON annotations (identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX annotations_of_detection ON annotations (detection_id) WHERE detection_id IS NOT NULL;
CREATE INDEX annotations_of_author ON annotations (author_id, image_id) WHERE author_id IS NOT NULL;
CREATE TABLE origins (
    id INTEGER PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    annotation_id INTEGER NOT NULL,
    fingerprint BLOB NOT NULL
) STRICT;
CREATE INDEX origins_of_image ON origins (image_id);
CREATE TABLE conflicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    class_id INTEGER NOT NULL REFERENCES classes,
    annotation_id INTEGER REFERENCES annotations ON DELETE SET NULL,
    author_id INTEGER REFERENCES authors,
    iou REAL NOT NULL CHECK (iou BETWEEN 0 AND 1),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'ours', 'theirs', 'both')),
    is_crowd INTEGER NOT NULL DEFAULT 0 CHECK (is_crowd IN (0, 1)),
    attributes TEXT NOT NULL DEFAULT '{{}}',
    created TEXT NOT NULL,
    {_SHAPE_COLUMNS.strip()}
) STRICT;
CREATE INDEX conflicts_of_image ON conflicts (image_id, state);
CREATE INDEX conflicts_of_class ON conflicts (class_id);
CREATE INDEX conflicts_of_annotation ON conflicts (annotation_id) WHERE annotation_id IS NOT NULL;
CREATE INDEX conflicts_of_author ON conflicts (author_id) WHERE author_id IS NOT NULL;

CREATE TABLE examined (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    PRIMARY KEY (run_id, image_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX examined_images ON examined (image_id);
CREATE TABLE surveys (
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    standard TEXT NOT NULL,
    missed INTEGER NOT NULL, extra INTEGER NOT NULL, wrong_class INTEGER NOT NULL, poor_shape INTEGER NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (image_id, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX surveys_of_run ON surveys (run_id, weight);
{_SURVEY_ENDS}

CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stack TEXT NOT NULL CHECK (stack IN ('undo', 'redo')),
    title TEXT NOT NULL,
    image_id INTEGER,
    edit BLOB NOT NULL,
    author_id INTEGER REFERENCES authors,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_stack ON history (stack, id);
CREATE INDEX history_of_author ON history (author_id) WHERE author_id IS NOT NULL;
CREATE TABLE history_contents (
    history_id INTEGER NOT NULL REFERENCES history ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES contents,
    PRIMARY KEY (history_id, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_of_content ON history_contents (content_id);
"""

_GALLERY = """
CREATE TABLE templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity_id INTEGER REFERENCES identities ON DELETE CASCADE,
    annotation_id INTEGER REFERENCES annotations ON DELETE SET NULL,
    image_id INTEGER REFERENCES images ON DELETE SET NULL,
    crop_content_id INTEGER NOT NULL REFERENCES contents,
    state TEXT NOT NULL CHECK (state IN ('unknown', 'suggested', 'confirmed', 'rejected', 'ignored')),
    quality REAL,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX templates_of_identity ON templates (identity_id);
CREATE INDEX templates_of_annotation ON templates (annotation_id) WHERE annotation_id IS NOT NULL;
CREATE INDEX templates_of_image ON templates (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX templates_of_content ON templates (crop_content_id);
CREATE TABLE embedders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    checkpoint_id INTEGER REFERENCES checkpoints,
    preprocessing_sha256 TEXT NOT NULL,
    metric TEXT NOT NULL,
    dim INTEGER NOT NULL CHECK (dim > 0)
) STRICT;
CREATE INDEX embedders_of_checkpoint ON embedders (checkpoint_id) WHERE checkpoint_id IS NOT NULL;
CREATE TABLE embeddings (
    template_id INTEGER NOT NULL REFERENCES templates ON DELETE CASCADE,
    embedder_id INTEGER NOT NULL REFERENCES embedders ON DELETE CASCADE,
    vector BLOB NOT NULL,
    PRIMARY KEY (template_id, embedder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX embeddings_of_embedder ON embeddings (embedder_id);
CREATE TABLE pairs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    template_a_id INTEGER NOT NULL REFERENCES templates ON DELETE CASCADE,
    template_b_id INTEGER NOT NULL REFERENCES templates ON DELETE CASCADE,
    same INTEGER NOT NULL CHECK (same IN (0, 1)),
    created TEXT NOT NULL
) STRICT;
CREATE INDEX pairs_of_a ON pairs (template_a_id);
CREATE INDEX pairs_of_b ON pairs (template_b_id);
CREATE TABLE probes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER REFERENCES images ON DELETE SET NULL,
    annotation_id INTEGER REFERENCES annotations ON DELETE SET NULL,
    crop_content_id INTEGER NOT NULL REFERENCES contents,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX probes_of_image ON probes (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX probes_of_annotation ON probes (annotation_id) WHERE annotation_id IS NOT NULL;
CREATE INDEX probes_of_content ON probes (crop_content_id);
CREATE TABLE matches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    probe_id INTEGER NOT NULL REFERENCES probes ON DELETE CASCADE,
    embedder_id INTEGER NOT NULL REFERENCES embedders ON DELETE CASCADE,
    identity_id INTEGER REFERENCES identities ON DELETE CASCADE,
    rule TEXT NOT NULL, distance REAL NOT NULL, threshold REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unknown', 'suggested', 'confirmed', 'rejected', 'ignored')),
    created TEXT NOT NULL
) STRICT;
CREATE INDEX matches_of_probe ON matches (probe_id);
CREATE INDEX matches_of_embedder ON matches (embedder_id);
CREATE INDEX matches_of_identity ON matches (identity_id) WHERE identity_id IS NOT NULL;
"""


@MIGRATIONS()
def v1(db: Database) -> None:
    """The first schema: a table for every noun of the glossary that is kept."""
    for script in (_CONTENTS, _IMAGES, _RUNS, _ANNOTATIONS, _GALLERY):
        for statement in script.split(";\n"):
            if statement.strip():
                db.execute(statement)


@MIGRATIONS()
def v2(db: Database) -> None:
    """The gallery as it is used: a face brought in is a template at once, and there are no probes kept any more."""
    faces_migration.apply(db)
