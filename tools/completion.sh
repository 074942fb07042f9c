#!/bin/sh
# Completion for a shell, made from what the command says of itself.
#   completion.sh bash|zsh WEIR
set -eu
shell=$1 weir=$2
commands=$("$weir" --help | sed -n 's/^  weir \([a-z]*\)  .*/\1/p')
# What a command's usage says to do first: key new, import csv.
verbs() { "$weir" "$1" --help | sed -n "1,8s/^.* weir $1 \([a-z][a-z]*\) .*/\1/p" | tr '\n' ' '; }
options() { "$weir" "$1" --help | grep -o -- '--[a-z][a-z-]*' | sort -u | tr '\n' ' '; }

if [ "$shell" = bash ]; then
  echo '# bash completion for weir'
  echo '_weir() {'
  echo '  local word=${COMP_WORDS[COMP_CWORD]} options= verbs='
  echo "  if [ \"\$COMP_CWORD\" -eq 1 ]; then COMPREPLY=(\$(compgen -W \"$(echo "$commands" | tr '\n' ' ')--help --version\" -- \"\$word\")); return; fi"
  echo '  case ${COMP_WORDS[1]} in'
  for c in $commands; do echo "    $c) options='$(options "$c")--help' verbs='$(verbs "$c")' ;;"; done
  echo '  esac'
  echo '  if [[ $COMP_CWORD -eq 2 && $verbs && $word != -* ]]; then COMPREPLY=($(compgen -W "$verbs" -- "$word")); return; fi'
  echo '  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi'
  echo '}'
  echo 'complete -o filenames -F _weir weir'
else
  echo '#compdef weir'
  echo '_weir() {'
  echo '  if (( CURRENT == 2 )); then'
  printf '    local -a commands=('
  "$weir" --help | sed -n "s/'/ /g; s/^  weir \([a-z]*\)  *\(.*\)/'\1:\2'/p" | tr '\n' ' '
  echo ')'
  echo '    _describe command commands; return'
  echo '  fi'
  echo '  case $words[2] in'
  for c in $commands; do echo "    $c) $([ -z "$(verbs "$c")" ] || echo "if (( CURRENT == 3 )) && [[ \$words[3] != -* ]]; then compadd $(verbs "$c"); return; fi; ")_arguments '*:file:_files' $(options "$c" | tr ' ' '\n' | sed -n "s/^--.*/'&'/p" | tr '\n' ' ');;"; done
  echo '  esac'
  echo '}'
  echo '_weir "$@"'
fi
