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

@test "every script says what it does with --help, and does nothing" {
    local script
    cp "$STEPWARD_SOURCE"/scripts/* "$TREE/scripts/" 2>/dev/null || :
    for script in "$TREE"/scripts/*; do
        [ -f "$script" ] || continue
        PATH=$TREE/bin:$PATH run timeout 10 "$script" --help
        echo "$script: $status: $output"
        [ "$status" -eq 0 ]
        [[ ${lines[0]} == "${script##*/} -- "* ]]
        [ "${#lines[@]}" -gt 3 ]
        [[ $output != *shellcheck* ]]
        [[ $output != *"cmake of this run"* ]]
    done
    PATH=$TREE/bin:$PATH run timeout 10 "$TREE/scripts/demo" --hepl
    [ "$status" -eq 2 ]
    [[ $output == "usage: scripts/demo" ]]
}

# ---- the broker's list of rights ----

# rights_of THERAPIST…: update_rights, where `stepward site --rights` prints a list of them.
rights_of() {
    printf '%s\n' 'pattern write clinic/main/patient/%u/steps' "${@/#/topic write clinic/main/alerts/}" |
        sed 's|\(alerts/.*\)|\1/+/+/set|' >"$TREE/list"
    # shellcheck disable=SC2016 # for the shell that reads it
    run bash -c 'set -euo pipefail
        cd "$0"; . scripts/lib/broker.sh; trap "rm -rf $scratch" EXIT
        BROKER_ETC=$0/etc
        broker_is_active() { false; }
        print_rights() { cat list; }
        update_rights' "$TREE"
    echo "$output"
    [ "$status" -eq 0 ]
}
prepare_rights() {
    mkdir -p "$TREE/etc" "$TREE/config/mosquitto"
    cp "$STEPWARD_SOURCE/scripts/lib/broker.sh" "$TREE/scripts/lib/"
    cp "$STEPWARD_SOURCE/config/mosquitto/stepward.acl" "$TREE/config/mosquitto/"
    ACL=$TREE/etc/stepward.acl
}

@test "the list of rights follows the therapists, and what the clinic adds to it stays" {
    prepare_rights
    rights_of anna
    [ ! -e "$ACL" ] # there is none where the broker's settings are not ours
    cp "$TREE/config/mosquitto/stepward.acl" "$ACL"
    rights_of anna
    [[ $output == *"wrote $ACL: it names the site main, and anna"* ]]
    printf '%s\n' 'user anna-tablet' 'topic read clinic/main/alerts/anna/#' >>"$ACL"
    rights_of anna ben
    [[ $output == *"it names the site main, and anna, ben"* ]]
    [ "$(head -n 3 "$ACL")" = "$(cat "$TREE/list")" ]
    [ "$(tail -n 2 "$ACL" | head -n 1)" = 'user anna-tablet' ]
    rights_of anna ben
    [[ $output == "kept $ACL: it names the site main, and anna, ben" ]]
}

@test "a list of rights that was changed by hand is left as it is, and that is said" {
    prepare_rights
    cp "$TREE/config/mosquitto/stepward.acl" "$ACL"
    echo 'topic read home/#' >>"$ACL"
    cp "$ACL" "$TREE/before"
    rights_of anna ben
    [[ $output == *"$ACL was changed by hand and stays as it is."*"site --rights"* ]]
    cmp "$ACL" "$TREE/before"
    # So is one that was written by us.
    cp "$TREE/config/mosquitto/stepward.acl" "$ACL"
    rights_of anna
    sed -i 's/anna/zoe/' "$ACL"
    cp "$ACL" "$TREE/before"
    rights_of anna ben
    [[ $output == *"was changed by hand"* ]]
    cmp "$ACL" "$TREE/before"
}

# ---- after a change of the configuration ----

# install_functions NAME…: of the script, to be read by a shell.
install_functions() {
    local name
    for name; do sed -n "/^$name()/,/^}/p" "$STEPWARD_SOURCE/scripts/install"; done
    grep -E '^(UNITS|SERVICES|DATA_DIR|rights_are_set|RIGHTS_WAIT_S)=' "$STEPWARD_SOURCE/scripts/install"
    sed -n '/^set_up_data_dir "/,$p' "$STEPWARD_SOURCE/scripts/install"
}

