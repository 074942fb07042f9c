#!/usr/bin/env python3
"""A bot gateway in Python: loads a pack, feeds events (a JSON object a line), hands out records, acknowledges them.

    host.py RULES < events.jsonl > records.jws        LIBWEIR names the library; else the system's is taken
"""
import ctypes as c
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


class Config(c.Structure):
    # What follows after `dry` is left out: struct_size says so, and the rest has its defaults.
    _fields_ = [("struct_size", c.c_size_t), ("ruleset", c.c_void_p), ("state", c.c_char_p), ("key", c.c_void_p), ("issuer", Str),
                ("chain", Str), ("state_memory", c.c_size_t), ("group_max", c.c_uint32), ("record_ttl_s", c.c_uint32),
                ("batch", c.c_bool), ("dry", c.c_bool)]


WEIR_OK, WEIR_NONE = 0, 1
VERDICT_BYTES = 512        # more than sizeof(weir_verdict): it is only passed on
VERDICT_JSON_BYTES = 262144


class Weir:
    def __init__(self, rules, state=None, issuer=b"urn:weir:python"):
        self.lib = lib = c.CDLL(os.environ.get("LIBWEIR", "libweir.so.0"))
        lib.weir_next_due.restype = c.c_int64
        self.err = Error()
        self.ruleset, self.key, self.engine = c.c_void_p(), c.c_void_p(), c.c_void_p()
        self.verdict = c.create_string_buffer(VERDICT_BYTES)
        self.json = c.create_string_buffer(VERDICT_JSON_BYTES)
        self.check(lib.weir_ruleset_load(c.byref(self.ruleset), os.fsencode(rules), None, c.byref(self.err)))
        key_file = os.environ.get("WEIR_KEY")
        if key_file:
            with open(key_file, "rb") as f:
                self.check(lib.weir_key_parse(c.byref(self.key), Str(f.read()), c.byref(self.err)))
        else:
            self.check(lib.weir_key_generate(c.byref(self.key), None, c.byref(self.err)))
        config = Config(ruleset=self.ruleset, key=self.key, issuer=Str(issuer), state=os.fsencode(state) if state else None)
        config.struct_size = c.sizeof(Config)
        self.check(lib.weir_engine_open(c.byref(self.engine), c.byref(config), c.byref(self.err)))

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

    def close(self):
        self.lib.weir_engine_close(self.engine)
        self.lib.weir_key_free(self.key)
        self.lib.weir_ruleset_free(self.ruleset)


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
    weir.close()


if __name__ == "__main__":
    main()
