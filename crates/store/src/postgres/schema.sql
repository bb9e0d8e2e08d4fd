-- The ledger on PostgreSQL. What is enforced here is enforced by the core first: this is the second line, and it holds
-- at every isolation level. Each table's key begins with the patient, so that the ledger can be spread by patient.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO meta VALUES ('schema', '1');

-- How far the log goes: whoever writes holds this row, so that positions have no gaps and follow each other in time.
CREATE TABLE head (is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one), position bigint NOT NULL, recorded bigint);
INSERT INTO head VALUES (true, 0, NULL);

CREATE TABLE event (
    patient  text COLLATE "C" NOT NULL,
    version  bigint NOT NULL CHECK (version > 0),
    position bigint NOT NULL UNIQUE,
    recorded bigint NOT NULL,
    command  text COLLATE "C" NOT NULL,
    place    bigint NOT NULL,
    body     text NOT NULL,
    hash     bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (patient, version)
);

CREATE TABLE answered (
    command  text COLLATE "C" PRIMARY KEY,
    content  bytea NOT NULL CHECK (length(content) = 32),
    recorded bigint NOT NULL,
    answer   text NOT NULL
);

CREATE TABLE step (
    command  text COLLATE "C" PRIMARY KEY,
    line     text NOT NULL,
    recorded bigint NOT NULL,
    roles    text NOT NULL,
    plan     text NOT NULL
);

CREATE TABLE known (
    kind text COLLATE "C", id text COLLATE "C", patient text COLLATE "C" NOT NULL, PRIMARY KEY (kind, id)
);

-- I1: one holder at every instant. Two that overlap are excluded, and a gap by the key: every holding begins where
-- another of the same duty ends, or where the duty was opened.
CREATE TABLE holding (
    patient      text COLLATE "C" NOT NULL,
    duty         text COLLATE "C" NOT NULL,
    since        bigint NOT NULL,
    until        bigint CHECK (until > since),
    follows      bigint,
    opened       bigint NOT NULL,
    need         text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    role         text COLLATE "C" NOT NULL,
    basis        text COLLATE "C" NOT NULL,
    is_caretaken bigint NOT NULL CHECK (is_caretaken IN (0, 1)),
    PRIMARY KEY (patient, duty, since),
    UNIQUE (patient, duty, until),
    CONSTRAINT one_holder EXCLUDE USING gist (patient WITH =, duty WITH =, int8range(since, until) WITH &&)
        DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT no_gap FOREIGN KEY (patient, duty, follows) REFERENCES holding (patient, duty, until)
        DEFERRABLE INITIALLY DEFERRED,
    CHECK (follows IS NOT DISTINCT FROM since OR (follows IS NULL AND since = opened))
);
CREATE INDEX held_by ON holding (role, patient) WHERE until IS NULL;

CREATE TABLE offer (
    patient    text COLLATE "C" NOT NULL,
    offer      text COLLATE "C" NOT NULL,
    offerer    text COLLATE "C" NOT NULL,
    to_role    text COLLATE "C",
    to_service text COLLATE "C",
    due        bigint NOT NULL,
    until      bigint,
    PRIMARY KEY (patient, offer),
    CHECK ((to_role IS NULL) <> (to_service IS NULL))
);
CREATE INDEX offered_to_role ON offer (to_role) WHERE to_role IS NOT NULL;
CREATE INDEX offered_to_service ON offer (to_service) WHERE to_service IS NOT NULL;

-- I3: a duty is in at most one open offer.
CREATE TABLE offered (
    patient text COLLATE "C" NOT NULL,
    duty    text COLLATE "C" NOT NULL,
    offer   text COLLATE "C" NOT NULL,
    PRIMARY KEY (patient, duty),
    FOREIGN KEY (patient, offer) REFERENCES offer (patient, offer) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE untold (
    patient text COLLATE "C" NOT NULL, duty text COLLATE "C" NOT NULL, recorded bigint NOT NULL,
    PRIMARY KEY (patient, duty)
);

CREATE TABLE involved (
    patient text COLLATE "C" NOT NULL, role text COLLATE "C" NOT NULL, PRIMARY KEY (patient, role)
);
CREATE INDEX involved_role ON involved (role, patient);

CREATE TABLE wait (patient text COLLATE "C" PRIMARY KEY, due bigint NOT NULL);
CREATE INDEX wait_due ON wait (due);