@test "the broker has the rights, and reads passwords anew, before the gateway is restarted" {
    install_functions set_up_rights finish_update >"$TREE/functions"
    local reads_database
    for reads_database in true false; do
        # shellcheck disable=SC2016 # for the shell that reads it
        run bash -c 'set -euo pipefail
            for name in set_up_data_dir configured_data_dir set_up_backup_to configured_backup_to install_configuration require_broker step sleep; do
                eval "$name() { :; }"
            done
            has_systemd() { true; }
            gateway_is_active() { true; }
            systemctl() {
                [ "$1" != is-active ] || return 0 # the board, too
                [ "$1" = daemon-reload ] || echo "$*"
                [ "$1" != restart ] || reads_database=true
            }
            reads_database=$1 broker=unless_own is_update=yes
            print_rights() { $reads_database; }
            update_rights() { echo "rights are written"; }
            reload_broker() { echo "reload mosquitto"; }
            . "$0/functions"' "$TREE" "$reads_database"
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(grep -c 'reload mosquitto' <<<"$output")" -eq 1 ]
        order=$(grep -E '^(rights|reload|restart stepward-gateway)' <<<"$output" | cut -d' ' -f1 | xargs)
        if [ "$reads_database" = true ]; then
            [ "$order" = 'rights reload restart' ]
        else
            [ "$order" = 'restart rights reload' ] # a database that only it can bring up to date
        fi
        # The board, where it runs, once there is a database that it can read.
        [[ $output == *"restart stepward-gateway"*"restart stepward-web"* ]]
    done
}

@test "the board is restarted by an update whether or not the gateway runs" {
    install_functions finish_update >"$TREE/functions"
    sed -i '/^set_up_data_dir "/,$d' "$TREE/functions"
    local gateway board
    for gateway in true false; do
        for board in true false; do
            # shellcheck disable=SC2016 # for the shell that reads it
            run bash -c 'set -euo pipefail
                step() { :; }
                has_systemd() { true; }
                systemctl() { [ "$1" = is-active ] && $board || { [ "$1" = restart ] && echo "$*"; }; }
                gateway=$1 board=$2
                . "$0/functions"
                gateway_is_active() { $gateway; }
                finish_update' "$TREE" "$gateway" "$board"
            [ "$status" -eq 0 ]
            [ "$(grep -c '^restart stepward-gateway' <<<"$output")" -eq "$([ "$gateway" = true ] && echo 1 || echo 0)" ]
            [ "$(grep -c '^restart stepward-web' <<<"$output")" -eq "$([ "$board" = true ] && echo 1 || echo 0)" ]
        done
    done
}

set_up_data_dir() { # DATA_DIR
    install_functions set_up_data_dir >"$TREE/functions"
    sed -i '/^set_up_data_dir "/,$d' "$TREE/functions"
    # shellcheck disable=SC2016 # for the shell that reads it
    bash -c 'set -euo pipefail
        . "$0/functions"
        UNITS=$0/units
        install() { # where there is no such user
            local word words=()
            for word; do [ "$word" != stepward ] && words+=("$word") || words+=(root); done
            command install "${words[@]}"
        }
        set_up_data_dir "$1"' "$TREE" "$1"
}

@test "the services may write to another data_dir, which is made for them" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a folder away"
    local data="$TREE/new/da ta" file
    mkdir "$TREE/units"
    set_up_data_dir "$data"
    [ "$(stat -c %a "$data")" = 2770 ]
    for file in "$TREE"/units/stepward-{gateway,backup}.service.d/data_dir.conf; do
        grep -qxF "ReadWritePaths=\"-$data\"" "$file"
    done
    # What is somebody's stays so; but not what a gateway has used.
    mkdir -m 700 "$TREE/theirs"
    touch "$TREE/theirs/notes"
    set_up_data_dir "$TREE/theirs"
    [ "$(stat -c %a "$TREE/theirs")" = 700 ]
    touch "$TREE/theirs/stepward.db"
    set_up_data_dir "$TREE/theirs"
    [ "$(stat -c %a "$TREE/theirs")" = 2770 ]
    set_up_data_dir /var/lib/stepward
    [ -z "$(find "$TREE/units" -mindepth 1)" ]
}

# ---- what a member of the group may have put into data_dir ----

@test "no link in data_dir is followed by root, when it installs" {
    mkdir -p "$TREE/elsewhere" "$TREE/data"
    chmod 700 "$TREE/elsewhere"
    ln -s "$TREE/elsewhere" "$TREE/data/backup"
    # The function itself, with the folder in the place of the real one.
    sed -n '/^install_service()/,/^}/p' "$STEPWARD_SOURCE/scripts/install" |
        sed "s|/var/lib/stepward|$TREE/data|g" >"$TREE/function"
    grep -q "$TREE/data" "$TREE/function"
    # shellcheck disable=SC2016 # for the shell that reads it
    bash -c 'set -euo pipefail
        for name in step put systemd-sysusers install; do eval "$name() { :; }"; done
        has_systemd() { false; }
        UNITS=$0
        . "$0/function"
        install_service' "$TREE"
    [ "$(stat -c %a "$TREE/elsewhere")" = 700 ]
}

# ---- what a purge needs and removes ----

