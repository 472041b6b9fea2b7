# authority.sh -- the clinic's own certificate authority, and the certificates that it gives
# the broker and the board. It vouches for names of this machine and for addresses of
# private networks alone, so a stolen key is worth nothing elsewhere. Where the files
# belong, and when they are made, is setup's business.
# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch is of broker.sh
# shellcheck disable=SC2034 # used by the scripts that read this

AUTHORITY_DAYS=7300 # as long as devices that nobody wants to set up again
LEAF_DAYS=365       # phones refuse more than 825
RENEW_S=$((45 * 24 * 3600))
PRIVATE_NETWORKS=(10.0.0.0/255.0.0.0 172.16.0.0/255.240.0.0 192.168.0.0/255.255.0.0
    127.0.0.0/255.0.0.0 fc00::/fe00:: ::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff)

is_host_name() { [[ ${#1} -le 253 && $1 =~ ^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$ ]]; }
is_private_address() {
    [[ $1 =~ ^(10\.|127\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|[fF][cCdD]|::1$) ]]
}

# The names by which devices may call this machine, one a line, that of its own first.
machine_names() {
    local name short
    name=$(hostname)
    is_host_name "$name" ||
        fail "this machine's name, $name, cannot stand in a certificate: sudo hostnamectl set-hostname NAME"
    short=${name%%.*}
    printf '%s\n' "$short" "$short.local" localhost "$name" "$(hostname -f 2>/dev/null || :)" |
        tr '[:upper:]' '[:lower:]' | while IFS= read -r name; do
        ! is_host_name "$name" || echo "$name"
    done | awk '!seen[$0]++'
}
# Its addresses, but for those of one link alone (fe80::).
machine_addresses() {
    {
        echo 127.0.0.1
        echo ::1
        ip -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }'
    } | awk '!seen[$0]++'
}
# Those of them that do not last: for a while from the start, or as long as the provider
# gives the same prefix. They stand in no certificate.
passing_addresses() {
    local address flags
    ip -o addr show scope global 2>/dev/null |
        awk '{ sub("/.*", "", $4); print $4, $0 }' | while read -r address flags; do
        case " $flags " in
        *' temporary '* | *' deprecated '*) echo "$address" ;;
        *' dynamic '*) [[ $address != *:* ]] || is_private_address "$address" || echo "$address" ;;
        esac
    done
}
lasting_addresses() { machine_addresses | grep -vxF -f <(passing_addresses); }

# numbered PREFIX < LINES: as sections of openssl's settings want them.
numbered() { awk -v prefix="$1" '{ print prefix "." NR " = " $0 }'; }

# make_authority KEY CERTIFICATE
make_authority() {
    local address
    {
        printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = authority' \
            'prompt = no' '[name]' "CN = Stepward of $(machine_names | sed -n 1p)" '[authority]' \
            'basicConstraints = critical, CA:true, pathlen:0' 'subjectKeyIdentifier = hash' \
            'keyUsage = critical, keyCertSign, cRLSign' \
            'nameConstraints = @names' '[names]' # critical, mbedTLS would not read it
        machine_names | numbered 'permitted;DNS'
        {
            printf '%s\n' "${PRIVATE_NETWORKS[@]}"
            lasting_addresses | while IFS= read -r address; do
                is_private_address "$address" || case $address in
                *:*) echo "$address/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" ;;
                *) echo "$address/255.255.255.255" ;;
                esac
            done
        } | numbered 'permitted;IP'
    } >"$scratch/authority.cnf"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
        -days "$AUTHORITY_DAYS" -config "$scratch/authority.cnf" -keyout "$1" -out "$2" \
        2>"$scratch/openssl" || fail "openssl made no authority: $(tail -n 1 "$scratch/openssl")"
}

