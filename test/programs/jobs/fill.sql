-- Fills the file until its quota is spent, and opens it again.
CREATE TABLE lines (text TEXT);
INSERT INTO lines VALUES ('the first');
WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
INSERT INTO lines SELECT hex(zeroblob(1000)) FROM numbers;
.open /job/full.db
SELECT * FROM lines;
INSERT INTO lines VALUES ('the second');
SELECT count(*) FROM lines;
