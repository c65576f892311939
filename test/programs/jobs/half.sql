-- Leaves a transaction half done: more pages than the cache holds, so that the file has some of them before the end.
PRAGMA cache_size = 10;
CREATE TABLE lines (text TEXT);
WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
INSERT INTO lines SELECT 'kept ' || hex(zeroblob(500)) FROM numbers;
BEGIN;
UPDATE lines SET text = replace(text, 'kept', 'half');
.print half done