# choose_names AUTHORITY_KEY AUTHORITY: what a certificate of today is to name, in
# scratch/names, "DNS:NAME" or "IP:ADDRESS", one a line. An authority vouches for names and
# addresses of the day it was made: what it does not permit is left out, and that is said.
choose_names() {
    local name refused=() passing
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj /O=Stepward \
        -keyout "$scratch/trial.key" -out "$scratch/trial.csr" 2>"$scratch/openssl" ||
        fail "openssl made no key: $(tail -n 1 "$scratch/openssl")"
    : >"$scratch/names"
    for name in $(machine_names | sed 's/^/DNS:/') $(lasting_addresses | sed 's/^/IP:/'); do
        if is_permitted "$1" "$2" "$name" 2>"$scratch/openssl"; then
            echo "$name" >>"$scratch/names"
        else
            refused+=("${name#*:}")
        fi
    done
    [ -s "$scratch/names" ] ||
        fail "the authority vouches for none of this machine's names and addresses of today ($(
            grep -m 1 -i error "$scratch/openssl" || tail -n 1 "$scratch/openssl"
        )): sudo stepward setup --new-ca, and then every device needs the new one"
    [ ${#refused[@]} -eq 0 ] ||
        echo "no certificate names ${refused[*]}: the authority does not permit it (if devices are to use it: sudo stepward setup --new-ca, and then every device needs the new one)"
    passing=$(passing_addresses | xargs)
    [ -z "$passing" ] || echo "no certificate names $passing: such an address does not last"
}
is_permitted() { # AUTHORITY_KEY AUTHORITY DNS:NAME|IP:ADDRESS
    openssl x509 -req -sha256 -in "$scratch/trial.csr" -days 1 -set_serial 1 -CA "$2" -CAkey "$1" \
        -extfile <(echo "subjectAltName = $3") -out "$scratch/trial.crt" &&
        openssl verify -CAfile "$2" "$scratch/trial.crt" >&2
}

# make_leaf AUTHORITY_KEY AUTHORITY KEY CERTIFICATE: for what choose_names chose, the
# authority behind it, so that a client that knows its fingerprint alone can have it from
# the server.
make_leaf() {
    local name
    name=$(sed -n '1s/^[A-Z]*://p' "$scratch/names")
    {
        printf '%s\n' 'basicConstraints = critical, CA:false' \
            'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' \
            'subjectAltName = @names' '[names]'
        sed -n 's/^DNS://p' "$scratch/names" | numbered DNS
        sed -n 's/^IP://p' "$scratch/names" | numbered IP
    } >"$scratch/leaf.cnf"
    {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
            -subj "/CN=$name" -keyout "$3" -out "$scratch/leaf.csr" &&
            openssl x509 -req -sha256 -in "$scratch/leaf.csr" -days "$LEAF_DAYS" \
                -set_serial "0x$(openssl rand -hex 16)" -CA "$2" -CAkey "$1" \
                -extfile "$scratch/leaf.cnf" -out "$4" &&
            openssl verify -CAfile "$2" "$4" >&2
    } 2>"$scratch/openssl" ||
        fail "openssl made no certificate: $(
            grep -m 1 -i error "$scratch/openssl" || tail -n 1 "$scratch/openssl"
        )"
    cat "$2" >>"$4"
}

is_ipv4() { [[ $1 =~ ^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.|$)){4}$ && $1 != *. ]]; }
is_ipv6() { [[ $1 == *:* && $1 =~ ^[0-9a-fA-F:.]+$ ]]; }
# Whether the certificate names the host or address. openssl takes what is no address at all
# for one that matches.
names_host() { # CERTIFICATE HOST
    local how=-checkhost
    if is_ipv4 "$2" || is_ipv6 "$2"; then how=-checkip; else is_host_name "$2" || return 1; fi
    openssl x509 -in "$1" -noout "$how" "$2" | grep 'does match' >/dev/null
}

named_by_certificate() { # CERTIFICATE
    openssl x509 -in "$1" -noout -ext subjectAltName |
        sed -nE '2,$s/(DNS|IP Address)://gp' | tr -d , | xargs
}

# Whether it needs no other one: by this authority, for what choose_names chose, and not
# about to end.
leaf_is_current() { # AUTHORITY CERTIFICATE
    local name
    [ -e "$2" ] && openssl verify -CAfile "$1" "$2" >/dev/null 2>&1 &&
        openssl x509 -in "$2" -noout -checkend "$RENEW_S" >/dev/null || return 1
    while IFS= read -r name; do
        names_host "$2" "${name#*:}" || return 1
    done <"$scratch/names"
}

fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//'; }
end_s() { date -d "$(openssl x509 -in "$1" -noout -enddate | sed 's/.*=//')" +%s; }
