#!/bin/bash
# What takes minutes: clang-tidy (.clang-tidy says what for), cppcheck, gcc -fanalyzer. lint-deep.sh BUILD [FILE...]: all files
# of engine/ and cli/ without one. A tool that is not installed is said, and not run.
set -u
cd "$(dirname "$0")/.."
build=$1
shift
files=("$@")
[ ${#files[@]} -gt 0 ] || files=(engine/*/*.c engine/*.c cli/*.c)
read -ra flags <<< "-std=c11 -D_XOPEN_SOURCE=700 -Iinclude -iquote engine -I$build/gen $(pkg-config --cflags libpcre2-8 lua5.4 libsodium sqlite3)"
bad=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT
part() { # name, findings in the log
  local cnt
  cnt=$(wc -l < "$log")
  cat "$log"
  echo "lint-deep: $1: ${#files[@]} files, $cnt findings"
  [ "$cnt" -eq 0 ] || bad=1
}
if command -v clang-tidy > /dev/null; then
  printf '%s\n' "${files[@]}" | xargs -P2 -I{} clang-tidy -quiet {} -- "${flags[@]}" 2> /dev/null | grep -E '(warning|error):' > "$log"
  part clang-tidy
else
  echo "lint-deep: clang-tidy is not installed: apt-get install clang-tidy"
fi
if command -v cppcheck > /dev/null; then
  # uninitvar does not see that a status other than WEIR_OK ends the function.
  # It does not know jansson's loops.
  cppcheck -q -j2 --std=c11 --inline-suppr -D'json_object_foreach(object,key,value)=while(next(object,&key,&value))' -D'json_array_foreach(array,index,value)=while(next(array,&index,&value))' --enable=warning,performance,portability --template='{file}:{line}: {message} [{id}]' --suppress=missingInclude \
    --suppress=missingIncludeSystem --suppress=uninitvar --suppress=legacyUninitvar --suppress=uninitStructMember -Iinclude -Iengine -I"$build/gen" "${files[@]}" 2> "$log"
  part cppcheck
else
  echo "lint-deep: cppcheck is not installed: apt-get install cppcheck"
fi
# gcc 12 does not follow out-parameters either: the checks are those for memory and files.
printf '%s\n' "${files[@]}" | xargs -P2 -I{} timeout 60 gcc "${flags[@]}" -O1 -fanalyzer -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-null-dereference \
  -Wno-analyzer-possible-null-dereference -Wno-analyzer-malloc-leak -c -o /dev/null {} 2>&1 | grep -E 'warning:' > "$log"
part "gcc -fanalyzer"
exit "$bad"
