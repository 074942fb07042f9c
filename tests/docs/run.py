#!/usr/bin/env python3
"""Runs every example in the documents (README.md, docs/*.md, rules/*/README.md, or the files named) and says as TAP how it went.

What a fenced block is, its info string says:

  lua            whole rules: `weir check --strict` finds nothing, `weir test` passes, and examples and scenarios make every
                 rule fire
  lua part       declarations out of such rules: checked together with tests/docs/shop.lua, which has what they leave out
  lua keys       keys of a rule, one after the other: each is put into a rule of its own in that shop
  lua file=NAME  no rules of its own: put there, seen from the folders of the `lua` blocks below, for them to include
  scenario       played on the rules of the `lua` block above it; `scenario FOLDER`: on that pack of the project
  console        lines with `$ ` are run in a folder that is empty at the document's first one; what they print must be what stands
                 below. `...` stands for anything, alone on its line for any lines. `status=1`: the last one ends so. `clone`:
                 in a folder with build/weir, rules and examples, as in a clone of the project. Skipped where
                 weir was built without SQLite and a command needs it
  json, jsonl    is JSON; one JSON value a line
  sh             not run, being for another place or time: it is a shell's, and `weir` has the commands and options in it.
                 `sh clone`: is run as well, and ends well
  text, ini      nothing is run
  file=NAME      after one of the last four: the text is also put there in the folder of `console` blocks

A line number of a document is the same in what weir says: blocks are written to files behind as many empty lines.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
SECONDS = 120  # for one command: with sanitizers on a small machine it takes its time
SHOWN_ONLY = {"text", "ini"}
NO_EXAMPLES = "<!-- no examples -->"


class Wrong(Exception):
    """What is wrong with a block, and at which line of it (None: its first)."""

    def __init__(self, message, line=None):
        super().__init__(message)
        self.line = line


class Skipped(Exception):
    """Why a block cannot be run here."""


class Block:
    def __init__(self, info, line):
        self.words, self.line, self.lines = info.split(), line, []

    @property
    def tag(self):
        return self.words[0] if self.words else ""

    def padded(self):
        return "\n" * self.line + "\n".join(self.lines) + "\n"


def blocks_of(path):
    found, block, fence = [], None, None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.read().split("\n"), 1):
            opening = re.match(r"( {0,3})(`{3,}|~{3,})(.*)$", line)
            if block is None and opening:
                fence, block = opening.group(2), Block(opening.group(3), number)
            elif block is not None and re.match(r" {0,3}" + re.escape(fence) + r"\s*$", line):
                found.append(block)
                block = None
            elif block is not None:
                block.lines.append(line)
    if block is not None:
        raise Wrong("a block without its end", block.line)
    return found


def run(command, folder):
    env = dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"], HOME=folder, TZ="UTC", LC_ALL="C.UTF-8", NO_COLOR="1")
    try:
        done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, shell=isinstance(command, str), check=False)
    except subprocess.TimeoutExpired:
        raise Wrong("takes longer than %d s: %s" % (SECONDS, command)) from None
    return done.returncode, done.stdout.decode("utf-8", "replace")


def must(command, folder):
    status, said = run(command, folder)
    if status != 0:
        raise Wrong("%s ended with %d:\n%s" % (" ".join(command), status, said))
    return said


# ---- rules

def shop_without(text):
    """The lines of shop.lua that declare what `text` does not, but for accounts that it does not name either."""
    kept = []
    with open(os.path.join(ROOT, "tests/docs/shop.lua"), encoding="utf-8") as file:
        for line in file:
            start = re.match(r'(words\.\w+|\w+ "[^"]+"|pack) ', line)
            same = start and re.search(r"^\s*" + re.sub(r"\s+", r"\\s+", re.escape(start.group(1)).replace(r"\ ", " ")) + r"\s", text, re.M)
            foreign = line.startswith("account") and "douyin" not in line and line.split('"')[1].split("/")[0] not in text
            if start and not same and not foreign:
                kept.append(line)
    return "".join(kept)


def rules_of_keys(block):
    """Each key of the block in a rule of its own. A key ends where its brackets are closed."""
    made, depth = [""] * block.line, 0
    for number, line in enumerate(block.lines, 1):
        bare = re.sub(r'"[^"]*"|\[\[.*?\]\]|--.*', "", line)
        head, tail = "", ""
        key = re.match(r"\s*(\w+)\s*=", bare)
        if depth == 0 and key:
            speaks = key.group(1) in ("message", "reply")
            head = 'rule "key %d" { on = "message", %s%s' % (number, "" if key.group(1) in ("keywords", "match") else "any = true, ",
                                                           "" if speaks else 'message = "ok", ')
        depth += sum(bare.count(c) for c in "{[(") - sum(bare.count(c) for c in "}])")
        if depth == 0 and bare.strip():
            comment = re.search(r"\s--.*$", line)
            line, tail = (line[:comment.start()] if comment else line), " }"
        made.append(head + line + tail)
    return "\n".join(made) + "\n"


class Rules:
    """A folder with the rules of a block, where its scenarios are played."""

    def __init__(self, document, block, folder):
        self.folder, self.name, self.whole = folder, os.path.basename(document), len(block.words) == 1
        os.makedirs(folder)
        text = rules_of_keys(block) if "keys" in block.words else block.padded()
        self.write(self.name + ".lua", text)
        if not self.whole:
            self.write("0-shop.lua", shop_without(text))
        for file in re.findall(r'file = "([^"]+\.txt)"', text):
            self.write(file, "AA-1\nBB-2\nCC-3\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def check_part(self):
        """Errors, and warnings that are about the fragment and not about the shop around it. Notes are about whole packs."""
        said = run(["weir", "check", "--json", "--quiet", self.folder], self.folder)[1]
        wrong = [f for f in json.loads(said)["findings"] if f["severity"] == "error" or not f["file"].endswith("/0-shop.lua")]
        if wrong:
            raise Wrong("\n".join("%s:%d: %s: %s %s" % (os.path.basename(f["file"]), f["line"], f["severity"], f["rule"], f["message"]) for f in wrong))

    def check(self, scenarios):
        """Loads the rules, and plays all that is there for them."""
        if self.whole:
            must(["weir", "check", "--strict", self.folder], self.folder)
        else:
            self.check_part()
        if scenarios:
            self.write(self.name + ".scenario", merged(scenarios))
        status, said = run(["weir", "test", "--coverage", self.folder], self.folder)
        if status == 1 and "not ok" not in said:
            raise Wrong("weir test:\n" + said)
        return said


def merged(scenarios):
    """Scenario blocks as one file, each on the lines where it stands in the document."""
    lines = []
    for block in scenarios:
        lines += [""] * (block.line - len(lines)) + block.lines
    return "\n".join(lines) + "\n"


def verdicts(said):
    """What weir test says of each test: the remarks that stand before its `ok` or `not ok`, and that line."""
    found, remarks = [], []
    for line in said.split("\n"):
        remarks.append(line)
        if re.match(r"(not )?ok ", line):
            found.append((line.startswith("ok"), ".scenario" in line, "\n".join(remarks)))
            remarks = []
    return found


def failures(said, block):
    """What it says against a scenario block: the remarks name its lines, or no line at all."""
    wrong = [text for good, scenario, text in verdicts(said) if scenario and not good]
    if any("cannot be read" in text for text in wrong):
        return said
    names = [[int(n) for n in re.findall(r"\.scenario:(\d+)", text)] for text in wrong]
    return "\n".join(text for text, lines in zip(wrong, names) if not lines or any(block.line <= n <= block.line + len(block.lines) for n in lines))


def check_rules(document, block, scenarios, folder, report):
    rules = Rules(document, block, folder)
    try:
        said = rules.check(scenarios)
        wrong = [text for good, scenario, text in verdicts(said) if not good and not scenario]
        if wrong:
            raise Wrong("\n".join(wrong))
        if rules.whole and not verdicts(said):
            raise Wrong("nothing tries these rules: they have no examples, and no scenario follows")
        never = re.findall(r"never: (.*)", said)
        if rules.whole and never and all(good for good, _, _ in verdicts(said)):
            raise Wrong("no example and no scenario makes these fire: " + ", ".join(never))
        report(block, None)
    except Wrong as wrong:
        report(block, wrong)
        said = None
    for scenario in scenarios:
        text = failures(said, scenario) if said is not None else "its rules are wrong"
        if said is not None and not text and not any(scenario for _, scenario, _ in verdicts(said)):
            text = "was not played:\n" + said
        report(scenario, Wrong(text) if text else None)


def check_scenario_of_pack(document, block, folder):
    shutil.copytree(os.path.join(ROOT, block.words[1]), folder)
    for old in os.listdir(folder):
        if old.endswith(".scenario"):
            os.remove(os.path.join(folder, old))
    with open(os.path.join(folder, os.path.basename(document) + ".scenario"), "w", encoding="utf-8") as file:
        file.write(block.padded())
    said = must(["weir", "test", folder], folder)
    if not re.search(r"^ok .*\.scenario", said, re.M):
        raise Wrong("was not played:\n" + said)


# ---- the others

def same(expected, got):
    """Whether the lines that were printed are the ones expected."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part.rstrip() if last else part) for part, last in parts(line)) + r"[ \t]*\n"
    return re.fullmatch(pattern, got if got.endswith("\n") or not got else got + "\n") is not None


