"""Opens a Parquet file of check with DuckDB and with Polars, and compares both with the ndjson of the same run.

    python parquet.py ROWS.parquet ROWS.ndjson COLUMN:KIND...

KIND is text, time or list. Ends with status 1 and says what differs.
"""

import datetime
import json
import sys

import duckdb
import polars

path, ndjson, *columns = sys.argv[1:]
columns = [column.split(":") for column in columns]
names = [name for name, _ in columns]
times = [name for name, kind in columns if kind == "time"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(instant):
    return None if instant is None else (instant - EPOCH) // datetime.timedelta(microseconds=1)


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{path}: {what}: {found!r} instead of {expected!r}")


expected = []
with open(ndjson, encoding="utf-8") as lines:
    for line in lines:
        row = json.loads(line)
        same("columns of ndjson", list(row), names)
        for name in times:
            row[name] = None if row[name] is None else micros(datetime.datetime.fromisoformat(row[name]))
        expected.append(tuple(row[name] for name in names))
assert expected, "a test of nothing"

# DuckDB
described = duckdb.execute("describe select * from read_parquet(?)", [path]).fetchall()
types = {"text": "VARCHAR", "time": "TIMESTAMP WITH TIME ZONE", "list": "VARCHAR[]"}
same("columns of DuckDB", [row[:2] for row in described], [(name, types[kind]) for name, kind in columns])
select = ", ".join(f'epoch_us("{name}")' if name in times else f'"{name}"' for name in names)
rows = duckdb.execute(f"select {select} from read_parquet(?)", [path]).fetchall()
same("count of DuckDB", len(rows), len(expected))
for index, pair in enumerate(zip(rows, expected)):
    same(f"row {index} of DuckDB", *pair)
metadata = duckdb.execute("select key, value from parquet_kv_metadata(?)", [path]).fetchall()
same("schema", [(key.decode(), value.decode()) for key, value in metadata], [("answerable.schema", "1.0")])
(created_by,) = duckdb.execute("select created_by from parquet_file_metadata(?)", [path]).fetchone()
same("created by", created_by.split(" version ")[0], "answerable")

# Polars
frame = polars.read_parquet(path)
types = {"text": polars.String, "time": polars.Datetime("us", "UTC"), "list": polars.List(polars.String)}
same("columns of Polars", dict(frame.schema), {name: types[kind] for name, kind in columns})
same("count of Polars", frame.height, len(expected))
for index, (row, other) in enumerate(zip(frame.to_dicts(), expected)):
    found = tuple(micros(row[name]) if name in times else row[name] for name in names)
    same(f"row {index} of Polars", found, other)
