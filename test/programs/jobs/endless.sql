WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers;
COMMIT;
