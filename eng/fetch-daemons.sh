#!/bin/sh
# Fetches the routing daemons that the interoperability tests run: BIRD 2.17 (with TCP-AO) of Debian 13, and FRR and StayRTR (without) of Debian 12.
#   eng/fetch-daemons.sh DIR
# Each suite becomes a folder to chroot into, DIR/trixie and DIR/bookworm, with every library that the daemons need. Nothing is installed and no
# package script is run. What is there already is left as it is. Needs apt-get, dpkg and Debian's archive keys (package debian-archive-keyring);
# about 60 MB are downloaded.
set -eu

[ $# -eq 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
mirror=${TCPAO_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
for need in apt-get dpkg-deb tar; do
    command -v "$need" >/dev/null || { echo "fetch-daemons: $need is not on PATH" >&2; exit 4; }
done
[ -r "$keys" ] || { echo "fetch-daemons: $keys is missing; install debian-archive-keyring" >&2; exit 4; }
mkdir -p "$1"
dir=$(readlink -f "$1")

# fetch SUITE PACKAGE...: apt is told that nothing is installed and that the suite is all there is, so that libc comes along
fetch() {
    suite=$1
    shift
    mark="$dir/$suite/.packages"
    if [ -r "$mark" ] && [ "$(cat "$mark")" = "$*" ]; then
        return
    fi

    work=$(mktemp -d "$dir/$suite.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root"
    : >"$work/status"
    echo "deb [signed-by=$keys] $mirror $suite main" >"$work/sources.list"
    options="-q -o Dir::Etc::sourcelist=$work/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::status=$work/status -o Dir::State::lists=$work/lists"
    options="$options -o Dir::Cache=$work/cache -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Retries=3"
    # shellcheck disable=SC2086
    if ! { apt-get $options update && apt-get $options -y --download-only install "$@"; } >"$work/log" 2>&1; then
        tail -n 20 "$work/log" >&2
        echo "fetch-daemons: apt-get could not fetch $* of $suite" >&2
        exit 5
    fi

    # as on a Debian of today, /bin and the like are links into /usr
    for name in bin sbin lib lib64; do
        mkdir -p "$work/root/usr/$name"
        ln -s "usr/$name" "$work/root/$name"
    done
    for package in "$work"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -k --keep-directory-symlink -C "$work/root"
    done

    # what the packages' scripts would have made
    mkdir -p "$work/root/dev" "$work/root/proc" "$work/root/run" "$work/root/tmp" "$work/root/mnt" "$work/root/var/tmp"
    ln -s /run "$work/root/var/run"
    rm -rf "$work/root/usr/share/doc" "$work/root/usr/share/man" "$work/root/usr/share/locale" "$work"/root/usr/share/perl* "$work"/root/usr/lib/*/perl*
    printf 'auth required pam_permit.so\naccount required pam_permit.so\n' >"$work/root/etc/pam.d/other"
    echo 'root:x:0:0:root:/:/bin/sh' >"$work/root/etc/passwd"
    echo 'root:x:0:' >"$work/root/etc/group"
    for user in bird frr; do
        echo "$user:x:100:100::/:/bin/false" >>"$work/root/etc/passwd"
        echo "$user:x:100:" >>"$work/root/etc/group"
    done
    echo 'frrvty:x:101:' >>"$work/root/etc/group"

    echo "$*" >"$work/root/.packages"
    rm -rf "${dir:?}/$suite"
    mv "$work/root" "$dir/$suite"
    rm -rf "$work"
    trap - EXIT
}

fetch trixie bird2
fetch bookworm frr frr-rpki-rtrlib stayrtr
