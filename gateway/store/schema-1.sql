-- schema-1.sql -- the database's tables, as a new one has them. Embedded by CMake, run by schema.c.
--
-- Times are _s, whole seconds since 1970-01-01T00:00Z; from_day counts days since then.
-- Table `day` is the contract's: its names and their order are the CSV header.
-- To look at readings: select * from reading where patient = 'p017'.

PRAGMA application_id = 0x53747764;

-- A number is never given twice (AUTOINCREMENT), so that one that is held in memory cannot
-- come to mean another patient after an erasure.
CREATE TABLE patient (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 36),
  name TEXT NOT NULL, -- never published
  added_at_s INTEGER NOT NULL,
  heard_at_s INTEGER NOT NULL,
  heard_clock INTEGER NOT NULL DEFAULT 0,
  -- messages of which nothing could be taken, since something last was; the newest says
  -- why, and by how much its clock is fast
  refused_n INTEGER NOT NULL DEFAULT 0,
  refused_from_s INTEGER NOT NULL DEFAULT 0,
  refused_to_s INTEGER NOT NULL DEFAULT 0,
  refused_why TEXT NOT NULL DEFAULT '',
  refused_fast_s INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE plan (
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  from_day INTEGER NOT NULL CHECK (from_day >= 0),
  therapist TEXT NOT NULL,
  wake_from_min INTEGER NOT NULL,
  wake_to_min INTEGER NOT NULL,
  rest_limit_min INTEGER NOT NULL,
  nudge_after_min INTEGER NOT NULL,
  break_steps INTEGER NOT NULL,
  goal INTEGER NOT NULL,
  floor INTEGER NOT NULL,
  ceiling INTEGER NOT NULL,
  silent_after_s INTEGER NOT NULL,
  fresh_min INTEGER NOT NULL,
  PRIMARY KEY (patient, from_day)
) STRICT, WITHOUT ROWID;

-- How late the patient's data came, see lateness.h: of each of the last hours in which minutes
-- became known, the oldest first, how many minutes old the newest of them was at the least:
-- "26 25 41". hour is the last of them, since 1970.
CREATE TABLE lateness (
  patient INTEGER PRIMARY KEY REFERENCES patient (key) ON DELETE CASCADE,
  hour INTEGER NOT NULL,
  age_min TEXT NOT NULL
) STRICT;

-- All that is left of an erased patient, so that late messages do not bring it back.
CREATE TABLE tombstone (
  id TEXT NOT NULL PRIMARY KEY,
  erased_at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  id TEXT NOT NULL CHECK (length(id) <= 36),
  battery_pct INTEGER NOT NULL DEFAULT 0, -- the newest level
  battery_at_s INTEGER NOT NULL DEFAULT 0, -- 0: it told none
  battery_clock INTEGER NOT NULL DEFAULT 0,
  UNIQUE (patient, id)
) STRICT;

-- From from_s on the device is worn by the patient, or by nobody (NULL), until its next
-- row: no two can wear it at once.
CREATE TABLE device_assignment (
  device TEXT NOT NULL CHECK (length(device) BETWEEN 1 AND 36),
  from_s INTEGER NOT NULL,
  patient INTEGER REFERENCES patient (key) ON DELETE SET NULL,
  PRIMARY KEY (device, from_s)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_assignment_patient ON device_assignment (patient);

-- The readings that came last, a row each, until they are moved by the thousand into runs.
CREATE TABLE recent (
  device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
  start_s INTEGER NOT NULL,
  seconds INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 90000),
  steps INTEGER NOT NULL CHECK (steps BETWEEN 0 AND 2147483647),
  worn INTEGER NOT NULL CHECK (worn IN (0, 1)),
  crc INTEGER NOT NULL -- as if it were a run
) STRICT;

-- All others. A row is a run of readings of one device that last `seconds` each and follow
-- each other without a gap: the i-th, from 0 on, begins at start_s + i * seconds. Of its steps
-- `steps` has `width` bytes, the most significant first. crc is the CRC-32 of the whole row,
-- see readings_run.h. Rows stand in the order in which they came, so that few pages change at
-- a time, and beside their key: in an index a row of this length would spill into a page of
-- its own.
CREATE TABLE readings_run (
  device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
  start_s INTEGER NOT NULL,
  seconds INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 90000),
  worn INTEGER NOT NULL CHECK (worn IN (0, 1)),
  width INTEGER NOT NULL CHECK (width IN (1, 2, 4)),
  steps BLOB NOT NULL CHECK (length(steps) BETWEEN width AND 480 * width),
  crc INTEGER NOT NULL,
  UNIQUE (device, start_s, seconds)
) STRICT;

