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
# Its addresses. Those of one link alone (fe80::) stand in no certificate.
machine_addresses() {
    {
        echo 127.0.0.1
        echo ::1
        ip -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }'
    } | awk '!seen[$0]++'
}

# numbered PREFIX < LINES: as sections of openssl's settings want them.
numbered() { awk -v prefix="$1" '{ print prefix "." NR " = " $0 }'; }

# make_authority KEY CERTIFICATE
make_authority() {
    local address
    {
        printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = authority' \
            'prompt = no' '[name]' "CN = Stepward of $(machine_names | head -n 1)" '[authority]' \
            'basicConstraints = critical, CA:true, pathlen:0' 'subjectKeyIdentifier = hash' \
            'keyUsage = critical, keyCertSign, cRLSign' \
            'nameConstraints = critical, @names' '[names]'
        machine_names | numbered 'permitted;DNS'
        {
            printf '%s\n' "${PRIVATE_NETWORKS[@]}"
            machine_addresses | while IFS= read -r address; do
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

# make_leaf AUTHORITY_KEY AUTHORITY KEY CERTIFICATE: for this machine, the authority behind
# it, so that a client that knows its fingerprint alone can have it from the server.
make_leaf() {
    local name
    name=$(machine_names | head -n 1)
    {
        printf '%s\n' 'basicConstraints = critical, CA:false' \
            'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' \
            'subjectAltName = @names' '[names]'
        machine_names | numbered DNS
        machine_addresses | numbered IP
    } >"$scratch/leaf.cnf"
    {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
            -subj "/CN=$name" -keyout "$3" -out "$scratch/leaf.csr" &&
            openssl x509 -req -sha256 -in "$scratch/leaf.csr" -days "$LEAF_DAYS" \
                -set_serial "0x$(openssl rand -hex 16)" -CA "$2" -CAkey "$1" \
                -extfile "$scratch/leaf.cnf" -out "$4" &&
            openssl verify -CAfile "$2" "$4" >&2
    } 2>"$scratch/openssl" ||
        fail "the authority does not vouch for this machine's names and addresses of today ($(
            grep -m 1 -i error "$scratch/openssl" || tail -n 1 "$scratch/openssl"
        )): sudo stepward setup --new-ca, and then every device needs the new one"
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

# Whether it needs no other one: by this authority, for what the machine is called today,
# and not about to end.
leaf_is_current() { # AUTHORITY CERTIFICATE
    local name
    [ -e "$2" ] && openssl verify -CAfile "$1" "$2" >/dev/null 2>&1 &&
        openssl x509 -in "$2" -noout -checkend "$RENEW_S" >/dev/null || return 1
    for name in $(machine_names) $(machine_addresses); do
        names_host "$2" "$name" || return 1
    done
}

fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//'; }
end_s() { date -d "$(openssl x509 -in "$1" -noout -enddate | sed 's/.*=//')" +%s; }
