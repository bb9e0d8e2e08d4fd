-- The ledger on SQLite. What is enforced here is enforced by the core first: this is the second line.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    patient  TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    recorded INTEGER NOT NULL,
    command  TEXT NOT NULL,
    place    INTEGER NOT NULL,
    body     TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE UNIQUE INDEX event_of_stream ON event (patient, version);

CREATE TABLE answered (
    command  TEXT PRIMARY KEY,
    content  BLOB NOT NULL CHECK (length(content) = 32),
    recorded INTEGER NOT NULL,
    answer   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
    command  TEXT PRIMARY KEY,
    line     TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    roles    TEXT NOT NULL,
    plan     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE known (kind TEXT, id TEXT, patient TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;

-- I1: one holder at every instant. Two that overlap are refused by the triggers, two without an end by the index, and a
-- gap by the key: every holding begins where another of the same duty ends, or where the duty was opened.
CREATE TABLE holding (
    patient      TEXT NOT NULL,
    duty         TEXT NOT NULL,
    since        INTEGER NOT NULL,
    until        INTEGER CHECK (until > since),
    follows      INTEGER,
    opened       INTEGER NOT NULL,
    need         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    role         TEXT NOT NULL,
    basis        TEXT NOT NULL,
    is_caretaken INTEGER NOT NULL CHECK (is_caretaken IN (0, 1)),
    PRIMARY KEY (patient, duty, since),
    UNIQUE (patient, duty, until),
    FOREIGN KEY (patient, duty, follows) REFERENCES holding (patient, duty, until) DEFERRABLE INITIALLY DEFERRED,
    CHECK (follows IS since OR (follows IS NULL AND since = opened))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_holder ON holding (patient, duty) WHERE until IS NULL;
CREATE INDEX held_by ON holding (role, patient) WHERE until IS NULL;
CREATE TRIGGER no_two_holders BEFORE INSERT ON holding
WHEN EXISTS (
    SELECT 1 FROM holding other
    WHERE other.patient = NEW.patient AND other.duty = NEW.duty
      AND other.since < coalesce(NEW.until, 9223372036854775807)
      AND NEW.since < coalesce(other.until, 9223372036854775807)
)
BEGIN SELECT raise(ABORT, 'two hold one duty at one time (I1)'); END;
CREATE TRIGGER holdings_do_not_change BEFORE UPDATE ON holding
BEGIN SELECT raise(ABORT, 'a holding is not changed but replaced'); END;

CREATE TABLE offer (
    patient    TEXT NOT NULL,
    offer      TEXT NOT NULL,
    offerer    TEXT NOT NULL,
    to_role    TEXT,
    to_service TEXT,
    due        INTEGER NOT NULL,
    until      INTEGER,
    PRIMARY KEY (patient, offer),
    CHECK ((to_role IS NULL) <> (to_service IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX offered_to_role ON offer (to_role) WHERE to_role IS NOT NULL;
CREATE INDEX offered_to_service ON offer (to_service) WHERE to_service IS NOT NULL;

-- I3: a duty is in at most one open offer.
CREATE TABLE offered (
    patient TEXT NOT NULL,
    duty    TEXT NOT NULL,
    offer   TEXT NOT NULL,
    PRIMARY KEY (patient, duty),
    FOREIGN KEY (patient, offer) REFERENCES offer (patient, offer) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE untold (
    patient TEXT NOT NULL, duty TEXT NOT NULL, recorded INTEGER NOT NULL, PRIMARY KEY (patient, duty)
) STRICT, WITHOUT ROWID;

CREATE TABLE involved (patient TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (patient, role)) STRICT, WITHOUT ROWID;
CREATE INDEX involved_role ON involved (role, patient);

CREATE TABLE wait (patient TEXT PRIMARY KEY, due INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX wait_due ON wait (due);
