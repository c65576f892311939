-- Books the sales, tidies up, and tries to keep a second set of books where it may only read.
CREATE TABLE sales (region TEXT, product TEXT, units INTEGER, price REAL);
.import --csv --skip 1 /data/sales.csv sales
VACUUM;
SELECT format('%d sales, %.2f in all; ', count(*), sum(units * price)) || 'the books are ' || integrity_check FROM sales, pragma_integrity_check;
ATTACH '/data/second.db' AS second;