-- Every reading, one a row: for people and other programs, the gateway does without it. Where
-- a span stands in both tables, `recent` has its newer value. A byte is a number by its place
-- among all bytes.
CREATE VIEW reading (patient, device, start, seconds, steps, worn) AS
WITH RECURSIVE
  place (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM place WHERE i < 479),
  byte (s) AS (VALUES (
    x'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF'
  ))
SELECT p.id, d.id, strftime('%Y-%m-%dT%H:%M:%SZ', r.start_s, 'unixepoch'),
  r.seconds, r.steps, r.worn
FROM patient AS p JOIN device AS d ON d.patient = p.key JOIN recent AS r ON r.device = d.key
UNION ALL
SELECT p.id, d.id,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.start_s + i * r.seconds, 'unixepoch'),
  r.seconds,
  CASE r.width
    WHEN 1 THEN instr(s, substr(r.steps, i + 1, 1)) - 1
    WHEN 2 THEN
      instr(s, substr(r.steps, 2 * i + 1, 1)) * 256
      + instr(s, substr(r.steps, 2 * i + 2, 1)) - 257
    ELSE
      instr(s, substr(r.steps, 4 * i + 1, 1)) * 16777216
      + instr(s, substr(r.steps, 4 * i + 2, 1)) * 65536
      + instr(s, substr(r.steps, 4 * i + 3, 1)) * 256
      + instr(s, substr(r.steps, 4 * i + 4, 1)) - 16843009
  END,
  r.worn
FROM patient AS p JOIN device AS d ON d.patient = p.key
  JOIN readings_run AS r ON r.device = d.key
  JOIN byte JOIN place ON i < length(r.steps) / r.width
  LEFT JOIN recent AS newer ON newer.device = r.device
    AND newer.start_s = r.start_s + i * r.seconds AND newer.seconds = r.seconds
WHERE newer.device IS NULL;

-- What counters showed. clock says whose time at_s is, here and in the other tables that have
-- it. 0: the device's; above 0: that of receipt, by the clock of this key; -1: that of receipt,
-- by one that nobody knows any more. The columns of a primary key stand first: of a table
-- without rowids the quick check of SQLite 3.40 takes the others from their place among those
-- declared.
CREATE TABLE total (
  device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  clock INTEGER NOT NULL,
  total INTEGER NOT NULL CHECK (total >= 0),
  PRIMARY KEY (device, at_s, clock)
) STRICT, WITHOUT ROWID;

CREATE TABLE pain (
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  clock INTEGER NOT NULL,
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 10),
  flare INTEGER NOT NULL CHECK (flare IN (0, 1)),
  PRIMARY KEY (patient, at_s, clock)
) STRICT, WITHOUT ROWID;

-- A boot of the machine: what came in it without a time of its own is dated by its offset, the
-- wall clock less the time since the boot.
CREATE TABLE clock (
  key INTEGER PRIMARY KEY CHECK (key > 0),
  boot INTEGER NOT NULL,
  offset_ms INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  offset_before_ms INTEGER,
  reported_at_s INTEGER NOT NULL
) STRICT;

