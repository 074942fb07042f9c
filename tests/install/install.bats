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
  bash -c '. dest/usr/local/share/bash-completion/completions/weir; COMP_WORDS=(weir key ro); COMP_CWORD=2; _weir; [ "${COMPREPLY[*]}" = rotate ]
    COMP_WORDS=(weir import ""); _weir; [ "${COMPREPLY[*]}" = "wechat csv" ]; COMP_WORDS=(weir key rotate --jw); COMP_CWORD=3; _weir; [ "${COMPREPLY[*]}" = --jwks ]'
}

@test "the Debian package: installs, works, and is removed cleanly" {
  run $MAKE --no-print-directory -C "$ROOT" BUILD="$BUILD" deb
  [ "$status" -eq 0 ]
  deb=${lines[-1]}
  dpkg -x "$deb" tree
  LD_LIBRARY_PATH=$(echo tree/usr/lib/*/) tree/usr/bin/weir test tree/usr/share/weir/rules/test-papers
  [ "$(id -u)" -eq 0 ] || skip "installing a package needs root"
  ! dpkg -s weir >/dev/null 2>&1 || skip "a package weir is installed here"
  had=$(getent passwd weir || true)
  dpkg -i "$deb"
  (cd / && weir --version && ldconfig -p | grep -q libweir.so.0)
  dpkg -P weir
  [ -n "$had" ] || ! getent passwd weir > /dev/null || userdel weir # a package leaves its user, as Debian's do
  [ ! -e /usr/bin/weir ] && [ ! -e /usr/share/weir ] && [ ! -e /usr/lib/systemd/system/weir@.service ]
}

# Units as installed for an instance, for systemd-analyze: it wants them under their own name.
units() {
  command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze here (package systemd)"
  install_to "$PWD/dest"
  mkdir -p units
  for kind in service socket; do cp "dest/usr/local/lib/systemd/system/weir@.$kind" "units/weir@shop.$kind"; done
  ! grep -r @ units | grep -v 'weir@\|=@\|=~@\| @'
}

@test "the unit of systemd is well-formed and exposed at 0.5 of 10 at most" {
  units
  run systemd-analyze verify --man=no "$PWD/units/weir@shop.service"
  [ "$status" -eq 0 ]
  ! grep "weir@shop" <<< "$output"
  systemd-analyze security --offline=true --no-pager --threshold=5 "$PWD/units/weir@shop.service" > found || { cat found; false; }
  grep -q "Overall exposure level" found
}

@test "what the unit starts runs as the unit starts it: a pipe that is never at its end, files for nobody else" {
  install_to "$PWD/dest"
  line=$(sed -n 's/^ExecStart=//p' dest/usr/local/lib/systemd/system/weir@.service)
  mkdir -p etc run state
  cp -r "$ROOT/rules/test-papers" etc/shop
  line=$(sed "s|/usr/local/bin|$PWD/dest&|; s|/etc/weir/%i|$PWD/etc/shop|; s|%t/weir/%i|$PWD/run|" <<< "$line")
  printf '{"id":"c1","time":%s000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"求电子版","post":"v1"}\n' "$(date +%s)" > event
  # as systemd opens it: for both directions, and not blocking
  python3 - "$line" <<'PY'
import os, shlex, signal, subprocess, sys, time
os.mkfifo('events')
pipe = os.open('events', os.O_RDWR | os.O_NONBLOCK)
run = subprocess.Popen(shlex.split(sys.argv[1]), stdin=pipe, cwd='state', umask=0o077)
def wait(what):
    for _ in range(200):
        if what(): return
        assert run.poll() is None, 'it ended'
        time.sleep(0.05)
    raise SystemExit('never true')
records = lambda: os.path.exists('state/records.jws') and open('state/records.jws').read().count('\n')
wait(lambda: os.path.exists('run/control'))
with open('events', 'w') as f: f.write(open('event').read())
wait(lambda: records() == 1)
with open('events', 'w') as f: f.write(open('event').read().replace('c1', 'c2').replace('u1', 'u2')) # another writer
wait(lambda: records() == 2)
run.send_signal(signal.SIGHUP)
time.sleep(0.2)
run.send_signal(signal.SIGTERM)
assert run.wait(30) == 0
PY
  [ -z "$(find state -type f -perm /077)" ]
}

@test "the system calls of a run are those that the unit allows" {
  command -v strace >/dev/null || skip "there is no strace here"
  units
  cp -r "$ROOT/rules/test-papers" rules
  printf '{"id":"c1","time":%s000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"求电子版","post":"v1"}\n' "$(date +%s)" > events
  strace -f -o calls sh -c "exec $BUILD/weir run rules --state shop.db --control s < events >> records.jws" 2>/dev/null || skip "strace may not trace here"
  sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' calls | sort -u > used
  allowed() { # what a filter names, groups opened
    for name in $1; do
      case $name in
        @*) allowed "$(systemd-analyze syscall-filter "$name" | sed '1d; s/#.*//')" ;;
        *) echo "$name" ;;
      esac
    done
  }
  allowed @system-service | sort -u > may
  allowed "@privileged @resources" | sort -u > never
  [ -s used ] && [ "$(wc -l < may)" -gt 200 ]
  # SQLite gives its files to the owner of the first one when it is root, which the unit is not
  [ "$(id -u)" -ne 0 ] || sed -i '/^fchown$/d' used
  comm -23 used <(comm -23 may never) > missing
  [ ! -s missing ] || { cat missing; false; }
}
