BEGIN TRANSACTION;
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,          -- canonical: b:370580, list:198:2, day:2022-06-16
  kind TEXT NOT NULL,                 -- article, front, listing, day, author, feed
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  url TEXT NOT NULL,                  -- the form to fetch
  box TEXT NOT NULL,                  -- how it was found: in this box ...
  page TEXT NOT NULL,                 -- ... of this page
  text TEXT NOT NULL,                 -- ... under this text: the headline of an article
  depth INTEGER NOT NULL,
  boxes INTEGER NOT NULL,             -- a bit for each box that showed it on a followed page
  day TEXT,                           -- the day index that lists it; its own day, of an index
  published TEXT,                     -- the day its page says
  found_at REAL NOT NULL,             -- seconds since 1970
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  hops INTEGER NOT NULL DEFAULT 0,
  tried TEXT,                         -- forms tried in this visit, a line each
  earned TEXT,                        -- the state that an earlier form's answer brought
  settled_at REAL,                    -- seconds since 1970
  fetched_at TEXT,                    -- UTC, ISO 8601, of the newest answer with content
  form TEXT, etag TEXT, last_modified TEXT,   -- the validators, and the form they came with
  revisit REAL                        -- seconds since 1970: when a stored article is due again
) STRICT;
INSERT INTO "address" VALUES(1,'b:1','article','','stored','/b:1','latest','','b:1',0,2,NULL,'2022-06-16',0.0,'why',0,0,NULL,NULL,5.0,NULL,NULL,NULL,NULL,1655424000.0);
INSERT INTO "address" VALUES(2,'b:2','article','','stored','/b:2','latest','','b:2',0,2,NULL,'2022-06-16',0.0,'why',0,0,NULL,NULL,6.0,NULL,NULL,NULL,NULL,1655424000.0);
INSERT INTO "address" VALUES(3,'b:3','article','','refused','/b:3','latest','','b:3',0,2,NULL,NULL,0.0,'no_body',0,0,NULL,NULL,7.0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE day (                    -- day indexes that were read or asked
  address INTEGER PRIMARY KEY REFERENCES address,
  day TEXT NOT NULL, language TEXT NOT NULL,
  expected INTEGER,                   -- articles on the index when it was read last
  is_final INTEGER NOT NULL,          -- asked after the day could still change
  closed_at REAL, holes INTEGER       -- when each article had a final state; failed ones
) STRICT;
CREATE TABLE line (                   -- the newest line of each stored article
  address INTEGER PRIMARY KEY REFERENCES address,
  published_date TEXT, section TEXT, language TEXT NOT NULL, markup TEXT NOT NULL,
  extractor INTEGER NOT NULL, filled INTEGER NOT NULL,
  file TEXT NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
  content_sha256 TEXT NOT NULL, revision INTEGER NOT NULL, fetched_at TEXT NOT NULL
) STRICT;
INSERT INTO "line" VALUES(1,'2022-06-16',NULL,'en','2024',1,3,'articles/2022/2022-06.0.jsonl',0,100,'0000000000000000000000000000000000000000000000000000000000000000',1,'2022-06-16T10:00:00');
INSERT INTO "line" VALUES(2,'2022-06-16',NULL,'en','2024',1,3,'articles/2022/2022-06.0.jsonl',0,100,'0000000000000000000000000000000000000000000000000000000000000000',1,'2022-06-16T10:00:00');
CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE run (
  id INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope,
  started REAL NOT NULL, ended REAL,  -- NULL: it is running, or was killed
  seen REAL NOT NULL,                 -- its last sign of life
  requests INTEGER NOT NULL DEFAULT 0, settled INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  fallen INTEGER NOT NULL DEFAULT 0,  -- leases that the run before it left behind
  code INTEGER, ending TEXT
) STRICT;
INSERT INTO "run" VALUES(1,1,0.0,8.0,8.0,0,3,2,0,0,0,'Done.');
CREATE TABLE scope (id INTEGER PRIMARY KEY, spider TEXT NOT NULL, key TEXT NOT NULL,
  UNIQUE (spider, key)) STRICT;
INSERT INTO "scope" VALUES(1,'observer','one');
CREATE TABLE segment (
  file TEXT PRIMARY KEY,
  size INTEGER NOT NULL,              -- up to here its lines are all known
  reach INTEGER NOT NULL              -- the end of the last line that is known
) STRICT, WITHOUT ROWID;
INSERT INTO "segment" VALUES('articles/2022/2022-06.0.jsonl',100,100);
CREATE TABLE visit (                  -- the queue: who waits for which address
  address INTEGER NOT NULL REFERENCES address,
  scope INTEGER NOT NULL REFERENCES scope,
  rank INTEGER NOT NULL,              -- small ones first
  due REAL NOT NULL,                  -- seconds since 1970; 0: at once
  wait REAL NOT NULL,                 -- the seconds that `due` was set ahead: a retry is after all
                                      -- of its rank that are asked for the first time
  leased INTEGER NOT NULL,            -- the mark of a lease
  PRIMARY KEY (address, scope)
) STRICT, WITHOUT ROWID;
CREATE TABLE walk (                   -- section lists: when a walk to the end began and is known
  scope INTEGER NOT NULL, list TEXT NOT NULL,
  started REAL, complete_at REAL,     -- of the walk under way; start of the last whole one
  PRIMARY KEY (scope, list)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_by_state ON address (state, kind);
CREATE INDEX address_by_day ON address (day) WHERE day IS NOT NULL;
CREATE INDEX address_by_published ON address (published) WHERE state = 'outside';
CREATE INDEX address_by_revisit ON address (revisit) WHERE revisit IS NOT NULL;
CREATE INDEX visit_ready ON visit (scope, rank, wait, address) WHERE due = 0 AND leased = 0;
CREATE INDEX visit_later ON visit (scope, due) WHERE due > 0;
CREATE INDEX visit_leased ON visit (leased) WHERE leased = 1;
CREATE INDEX day_by_day ON day (language, day);
COMMIT;
PRAGMA user_version = 1;