-- The rows of a day stand together: those of today are the ones that change.
CREATE TABLE day (
  patient TEXT NOT NULL REFERENCES patient (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  steps INTEGER NOT NULL,
  active_min INTEGER NOT NULL,
  still_min INTEGER NOT NULL,
  unworn_min INTEGER NOT NULL,
  unknown_min INTEGER NOT NULL,
  coverage_pct INTEGER NOT NULL,
  longest_rest_min INTEGER NOT NULL,
  longest_rest_from TEXT NOT NULL,
  rests_60 INTEGER NOT NULL,
  active_hours INTEGER NOT NULL,
  brisk_min INTEGER NOT NULL,
  valid INTEGER NOT NULL,
  goal INTEGER,
  goal_pct INTEGER,
  pain_max REAL,
  pain_mean REAL,
  PRIMARY KEY (day, patient)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_patient ON day (patient, day);

-- One alert that is not closed a patient and kind; the log keeps every transition.
CREATE TABLE alert (
  id TEXT NOT NULL PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  therapist TEXT NOT NULL,
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  rev INTEGER NOT NULL,
  opened_at_s INTEGER NOT NULL,
  updated_at_s INTEGER NOT NULL,
  closed_at_s INTEGER NOT NULL,
  shelved_until_s INTEGER NOT NULL,
  acted_by TEXT NOT NULL,
  note TEXT NOT NULL,
  evidence_0 INTEGER NOT NULL,
  evidence_1 INTEGER NOT NULL,
  evidence_2 INTEGER NOT NULL,
  span_from_s INTEGER NOT NULL,
  span_to_s INTEGER NOT NULL,
  device TEXT NOT NULL DEFAULT '', -- of the kind `battery`: what it is about
  over_budget INTEGER NOT NULL DEFAULT 0 -- one more than its therapist's budget for the day
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (patient, kind) WHERE state <> 'closed';
CREATE INDEX alert_patient ON alert (patient);
CREATE INDEX alert_closed ON alert (updated_at_s) WHERE state = 'closed';
CREATE INDEX alert_opened ON alert (opened_at_s);

CREATE TABLE alert_log (
  key INTEGER PRIMARY KEY,
  alert TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  actor TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  why TEXT NOT NULL
) STRICT;
CREATE INDEX alert_log_alert ON alert_log (alert);

-- Who spoke with a patient, or about them, and what came of it.
CREATE TABLE contact (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  at_s INTEGER NOT NULL,
  who TEXT NOT NULL,
  outcome TEXT NOT NULL,
  alert TEXT NOT NULL, -- the id of what it was about, or ''
  note TEXT NOT NULL
) STRICT;
CREATE INDEX contact_patient ON contact (patient, at_s);

-- Who acted, or looked at a patient, when and by which way, as a chain: hash is the SHA-256
-- of the hash before, key, at_s, who, how, what and subject, and subject that of salt, patient
-- and detail, see store_audit.c. An erasure takes patient, detail and salt out of the rows of
-- the patient, and leaves who did what when, and the subject, which without its salt says
-- nothing; erased is then the key of the row that tells of the erasure.
CREATE TABLE audit (
  key INTEGER PRIMARY KEY, -- one more than that of the row before
  at_s INTEGER NOT NULL,
  who TEXT NOT NULL,
  how TEXT NOT NULL,
  what TEXT NOT NULL,
  patient TEXT NOT NULL, -- the id, or ''
  detail TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) IN (0, 16)),
  subject BLOB NOT NULL CHECK (length(subject) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  erased INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX audit_patient ON audit (patient, at_s) WHERE patient <> '';
CREATE INDEX audit_who ON audit (who, at_s);
CREATE INDEX audit_at ON audit (at_s);
CREATE INDEX audit_erased ON audit (erased) WHERE erased <> 0;

-- The chain's two ends: the newest row, and the newest that was removed for its age.
CREATE TABLE audit_chain (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  key INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  cut_key INTEGER NOT NULL,
  cut_hash BLOB NOT NULL CHECK (length(cut_hash) = 32),
  cut_at_s INTEGER NOT NULL -- of that row; 0: none was removed
) STRICT;
INSERT INTO audit_chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32), 0);

-- Rows are appended, and only ever emptied by an erasure or removed from the oldest on.
-- Whoever can write to the file can do without these rules; what they did then is found by
-- the chain.
CREATE TRIGGER audit_append BEFORE INSERT ON audit
WHEN new.key <> (SELECT key + 1 FROM audit_chain)
BEGIN SELECT raise(ABORT, 'the audit is only appended to'); END;
CREATE TRIGGER audit_appended AFTER INSERT ON audit
BEGIN UPDATE audit_chain SET key = new.key, hash = new.hash; END;
CREATE TRIGGER audit_change BEFORE UPDATE ON audit
WHEN NOT (new.key = old.key AND new.at_s = old.at_s AND new.who = old.who
  AND new.how = old.how AND new.what = old.what AND new.subject = old.subject
  AND new.hash = old.hash AND new.patient = '' AND new.detail = '' AND new.salt = x''
  AND old.erased = 0 AND new.erased = (SELECT key + 1 FROM audit_chain))
BEGIN SELECT raise(ABORT, 'a row of the audit is never changed'); END;
CREATE TRIGGER audit_remove BEFORE DELETE ON audit
WHEN old.key > (SELECT cut_key FROM audit_chain)
BEGIN SELECT raise(ABORT, 'a row of the audit is never removed'); END;
CREATE TRIGGER audit_chain_change BEFORE UPDATE ON audit_chain
WHEN new.key < old.key OR new.cut_key < old.cut_key OR (new.cut_key > old.cut_key
  AND NOT EXISTS (SELECT 1 FROM audit WHERE key = new.cut_key AND hash = new.cut_hash))
BEGIN SELECT raise(ABORT, 'the ends of the audit only move on'); END;
CREATE TRIGGER audit_chain_remove BEFORE DELETE ON audit_chain
BEGIN SELECT raise(ABORT, 'the ends of the audit stay'); END;

-- What is still to be published. A later publication has a greater seq than any before, also
-- when those are gone. A row a topic and alert: the last of an alert is not lost to the first
-- of the next.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL CHECK (length(topic) BETWEEN 1 AND 511),
  about TEXT NOT NULL, -- the alert, who waits for a reading of `stepward try`, or ''
  payload TEXT NOT NULL,
  UNIQUE (topic, about)
) STRICT;