# uninstall_functions NAME…: of the script, with the programs of the build.
uninstall_functions() {
    local name
    for name; do sed -n "/^$name()/,/^}/p" "$STEPWARD_SOURCE/scripts/uninstall"; done |
        sed "s|/usr/bin/stepward-gateway|$TREE/bin/stepward-gateway|"
}
setting_of_configuration() { # KEY
    uninstall_functions read_configuration setting >"$TREE/functions"
    # shellcheck disable=SC2016 # for the shell that reads it
    bash -c 'set -euo pipefail
        CONFIG=$0/stepward.conf root=$0/nowhere scratch=$0
        . "$0/functions"
        read_configuration
        setting "$1"' "$TREE" "$1"
}

@test "a purge needs what the configuration says, not that the files it names are in order" {
    ln -s "$STEPWARD_BIN/stepward-gateway" "$TREE/bin/stepward-gateway"
    echo secret >"$TREE/password"
    chmod 644 "$TREE/password"
    printf '%s\n' "data_dir = $TREE/data" "broker {" "password_file = $TREE/password" \
        "cert_file = $TREE/nothing.crt" "}" >"$TREE/stepward.conf"
    run "$STEPWARD_BIN/stepward-gateway" --check -c "$TREE/stepward.conf"
    [ "$status" -eq 2 ]
    [ "$(setting_of_configuration data_dir)" = "$TREE/data" ]
    [ "$(setting_of_configuration password_file)" = "$TREE/password" ]
    # What cannot be understood is said, once.
    echo "data_dir = $TREE/other" >>"$TREE/stepward.conf"
    run setting_of_configuration data_dir
    [ "$status" -ne 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"data_dir stands twice"* ]]
    # A gateway of before knew --check alone.
    rm "$TREE/bin/stepward-gateway"
    printf '%s\n' '#!/bin/sh' '[ "$1" = --help ] || [ "$1" = --check ] && echo "data_dir = \"/srv/old\""' >"$TREE/bin/stepward-gateway"
    chmod +x "$TREE/bin/stepward-gateway"
    [ "$(setting_of_configuration data_dir)" = /srv/old ]
}

purge_data() {
    uninstall_functions remove remove_inside remove_data >"$TREE/functions"
    bash -c 'set -euo pipefail; . "$0/functions"; remove_data "$0/data"' "$TREE"
}
fill_data() {
    mkdir -p "$TREE/data/backup" "$TREE/data/.local/state/stepward"
    touch "$TREE"/data/{stepward.db,stepward.db-wal,stepward.db.damaged-1,inbox,inbox.damaged-1,gateway.lock} \
        "$TREE"/data/backup/{stepward-20260101T000000Z.db,stepward-20260101T000000Z.db.part,failed} \
        "$TREE/data/.local/state/stepward/alerts-0-12"
}

@test "a purge leaves nothing of ours in data_dir, and all that is somebody else's" {
    fill_data
    purge_data
    [ ! -e "$TREE/data" ]
    fill_data
    mkdir "$TREE/elsewhere"
    touch "$TREE"/data/{notes,.local/state/notes} "$TREE"/elsewhere/{failed,stepward-1.db}
    rm -r "$TREE/data/backup"
    ln -s "$TREE/elsewhere" "$TREE/data/backup"
    purge_data
    [ "$(cd "$TREE/data" && find . -type f | sort | xargs)" = './.local/state/notes ./notes' ]
    [ -e "$TREE/elsewhere/failed" ]
    [ -e "$TREE/elsewhere/stepward-1.db" ]
}

@test "a purge takes what root was shown along, and names what it leaves" {
    local state=.local/state/stepward
    mkdir -p "$TREE/root/$state" "$TREE/anna/$state" "$TREE/etc/certs"
    touch "$TREE"/{root,anna}/"$state/alerts-0-12" "$TREE/etc/certs/server.key"
    uninstall_functions remove remove_inside remove_traces remove_user >"$TREE/functions"
    # shellcheck disable=SC2016 # for the shell that reads it
    run bash -c 'set -euo pipefail
        getent() {
            case "$*" in
            passwd) printf "%s\n" "root:x:0:0::$0/root:" "anna:x:1000:1000::$0/anna:" ;;
            "passwd stepward") echo stepward:x:999:999::/var/lib/stepward: ;;
            esac
        }
        userdel() { echo "userdel: group stepward not removed because it has other members." >&2; }
        groupdel() { echo "groupdel $*"; }
        BROKER_ETC=$0/etc scratch=$0
        . "$0/functions"
        remove_traces
        remove_user' "$TREE"
    echo "$output"
    [ "$status" -eq 0 ]
    [ ! -e "$TREE/root/$state" ]
    [[ $output == *"left to anna: $TREE/anna/$state"* ]]
    [[ $output == *"left, for others may use it: $TREE/etc/certs/server.key"* ]]
    [[ $output == *"removed the user stepward"*"groupdel stepward"*"removed the group stepward"* ]]
    [[ $output != *userdel:* ]]
}
