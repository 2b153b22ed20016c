#!/bin/sh
# Fetches the routing daemons that the interoperability tests run: BIRD 2.17 (with TCP-AO) of Debian 13, and FRR and StayRTR (without) of Debian 12.
#   eng/fetch-daemons.sh DIR
# Each suite becomes a folder to chroot into, DIR/trixie and DIR/bookworm, with every library that the daemons need. What is there already is left
# as it is. About 60 MB are downloaded, 150 MB are kept.
set -eu
. "$(dirname "$(readlink -f "$0")")/debian.sh"
[ $# -eq 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(readlink -f "$1")

# fetch SUITE PACKAGE...
fetch() {
    suite=$1
    shift
    if is_done "$dir/$suite" "$*"; then
        return
    fi

    work=$(mktemp -d "$dir/$suite.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    use_suite "$work" "$suite"
    fetch_with_libraries "$@"
    new="$work/root"
    unpack "$new" "$work"/cache/archives/*.deb
    rm -rf "$new"/usr/share/perl* "$new"/usr/lib/*/perl*

    # what the packages' scripts would have made, and places to mount on
    mkdir -p "$new/dev" "$new/proc" "$new/run" "$new/tmp" "$new/mnt" "$new/var/tmp"
    ln -sfn /run "$new/var/run"
    echo 'root:x:0:0:root:/:/bin/sh' >"$new/etc/passwd"
    echo 'root:x:0:' >"$new/etc/group"
    for user in bird frr; do
        echo "$user:x:100:100::/:/bin/false" >>"$new/etc/passwd"
        echo "$user:x:100:" >>"$new/etc/group"
    done
    echo 'frrvty:x:101:' >>"$new/etc/group"
    printf 'auth required pam_permit.so\naccount required pam_permit.so\n' >"$new/etc/pam.d/other"

    put "$new" "$dir/$suite" "$*"
    rm -rf "$work"
    trap - EXIT
}

fetch trixie bird2
fetch bookworm frr frr-rpki-rtrlib stayrtr
