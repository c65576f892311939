WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
INSERT INTO lines SELECT 'half ' || hex(zeroblob(1000)) FROM numbers;
COMMIT;
