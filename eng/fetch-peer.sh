#!/bin/sh
# Fetches a kernel with TCP-AO for the interoperability tests: the stock one of Debian's trixie-backports (7.2 or later, CONFIG_TCP_AO=y), and QEMU,
# busybox and perl of Debian 13 to run it with.
#   eng/fetch-peer.sh DIR
# DIR/run-uml.sh then boots it; TCPAO_TEST_PEER=DIR has the tests use it. amd64. About 95 MB are downloaded, 220 MB are kept. What is there already is
# left as it is.
set -eu
here=$(dirname "$(readlink -f "$0")")
. "$here/debian.sh"
[ $# -eq 1 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] || fail 4 "this is for amd64"
mkdir -p "$1"
dir=$(readlink -f "$1")
made_of="kernel qemu busybox perl $(cat "$here"/peer/init "$here"/peer/aopeer | cksum)"

if ! is_done "$dir/debian" "$made_of"; then
    work=$(mktemp -d "$dir/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    new="$work/new"

    use_suite "$work/tools" trixie
    fetch_with_libraries qemu-system-x86 busybox-static perl-base
    unpack "$new/tools" "$work"/tools/cache/archives/*.deb

    # the metapackage names the newest version
    use_suite "$work/kernel" trixie-backports
    of_apt apt-cache depends linux-image-cloud-amd64
    version=$(sed -n 's/.*Depends: linux-image-\([0-9].*\)/\1/p' "$apt/out")
    (cd "$work/kernel" && of_apt apt-get download "linux-binary-$version" "linux-modules-$version")
    unpack "$work/modules" "$work"/kernel/*.deb
    modules="$work/modules/usr/lib/modules/$version"
    cp "$modules/vmlinuz" "$new/vmlinuz"

    # the initial file system
    guest="$work/guest"
    mkdir -p "$guest/bin" "$guest/dev" "$guest/proc" "$guest/sys" "$guest/run" "$guest/tmp" "$guest/share" "$guest/root" "$guest/lib/modules" "$guest/lib64"
    cp "$new/tools/usr/bin/busybox" "$guest/bin/busybox"
    cp "$here/peer/init" "$guest/init"
    cp "$here/peer/aopeer" "$guest/bin/aopeer"
    chmod 755 "$guest/init" "$guest/bin/aopeer"
    for module in net/core/failover drivers/net/net_failover drivers/net/virtio_net; do
        "$guest/bin/busybox" xzcat "$modules/kernel/$module.ko.xz" >"$guest/lib/modules/$(basename "$module").ko"
    done
    mkdir -p "$guest/usr/bin" "$guest/usr/lib"
    cp "$new/tools/usr/bin/perl" "$guest/usr/bin/perl"
    cp -L "$new/tools/lib64/ld-linux-x86-64.so.2" "$guest/lib64/"
    libraries=usr/lib/x86_64-linux-gnu
    mkdir -p "$guest/$libraries"
    for library in libc.so.6 libm.so.6 libcrypt.so.1; do
        cp -L "$new/tools/$libraries/$library" "$guest/$libraries/"
    done
    cp -a "$new/tools/$libraries/perl-base" "$guest/$libraries/"
    (cd "$guest" && find . | "$new/tools/usr/bin/busybox" cpio -o -H newc 2>/dev/null) | gzip -1 >"$new/initramfs.cpio.gz"

    put "$new" "$dir/debian" "$made_of"
    rm -rf "$work"
    trap - EXIT
fi

cp "$here/peer/run-qemu.sh" "$dir/run-uml.sh"
chmod 755 "$dir/run-uml.sh"
