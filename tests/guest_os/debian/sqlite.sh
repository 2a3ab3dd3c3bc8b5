cat > s.sql <<'EOF'
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INT CHECK (age > 0), colour TEXT);
INSERT INTO person (name, age, colour)
    VALUES ('carol', 30, 'red'), ('alice', 25, 'blue'), ('bob', 30, 'green'), ('dave', 7, 'blue');
CREATE INDEX by_age ON person (age);
CREATE VIEW grown AS SELECT * FROM person WHERE age >= 18;
SELECT colour, count(*), avg(age), group_concat(name) FROM person GROUP BY colour ORDER BY colour;
BEGIN; UPDATE person SET age = age + 1; SAVEPOINT s; DELETE FROM person; ROLLBACK TO s; COMMIT;
SELECT * FROM grown ORDER BY name;
INSERT INTO person (name, age) VALUES ('alice', 1);
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) SELECT sum(x), max(x) FROM n;
CREATE TABLE big (k INTEGER PRIMARY KEY, v TEXT);
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000) INSERT INTO big SELECT x, hex(x * 7919) FROM n;
SELECT count(*), min(v), max(v), sum(length(v)) FROM big;
SELECT k FROM big WHERE v LIKE '%3939' ORDER BY k LIMIT 3;
SELECT name, rank() OVER (ORDER BY age DESC), lag(name) OVER (ORDER BY name) FROM person ORDER BY name;
CREATE TRIGGER t AFTER DELETE ON person BEGIN INSERT INTO big (v) VALUES ('gone ' || old.name); END;
DELETE FROM person WHERE name = 'dave';
SELECT v FROM big WHERE v LIKE 'gone%';
SELECT json_extract('{"a": [1, {"b": "x"}]}', '$.a[1].b'), printf('%05.2f', 3.14159), date('2000-01-31', '+1 month');
EXPLAIN QUERY PLAN SELECT * FROM person WHERE age = 31;
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
EOF
sqlite3 test.db < s.sql; echo $?
sqlite3 -header -column test.db 'SELECT * FROM grown ORDER BY id'; sqlite3 -json test.db 'SELECT * FROM person LIMIT 1'
sqlite3 test.db .dump | md5sum; sqlite3 test.db '.schema person' '.tables' '.mode insert' "SELECT 1, NULL, x'00ff'"; stat -c %s test.db
sqlite3 test.db 'PRAGMA journal_mode = wal; INSERT INTO big (v) VALUES (1); SELECT count(*) FROM big; PRAGMA wal_checkpoint(TRUNCATE)'; ls test.db*
for n in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' test.db "INSERT INTO big (v) VALUES ('p$n')" & done; wait
sqlite3 test.db "SELECT count(*) FROM big WHERE v LIKE 'p%'; PRAGMA journal_mode = delete"
mkfifo locked release
(echo 'BEGIN IMMEDIATE;'; echo '.system echo > locked'; read -r x < release; echo 'COMMIT;') | sqlite3 test.db &
read -r x < locked; sqlite3 test.db 'BEGIN IMMEDIATE; SELECT 2'; echo $?; echo > release; wait
sqlite3 test.db 'BEGIN IMMEDIATE; SELECT 3'; echo $?
sqlite3 test.db 'SELECT nothere FROM person'; echo $?
printf 'a,b\n1,2\n' > in.csv; sqlite3 :memory: '.import --csv in.csv t' 'SELECT a + b FROM t'
sqlite3 test.db '.backup copy.db'; sqlite3 copy.db 'PRAGMA quick_check; SELECT count(*) FROM big'
head -c 2000 bytes > bad.db; sqlite3 bad.db .tables; echo $?
sqlite3 test.db 'PRAGMA mmap_size = 1000000; SELECT sum(k) FROM big; PRAGMA cache_size = 10; SELECT count(*) FROM big a, big b WHERE a.k = b.k + 1'
