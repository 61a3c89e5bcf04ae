import type { DatabaseSync } from 'node:sqlite';

/** One schema migration, run in its own transaction. Later releases append migrations and never change one. */
export type Migration = (db: DatabaseSync) => void;

const first = `
CREATE TABLE requests (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  dialect TEXT NOT NULL,
  route TEXT NOT NULL,
  model TEXT,
  is_stream INTEGER NOT NULL,
  client TEXT,
  session TEXT,
  terminal TEXT NOT NULL,
  end TEXT NOT NULL,
  status INTEGER,
  answered_by TEXT,
  endpoint TEXT NOT NULL,
  sent_model TEXT NOT NULL,
  previous TEXT,
  passed_over TEXT,
  first_byte_ms REAL,
  total_ms REAL NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  input INTEGER,
  output INTEGER,
  cache_read INTEGER,
  cache_write INTEGER,
  cache_write_1h INTEGER,
  band INTEGER NOT NULL
);
CREATE INDEX requests_by_time ON requests (started_ms, id);
CREATE INDEX requests_by_session ON requests (session, started_ms, answered_by) WHERE session IS NOT NULL;
CREATE TABLE attempts (
  request INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  sent_model TEXT,
  class TEXT NOT NULL,
  reason TEXT NOT NULL,
  status INTEGER,
  chosen_because TEXT NOT NULL,
  passed_over TEXT,
  started_after_ms REAL NOT NULL,
  first_byte_ms REAL,
  total_ms REAL NOT NULL,
  is_reused INTEGER NOT NULL,
  maybe_billed INTEGER NOT NULL,
  PRIMARY KEY (request, nth)
) WITHOUT ROWID;
CREATE TABLE transitions (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  state TEXT,
  reason TEXT NOT NULL
);
CREATE INDEX transitions_by_endpoint ON transitions (endpoint, at_ms);
CREATE INDEX transitions_by_time ON transitions (at_ms);
CREATE TABLE probes (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  kind TEXT NOT NULL,
  is_reachable INTEGER NOT NULL,
  key TEXT NOT NULL,
  connect_ms REAL,
  first_byte_ms REAL,
  class TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX probes_by_time ON probes (at_ms);
CREATE TABLE rollups (
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  model TEXT NOT NULL,
  sums BLOB NOT NULL,
  PRIMARY KEY (level, at, endpoint, model)
) WITHOUT ROWID;
CREATE TABLE session_days (
  day INTEGER NOT NULL,
  session TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  model TEXT NOT NULL,
  band INTEGER NOT NULL,
  client TEXT,
  requests INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (day, session, endpoint, model, band)
) WITHOUT ROWID;
`;

/** Indexes for failures only: searching them does not read the successful requests. */
const failures = `
CREATE INDEX requests_by_end ON requests (end, started_ms, id) WHERE end <> 'ok';
CREATE INDEX attempts_by_class ON attempts (class, request) WHERE class <> 'success';
`;

/** The codes of reasons, as JSON. Rows that are there already keep their words alone. */
const reasonCodes = `
ALTER TABLE attempts ADD COLUMN why TEXT;
ALTER TABLE attempts ADD COLUMN chosen_why TEXT;
ALTER TABLE transitions ADD COLUMN why TEXT;
ALTER TABLE probes ADD COLUMN why TEXT;
`;

/** The time by which records grow old, one row: a process that starts under a wrong clock goes on from it. */
const retentionTime = `
CREATE TABLE retention_time (
  row INTEGER PRIMARY KEY CHECK (row = 1),
  believed_ms INTEGER NOT NULL,
  ahead_ms INTEGER,
  doubted_ms INTEGER
);
`;

/** How a request was translated for its endpoint, as JSON. */
const translations = 'ALTER TABLE attempts ADD COLUMN translation TEXT;';

/** From an empty file to today's schema; `user_version` counts the migrations that have run. */
export const migrations: readonly Migration[] = [first, failures, reasonCodes, retentionTime, translations].map(
  (sql) => (db) => db.exec(sql),
);
