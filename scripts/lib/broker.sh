# broker.sh -- the machine's own mosquitto: whether it would run with our files or without
# them, the files put in and taken out again, and what the broker says of itself. What
# stands in the files is config/mosquitto's business.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the scripts that read this

BROKER_ETC=${STEPWARD_ROOT:-}/etc/mosquitto # STEPWARD_ROOT: what a test takes for /
BROKER_LOG=/var/log/mosquitto/mosquitto.log
SHIPPED=${SHIPPED:-config/mosquitto} # as seen from the folder of who loads this
PRINTS_RIGHTS=${PRINTS_RIGHTS:-build/release/stepward}
OUR_SETTINGS=(stepward.acl conf.d/stepward.conf) # in BROKER_ETC...
OUR_PASSWORDS=(stepward stepward.passwd)         # ...made by hand, as they say

TRIAL_S=30 # a broker that has not ended by then does not end by itself

# For copies of the broker's settings, passwords and keys among them; who loads this
# removes it.
scratch=$(mktemp -d)

has_systemd() { [ -z "${STEPWARD_ROOT:-}" ] && [ -d /run/systemd/system ]; }
broker_is_active() { has_systemd && systemctl is-active --quiet mosquitto; }

# Settings of the machine's own that ours would change for everyone who uses the broker:
# who may connect and where, "FILE: KEY", one a line. Ours and what Debian ships have none.
own_settings() {
    local file
    for file in "$BROKER_ETC"/mosquitto.conf "$BROKER_ETC"/conf.d/*.conf; do
        if [ ! -f "$file" ] || [ "$file" = "$BROKER_ETC/conf.d/stepward.conf" ]; then continue; fi
        sed -nE 's/^[[:space:]]*(listener|port|bind_address|allow_anonymous|password_file|acl_file|psk_file|plugin|auth_plugin|per_listener_settings|use_username_as_clientid|connection)([[:space:]].*)?$/\1/p' \
            "$file" | sort -u | sed "s|^|$file: |"
    done
}

# What it said in the file since that had SKIP bytes: its errors with the line before each;
# else its last words, or the service manager's.
broker_reason() { # FILE SKIP
    local said
    said=$(tail -c "+$(($2 + 1))" "$1" 2>/dev/null | sed -E 's/^[0-9TZ:-]+: //')
    grep -B 1 --no-group-separator '^Error' <<<"$said" && return
    [ -n "$said" ] || said=$(journalctl -u mosquitto -n 3 -o cat 2>/dev/null)
    tail -n 3 <<<"$said"
}

# In namespaces of its own, where the folder $1 is in the place of BROKER_ETC, nobody has
# taken a port, and nothing that the running broker keeps is touched: 0 if a broker runs
# there. What it says goes to stdout.
trial_inside() {
    local folder user pid end=$((SECONDS + TRIAL_S)) log=/run/trial.log
    ip link set lo up
    # An address that the machine has is one that it may listen on here, too.
    echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
    [ ! -e /proc/sys/net/ipv6/ip_nonlocal_bind ] ||
        echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind
    mount --bind "$1" "$BROKER_ETC"
    mount -t tmpfs tmpfs /run
    mkdir -p /run/mosquitto /run/lock
    user=$(id -u mosquitto)
    for folder in /var/lib/mosquitto /var/log/mosquitto /run/mosquitto; do
        mount -t tmpfs -o "uid=$user,mode=0750" tmpfs "$folder"
    done
    mosquitto -v -c "$BROKER_ETC/mosquitto.conf" >"$log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ] &&
        ! cat "$log" "$BROKER_LOG" 2>/dev/null | grep -q ' running$'; do
        sleep 0.1
    done
    cat "$log" "$BROKER_LOG" 2>/dev/null
    kill -KILL "$pid" 2>/dev/null # it writes nothing on its way out
}

# try_broker FOLDER LOG: whether it runs with the folder in the place of BROKER_ETC.
try_broker() {
    # The functions are given along, for a shell that is alone in its namespaces.
    unshare --mount --net --pid --fork --kill-child --mount-proc bash -c \
        "$(declare -p BROKER_ETC BROKER_LOG TRIAL_S; declare -f trial_inside); trial_inside \"\$1\"" \
        trial "$1" >"$2" 2>&1
}

# ---- the list of rights ----

# What stands above this line is written by us, from the configuration and the database;
# below it stands what the clinic adds. The number is the sum of what is above.
RIGHTS_MARK='# ---- below this line is what the clinic adds, and it stays; sum of what is above: '
# Of the lists that we shipped before there was a mark: nobody changed them.
RIGHTS_BEFORE=(
    b6a5d5f7c659636a439c6555b37979bcbbdf49bbe142165f8775470c36e44aa2
    398ebe171a40b054b86c038d4a6976eb0408b8db25339fe54395040c6ab7e04b
)

rights_sum() { sha256sum | cut -c1-64; }

# The list for the configuration in force, and what the database knows; without it the
# reason is on stderr.
print_rights() {
    local conf=${STEPWARD_CONFIG:-/etc/stepward/stepward.conf} name named=()
    if [ -e "$(dirname "$conf")/therapists" ]; then # who have a login, and no patient yet
        while IFS= read -r name; do named+=(--therapist "$name"); done <"$(dirname "$conf")/therapists"
    fi
    [ -e "$conf" ] || conf=config/stepward.conf
    "$PRINTS_RIGHTS" -c "$conf" site --rights "${named[@]}"
}

# compose_rights OWN_LINES_FILE: the list with its mark, and the clinic's lines.
compose_rights() {
    local list
    list=$(print_rights) || return
    printf '%s\n\n%s%s\n' "$list" "$RIGHTS_MARK" "$(rights_sum <<<"$list")"
    [ ! -e "$1" ] || cat "$1"
}

# Whether what we wrote of the file is as we wrote it; then the clinic's own lines are in
# scratch/own.
is_our_rights() { # FILE
    local mark sum before
    : >"$scratch/own"
    mark=$(grep -nF -m 1 -- "$RIGHTS_MARK" "$1") || {
        sum=$(rights_sum <"$1")
        for before in "${RIGHTS_BEFORE[@]}" "$(rights_sum <"$SHIPPED/stepward.acl")"; do
            [ "$sum" != "$before" ] || return 0
        done
        return 1
    }
    tail -n "+$((${mark%%:*} + 1))" "$1" >"$scratch/own"
    sum=$(head -n "$((${mark%%:*} - 2))" "$1" | rights_sum)
    [ "$sum" = "${mark##*: }" ]
}

# Write the list anew for the therapists and the site of today. What the clinic changed
# is left as it is, and that is said.
update_rights() {
    local file=$BROKER_ETC/stepward.acl
    [ -e "$file" ] || return 0
    if ! is_our_rights "$file"; then
        cat <<EOF
$file was changed by hand and stays as it is. What would be written is printed by
    sudo -u stepward stepward site --rights
EOF
        return
    fi
    compose_rights "$scratch/own" >"$scratch/rights" || {
        echo "$file stays as it is: see above why the list cannot be made"
        return
    }
    if cmp -s "$scratch/rights" "$file"; then
        echo "kept $file: it names $(named_by_rights "$file")"
        return
    fi
    cat "$scratch/rights" >"$file"
    echo "wrote $file: it names $(named_by_rights "$file")"
}

# It then goes by the list, and by the passwords, that are there now; false if it does not.
reload_broker() {
    ! broker_is_active || systemctl reload mosquitto || {
        echo "the broker goes on with the old list and passwords: sudo systemctl restart mosquitto"
        return 1
    }
}

# "the site main, and anna and bob", for people.
named_by_rights() { # FILE
    local site users
    site=$(sed -nE '0,/^pattern/s|^pattern [a-z]+ clinic/([^/]*)/.*|\1|p' "$1")
    users=$(sed -nE 's|^topic write clinic/[^/]*/alerts/([^/]*)/.*|\1|p' "$1" | sort -u | xargs | sed 's/ /, /g')
    echo "the site $site, and ${users:-no therapist yet}"
}