def parts(line):
    pieces = line.split("...")
    return [(piece, number == len(pieces) - 1) for number, piece in enumerate(pieces)]


def check_console(block, folder):
    steps = []
    for number, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            steps.append([block.line + number, line[2:], []])
        elif not steps:
            raise Wrong("a console block begins with `$ ` and a command")
        elif steps[-1][1].endswith("\\") and not steps[-1][2]:
            steps[-1][1] = steps[-1][1][:-1] + line.lstrip("> ")
        else:
            steps[-1][2].append(line)
    if not steps:
        raise Wrong("no command in it")
    status = next((int(w[7:]) for w in block.words if w.startswith("status=")), 0)
    for line, command, expected in steps:
        while expected and not expected[-1].strip():
            expected.pop()
        ended, said = run(command, folder)
        said = re.sub(r"\n+\Z", "\n", said)
        if "built without SQLite" in said:
            raise Skipped("weir was built without SQLite")
        if not same(expected, said):
            raise Wrong("`%s` printed\n%s" % (command, said), line)
        wanted = status if line == steps[-1][0] else 0
        if ended != wanted:
            raise Wrong("`%s` ended with %d, not %d:\n%s" % (command, ended, wanted, said), line)


def check_sh(block, folder):
    text = "\n".join(block.lines)
    script = os.path.join(folder, "block.sh")
    with open(script, "w", encoding="utf-8") as file:
        file.write(text)
    must(["sh", "-n", script], folder)
    text = re.sub(r"\\\n", " ", text)
    for call in re.finditer(r"(?:^|[|;&(]|\bsudo(?: -\w \w+)*)[ \t]*(?:[\w./$-]*/)?weir ([a-z]+)\b([^\n|;&)]*)", re.sub(r"(?m)(^|\s)#.*", "", text), re.M):
        status, known = run(["weir", call.group(1), "--help"], folder)
        if status != 0:
            raise Wrong("there is no `weir %s`" % call.group(1))
        for option in re.findall(r"(?<!\S)--[a-z-]+", call.group(2)):
            if option not in known and option not in ("--help", "--version"):
                raise Wrong("`weir %s` has no %s" % (call.group(1), option))


