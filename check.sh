#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and tests everything: the command before a push, and what CI runs.
#
#     ./check.sh [--long] [--suite NAME]... [--no-install]
#
# --long        the long forms of the tests (hours): sets TINAMOU_TEST_LONG=1
# --suite NAME  this suite only, and none of the extra builds; may be repeated
# --no-install  do not look for missing packages
#
# Builds are kept in build/ (gcc), build-tsa/ (clang, thread safety analysis, compiled only),
# build-asan/ (AddressSanitizer and UBSan: unit tests, guest stress) and build-tsan/
# (ThreadSanitizer: guest stress). There the stress takes a minute for each back end, half an
# hour with --long. The last line is "N passed, N failed, N skipped", counting single tests; the
# status is 0 when none failed.
set -u
cd "$(dirname "$0")" || exit 1

# Quick ones first; bench measures and is asked for by name.
all_suites="lint unit insns tcg-golden diff qtest guest stress boot fuzz"
suites=
install=yes
long=no
results=build/check-results

while [ $# -gt 0 ]; do
    case $1 in
    --long) long=yes ;;
    --no-install) install=no ;;
    --suite)
        [ $# -gt 1 ] || { echo "check.sh: --suite needs a name" >&2; exit 2; }
        suites="$suites $2"
        shift
        ;;
    -h | --help)
        sed -n '3,16s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *)
        echo "check.sh: unknown argument '$1'; see --help" >&2
        exit 2
        ;;
    esac
    shift
done

say() {
    printf '\n== %s\n' "$*"
}

# One test that is not meson's: record NAME passed|failed|skipped
record() {
    printf '%s %s\n' "$2" "$1" >>"$results/steps"
    [ "$2" = passed ] || echo "$1: $2"
}

finish() {
    python3 scripts/sum-tests.py "$results"
    exit $?
}

# Configures a build folder once: configure FOLDER MESON-ARGUMENT...
configure() {
    folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@"
}

# Builds what a suite's tests need and runs them; the results go to a file of their own.
run_suite() {
    folder=$1
    suite=$2
    log=$folder/meson-logs/check-$suite.json
    rm -f "$log"
    set -- --suite "$suite" --logbase "check-$suite" --print-errorlogs
    # In the long form nothing is hurried; sanitizers slow everything down threefold.
    case $long-$folder in
    yes-*) set -- "$@" --timeout-multiplier 0 ;;
    *-build-[at]san) set -- "$@" --timeout-multiplier 3 ;;
    esac
    # Without a log and in error it did not come to the tests: the build failed.
    if ! meson test -C "$folder" "$@" && [ ! -f "$log" ]; then
        record "$folder: suite $suite" failed
    fi
    [ ! -f "$log" ] || cp "$log" "$results/$folder-$suite.json"
}

# What is not to be had is skipped by the tests that need it.
fetch_guests() {
    say "guests from Debian"
    tests/guest/fetch.sh linux opensbi u-boot || echo "some guests are missing (see above)"
    [ "$long" = no ] || tests/guest/fetch.sh linux-sid || echo "no linux-sid"
}

thread_safety_build() {
    say "clang, thread safety analysis"
    if ! command -v clang >/dev/null; then
        record "clang build" skipped
    elif CC=clang configure build-tsa -Dthread_safety=true && ninja -C build-tsa; then
        record "clang build" passed
    else
        record "clang build" failed
    fi
}

# The stress under a sanitizer, as slow as that is: sanitizer_stress FOLDER
sanitizer_stress() {
    TINAMOU_TEST_SLOW=10 TINAMOU_STRESS_SECONDS=$stress_seconds run_suite "$1" stress
}

sanitizer_build() {
    say "unit tests and guest stress with AddressSanitizer and UBSan"
    if configure build-asan -Db_sanitize=address,undefined -Doptimization=1; then
        (
            export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
            run_suite build-asan unit
            ASAN_OPTIONS=detect_leaks=0 sanitizer_stress build-asan
        )
    else
        record "sanitizer build" failed
    fi
}

thread_sanitizer_build() {
    say "guest stress with ThreadSanitizer"
    if configure build-tsan -Db_sanitize=thread -Doptimization=1; then
        TSAN_OPTIONS=suppressions=$PWD/tests/tsan.supp:halt_on_error=1 sanitizer_stress build-tsan
    else
        record "thread sanitizer build" failed
    fi
}

rm -rf "$results"
mkdir -p "$results"
# In a sanitizer build, of each of the three stress tests of a back end that last.
stress_seconds=20
if [ "$long" = yes ]; then
    export TINAMOU_TEST_LONG=1
    stress_seconds=600
fi

if [ "$install" = yes ] && ! scripts/install-deps.sh build test boot; then
    record "packages" failed
    finish
fi

say "build"
if configure build && ninja -C build; then
    record "gcc build" passed
else
    record "gcc build" failed
    finish
fi

for suite in ${suites:-$all_suites}; do
    [ "$suite" != guest ] || fetch_guests
    say "suite $suite"
    run_suite build "$suite"
done
if [ -z "$suites" ]; then
    thread_safety_build
    sanitizer_build
    thread_sanitizer_build
fi
finish
