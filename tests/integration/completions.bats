#!/usr/bin/env bats
# completions.bats -- bash offers what each command's own help tells of, and after an
# option what fits it.
load ../lib/clinic

setup() {
    clinic_open
    write_config
    # shellcheck source=/dev/null
    source "$STEPWARD_SOURCE/config/completions/stepward.bash"
}
teardown() { clinic_close; }

# complete_after WORD…: what is offered for an empty word behind these, one a line.
complete_after() {
    COMP_WORDS=("$STEPWARD_BIN/stepward" -c "$CONFIG" "$@" '') COMPREPLY=()
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _stepward
    [ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}
offers() { [ "$(complete_after "${@:2}" | xargs)" = "$1" ]; }

# In the help a command stands behind two spaces, one word or two, and two columns.
commands() {
    stepward --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\{1,\}\( [a-z]\{1,\}\)\{0,1\}\) .*/\1/p' |
        awk '{ print ($1 ~ /^(patient|device|therapist|plan|source|user)$/) ? $1 " " $2 : $1 }'
}
options_in_help() { stepward "$@" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort -u; }
options_offered() { complete_after "$@" | grep -E '^--' | sort -u; }

@test "each command is offered, and exactly the options of its help" {
    local command words n=0
    while read -ra words; do
        command=${words[*]}
        echo "$command"
        complete_after "${words[@]:0:${#words[@]}-1}" | grep -qx "${words[-1]}"
        diff <(options_in_help "${words[@]}") <(options_offered "${words[@]}")
        n=$((n + 1))
    done < <(commands)
    [ "$n" -ge 26 ]
}

# takes_value OPTION WORD…: so the completion thinks.
takes_value() {
    # shellcheck disable=SC2034 # they are the completion's
    local previous=$1 command="${*:2}" words files config=()
    _stepward_values
}

@test "an option that takes a value is followed by none of the command's words" {
    local words option value
    while read -ra words; do
        while read -r option value; do
            echo "${words[*]} $option $value"
            if [[ $value == [A-Z]*[A-Z] || $value == N || $value == *'|'* ]]; then
                takes_value "$option" "${words[@]}"
            else
                ! takes_value "$option" "${words[@]}" || false
            fi
        done < <(stepward "${words[@]}" --help | sed -n 's/^  \(--[a-z-]*\) *\([^ ]*\).*/\1 \2/p')
    done < <(commands)
}

@test "days, files and words, as fits the option" {
    cd "$CLINIC"
    touch messages.jsonl
    offers 'today yesterday' summary --from
    offers 'today yesterday' summary --to
    offers 'today yesterday' plan accept p1 --from
    offers 'today yesterday' replay --from-day
    complete_after replay --from | grep -qx messages.jsonl
    complete_after patient export p1 --out | grep -qx messages.jsonl
    offers 'alert event patient therapist' replay --by
    offers '' ack a1 --by
    offers '' summary --days
    offers 'table csv json' today --format
    complete_after replay --set | grep -qx rest_limit=
}

@test "patients and alerts of the database are offered" {
    stepward patient add p1
    stepward patient add p2 --therapist ben
    offers 'p1 p2' alerts --patient
    [[ " $(complete_after today --therapist | tr '\n' ' ')" == *" ben "* ]]
    complete_after summary | grep -qx p2
}
