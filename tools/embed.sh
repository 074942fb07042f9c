#!/bin/sh
# Prints a C header with each file as a byte array that ends with a NUL: lua/words.lua becomes weir_lua_words and
# weir_lua_words_len, engine/state/schema.sql becomes weir_sql_schema and weir_sql_schema_len.
set -eu
echo "/* made by tools/embed.sh */"
for f in "$@"; do
  kind=${f##*.}
  name=weir_${kind}_$(basename "$f" ".$kind" | tr -c 'a-z0-9\n' '_')
  echo "static const unsigned char $name[] = {"
  od -An -v -tu1 "$f" | sed 's/\([0-9]\) *$/\1,/; s/\([0-9]\)  */\1, /g; s/,,*/,/g'
  echo "0};"
  echo "static const size_t ${name}_len = sizeof($name) - 1;"
done
