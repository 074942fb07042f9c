#!/usr/bin/env python3
"""A bot gateway in Python: loads a pack, feeds events (a JSON object a line), hands out records, acknowledges them.

    weir key new
    host.py RULES [STATE] < events.jsonl > records.jws    WEIR_KEY names another key than weir-key.json, LIBWEIR another library than the system's
"""
import ctypes as c
import json
import os
import sys
import time


class Str(c.Structure):
    _fields_ = [("ptr", c.c_char_p), ("len", c.c_size_t)]

    def __init__(self, data=b""):
        super().__init__(data, len(data))


class Text(c.Structure):  # a weir_str that is only read: it need not end with a NUL
    _fields_ = [("ptr", c.c_void_p), ("len", c.c_size_t)]

    def bytes(self):
        return c.string_at(self.ptr, self.len) if self.len else b""


class Error(c.Structure):
    _fields_ = [("status", c.c_int), ("line", c.c_uint32), ("column", c.c_uint32),
                ("file", c.c_char * 256), ("rule", c.c_char * 128), ("message", c.c_char * 512)]


class Record(c.Structure):
    _fields_ = [("aud", Text), ("seq", c.c_uint64), ("jws", Text)]


WEIR_OK, WEIR_NONE = 0, 1
VERDICT_BYTES = 512        # more than sizeof(weir_verdict): it is only passed on
VERDICT_JSON_BYTES = 262144
STATS_JSON_BYTES = 4096


class Weir:
    def __init__(self, rules, state=None, issuer="urn:weir:python", key_file=os.environ.get("WEIR_KEY", "weir-key.json")):
        self.lib = lib = c.CDLL(os.environ.get("LIBWEIR", "libweir.so.0"))
        lib.weir_next_due.restype = c.c_int64
        self.err = Error()
        self.engine = c.c_void_p()
        self.verdict = c.create_string_buffer(VERDICT_BYTES)
        self.json = c.create_string_buffer(VERDICT_JSON_BYTES)
        config = json.dumps({"rules": rules, "state": state, "key_file": key_file, "issuer": issuer})
        self.check(lib.weir_engine_open_json(c.byref(self.engine), Str(config.encode()), c.byref(self.err)))

    def check(self, status):
        if status < 0:
            raise RuntimeError(self.err.message.decode())
        return status

    def decide(self, event, now_ms):
        """The verdict for one event (bytes of JSON), as bytes of JSON."""
        self.check(self.lib.weir_decide_json(self.engine, Str(event), c.c_int64(now_ms), self.verdict, c.byref(self.err)))
        return self.answer()

    def tick(self, now_ms):
        """The next timer that is due; None: there is none."""
        if self.check(self.lib.weir_tick(self.engine, c.c_int64(now_ms), self.verdict, c.byref(self.err))) == WEIR_NONE:
            return None
        return self.answer()

    def answer(self):
        length = c.c_size_t()
        self.check(self.lib.weir_verdict_json(self.verdict, self.json, c.c_size_t(VERDICT_JSON_BYTES), c.byref(length), c.byref(self.err)))
        return self.json.raw[:length.value]

    def records(self):
        """Committed records, oldest first; each is acknowledged once whoever takes it comes back for the next."""
        record = Record()
        while self.check(self.lib.weir_next_record(self.engine, c.byref(record), c.byref(self.err))) == WEIR_OK:
            aud, seq = record.aud.bytes(), record.seq
            yield record.jws.bytes()
            self.check(self.lib.weir_ack(self.engine, Str(aud), c.c_uint64(seq), c.byref(self.err)))

    def stats(self):
        """What was counted since the engine was opened, as a dictionary."""
        out, length = c.create_string_buffer(STATS_JSON_BYTES), c.c_size_t()
        self.check(self.lib.weir_stats_json(self.engine, out, c.c_size_t(STATS_JSON_BYTES), c.byref(length), c.byref(self.err)))
        return json.loads(out.raw[:length.value])

    def close(self):
        self.lib.weir_engine_close(self.engine)


def main():
    weir = Weir(sys.argv[1], state=sys.argv[2] if len(sys.argv) > 2 else None)
    for line in sys.stdin.buffer:
        now = int(time.time() * 1000)
        while weir.tick(now) is not None:
            pass
        try:
            print(weir.decide(line.strip(), now).decode(), file=sys.stderr)
        except RuntimeError as e:
            print("refused:", e, file=sys.stderr)
        for jws in weir.records():
            sys.stdout.buffer.write(jws + b"\n")
            sys.stdout.buffer.flush()
    stats = weir.stats()
    print("%(events)d events, %(decided)d decided, %(refused)d refused" % stats, file=sys.stderr)
    weir.close()


if __name__ == "__main__":
    main()
