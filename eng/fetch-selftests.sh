#!/bin/sh
# Builds Linux' own tests of TCP-AO (tools/testing/selftests/net/tcp_ao), unmodified and static, from Debian's package linux-source-7.2 (trixie-backports).
#   eng/fetch-selftests.sh DIR
# DIR/selftests then has connect_ipv4 and so on; TCPAO_TEST_SELFTESTS=DIR/selftests has the interoperability tests run them under 'tcpao exec'. Needs gcc, make and xz besides what debian.sh needs. About 160 MB are
# downloaded, 25 MB are kept. What is there already is left as it is.
set -eu
. "$(dirname "$(readlink -f "$0")")/debian.sh"
[ $# -eq 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
for need in gcc make xz; do
    command -v "$need" >/dev/null || fail 4 "$need is not on PATH"
done
mkdir -p "$1"
dir=$(readlink -f "$1")
made_of="linux-source-7.2 net/tcp_ao static"
if is_done "$dir/selftests" "$made_of"; then
    exit 0
fi

work=$(mktemp -d "$dir/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
use_suite "$work/apt" trixie-backports
(cd "$work" && of_apt apt-get download linux-source-7.2)
dpkg-deb --fsys-tarfile "$work"/linux-source-7.2_*.deb | tar -x -C "$work" ./usr/src/linux-source-7.2.tar.xz

# what its headers for programs and the tests are made from; the whole tree has 1.7 GB
tree=linux-source-7.2
xz -dc "$work/usr/src/$tree.tar.xz" | tar -x -C "$work" --wildcards \
    "$tree/Makefile" "$tree/Kbuild" "$tree/scripts" "$tree/arch/*/Makefile*" "$tree/arch/*/include/*" "$tree/arch/*/entry/syscalls" "$tree/arch/*/kernel/syscalls" \
    "$tree/arch/*/tools" "$tree/include/uapi" "$tree/include/asm-generic" "$tree/usr/Makefile" "$tree/usr/include" "$tree/tools/include" "$tree/tools/scripts" \
    "$tree/tools/build" "$tree/tools/arch" "$tree/tools/testing/selftests/lib.mk" "$tree/tools/testing/selftests/*.h" "$tree/tools/testing/selftests/net/tcp_ao"

# build WHAT ARGUMENT...
build() {
    what=$1
    shift
    if ! make -C "$work/$tree" "$@" >"$work/log" 2>&1; then
        tail -n 20 "$work/log" >&2
        fail 5 "$what could not be built"
    fi
}

build "the kernel's headers" headers
build "the tests" -C tools/testing/selftests/net/tcp_ao LDFLAGS=-static

mkdir "$work/new"
for program in "$work/$tree"/tools/testing/selftests/net/tcp_ao/*_ipv[46]; do
    strip -o "$work/new/$(basename "$program")" "$program"
done
put "$work/new" "$dir/selftests" "$made_of"
