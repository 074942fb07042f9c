#!/usr/bin/python3
"""Compares what weir reads and writes with the schemas in docs/schemas.

  validate.py SCHEMA FILE [some]   every line of FILE is right by the schema; without "some" every kind of action, line or finding is there
  validate.py forms WEIR FORMS     of every form of an event weir says what the schema says
"""
import json
import subprocess
import sys
from pathlib import Path

import jsonschema

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "schemas"
SCHEMAS = {p.stem: json.loads(p.read_text()) for p in sorted(FOLDER.glob("*.json"))}
# What a test cannot bring about when it likes: a deadline that strikes, a disk that is full, an executor that is away for an hour.
RARE = {"struck", "rollback", "expire"}


def validator(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    if name == "check":
        return jsonschema.Draft202012Validator(closed(SCHEMAS[name]))
    # The library of some machines looks schemas up by "$id" only when it is told of them.
    resolver = jsonschema.RefResolver.from_schema(SCHEMAS[name], store={s["$id"]: s for s in SCHEMAS.values()})
    return jsonschema.Draft202012Validator(SCHEMAS[name], resolver=resolver)


# A schema that lets members be added says of those that weir prints today what they are: then the test lets none be added.
def closed(schema):
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {k: closed(v) for k, v in schema.items()}
    return {**inner, "additionalProperties": False} if schema.get("type") == "object" else inner


def lines(schema, path, some=""):
    check, bad, seen = validator(schema), 0, set()
    text = Path(path).read_text().splitlines()
    for number, line in enumerate(text, 1):
        value = json.loads(line)
        for error in check.iter_errors(value):
            best = jsonschema.exceptions.best_match([error])
            print(f"{path}:{number}: {best.json_path}: {best.message[:300]}")
            bad += 1
        seen |= {"next_kid"} & set(value) | {a["kind"] for d in value.get("decisions", []) for a in d["actions"]} | ({next(iter(value))} if schema == "journal" else set())
        seen |= {f["severity"] for f in value.get("findings", [])}
    wanted = set()
    if schema == "record" and not some:
        wanted = {a["properties"]["kind"]["const"] for a in SCHEMAS[schema]["$defs"]["action"]["oneOf"]} | {"next_kid"}
    if schema == "check":
        wanted = {"error", "warning", "note"}
    if schema == "journal":
        wanted = {next(iter(o["properties"])) for o in SCHEMAS[schema]["oneOf"]} - RARE
    if wanted - seen:
        print(f"{path}: nothing of {', '.join(sorted(wanted - seen))}")
    return bool(text) and not bad and not wanted - seen


def forms(weir, path):
    check, good = validator("event"), True
    base = {"id": "c1", "time": "2026-11-22T09:00:00+08:00", "channel": "douyin", "account": "shop", "type": "comment", "contact": {"id": "u1"}}
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        expected, change = line.split("\t")
        event = {**base, **json.loads(change)}
        if event["contact"] is None and event["type"] == "outcome":
            del event["contact"]
        run = subprocess.run([weir, "run", str(Path(path).parent / "pack.lua"), "--plain", "--state", ":memory:", "--clock", "events", "--key", "key.json"],
                             input=json.dumps(event) + "\n", capture_output=True, text=True, check=False)
        says = {"schema": check.is_valid(event), "weir": run.returncode == 0}
        if set(says.values()) != {expected == "good"}:
            print(f"{path}:{number}: expected {expected}: {change}\n  schema {says['schema']}, weir {says['weir']}: {run.stderr.strip()}")
            good = False
    return good


if __name__ == "__main__":
    sys.exit(0 if (forms(*sys.argv[2:]) if sys.argv[1] == "forms" else lines(*sys.argv[1:])) else 1)
