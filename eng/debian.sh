# Sourced by the scripts that fetch packages of Debian. Nothing is installed and no package script is run. Needs apt-get, dpkg-deb, tar and
# Debian's archive keys (package debian-archive-keyring).
mirror=${TCPAO_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# fail CODE SENTENCE
fail() {
    echo "$(basename "$0"): $2" >&2
    exit "$1"
}

for need in apt-get apt-cache dpkg-deb tar; do
    command -v "$need" >/dev/null || fail 4 "$need is not on PATH"
done
[ -r "$keys" ] || fail 4 "$keys is missing; install debian-archive-keyring"

# use_suite FOLDER SUITE: apt is told that nothing is installed and that the suite is all there is, so that libc comes along
use_suite() {
    apt=$1
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    echo "deb [signed-by=$keys] $mirror $2 main" >"$apt/sources.list"
    apt_options="-q -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::status=$apt/status -o Dir::State::lists=$apt/lists"
    apt_options="$apt_options -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Retries=3"
    of_apt apt-get update
}

# of_apt PROGRAM ARGUMENT...: its output is kept for a failure
of_apt() {
    program=$1
    shift
    # shellcheck disable=SC2086
    if ! "$program" $apt_options "$@" >"$apt/out" 2>"$apt/err"; then
        tail -n 20 "$apt/err" >&2
        fail 5 "$program $* did not succeed"
    fi
}

# fetch_with_libraries PACKAGE...: into $apt/cache/archives
fetch_with_libraries() {
    of_apt apt-get -y --download-only install "$@"
}

# unpack ROOT DEB...: as on a Debian of today, /bin and the like are links into /usr
unpack() {
    root=$1
    shift
    for name in bin sbin lib lib64; do
        mkdir -p "$root/usr/$name"
        ln -sfn "usr/$name" "$root/$name"
    done
    for package in "$@"; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -k --keep-directory-symlink -C "$root"
    done
    rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
}

# is_done FOLDER WORDS: whether a folder was made for these
is_done() {
    [ -r "$1/.made-of" ] && [ "$(cat "$1/.made-of")" = "$2" ]
}

# put FOLDER PLACE WORDS: a folder that is whole takes the place of what was there
put() {
    echo "$3" >"$1/.made-of"
    rm -rf "${2:?}"
    mv "$1" "$2"
}
