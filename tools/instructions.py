#!/usr/bin/env python3
"""Counts the instructions of one decision on arm64, and compares them with what they were: make instructions.

  tools/instructions.py QEMU PROGRAM NM COUNTS [update]

PROGRAM (bench/instructions/decisions.c) runs under QEMU's user emulation, which listens for a debugger. This speaks the debugger's
protocol: it halts at each call of measured(), then goes on one instruction at a time until the call returns. The counts are exact, and
the same on every machine, as long as compiler and libraries are. COUNTS names each call in order, its count, and how many percent more
are let pass. Status 1: more than that, or much less, so that the file no longer says what is true.
"""
import os, socket, subprocess, sys, tempfile, time

PC, SP, LINK = 32, 31, 30  # numbers of registers in QEMU's description of the machine
LONGEST = 2_000_000  # instructions of one decision: more is a program that does not come back


class Debugger:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(600):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.bytes = self.owed = b""
        self.ask(b"qSupported:")  # QEMU tells registers by number only after its description was asked for
        self.ask(b"qXfer:features:read:target.xml:0,ffb")

    def send(self, packet):
        self.socket.sendall(self.owed + b"$%s#%02x" % (packet, sum(packet) & 255))
        self.owed = b"+"  # each answer is acknowledged, together with the next question

    def answer(self):
        while True:
            begin = self.bytes.find(b"$")
            end = self.bytes.find(b"#", begin + 1)
            if begin >= 0 and end >= 0 and len(self.bytes) >= end + 3:
                packet, self.bytes = self.bytes[begin + 1 : end], self.bytes[end + 3 :]
                return packet
            more = self.socket.recv(65536)
            if not more:
                raise SystemExit("instructions: the program ended before all was counted")
            self.bytes += more

    def ask(self, packet):
        self.send(packet)
        return self.answer()

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(b"p%x" % number).decode()), "little")

    def run_to(self, address):
        self.ask(b"Z0,%x,4" % address)
        stopped = self.ask(b"c")
        if not stopped.startswith(b"T05") or self.register(PC) != address:
            raise SystemExit("instructions: the program stopped elsewhere: " + stopped.decode())
        self.ask(b"z0,%x,4" % address)

    def count_call(self):
        """Halted where a function begins: the instructions until it has returned."""
        back, stack, count = self.register(LINK), self.register(SP), 0
        while count < LONGEST:
            self.ask(b"s")
            count += 1
            if self.register(PC) == back and self.register(SP) == stack:
                return count
        raise SystemExit("instructions: a decision of more than %d instructions" % LONGEST)


def address_of(nm, program, name):
    for line in subprocess.run([nm, program], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if words[-1] == name:
            return int(words[0], 16)
    raise SystemExit("instructions: %s is not in %s" % (name, program))


def count_all(qemu, program, nm, cnt):
    measured = address_of(nm, program, "measured")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "debugger")
        run = subprocess.Popen([qemu, "-g", path, program, os.path.join(folder, "rules.lua")])
        try:
            debugger = Debugger(path)
            counts = []
            for _ in range(cnt):
                debugger.run_to(measured)
                counts.append(debugger.count_call())
            return counts
        finally:
            run.kill()
            run.wait()


def read_counts(path):
    tolerance, rows = None, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("#") or not line.strip():
                continue
            name, value = line.rsplit(None, 1)
            if name == "tolerance, percent":
                tolerance = float(value)
            else:
                rows.append((name.rstrip(), int(value)))
    if tolerance is None or not rows:
        raise SystemExit("instructions: %s names no tolerance, or no counts" % path)
    return tolerance, rows


def write_counts(path, rows, counts):
    with open(path, encoding="utf-8") as f:
        kept = [line for line in f if line.startswith(("#", "tolerance"))]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(kept)
        for (name, _), now in zip(rows, counts):
            f.write("%-60s %d\n" % (name, now))


def compare(tolerance, rows, counts):
    """Prints a table; whether some count is further from what it was than is let pass: "more", "fewer", or nothing."""
    verdict = ""
    print("  %-60s %9s %9s" % ("instructions on arm64", "now", "before"))
    for (name, before), now in zip(rows, counts):
        change = 100.0 * (now - before) / before if before else 100.0
        if abs(change) > tolerance and verdict != "more":
            verdict = "more" if change > 0 else "fewer"
        print("  %-60s %9d %9d  %+.1f %%" % (name, now, before, change))
    return verdict


def main():
    qemu, program, nm, path = sys.argv[1:5]
    tolerance, rows = read_counts(path)
    counts = count_all(qemu, program, nm, len(rows))
    verdict = compare(tolerance, rows, counts)
    if sys.argv[5:] == ["update"]:
        write_counts(path, rows, counts)
        print("  written to " + path)
    elif verdict:
        print("  %s than before by over %g %%: if that is meant, make instructions UPDATE=1" % (verdict, tolerance))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
