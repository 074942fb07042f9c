load setup.bash

jit_or_skip() {
  run "$WEIR" check --jit "$PACK"
  [ "$status" -ne 2 ] || skip "$output"
}

@test "--jit gives the same decisions, and another environment" {
  jit_or_skip
  { ask; ask c2 u2 "hello"; ask c3 u3 "have you got the pdf, please"; } > events
  "$WEIR" run "$PACK" --state :memory: --plain --chain c < events > plain.json 2> err.txt
  "$WEIR" run "$PACK" --state :memory: --plain --chain c --jit < events > jit.json 2> err.txt
  env() { sed -E 's/.*"env":"([^"]*)".*/\1/' "$1" | sort -u; }
  decided() { sed -E 's/"(iat|exp)":[0-9]+,?//g; s/"env":"[^"]*",?//; s/"(prev|jti)":"[^"]*",?//g' "$1"; }
  [ -s plain.json ]
  [ "$(env plain.json)" != "$(env jit.json)" ]
  [ "$(decided plain.json)" = "$(decided jit.json)" ]
}

@test "check --jit tells how large the machine code is" {
  jit_or_skip
  [ "$status" -eq 0 ]
  [[ $output == *"KiB of them for machine code)"* ]]
  run "$WEIR" check "$PACK"
  [[ $output != *"machine code"* ]]
}
