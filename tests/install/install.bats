# What `make install`, `dist` and `deb` put down can be used, and is gone after `make uninstall`.
setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BUILD=${BUILD:-$ROOT/build}
  MAKE=${MAKE:-make}
  cd "$BATS_TEST_TMPDIR" || return 1
}

install_to() { $MAKE --no-print-directory -C "$ROOT" BUILD="$BUILD" DESTDIR="$1" PREFIX=/usr/local install >/dev/null; }

program() {
  cat > host.c <<'C'
#include <stdio.h>
#include <weir.h>

int main(int argc, char **argv) {
  weir_ruleset *rules;
  weir_error err;
  if (argc < 2 || weir_ruleset_load(&rules, argv[1], NULL, &err)) return 1;
  printf("%s %zu\n", weir_version(), weir_ruleset_rule_count(rules));
  weir_ruleset_free(rules);
  return 0;
}
C
}

@test "installed: the command runs, a program links with it, shared and static, all by pkg-config" {
  install_to "$PWD/dest"
  dest=$PWD/dest/usr/local
  "$dest/bin/weir" test "$dest/share/weir/rules/test-papers" > out
  grep -q ", 0 failed$" out
  program
  export PKG_CONFIG_PATH=$dest/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/dest
  cc -o shared host.c $(pkg-config --cflags --libs weir)
  LD_LIBRARY_PATH=$dest/lib ./shared "$dest/share/weir/rules/test-papers"
  readelf -d shared | grep -q 'NEEDED.*libweir\.so\.0'
  libs=$(PKG_CONFIG_SYSROOT_DIR= pkg-config --static --libs weir | sed 's/-lweir//')
  cc -o static host.c $(pkg-config --cflags weir) "$dest/lib/libweir.a" $libs
  ./static "$dest/share/weir/rules/test-papers"
}

@test "the shared library gives away nothing but what weir.h declares" {
  install_to "$PWD/dest"
  nm -D --defined-only dest/usr/local/lib/libweir.so | awk '{ print $3 }' | sort > has
  tr -c 'a-z0-9_' '\n' < "$ROOT/include/weir.h" | grep '^weir_[a-z0-9_]*$' | sort -u > says
  [ -s has ]
  [ -z "$(comm -23 has says)" ]
}

@test "the header alone compiles as C99, C11 and C++17 with all warnings" {
  echo '#include "weir.h"' > h.c
  for std in c99 c11; do cc -std=$std -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -I"$ROOT/include" h.c; done
  clang++ -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$ROOT/include" h.c
}

@test "uninstalled: not a file is left" {
  install_to "$PWD/dest"
  [ "$(find dest -type f | wc -l)" -gt 15 ]
  $MAKE --no-print-directory -C "$ROOT" BUILD="$BUILD" DESTDIR="$PWD/dest" PREFIX=/usr/local uninstall
  [ -z "$(find dest ! -type d)" ]
}

@test "manual pages and completion: there is one for each command" {
  install_to "$PWD/dest"
  for c in $("$BUILD/weir" --help | sed -n 's/^  weir \([a-z]*\)  .*/\1/p'); do
    [ -s "dest/usr/local/share/man/man1/weir-$c.1" ]
    grep -q "^    $c) " dest/usr/local/share/bash-completion/completions/weir
  done
  bash -n dest/usr/local/share/bash-completion/completions/weir
  bash -c '. dest/usr/local/share/bash-completion/completions/weir; COMP_WORDS=(weir ver); COMP_CWORD=1; _weir; [ "${COMPREPLY[0]}" = verify ]'
}

@test "the Debian package: installs, works, and is removed cleanly" {
  run $MAKE --no-print-directory -C "$ROOT" BUILD="$BUILD" deb
  [ "$status" -eq 0 ]
  deb=${lines[-1]}
  dpkg -x "$deb" tree
  LD_LIBRARY_PATH=$(echo tree/usr/lib/*/) tree/usr/bin/weir test tree/usr/share/weir/rules/test-papers
  [ "$(id -u)" -eq 0 ] || skip "installing a package needs root"
  ! dpkg -s weir >/dev/null 2>&1 || skip "a package weir is installed here"
  dpkg -i "$deb"
  (cd / && weir --version && ldconfig -p | grep -q libweir.so.0)
  dpkg -P weir
  [ ! -e /usr/bin/weir ] && [ ! -e /usr/share/weir ]
}
