# Numbers that bound something belong to engine/limits.h, with unit and reason. Prints file:line of those that stand elsewhere:
# of a #define whose name says that it bounds, of a buffer's size, of a comparison. What a format or an alphabet fixes is none: written in
# hex, or marked /* fixed: why */. Small numbers count bits, bytes and digits.
function told(what) { print FILENAME ":" FNR ": " what " belongs to engine/limits.h, or says /* fixed: why */: " $0 }
# The largest decimal number in a text; those behind << or >> shift.
function largest(text,    n, most) {
  gsub(/0x[0-9A-Fa-f]+/, "", text)
  gsub(/(<<|>>) *[0-9]+/, "", text)
  gsub(/[A-Za-z_][A-Za-z_0-9]*/, "", text)
  while (match(text, /[0-9]+/)) {
    n = substr(text, RSTART, RLENGTH) + 0
    if (n > most) most = n
    text = substr(text, RSTART + RLENGTH)
  }
  return most + 0
}
# Minutes, seconds, and bytes: nobody chooses them.
BEGIN { units[59]; units[60]; units[128]; units[255]; units[256] }
FILENAME ~ /limits\.h$/ { next }
/\/\* fixed: / { next }
{
  code = $0
  gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
  gsub(/'([^'\\]|\\.)*'/, "0", code)
  gsub(/INT64_C|UINT64_C/, "", code)
  sub(/\/\*.*/, "", code)
  sub(/\/\/.*/, "", code)
  gsub(/unsigned char/, "byte", code)
  if (code ~ /^ \*/) next
}
code ~ /^ *# *define [A-Za-z_0-9]*(MAX|MIN|MOST|LEAST|LIMIT|AHEAD|TRIES|AT_ONCE|SMALL)[A-Z_]* / {
  value = code
  sub(/^ *# *define [A-Za-z_0-9]+/, "", value)
  if (largest(value) > 2) told("a bound")
}
code ~ /^ *# *define / { next }
# A buffer: an array declared with a plain number of elements.
match(code, /(char|struct [a-z_]+) [^=;()]*\[[0-9]+\]/) {
  text = substr(code, RSTART, RLENGTH)
  if (largest(text) > 32) told("a buffer's size")
}
{
  text = code
  while (match(text, /[^<>=-][<>]=? *[0-9][0-9]+/)) {
    found = substr(text, RSTART + 1, RLENGTH - 1)
    text = substr(text, RSTART + RLENGTH)
    n = largest(found)
    if (n >= 40 && !(n in units)) { told("a number compared with"); break }
  }
}
