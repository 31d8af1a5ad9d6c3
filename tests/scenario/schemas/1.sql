-- The index as schema version 1 made it.  It stays as it is.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE session (
    id BLOB PRIMARY KEY,
    state INTEGER NOT NULL,
    prefix TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    user TEXT NOT NULL,
    url TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    stored_any INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    made INTEGER NOT NULL,
    delivered_as TEXT NOT NULL DEFAULT '',
    ended_by INTEGER,
    ended_cause TEXT,
    ended_at INTEGER,
    synced INTEGER NOT NULL DEFAULT 0,
    boot INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX session_age ON session (prefix, (state = 0 AND stored_any = 0), active_at, made) WHERE state < 4;

CREATE INDEX session_empty ON session (prefix, user, active_at, made) WHERE state = 0 AND stored_any = 0 AND user <> '';

CREATE INDEX session_unfinished ON session (prefix, id) WHERE state IN (1, 4);

CREATE INDEX session_ended ON session (ended_at) WHERE state = 5;

CREATE TABLE prefix_tally (prefix TEXT PRIMARY KEY, sessions INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE user_tally (prefix TEXT NOT NULL, user TEXT NOT NULL, sessions INTEGER NOT NULL, PRIMARY KEY (prefix, user)) WITHOUT ROWID;

CREATE TRIGGER session_made AFTER INSERT ON session BEGIN
    INSERT INTO prefix_tally VALUES (new.prefix, 1) ON CONFLICT DO UPDATE SET sessions = sessions + 1;
    INSERT INTO user_tally SELECT new.prefix, new.user, 1 WHERE new.user <> '' ON CONFLICT DO UPDATE SET sessions = sessions + 1;
END;

CREATE TRIGGER session_left AFTER UPDATE OF state ON session WHEN old.state < 4 AND new.state >= 4 BEGIN
    UPDATE prefix_tally SET sessions = sessions - 1 WHERE prefix = old.prefix;
    UPDATE user_tally SET sessions = sessions - 1 WHERE old.user <> '' AND prefix = old.prefix AND user = old.user;
    DELETE FROM user_tally WHERE old.user <> '' AND prefix = old.prefix AND user = old.user AND sessions = 0;
END;

CREATE TRIGGER session_deleted AFTER DELETE ON session WHEN old.state < 4 BEGIN
    UPDATE prefix_tally SET sessions = sessions - 1 WHERE prefix = old.prefix;
    UPDATE user_tally SET sessions = sessions - 1 WHERE old.user <> '' AND prefix = old.prefix AND user = old.user;
    DELETE FROM user_tally WHERE old.user <> '' AND prefix = old.prefix AND user = old.user AND sessions = 0;
END;

PRAGMA user_version = 1;
