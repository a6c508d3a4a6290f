"""Copies new contacts from a CSV file into an SQLite file. A small but complete internal integration.

It reads its settings from ``PAN_CFG_*`` and its context from ``PAN_CTX_*``, logs to stderr, and prints its state as
the last line of stdout: after an ``init`` run the choices of the settings form, after a ``normal`` run the cursor.
"""

import csv
import json
import os
import sqlite3
import sys

ALL = "all"


def log(message):
    """Say on stderr what happens; this is the log people see."""
    print(message, file=sys.stderr, flush=True)


def read_rows(csv_file):
    """The rows of the CSV file, or an end with status 1 when there is no such file."""
    try:
        with open(csv_file, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        log(f"error: there is no file {csv_file}")
        sys.exit(1)


def init(csv_file):
    """Print the segments of the CSV file as choices of the settings form."""
    segments = sorted({row["segment"].strip() for row in read_rows(csv_file) if row.get("segment", "").strip()})
    log(f"found {len(segments)} segments in {csv_file}")
    choices = [{"const": ALL, "title": "All segments"}]
    choices += [{"const": segment, "title": segment.capitalize()} for segment in segments]
    print(json.dumps({"segments": choices}))


def normal(csv_file, database_file, segment, batch_size):
    """Upsert the rows after the last cursor, and print the new one."""
    cursor = int(json.loads(os.environ.get("PAN_CTX_LAST_SUCCESSFUL_RUN_STD_OUT") or "{}").get("row", 0))
    rows = read_rows(csv_file)
    log(f"{len(rows)} rows in {csv_file}, {cursor} done before, segment {segment}")
    copied = skipped = 0
    with sqlite3.connect(database_file) as database:
        database.execute("CREATE TABLE IF NOT EXISTS contact (email TEXT PRIMARY KEY, name TEXT, segment TEXT)")
        for number, row in enumerate(rows[cursor : cursor + batch_size], start=cursor + 1):
            if "@" not in (row.get("email") or ""):
                log(f"warning: row {number} has no usable e-mail address: skipped")
                skipped += 1
            elif segment in (ALL, row["segment"].strip()):
                values = (row["email"].strip().lower(), row["name"].strip(), row["segment"].strip())
                database.execute("INSERT OR REPLACE INTO contact VALUES (?, ?, ?)", values)
                copied += 1
            cursor = number
    log(f"copied {copied} contacts to {database_file}, skipped {skipped}")
    print(json.dumps({"row": cursor, "copied": copied, "skipped": skipped}))


def main():
    """Do what the run mode asks for."""
    csv_file = os.environ.get("PAN_CFG_CSV_FILE", "contacts.csv")
    if os.environ.get("PAN_CTX_RUN_MODE") == "init":
        init(csv_file)
        return
    normal(
        csv_file,
        os.environ["PAN_CFG_DATABASE_FILE"],
        os.environ.get("PAN_CFG_SEGMENT", ALL),
        int(os.environ.get("PAN_CFG_BATCH_SIZE", "100")),
    )


if __name__ == "__main__":
    main()
