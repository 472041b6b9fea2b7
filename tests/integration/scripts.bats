#!/usr/bin/env bats
# scripts.bats -- what the scripts say of a build that fails, in a tree that has nothing
# but them and a cmake that only fails. What they do on a whole machine is tests/bare's.

setup() {
    TREE=$BATS_TEST_TMPDIR/tree
    mkdir -p "$TREE/scripts/lib" "$TREE/bin" "$TREE/build"
    cp "$STEPWARD_SOURCE/scripts/lib/common.sh" "$TREE/scripts/lib/"
    printf '#!/bin/sh\necho "cmake of this run: $*"\n[ "$1" = --build ] || exit %s\nexit 1\n' \
        '"${CONFIGURES:-1}"' >"$TREE/bin/cmake"
    chmod +x "$TREE/bin/cmake"
    echo "an error of another day" >"$TREE/build/release.log"
}

build() {
    PATH=$TREE/bin:$PATH bash -c \
        'set -euo pipefail; . "$0/scripts/lib/common.sh"; build release "$@"' "$TREE" "$@"
}

@test "the log that is shown is of this run, be it of the configuration or of the build" {
    local configures
    for configures in 1 0; do
        echo "an error of another day" >"$TREE/build/release.log"
        CONFIGURES=$configures run build -DSTEPWARD_TESTS=OFF stepward
        [ "$status" -eq 1 ]
        [[ $output == *"cmake of this run: --preset release -DSTEPWARD_TESTS=OFF"* ]]
        [[ $output != *"another day"* ]]
    done
    [[ $output == *"cmake of this run: --build --preset release --target stepward"* ]]
}

@test "a log that cannot be written is the error, and none is shown" {
    rm "$TREE/build/release.log"
    mkdir "$TREE/build/release.log"
    echo "an error of another day" >"$TREE/build/release.log/old"
    run build
    [ "$status" -eq 1 ]
    [[ $output == *"cannot write $TREE/build/release.log"* ]]
    [[ $output != *"another day"* ]]
    [[ $output != *"cmake of this run"* ]]
}
