#!/bin/sh
# Manual pages from what the program and its header say of themselves.
#   man.sh command WEIR NAME VERSION     weir(1), or weir-run(1) for NAME weir-run
#   man.sh library HEADER NAME VERSION   libweir(3)
set -eu
what=$1 from=$2 name=$3 version=$4

# scdoc reads some characters as markup; a literal block takes all but its own fence.
literal() { printf '```\n'; sed 's/```/` ` `/g; s/	/    /g'; printf '```\n'; }

page() {
  if [ "$what" = library ]; then
    printf '%s(3) "weir %s" "weir"\n\n# NAME\n\nlibweir - decides what a chat gateway answers\n\n# SYNOPSIS\n\n' "$name" "$version"
    printf '#include <weir.h>\n\ncc ... $(pkg-config --cflags --libs weir)\n\n# DESCRIPTION\n\nThe whole contract stands in the header:\n\n' | sed 's/^#include/\\#include/; s/_/\\_/g'
    literal <"$from"
    return
  fi
  command=${name#weir-}
  if [ "$name" = weir ]; then
    printf 'weir(1) "weir %s" "weir"\n\n# NAME\n\nweir - decides what a chat gateway answers\n\n# DESCRIPTION\n\n' "$version"
    "$from" --help | literal
    return
  fi
  says=$("$from" --help | sed -n "s/^  weir $command  *//p")
  printf 'weir-%s(1) "weir %s" "weir"\n\n# NAME\n\nweir-%s - %s\n\n# DESCRIPTION\n\n' "$command" "$version" "$command" "$says"
  "$from" "$command" --help | literal
}
page | scdoc
