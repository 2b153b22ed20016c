#!/bin/sh
# Fetches the key store that the fleet tests run: etcd and etcdctl 3.5 of Debian 13.
#   eng/fetch-etcd.sh DIR
# DIR becomes a folder to chroot into, with every library that they need. What is there already is left as it is. About 20 MB are downloaded, 60 MB are kept.
set -eu
. "$(dirname "$(readlink -f "$0")")/debian.sh"
[ $# -eq 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
packages="etcd-server etcd-client"
mkdir -p "$(dirname "$1")"
dir=$(readlink -f "$(dirname "$1")")/$(basename "$1")
is_done "$dir" "$packages" && exit 0

work=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$work"' EXIT
use_suite "$work" trixie
# shellcheck disable=SC2086 # words
fetch_with_libraries $packages
unpack "$work/root" "$work"/cache/archives/*.deb
rm -rf "$work"/root/usr/share/perl* "$work"/root/usr/lib/*/perl*
put "$work/root" "$dir" "$packages"
