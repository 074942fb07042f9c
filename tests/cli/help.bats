load setup.bash

# Lines of stdin that are wider than a terminal of 80 columns (hanzi take two), or end in spaces.
too_wide() {
  python3 -c '
import sys, unicodedata
for line in sys.stdin.read().split("\n"):
    if sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > 80 or line != line.rstrip(): print(line)'
}

@test "every help text fits 80 columns, and says the same in every command's way" {
  run "$WEIR" --help
  wide=$(too_wide <<< "$output")
  echo "$wide"
  [ -z "$wide" ]
  for command in $("$WEIR" --help | sed -n 's/^  weir \([a-z]*\)  .*/\1/p'); do
    run "$WEIR" "$command" --help
    [ "$status" -eq 0 ]
    wide=$(too_wide <<< "$output")
  echo "$wide"
  [ -z "$wide" ]
    [[ $output == "usage: weir $command"* ]]
  done
}

@test "what goes on in the next line stays in its column; commands to copy are not touched" {
  "$WEIR" run --help > out
  grep -q '^  --state FILE      where people' out
  grep -q '^                    are kept' out
  grep -q "^  printf '%s' '{" out
  eval "$(sed -n '/^example:/,$p' out | sed -e 1d -e "s|weir run rules|'$WEIR' run '$ROOT'/rules|")" > records
  grep -qE '有的|有电子版' records # one of its three replies
}
