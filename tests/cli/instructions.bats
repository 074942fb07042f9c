#!/usr/bin/env bats
# What `make instructions` says of counts, without the emulator that counts.

compare() {
  python3 - "$BATS_TEST_TMPDIR/counts.txt" "$@" << 'END'
import sys
sys.path.insert(0, "tools")
sys.dont_write_bytecode = True
import instructions
tolerance, rows = instructions.read_counts(sys.argv[1])
counts = [int(n) for n in sys.argv[2:]]
print("verdict:" + instructions.compare(tolerance, rows, counts))
instructions.write_counts(sys.argv[1], rows, counts)
END
}

setup() {
  printf '%s\n' '# a comment' 'tolerance, percent 2' 'no rule fires, a channel with windows  1000' 'a rule fires: reply  50000' > "$BATS_TEST_TMPDIR/counts.txt"
}

@test "counts within the tolerance pass, and each is shown with its change" {
  run compare 1020 49000
  [ "$status" -eq 0 ]
  [[ "$output" == *"verdict:" ]]
  [[ "$output" == *"no rule fires, a channel with windows"*"1020"*"1000"*"+2.0 %"* ]]
  [[ "$output" == *"a rule fires: reply"*"-2.0 %"* ]]
}

@test "one count above it is a regression, whatever became fewer" {
  run compare 500 51001
  [[ "$output" == *"verdict:more" ]]
  run compare 1100 51001 # what was written is compared with now
  [[ "$output" == *"verdict:more" ]]
}

@test "fewer than before are told too, so that the file says what is true" {
  run compare 1000 40000
  [[ "$output" == *"verdict:fewer" ]]
}

@test "what is written keeps comments and tolerance, and is read again" {
  compare 7 8 > /dev/null
  run cat "$BATS_TEST_TMPDIR/counts.txt"
  [[ "${lines[0]}" == "# a comment" && "${lines[1]}" == "tolerance, percent 2" ]]
  [[ "${lines[2]}" == "no rule fires, a channel with windows "*" 7" && "${lines[3]}" == "a rule fires: reply "*" 8" ]]
}

@test "the committed counts name a tolerance, and every kind that the program makes" {
  run python3 -c 'import sys; sys.dont_write_bytecode = True; sys.path.insert(0, "tools"); import instructions; t, r = instructions.read_counts("bench/instructions/arm64.txt"); print(t > 0, len(r), all(n > 1000 for _, n in r))'
  kinds=$(sed -n '/^static const struct kind kinds/,/^};/p' bench/instructions/decisions.c | grep -c '^  {')
  [ "$output" = "True $kinds True" ]
}
