-- web-1.sql -- who may log in to the board: the tables of web.db. Embedded by CMake, run by
-- schema.c.
--
-- Nothing here opens anything by itself. A password is kept as crypt(3) makes it; of sessions,
-- invitations and tokens there is the SHA-256 of the secret, and of what kind it is, alone.
-- Times are _s, whole seconds since 1970-01-01T00:00Z.

PRAGMA application_id = 0x53747777;

-- A number is never given twice (AUTOINCREMENT), so that nobody inherits a session.
CREATE TABLE user (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 36),
  role TEXT NOT NULL CHECK (role IN ('therapist', 'admin', 'wall')),
  sees_team INTEGER NOT NULL CHECK (sees_team IN (0, 1)),
  hides_names INTEGER NOT NULL CHECK (hides_names IN (0, 1)),
  locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
  password TEXT NOT NULL DEFAULT '', -- '': none yet
  created_at_s INTEGER NOT NULL,
  logged_in_at_s INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE session (
  hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  user INTEGER NOT NULL REFERENCES user (key) ON DELETE CASCADE,
  created_at_s INTEGER NOT NULL,
  used_at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, used_at_s);

-- A user has one at a time.
CREATE TABLE invite (
  user INTEGER PRIMARY KEY REFERENCES user (key) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  ends_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  user INTEGER NOT NULL REFERENCES user (key) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at_s INTEGER NOT NULL,
  ends_at_s INTEGER NOT NULL,
  used_at_s INTEGER NOT NULL DEFAULT 0,
  UNIQUE (user, name)
) STRICT;
