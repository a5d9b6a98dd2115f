# Reads files by the real readers and tells what each makes of them.
# Standard input: one JSON a line, {path, key, consumed, columns, delimiter}. Standard output: one
# JSON a line, {reader: digest of the multiset of (key, consumed), or "stops"}. Null and empty are one.
import csv
import hashlib
import io
import json
import os
import sys
import warnings

os.environ["POLARS_MAX_THREADS"] = "1"
warnings.filterwarnings("ignore")

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv

pyarrow.set_cpu_count(1)
database = duckdb.connect(config={"threads": 1})


def digest(names, rows, wanted):
    """Of the wanted columns; a column that is not there, or not alone, is an error."""
    places = []
    for name in wanted:
        found = [at for at, one in enumerate(names) if one == name]
        if len(found) != 1:
            raise KeyError(name)
        places.append(found[0])
    said = []
    for row in rows:
        cells = [row[at] if at < len(row) else None for at in places]
        said.append("\0".join("" if cell is None or cell != cell else str(cell) for cell in cells))
    said.sort()
    text = "\n".join(said).encode("utf-8", "surrogatepass")
    return f"{len(said)} {hashlib.sha256(text).hexdigest()[:24]}"


def python_csv(lines, delimiter):
    rows = list(csv.reader(lines, delimiter=delimiter))
    return rows[0], rows[1:]


def of_bytes(file):
    with open(file["path"], encoding="utf-8", newline="") as lines:
        return python_csv(lines, file["delimiter"])


def of_lines(file):
    with open(file["path"], "rb") as body:
        return python_csv(body.read().decode().splitlines(), file["delimiter"])


def of_pandas(file, **how):
    frame = pandas.read_csv(file["path"], sep=file["delimiter"], dtype=str, keep_default_na=False, **how)
    return list(frame.columns), frame.values.tolist()


def of_polars(file, **how):
    frame = polars.read_csv(file["path"], separator=file["delimiter"], infer_schema=False, **how)
    return frame.columns, frame.rows()


def of_duckdb(file, wanted, **how):
    # As a job asks: by name, in any case.
    said = {"all_varchar": True, **how}
    if file["delimiter"] != ",":
        said["sep"] = file["delimiter"]
    relation = database.read_csv(file["path"], **said)
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
    return wanted, relation.project(quoted).fetchall()


def of_pyarrow(file):
    parse = pyarrow.csv.ParseOptions(delimiter=file["delimiter"])
    names = pyarrow.csv.open_csv(file["path"], parse_options=parse).schema.names
    convert = pyarrow.csv.ConvertOptions(
        column_types={name: pyarrow.string() for name in names}, strings_can_be_null=False
    )
    table = pyarrow.csv.read_csv(file["path"], parse_options=parse, convert_options=convert)
    columns = [column.to_pylist() for column in table.columns]
    return table.schema.names, list(zip(*columns)) if columns else []


def by_place(file, wanted):
    columns = file["columns"]
    return {
        "pandas by place": lambda: of_pandas(file, header=0, names=columns),
        "polars by place": lambda: of_polars(file, new_columns=columns),
        "duckdb by place": lambda: of_duckdb(
            file, wanted, columns={name: "VARCHAR" for name in columns}, header=True
        ),
    }


def read(file):
    wanted = file["key"] + file["consumed"]
    ways = {
        "python-csv": lambda: of_bytes(file),
        "python-csv (splitlines)": lambda: of_lines(file),
        "pandas": lambda: of_pandas(file),
        "polars": lambda: of_polars(file),
        "duckdb": lambda: of_duckdb(file, wanted),
        "duckdb (sniff: false)": lambda: of_duckdb(
            file, wanted, sep=file["delimiter"], quotechar='"', escapechar='"', header=True
        ),
        "pyarrow": lambda: of_pyarrow(file),
        **by_place(file, wanted),
    }
    said = {}
    for name, way in ways.items():
        try:
            names, rows = way()
            said[name] = digest(names, rows, wanted)
        except Exception as error:  # whatever it is, the job stops
            said[name] = "stops " + type(error).__name__
    return said


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))), flush=True)