def check_json(block):
    whole = ["\n".join(block.lines)] if block.tag == "json" else [line for line in block.lines if line.strip()]
    for number, text in enumerate(whole, 1):
        try:
            json.loads(text)
        except ValueError as wrong:
            raise Wrong("is no JSON: %s" % wrong, block.line + getattr(wrong, "lineno", 1) if block.tag == "json" else block.line + number) from None


def put_file(block, where):
    names = [w[5:] for w in block.words if w.startswith("file=")]
    for name in names:
        os.makedirs(os.path.dirname(os.path.join(where, name)), exist_ok=True)
        with open(os.path.join(where, name), "w", encoding="utf-8") as file:
            file.write("\n".join(block.lines) + "\n")
    return bool(names)


def check_other(document, block, folder, consoles):
    put_file(block, consoles["empty"])
    if block.tag == "console":
        where = consoles["clone" if "clone" in block.words else "empty"]
        check_console(block, where)
    elif block.tag in ("json", "jsonl"):
        check_json(block)
    elif block.tag == "sh":
        os.makedirs(folder)
        check_sh(block, folder)
        if "clone" in block.words:
            must(["sh", "-e", os.path.join(folder, "block.sh")], consoles["clone"])
    elif block.tag == "scenario" and len(block.words) == 2:
        check_scenario_of_pack(document, block, folder)
    elif block.tag not in SHOWN_ONLY:
        raise Wrong("what is this block? Its info string is `%s`; tests/docs/run.py says which there are" % " ".join(block.words))


