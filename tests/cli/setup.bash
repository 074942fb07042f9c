# What every .bats file begins with: the project's root, the command, an empty folder to work in.
setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BUILD=${BUILD:-$ROOT/build}
  WEIR=$BUILD/weir
  PACK=$ROOT/rules/test-papers
  cd "$BATS_TEST_TMPDIR" || return 1
}

# One event line: event ID TYPE ACCOUNT CONTACT TEXT
event() {
  printf '{"id":"%s","time":"2026-11-22T09:00:00+08:00","channel":"%s","account":"%s","type":"%s","contact":{"id":"%s","name":"Lin"},"text":"%s","post":"v1"}\n' \
    "$1" "${3%%/*}" "${3#*/}" "$2" "$4" "$5"
}
ask() { event "${1:-c1}" comment douyin/papers "${2:-u1}" "${3:-求电子版}"; }