# The broker as Debian starts it serves the programs of this machine at ::1 too, where it
# has such an address; then it goes on doing so.
BROKER_AT_IPV6=' 0\{24\}01000000:075B 0\{32\}:0000 0A ' # ::1, 1883, listening; in hexadecimal
put_ours() { # NAME FOLDER
    local to=$2/$1
    if [ "$1" = stepward.acl ]; then
        compose_rights /dev/null >"$scratch/rights" || return
        install -D -m 644 "$scratch/rights" "$to"
        return
    fi
    install -D -m 644 "$SHIPPED/$(basename "$1")" "$to"
    if [ "$1" = conf.d/stepward.conf ] && grep -q "$BROKER_AT_IPV6" /proc/net/tcp6 2>/dev/null; then
        sed -i 's/^#\(listener 1883 ::1\)$/\1/' "$to"
    fi
}

# A copy of BROKER_ETC with, or without, our files.
settings_with_ours() { # FOLDER
    local file
    cp -aL "$BROKER_ETC/." "$1"
    for file in "${OUR_SETTINGS[@]}"; do
        [ -e "$1/$file" ] || put_ours "$file" "$1"
    done
}
settings_without_ours() { # FOLDER
    cp -aL "$BROKER_ETC/." "$1"
    rm -rf "${OUR_SETTINGS[@]/#/$1/}" "${OUR_PASSWORDS[@]/#/$1/}"
}

# broker_would_run with_ours|without_ours: 0, or 1 with its reason on stdout. Where the
# settings as they are cannot be tried either, only the real start can tell: 0.
broker_would_run() {
    rm -rf "$scratch/changed" "$scratch/as_is"
    mkdir "$scratch/changed" "$scratch/as_is"
    "settings_$1" "$scratch/changed"
    cp -aL "$BROKER_ETC/." "$scratch/as_is"
    if try_broker "$scratch/changed" "$scratch/log" ||
        ! try_broker "$scratch/as_is" "$scratch/log_as_is"; then
        return 0
    fi
    broker_reason "$scratch/log" 0
    return 1
}

# Starts the broker anew; 0, or 1 with its reason on stdout.
restart_broker() {
    local before=0
    has_systemd || return 0
    [ ! -e "$BROKER_LOG" ] || before=$(stat -c %s "$BROKER_LOG")
    systemctl restart mosquitto >/dev/null 2>&1 && return
    broker_reason "$BROKER_LOG" "$before"
    systemctl reset-failed mosquitto >/dev/null 2>&1 || :
    return 1
}

# add_broker_settings: our files, where there are none yet. If the broker does not start
# with them they are taken out again, and what ran before runs again. 0; or 1 with the
# reason on stdout. ADDED is what was written and is there.
ADDED=()
unproven=() # what to take out again if we are interrupted
add_broker_settings() {
    local file
    for file in "${OUR_SETTINGS[@]}"; do
        [ ! -e "$BROKER_ETC/$file" ] || continue
        unproven+=("$BROKER_ETC/$file")
        put_ours "$file" "$BROKER_ETC"
    done
    [ ${#unproven[@]} -gt 0 ] || return 0
    if restart_broker; then
        ADDED=("${unproven[@]}")
        unproven=()
        return 0
    fi
    take_out_unproven
    return 1
}

take_out_unproven() {
    [ ${#unproven[@]} -gt 0 ] || return 0
    rm -f "${unproven[@]}"
    unproven=()
    restart_broker >/dev/null || :
}
