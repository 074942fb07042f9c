#!/bin/bash
# The rules of the house that a script can keep: who may include what, which functions are banned, that a floor uses only the
# floors below it. Prints every breach as file:line and ends with 1 when there is one.
set -u
cd "$(dirname "$0")/.."
bad=0
breach() { echo "$1"; bad=1; }

# Third-party headers stay in their room.
only() { # header regex, allowed paths regex
  while IFS= read -r hit; do
    [[ ${hit%%:*} =~ $2 ]] || breach "$hit: belongs to $3"
  done < <(grep -nE "#include [<\"]$1[>\"]" -r engine cli include --include='*.c' --include='*.h')
}
only '(lua|lauxlib|lualib)\.h' '^engine/(script|load)/' 'engine/script/ and engine/load/'
only 'pcre2\.h' '^engine/match/' 'engine/match/'
only 'sqlite3\.h' '^engine/state/sqlite[a-z_]*\.[ch]$' 'engine/state/sqlite*'
only 'sodium\.h' '^engine/(record/|base/hash\.c$)' 'engine/record/ and engine/base/hash.c'
only 'utf8proc\.h' '^$' 'tools/ and tests/'

# A floor uses only the floors below it.
floor() { case $1 in base) echo 1 ;; text | model) echo 2 ;; match | record | state) echo 3 ;; script | policy | flow) echo 4 ;; decide) echo 5 ;; load) echo 6 ;; *) echo 7 ;; esac; }
while IFS=: read -r file line text; do
  room=$(cut -d/ -f2 <<<"$file")
  case $room in *.c | *.h) room=engine ;; esac
  used=$(sed -E 's/.*#include "([a-z]+)\/.*/\1/' <<<"$text")
  [ "$used" = "$room" ] && continue
  [ "$(floor "$used")" -lt "$(floor "$room")" ] || breach "$file:$line: $room/ may not use $used/"
done < <(grep -nE '#include "(base|text|model|match|record|state|script|policy|flow|decide|load)/' -r engine --include='*.c' --include='*.h')
while IFS= read -r hit; do breach "$hit: only engine/ itself may include engine.h"; done < <(grep -nE '#include "engine\.h"' -r engine/*/ cli)
while IFS= read -r hit; do breach "$hit: the command sees include/weir.h only"; done < <(grep -nE '#include "[a-z]+/|#include "limits\.h"' -r cli examples --include='*.c' --include='*.h' 2>/dev/null)

# Banned functions.
banned='\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|rand|srand|alloca|setjmp|tmpnam|mktemp|asctime|ctime|gmtime|localtime|system)\('
while IFS= read -r hit; do breach "$hit: banned function"; done < <(grep -nE "$banned" -r engine cli --include='*.c' --include='*.h' | grep -vE ':\s*(/?\*|//)')
while IFS= read -r hit; do breach "$hit: the library neither prints, exits nor looks at the clock"; done < <(
  grep -nE '\b(exit|abort|printf|fprintf|puts|putchar|time|clock_gettime|gettimeofday|getenv)\(' -r engine --include='*.c' --include='*.h' | grep -vE ':\s*(/?\*|//)')

# Numbers that bound something.
while IFS= read -r hit; do breach "$hit"; done < <(find engine -name '*.[ch]' ! -path engine/limits.h -print0 | sort -z | xargs -0 awk -f tools/numbers.awk)

# Open ends.
while IFS= read -r hit; do breach "$hit: open end"; done < <(grep -nE '\b(TODO|FIXME|XXX:|HACK)\b' -r engine cli lua include tools/*.c tools/*.sh examples 2>/dev/null | grep -v 'tools/lint.sh')

# Every file says what it is.
for f in engine/*/*.[ch] engine/*.[ch] cli/*.[ch] include/*.h; do
  [ -e "$f" ] || continue
  head -1 "$f" | grep -qE '^/\*' || breach "$f:1: a file begins with what it is for"
done

[ "$bad" -eq 0 ] && echo "lint: clean"
exit "$bad"
