# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# An apt for riscv64 packages beside the machine's own: own sources, lists and cache below one
# folder, no root. Sourced by fetch.sh, which sets:
#
#     cache    folder for everything
#     offline  "yes" to leave the network alone
#
# The mirror is the one of this machine's apt configuration, or $DEBIAN_MIRROR; signatures are
# checked against Debian's keyring. Of the machine's configuration only Acquire:: (proxy, TLS)
# is kept: hooks and preferences are for packages that get installed, which these do not.

# How long package lists are good, in days: a mirror keeps a package for some weeks after.
list_days=7

say() {
    echo "$program: $*" >&2
}

fail() {
    say "$*"
    exit 1
}

# Mirrors to try, one a line, the likeliest first.
debian_mirrors() {
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
        echo "$DEBIAN_MIRROR"
        return
    fi
    uris=$(unset APT_CONFIG
        apt-get indextargets --no-release-info --format '$(REPO_URI)' 2>/dev/null |
            sed 's#/*$##' | awk '!seen[$0]++')
    echo "$uris" | grep -E '/debian$' || true
    # Hosts that carry Ubuntu carry Debian more often than not.
    echo "$uris" | sed -n -E 's#/ubuntu(-ports)?$#/debian#p'
}

# Prints the path of Debian's keyring.
debian_keyring() {
    for keyring in "${DEBIAN_KEYRING:-}" \
        /usr/share/keyrings/debian-archive-keyring.gpg \
        /usr/share/keyrings/debian-archive-keyring.pgp \
        "$cache"/keyring/usr/share/keyrings/debian-archive-keyring.gpg \
        "$cache"/keyring/usr/share/keyrings/debian-archive-keyring.pgp; do
        if [ -s "$keyring" ]; then
            echo "$keyring"
            return
        fi
    done
    # Not on Debian: its package is also in Ubuntu, verified there by this machine's keys.
    [ "$offline" = no ] || return 1
    say "fetching Debian's keyring with this machine's own apt"
    mkdir -p "$cache/keyring"
    (
        unset APT_CONFIG
        cd "$cache/keyring"
        apt-get -qq -o "APT::Sandbox::User=$(id -un)" download debian-archive-keyring
    ) >&2 || return 1
    dpkg-deb -x "$cache"/keyring/debian-archive-keyring_*.deb "$cache/keyring"
    ls "$cache"/keyring/usr/share/keyrings/debian-archive-keyring.[gp]* | head -n 1
}

# Writes the configuration of the apt of suite $1 and selects it.
apt_configure() {
    suite=$1
    state=$cache/apt-$suite
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/state"
    : >"$state/status"
    {
        unset APT_CONFIG
        apt-config dump | grep '^Acquire::' | grep -vE '^Acquire::(IndexTargets|Languages)'
        cat <<END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$state/state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Dir::Log "$state";
APT::Architecture "riscv64";
APT::Architectures { "riscv64"; };
APT::Sandbox::User "$(id -un)";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::Retries "2";
END
    } >"$state/apt.conf"
    APT_CONFIG=$state/apt.conf
    export APT_CONFIG
}

lists_are_fresh() {
    [ -n "$(find "$cache/apt-$1/updated" -mtime "-$list_days" 2>/dev/null)" ]
}

# Fetches the lists of the configured suite from the first mirror that has them.
apt_update() {
    keyring=$(debian_keyring) || {
        say "no Debian keyring: install debian-archive-keyring or set DEBIAN_KEYRING"
        return 1
    }
    mirrors=$(debian_mirrors)
    if [ -z "$mirrors" ]; then
        say "no Debian mirror in this machine's apt configuration: set DEBIAN_MIRROR"
        return 1
    fi
    say "fetching the package lists of $suite"
    for mirror in $mirrors; do
        echo "deb [arch=riscv64 signed-by=$keyring] $mirror $suite main" >"$state/sources.list.new"
        if apt-get -qq -o "Dir::Etc::sourcelist=$state/sources.list.new" \
            -o APT::Update::Error-Mode=any update >"$state/update.log" 2>&1; then
            mv "$state/sources.list.new" "$state/sources.list"
            touch "$state/updated"
            return 0
        fi
    done
    sed -n 's/^[EW]: /    /p' "$state/update.log" | head -n 4 >&2
    return 1
}

# apt_setup SUITE: makes apt-get speak of that suite, with fresh lists if there is a network
# and old ones, with a warning, if there is none.
apt_setup() {
    apt_configure "$1"
    lists_are_fresh "$1" && return 0
    [ "$offline" = no ] && apt_update && return 0
    if [ ! -e "$state/updated" ]; then
        say "no package lists of $1, and no way to fetch them"
        return 1
    fi
    say "warning: the package lists of $1 are from $(date -r "$state/updated" +%F) and cannot" \
        "be refreshed; using what is in the cache"
}

# The version that would be fetched; empty for a package that does not exist.
package_version() {
    apt-cache policy "$1" | sed -n 's/^ *Candidate: *//p' | grep -vxF '(none)' || true
}

# Fetches a package unless it is here and prints the path of its file.
fetch_package() {
    version=$(package_version "$1")
    if [ -z "$version" ]; then
        say "$suite has no package $1"
        return 1
    fi
    mkdir -p "$cache/debs"
    pattern=$cache/debs/$1_$(echo "$version" | sed 's/:/%3a/g')_*.deb
    # shellcheck disable=SC2086 # a pattern
    file=$(ls $pattern 2>/dev/null | head -n 1)
    if [ -z "$file" ]; then
        if [ "$offline" = yes ]; then
            say "$1 $version is not in the cache"
            return 1
        fi
        say "fetching $1 $version"
        # apt downloads under another name and renames: what is here is whole.
        quiet=-q
        [ ! -t 2 ] || quiet= # a terminal gets a bar
        # shellcheck disable=SC2086 # nothing, or an option
        (cd "$cache/debs" && apt-get $quiet download "$1") >&2 || return 1
        # shellcheck disable=SC2086
        file=$(ls $pattern | head -n 1)
    fi
    echo "$file"
}

# unpack_packages FOLDER NAME...: puts the files of packages into an empty folder.
unpack_packages() {
    folder=$1
    shift
    rm -rf "$folder"
    mkdir -p "$folder"
    for name in "$@"; do
        deb=$(fetch_package "$name") || return 1
        say "unpacking ${deb##*/}"
        dpkg-deb -x "$deb" "$folder" || return 1
    done
}
