#!/bin/sh
# Boots Debian's kernel with TCP-AO in QEMU, its console on standard input and output. Instructions are emulated unless TCPAO_TEST_KVM is set: /dev/kvm
# may be there and not work.
#   run-uml.sh [-N NAMESPACE] [-s DIR] [-j JOB] [-m MIB] [-n]
# -N  network namespace with the other end of its wire: 192.0.2.1/24 and 2001:db8:2::1/64 here, .2 and ::2 there; made if it is not there
# -s  a copy of DIR is /share
# -j  runs /share/JOB and powers off; without it there is a shell
# -n  no network
# The name is that of the starter of a user-mode Linux, which takes the same options.
set -eu
here=$(dirname "$(readlink -f "$0")")/debian
space=aopeer share='' job='' memory=768 network=1
while getopts N:s:j:m:n option; do
    case $option in
    N) space=$OPTARG ;;
    s) share=$OPTARG ;;
    j) job=$OPTARG ;;
    m) memory=$OPTARG ;;
    n) network='' ;;
    *) exit 2 ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/initramfs.cpio.gz" "$work/initrd"
if [ -n "$share" ]; then
    # the kernel unpacks one archive after the other; each begins at a multiple of four
    cp -a "$share" "$work/share"
    while [ $(($(stat -c %s "$work/initrd") % 4)) -ne 0 ]; do printf '\0' >>"$work/initrd"; done
    (cd "$work" && find share | "$here/tools/usr/bin/busybox" cpio -o -H newc 2>/dev/null) >>"$work/initrd"
    rm -rf "$work/share"
fi

set -- -nic none
prefix=''
if [ -n "$network" ]; then
    ip netns list | grep -qw "$space" || ip netns add "$space"
    ip -n "$space" link set lo up
    ip -n "$space" link show aotap >/dev/null 2>&1 || ip netns exec "$space" ip tuntap add dev aotap mode tap
    ip -n "$space" link set aotap up
    ip -n "$space" addr replace 192.0.2.1/24 dev aotap
    ip -n "$space" addr replace 2001:db8:2::1/64 dev aotap nodad
    prefix="ip netns exec $space"

    # no offloads: what is on the wire is what is sent
    set -- -netdev tap,id=wire,ifname=aotap,script=no,downscript=no,vnet_hdr=off -device virtio-net-pci,netdev=wire,romfile=
fi

# the file is open by then; QEMU reads it before it runs the guest
exec 9<"$work/initrd"
rm -rf "$work"
trap - EXIT
tools="$here/tools"
accel="-accel tcg,thread=multi -cpu max"
[ -z "${TCPAO_TEST_KVM:-}" ] || accel="-accel kvm -cpu host"
# shellcheck disable=SC2086
exec $prefix "$tools/lib64/ld-linux-x86-64.so.2" --library-path "$tools/usr/lib/x86_64-linux-gnu" "$tools/usr/bin/qemu-system-x86_64" \
    -L "$tools/usr/share/qemu" -L "$tools/usr/share/seabios" $accel -smp 1 -m "$memory" -nodefaults -no-user-config -no-reboot \
    -display none -serial stdio -kernel "$here/vmlinuz" -initrd /proc/self/fd/9 \
    -append "console=ttyS0 quiet panic=1 mitigations=off guest4=192.0.2.2/24 guest6=2001:db8:2::2/64 ${job:+job=$job}" "$@"
