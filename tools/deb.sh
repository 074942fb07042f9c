#!/bin/sh
# Makes a Debian package of an installed tree:  deb.sh TREE VERSION OUT_DIR
# Depends are the packages that own the shared libraries which the files need.
set -eu
tree=$1 version=$2 out=$3
arch=$(dpkg --print-architecture)
deps=""
for f in "$tree"/usr/bin/weir "$tree"/usr/lib/*/libweir.so."$version"; do
  for lib in $(ldd "$f" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p'); do
    # a merged /usr: dpkg knows the file under one of the two names
    p=$(dpkg -S "$lib" 2>/dev/null || dpkg -S "/usr$lib" 2>/dev/null || dpkg -S "${lib#/usr}" 2>/dev/null || true)
    p=${p%%:*}
    [ -n "$p" ] || continue
    v=$(dpkg-query -W -f '${Version}' "$p" | sed 's/^[0-9]*://; s/[-+~].*//')
    deps="$deps
$p (>= $v)"
  done
done
deps=$(printf '%s\n' "$deps" | sort -u | sed '/^$/d' | paste -sd, | sed 's/,/, /g')
strip --strip-unneeded "$tree"/usr/bin/weir "$tree"/usr/lib/*/libweir.so."$version"
strip --strip-debug "$tree"/usr/lib/*/libweir.a
mkdir -p "$tree/DEBIAN"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: weir
Version: $version
Architecture: $arch
Maintainer: the weir authors <weir@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $deps
Recommends: tzdata
Description: decides what a chat gateway answers
 Comments and messages go in; keyword rules, PCRE2 patterns and Lua handlers choose
 replies, follows, tags and funnel steps; signed action records come out.
CONTROL
# The user of the units, and the shops that run: stopped when the package goes, started anew when it changes.
cat > "$tree/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
! command -v systemd-sysusers >/dev/null || systemd-sysusers weir.conf
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ -z "$2" ] || systemctl try-restart 'weir@*.service'
fi
SCRIPT
cat > "$tree/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
[ "$1" != remove ] || [ ! -d /run/systemd/system ] || systemctl stop 'weir@*.service' 'weir@*.socket'
SCRIPT
cat > "$tree/DEBIAN/postrm" <<'SCRIPT'
#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
SCRIPT
chmod 755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm" "$tree/DEBIAN/postrm"
printf 'activate-noawait ldconfig\n' > "$tree/DEBIAN/triggers"
dpkg-deb --root-owner-group --build "$tree" "$out/weir_${version}_$arch.deb" >/dev/null
echo "$out/weir_${version}_$arch.deb"
