"""The peer of check: runs peer.sql, and compares its rows with check's.

    python peer.py judge SQL FOLDER AS_OF ROWS THREADS (told | guessed)
    python peer.py compare ROWS ROWS_OF_CHECK
"""

import json
import sys

# What the script knows of: verdicts that check reached by other rules can't be the same.
RULES = {"C3", "C4", "C5", "C7", "C8"}


def judge(sql, folder, as_of, rows, threads, columns):
    import duckdb

    with open(sql) as file:
        script = file.read().format(folder=folder, as_of=as_of, rows=rows)
    if columns == "guessed":
        script = guessing(script)
    connection = duckdb.connect(config={"threads": int(threads)})
    connection.execute(script)


# What the invented records never have, so that DuckDB, which guesses, knows no such columns; and what one writes then.
ABSENT = [
    ("CASE WHEN deceasedBoolean THEN TIMESTAMPTZ '0001-01-01' END", "NULL"),
    ("list_transform(team, lambda x: x.reference) AS teams\n", "[]::VARCHAR[] AS teams\n"),
    (' onsetPeriod."start"::VARCHAR,', ""),
    (', abatementPeriod."end"::VARCHAR', ""),
    ("named(gp)", "gp.reference"),
    ("\n    WHERE holds(participant.period)),", "),"),
    (
        " OR (status IN ('completed', 'revoked') AND period.\"end\" IS NOT NULL))\n            AND holds(period))",
        ") AND begun(period))",
    ),
    (" OR (status = 'finished' AND period.\"end\" IS NOT NULL)) AND holds(period)))", ") AND begun(period)))"),
]


def guessing(script):
    """The script as one would write it first: DuckDB finds out by itself what the files have."""
    first, *others = script.split(", columns = {")
    # All is looked at, or it would miss what few records have.
    script = first + "".join(", sample_size = -1" + part[part.index("}") + 1 :] for part in others)
    for told, guessed in ABSENT:
        if told not in script:
            raise ValueError(f"the script has no {told!r}")
        script = script.replace(told, guessed)
    return script


def compare(rows, rows_of_check):
    with open(rows) as file:
        peer = {row["need"]: (row["verdict"], row["holders"]) for row in map(json.loads, file)}
    compared = agreed = beyond = absent = 0
    examples = []
    with open(rows_of_check) as file:
        ours = [row for row in map(json.loads, file) if row["need"].startswith("Condition/") and row["duty"] == "overall"]
    for row in ours:
        if not set(row["rules"]) <= RULES:
            beyond += 1
        elif row["need"] not in peer:
            absent += 1
        else:
            compared += 1
            if peer[row["need"]] == (row["verdict"], row["holders"]):
                agreed += 1
            elif len(examples) < 5:
                examples.append((row["need"], peer[row["need"]], row["verdict"], row["holders"], row["rules"]))
    for example in examples:
        print("differs:", *example, file=sys.stderr)
    merged = len(peer) - len(peer.keys() & {row["need"] for row in ours})
    print(f"needs={len(ours)} compared={compared} agreed={agreed} beyond={beyond} absent={absent} only_peer={merged}")


if __name__ == "__main__":
    {"judge": judge, "compare": compare}[sys.argv[1]](*sys.argv[2:])
