-- Fills a ledger, rolls back a transaction, and closes and opens the file again before it asks.
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE entries (id INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts, amount INTEGER, note TEXT);
INSERT INTO accounts (name) VALUES ('rent'), ('food'), ('books');
WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
INSERT INTO entries (account, amount, note) SELECT n % 3 + 1, n * 7 % 1000, 'entry ' || hex(n) FROM numbers;
CREATE INDEX entries_by_note ON entries (note);
BEGIN;
DELETE FROM entries;
ROLLBACK;
DELETE FROM entries WHERE account = 3 AND amount < 500;
VACUUM;
.open /job/ledger.db
SELECT name, count(*), sum(amount) FROM entries JOIN accounts ON account = accounts.id GROUP BY name ORDER BY name;
SELECT amount FROM entries WHERE note = 'entry ' || hex(1234);
SELECT count(*) FROM entries INDEXED BY entries_by_note WHERE note > '';
