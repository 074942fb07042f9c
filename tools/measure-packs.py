#!/usr/bin/env python3
"""How often a pack answers what people write, when none of it is meant for the pack: every comment of the corpora becomes an event
of a new person. Prints, file by file, how many comments each rule answered; with --show N also N of the answered texts, picked evenly,
to be read and judged. --bare takes stages and tags out of the rules' conditions: as if everybody stood where the rule wants him.

  WEIR_SHARED=... tools/measure-packs.py build/weir rules/mood-music wechat_oa/music message [--without default] [--show 100]
"""
import argparse
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CHUNK = 2000  # people of one run: what the state in memory holds


def texts_of(path):
    for line in open(path, encoding="utf-8", errors="replace"):
        text = json.loads(line)["text"] if path.endswith(".jsonl") else line.rstrip("\n")
        if text.strip():
            yield text


def rules_that_answer(weir, pack, account, kind, texts, key, without):
    channel, name = account.split("/")
    events = "".join(
        json.dumps({"id": f"c{i}", "time": 1795309200000 + i, "channel": channel, "account": name, "type": kind,
                    "contact": {"id": f"u{i}"}, "text": text[:2000], **({"post": "v1"} if kind == "comment" else {})}, ensure_ascii=False) + "\n"
        for i, text in enumerate(texts))
    run = subprocess.run([weir, "run", pack, "--plain", "--state", ":memory:", "--clock", "events", "--key", key],
                         input=events, capture_output=True, text=True)
    if run.returncode == 2:
        sys.exit(run.stderr)
    fired = {}
    for line in run.stdout.splitlines():
        for decision in json.loads(line)["decisions"]:
            cause = decision["cause"]
            rules = [r for r in (a["rule"].split("/")[-1] for a in decision["actions"]) if r not in without]
            if cause[1:].isdigit() and rules:
                fired.setdefault(int(cause[1:]), rules[0])
    return fired


def bare(pack, folder):
    copy = os.path.join(folder, os.path.basename(pack.rstrip("/")))
    shutil.copytree(pack, copy)
    for path in glob.glob(os.path.join(copy, "*.lua")):
        text = open(path, encoding="utf-8").read()
        text = re.sub(r'\b(?:stage_is|tag_has|field)\s*=\s*(?:"[^"]*"|\{[^}]*\})\s*,', "", text)
        open(path, "w", encoding="utf-8").write(text)
    return copy


def main():
    p = argparse.ArgumentParser()
    p.add_argument("weir")
    p.add_argument("pack")
    p.add_argument("account")
    p.add_argument("kind")
    p.add_argument("--without", default="", help="rules that answer everything, by comma")
    p.add_argument("--bare", action="store_true", help="without the gates stage_is, tag_has, field")
    p.add_argument("--show", type=int, default=0)
    a = p.parse_args()
    shared = os.environ.get("WEIR_SHARED")
    if not shared:
        sys.exit("WEIR_SHARED is not set: where corpora/comments lie")
    without, answered, rules, total = set(a.without.split(",")), [], collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        key = os.path.join(folder, "key.json")
        pack = bare(a.pack, folder) if a.bare else a.pack
        print("| comments | all | answered | rate |\n|---|---|---|---|")
        for path in sorted(glob.glob(os.path.join(shared, "corpora/comments/*"))):
            texts, cnt = list(texts_of(path)), 0
            for at in range(0, len(texts), CHUNK):
                part = texts[at:at + CHUNK]
                for i, rule in sorted(rules_that_answer(a.weir, pack, a.account, a.kind, part, key, without).items()):
                    cnt += 1
                    rules[rule] += 1
                    answered.append((rule, part[i]))
            total += len(texts)
            print(f"| {os.path.basename(path)} | {len(texts)} | {cnt} | {100 * cnt / max(len(texts), 1):.3f} % |")
        print(f"| all | {total} | {len(answered)} | {100 * len(answered) / max(total, 1):.3f} % |")
    print("\n" + ", ".join(f"{rule} {cnt}" for rule, cnt in rules.most_common()))
    if a.show and answered:
        step = max(len(answered) / a.show, 1)
        for i in range(min(a.show, len(answered))):
            rule, text = answered[int(i * step)]
            print(f"{rule}\t{text}")


if __name__ == "__main__":
    main()
