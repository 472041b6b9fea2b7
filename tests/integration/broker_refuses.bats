#!/usr/bin/env bats
# broker_refuses.bats -- a broker that cannot be found, or says no: to the connection, to
# a subscription, to a publication. It is said in one line, and mended by itself once the
# cause is.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() { clinic_open; }
teardown() { clinic_close; }

# Tried several times by now.
tried_again() { [ "$(grep -c 'not authorised' "$CLINIC/broker.log")" -ge 3 ]; }

@test "a name that nobody knows is said to be that" {
    URI=mqtt://broker.invalid write_config
    launch_gateway
    wait_for status_complains "not connected to the broker at mqtt://broker.invalid: cannot connect: "
    log_says "cannot connect: Name or service not known" ||
        log_says "cannot connect: Temporary failure in name resolution"
}

@test "a wrong password is said in one line, and mended by the right one" {
    printf 'wrong' >"$CLINIC/password"
    chmod 600 "$CLINIC/password"
    mosquitto_passwd -b -c "$CLINIC/passwords" gateway right
    start_broker "allow_anonymous false" "password_file $CLINIC/passwords"
    BROKER_KEYS="username = gateway  password_file = \"$CLINIC/password\"" write_config
    launch_gateway
    wait_for status_complains "the broker refused the connection: Not authorized: check username and password_file"
    wait_for tried_again
    [ "$(log_lines "the broker refused the connection")" -eq 1 ]
    mosquitto_passwd -b "$CLINIC/passwords" gateway wrong
    kill -HUP "$(pid_of broker)"
    wait_for log_says "connected to mqtt://127.0.0.1:$PORT"
    wait_for status_is_well
}

# The rights of whoever has no name: to subscribe, or not.
write_rights() { # true or false
    cat >"$CLINIC/rights.json" <<EOF
{"defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true,
 "subscribe": $1, "unsubscribe": true}}
EOF
}

@test "a refused subscription is named, and is tried again until it is granted" {
    local plugin
    plugin=$(find /usr/lib -name mosquitto_dynamic_security.so | head -n 1)
    [ -n "$plugin" ] || skip "no plugin for rights to subscribe"
    write_rights false
    start_broker "plugin $plugin" "plugin_opt_config_file $CLINIC/rights.json"
    write_config
    launch_gateway
    wait_for status_complains "the broker refused the subscription to $ROOT/patient/"
    write_rights true
    end broker
    start_broker "plugin $plugin" "plugin_opt_config_file $CLINIC/rights.json"
    wait_for status_is_well
    stepward patient add p1
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
}

# The same, but for one filter that nobody may subscribe.
deny_subscription() { # FILTER
    cat >"$CLINIC/rights.json" <<EOF
{"defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true,
 "subscribe": true, "unsubscribe": true}, "anonymousGroup": "all",
 "groups": [{"groupname": "all", "roles": [{"rolename": "all"}]}],
 "roles": [{"rolename": "all",
  "acls": [{"acltype": "subscribeLiteral", "topic": "$1", "allow": false}]}]}
EOF
}

@test "a subscription of one source that is refused is a problem, and does not stop the others" {
    local plugin
    plugin=$(find /usr/lib -name mosquitto_dynamic_security.so | head -n 1)
    [ -n "$plugin" ] || skip "no plugin for rights to subscribe"
    deny_subscription "home/+/BTtoMQTT/+"
    start_broker "plugin $plugin" "plugin_opt_config_file $CLINIC/rights.json"
    write_config 'source band { topic = "home/+/BTtoMQTT/{device}"  total = "/steps" }'
    stepward patient add p1
    start_gateway
    wait_for status_complains "the broker refused the subscription to home/+/BTtoMQTT/+"
    wait_for has_incident subscription_refused
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    write_rights true
    end broker
    start_broker "plugin $plugin" "plugin_opt_config_file $CLINIC/rights.json"
    wait_for status_is_well
    [ "$(log_lines "the broker refused the subscription")" -eq 1 ]
}

write_acl() { # LINE…
    printf '%s\n' "topic readwrite clinic/#" "topic read \$SYS/#" "$@" >"$CLINIC/acl"
}

@test "a refused alert is said, does not hold up the others, and arrives when it may" {
    write_acl "topic deny $ROOT/alerts/anna/#"
    # With 0 for "any number" mosquitto 2.0.11 takes every refusal for one too many.
    start_broker "acl_file $CLINIC/acl" "max_queued_messages 1000"
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist ben --rest-limit 1h
    start_gateway
    subscribe alerts "$ROOT/alerts/#"
    send_steps p1 "$(still 70 0)"
    wait_for status_complains "refused what was published to $ROOT/alerts/anna/…/rest: Not authorized: its access list: "
    status_complains "sudo scripts/install"
    wait_for has_incident publication_refused
    send_steps p2 "$(still 70 0)"
    wait_for has_seen_alert alerts '.patient == "p2"'
    [ "$(seen_alert alerts '.patient == "p1"')" -eq 0 ]
    write_acl
    kill -HUP "$(pid_of broker)"
    wait_for has_seen_alert alerts '.patient == "p1" and .rev == 1'
    [ "$(log_lines "refused what was published")" -eq 1 ]
}