-- Publications of alerts of which the programs of notify { run } are still to be told, in
-- words that are ready. told: the names of those that were, with a / behind each.
CREATE TABLE notification (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,
  alert TEXT NOT NULL,
  rev INTEGER NOT NULL,
  at_s INTEGER NOT NULL,
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  state TEXT NOT NULL,
  therapist TEXT NOT NULL,
  words TEXT NOT NULL,
  told TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notification_patient ON notification (patient);

-- Refused messages. holder is whose share of the room the message takes: a patient's id where
-- known is 1, else the topic. How much each has, and both kinds together, is kept by the
-- triggers, so that who has most is found without a scan: see store_rejected.c. 1678 is what a
-- row counts for besides its bytes, as in schema.h.
CREATE TABLE rejected (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_s INTEGER NOT NULL,
  refusal TEXT NOT NULL,
  why TEXT NOT NULL,
  topic BLOB NOT NULL,
  payload BLOB NOT NULL,
  retained INTEGER NOT NULL,
  retry INTEGER NOT NULL DEFAULT 0, -- somebody asked for it to be taken once more
  clock INTEGER NOT NULL DEFAULT 0,
  known INTEGER NOT NULL DEFAULT 0,
  holder BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX rejected_retry ON rejected (retry) WHERE retry = 1;
CREATE INDEX rejected_holder ON rejected (known, holder, id);
CREATE TABLE rejected_share (
  known INTEGER NOT NULL,
  holder BLOB NOT NULL,
  n INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (known, holder)
) STRICT, WITHOUT ROWID;
CREATE INDEX rejected_largest ON rejected_share (known, (n * 1678 + bytes));
CREATE TABLE rejected_total (
  known INTEGER PRIMARY KEY,
  n INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO rejected_total VALUES (0, 0, 0), (1, 0, 0);
CREATE TRIGGER rejected_put AFTER INSERT ON rejected BEGIN
  INSERT INTO rejected_share
  VALUES (new.known, new.holder, 1, length(new.topic) + length(new.payload))
  ON CONFLICT (known, holder) DO UPDATE SET n = n + 1, bytes = bytes + excluded.bytes;
  UPDATE rejected_total
  SET n = n + 1, bytes = bytes + length(new.topic) + length(new.payload)
  WHERE known = new.known;
END;
CREATE TRIGGER rejected_gone AFTER DELETE ON rejected BEGIN
  UPDATE rejected_share
  SET n = n - 1, bytes = bytes - length(old.topic) - length(old.payload)
  WHERE known = old.known AND holder = old.holder;
  DELETE FROM rejected_share WHERE known = old.known AND holder = old.holder AND n <= 0;
  UPDATE rejected_total
  SET n = n - 1, bytes = bytes - length(old.topic) - length(old.payload)
  WHERE known = old.known;
END;

-- What is older than from_s was removed for its age: 'readings', 'alerts', 'audit'.
CREATE TABLE kept (
  what TEXT NOT NULL PRIMARY KEY,
  from_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the gateway remembers of itself.
CREATE TABLE health (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  messages INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  inbox_pending INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  open_alerts INTEGER NOT NULL,
  uptime_s INTEGER NOT NULL,
  version TEXT NOT NULL,
  connected INTEGER NOT NULL,
  clock_trusted INTEGER NOT NULL,
  written_at_s INTEGER NOT NULL,
  last_message_at_s INTEGER NOT NULL,
  last_commit_at_s INTEGER NOT NULL,
  problem TEXT NOT NULL,
  incident TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE incident (
  kind TEXT NOT NULL,
  at_s INTEGER NOT NULL,
  over_at_s INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (at_s, kind)
) STRICT, WITHOUT ROWID;

-- Items of a source that its pointers missed among others that they found.
CREATE TABLE source_missed (
  source TEXT NOT NULL PRIMARY KEY,
  since_s INTEGER NOT NULL,
  last_s INTEGER NOT NULL,
  n_missed INTEGER NOT NULL,
  n_seen INTEGER NOT NULL, -- of the messages in which some were
  example TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- When it was connected.
CREATE TABLE online_span (
  from_s INTEGER PRIMARY KEY,
  to_s INTEGER NOT NULL CHECK (to_s >= from_s)
) STRICT;

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- A database in which no gateway ever worked may follow one that was lost.
INSERT INTO meta VALUES ('echo', 'awaited');
