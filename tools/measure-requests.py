#!/usr/bin/env python3
"""Precision and recall of the pack test-papers on labelled requests: every text becomes a comment of a new person under a new
post; "answered" is when a rule of the pack fires on it. Prints the tables that stand in the pack's README.

  tools/measure-requests.py build/weir rules/test-papers FILE.jsonl ...
"""
import json
import subprocess
import sys


def answered(weir, pack, texts):
    events = "".join(
        json.dumps({"id": f"c{i}", "time": 1795309200000 + i, "channel": "douyin", "account": "papers", "type": "comment",
                    "contact": {"id": f"u{i}"}, "text": text, "post": f"v{i}"}, ensure_ascii=False) + "\n"
        for i, text in enumerate(texts))
    key = subprocess.run(["mktemp", "-u"], capture_output=True, text=True, check=True).stdout.strip()
    run = subprocess.run([weir, "run", pack, "--plain", "--state", ":memory:", "--clock", "events", "--key", key], input=events, capture_output=True, text=True)
    subprocess.run(["rm", "-f", key], check=True)
    if run.returncode == 2:
        sys.exit(run.stderr)
    by_cause = {}
    for line in run.stdout.splitlines():
        for decision in json.loads(line)["decisions"]:
            by_cause[decision["cause"]] = decision["actions"][0]["rule"]
    return [by_cause.get(f"c{i}") for i in range(len(texts))]


def row(name, rows):
    tp = sum(1 for label, rule in rows if label and rule)
    fp = sum(1 for label, rule in rows if not label and rule)
    fn = sum(1 for label, rule in rows if label and not rule)
    precision = f"{tp / (tp + fp):.2f}" if tp + fp else "-"
    recall = f"{tp / (tp + fn):.2f}" if tp + fn else "-"
    print(f"| {name} | {len(rows)} | {tp + fn} | {tp} | {fp} | {precision} | {recall} |")


def main():
    weir, pack, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    print("| texts | all | requests | answered rightly | answered wrongly | precision | recall |\n|---|---|---|---|---|---|---|")
    for path in files:
        items = [json.loads(line) for line in open(path, encoding="utf-8")]
        rules = answered(weir, pack, [item["text"] for item in items])
        pairs = [(item["label"] == "request", rule) for item, rule in zip(items, rules)]
        name = path.rsplit("/", 1)[-1].split(".")[0]
        row(f"{name}, all", pairs)
        for category in sorted({item["category"] for item in items}):
            row(f"{name}, {category}", [p for p, item in zip(pairs, items) if item["category"] == category])
        if "-v" in sys.argv:
            for item, rule in zip(items, rules):
                if bool(rule) != (item["label"] == "request"):
                    print("MISS " if not rule else "WRONG", item["label"], item["text"], rule or "", file=sys.stderr)


if __name__ == "__main__":
    main()