def places(top):
    """The folders in which a document's commands are run."""
    made = {"empty": os.path.join(top, "empty"), "clone": os.path.join(top, "clone")}
    for folder in made.values():
        os.makedirs(folder)
    os.symlink(BUILD, os.path.join(made["clone"], "build"))
    for name in ("rules", "examples"):
        os.symlink(os.path.join(ROOT, name), os.path.join(made["clone"], name))
    return made


def check_document(document, top, report):
    blocks = blocks_of(document)
    if not blocks:
        with open(document, encoding="utf-8") as file:
            if NO_EXAMPLES not in file.read():
                raise Wrong("no block found; a document that has none says so: " + NO_EXAMPLES)
    consoles = places(top)
    number = 0
    while number < len(blocks):
        block = blocks[number]
        number += 1
        folder = os.path.join(top, "block-%d" % block.line)
        if block.tag == "lua" and put_file(block, os.path.join(top, "rules")):
            report(block, None)
            continue
        if block.tag == "lua":
            scenarios = []
            while number < len(blocks) and blocks[number].words == ["scenario"]:
                scenarios.append(blocks[number])
                number += 1
            check_rules(document, block, scenarios, folder, report)
            continue
        try:
            if block.words == ["scenario"]:
                raise Wrong("no rules to play it on: no `lua` block stands before it")
            check_other(document, block, folder, consoles)
            report(block, None)
        except (Wrong, Skipped) as wrong:
            report(block, wrong)


def check_links(document):
    """Files that a document links to are there; what the build makes, has its source."""
    with open(document, encoding="utf-8") as file:
        text = re.sub(r"^ {0,3}(`{3,}).*?^ {0,3}\1\s*$", "", file.read(), flags=re.M | re.S)
    gone = []
    for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        path = os.path.normpath(os.path.join(os.path.dirname(document), link))
        made = re.fullmatch(re.escape(os.path.join(ROOT, "build/docs/")) + r"(.*)\.(svg|md)", path)
        source = os.path.join(ROOT, "docs", made.group(1) + ".dot") if made and made.group(2) == "svg" else os.path.join(BUILD, "docs", made.group(1) + ".md") if made else path
        # channels.md is made by `make docs` only, by a tool of that name
        if not os.path.exists(source) and not (made and os.path.exists(os.path.join(ROOT, "tools", made.group(1) + "_doc.c"))):
            gone.append(link)
    if gone:
        raise Wrong("links to what is not there: " + ", ".join(gone))


def check_words(document):
    """docs/rules.md has every word of the reference."""
    with open(document, encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(BUILD, "docs/reference.md"), encoding="utf-8") as file:
        words = re.findall(r"^\| `([\w-]+)` \|", file.read(), re.M)
    gone = [w for w in words if not re.search(r"(?<![\w-])" + re.escape(w) + r"(?!\w)", text)]
    if gone or not words:
        raise Wrong("does not have these words of the reference: " + (", ".join(gone) or "it is empty"))


def documents():
    found = ["README.md"] + sorted(os.path.join("docs", name) for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md"))
    found += sorted(os.path.join("rules", name, "README.md") for name in os.listdir(os.path.join(ROOT, "rules")) if os.path.isdir(os.path.join(ROOT, "rules", name)))
    return [os.path.join(ROOT, name) for name in found]


def main():
    count = failed = 0

    def say(name, wrong, line):
        nonlocal count, failed
        count += 1
        skipped = isinstance(wrong, Skipped)
        failed += wrong is not None and not skipped
        print("%s %d - %s:%d%s" % ("not ok" if wrong and not skipped else "ok", count, name, line, " # SKIP %s" % wrong if skipped else ""))
        if wrong and not skipped:
            print("".join("# %s\n" % text for text in str(wrong).split("\n")), end="")

    for document in [os.path.abspath(a) for a in sys.argv[1:]] or documents():
        name = os.path.relpath(document, ROOT)
        top = tempfile.mkdtemp(prefix="weir-docs-")
        try:
            for check in [check_links] + ([check_words] if name == "docs/rules.md" else []):
                try:
                    check(document)
                except Wrong as wrong:
                    say(name, wrong, 1)
            check_document(document, top, lambda block, wrong: say(name, wrong, getattr(wrong, "line", None) or block.line))
        except Wrong as wrong:
            say(name, wrong, wrong.line or 1)
        finally:
            shutil.rmtree(top)
    print("1..%d" % count)
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
