#!/bin/sh
# Writes the golden files into a folder: fixed key (RFC 8037 A.1), fixed chain, fixed inputs.
#   tests/golden/make.sh WEIR OUT      `make golden` writes them anew into tests/golden
set -eu
here=$(cd "$(dirname "$0")" && pwd)
weir=$1 out=$2
key=$(mktemp)
trap 'rm -f "$key"' EXIT
cat "$here/key.json" > "$key" # a copy that only its owner can read
golden() {
  "$weir" run "$here/pack" --state :memory: --events "$here/events.jsonl" --clock events --chain golden --issuer urn:weir:golden --key "$key" "$@"
}
golden --plain --group 1 > "$out/claims.json"
golden --group 1 > "$out/records.jws"
golden > "$out/grouped.jws"
