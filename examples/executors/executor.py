#!/usr/bin/env python3
"""An executor in Python: takes signed records (a line each), trusts nothing but the public key, carries actions out once, and
reports what became of them.

    executor.py JWKS AUD STATE < records.jws > outcomes.jsonl        JOSE by jwcrypto (Debian: python3-jwcrypto)

Status 0: every record was good; 1: some were refused (said on stderr, and not carried out).
"""
import base64
import hashlib
import json
import os
import sys
import time

from jwcrypto import jwk, jws


class Refused(Exception):
    pass


class Executor:
    def __init__(self, jwks, aud, state_file):
        self.jwks, self.aud, self.state_file = jwks, aud, state_file
        self.read_keys()
        # head: for each chain the last number, the hash of its line, the key that signs what follows and the one before; done: decision and action, so that nothing is done twice
        self.state = {"head": {}, "done": []}
        if os.path.exists(state_file):
            with open(state_file) as f:
                self.state = json.load(f)
        self.done = set(self.state["done"])

    def read_keys(self):
        with open(self.jwks) as f:
            self.keys = jwk.JWKSet.from_json(f.read())

    def key(self, kid):
        """The key of this id; the published set is read again when it is not known: keys are changed."""
        if self.keys.get_key(kid) is None:
            self.read_keys()
        return self.keys.get_key(kid)

    def claims(self, line):
        """The claim set of a record that is signed by a key we know."""
        token = jws.JWS()
        token.allowed_algs = ["EdDSA"]
        try:
            token.deserialize(line)
            header = json.loads(token.objects["protected"])
            key = self.key(header.get("kid"))
            if header.get("typ") != "weir-record+jwt" or header.get("alg") != "EdDSA" or "crit" in header or key is None:
                raise Refused("its header is not that of a record by a key we know")
            token.verify(key)
            return json.loads(token.payload), header["kid"]
        except (jws.InvalidJWSObject, jws.InvalidJWSSignature, ValueError, KeyError) as e:
            raise Refused(f"its signature does not hold: {e}")

    def check(self, line, claims, kid):
        """Whether this record comes next. False: it was carried out before."""
        if claims["aud"] != self.aud:
            raise Refused(f"it is for {claims['aud']}")
        digest = base64.urlsafe_b64encode(hashlib.sha256(line.encode()).digest()).rstrip(b"=").decode()
        seq, last, signer, former = (self.state["head"].get(claims["chain"], [0]) + [None] * 3)[:4]
        if claims["seq"] == seq and digest == last:
            return False
        if claims["seq"] <= seq:
            if claims["seq"] == seq:
                raise Refused(f"number {seq} came before with other bytes")
            return False  # older: was carried out, or refused, in its time
        if claims["exp"] <= time.time():
            raise Refused("its time is over")
        if seq and claims["seq"] != seq + 1:
            print(f"executor: numbers {seq + 1} to {claims['seq'] - 1} are missing", file=sys.stderr)
        elif seq and claims.get("prev") != last:
            raise Refused("it does not follow the record before it")
        # one key signs a chain, until a record of its own names the next; that one is over then
        if seq and (kid == former or (claims["seq"] == seq + 1 and signer and kid != signer and "erased" not in claims)):
            raise Refused(f"key {kid} does not sign this chain")
        signer, former = (signer, former) if seq and "erased" in claims else (kid, former)
        if "next_kid" in claims:
            signer, former = claims["next_kid"], kid
        self.state["head"][claims["chain"]] = [claims["seq"], digest, signer, former]
        return True

    def carry_out(self, action, decision):
        """Here the platform's API, or a device, would be called."""
        print("do:", decision["contact"], json.dumps(action, ensure_ascii=False), file=sys.stderr)
        return "sent"

    def take(self, line):
        claims, kid = self.claims(line)
        if not self.check(line, claims, kid):
            return
        channel, account = self.aud.split("/", 1)
        for decision in claims["decisions"]:
            for action in decision["actions"]:
                name = f"{decision['id']}/{action['n']}"
                if name in self.done:
                    continue
                status = self.carry_out(action, decision)
                self.done.add(name)
                self.save()  # before it is told: told twice is harmless, done twice is not
                print(json.dumps({"id": "o-" + name, "time": int(time.time() * 1000), "channel": channel, "account": account,
                                  "type": "outcome", "decision": decision["id"], "n": action["n"], "status": status}), flush=True)
        self.save()

    def save(self):
        self.state["done"] = sorted(self.done)[-100000:]
        part = self.state_file + ".part"
        with open(part, "w") as f:
            json.dump(self.state, f)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, self.state_file)


def main():
    executor, status = Executor(*sys.argv[1:4]), 0
    for line in sys.stdin:
        try:
            executor.take(line.rstrip("\n"))
        except Refused as why:
            print("executor: refused:", why, file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
