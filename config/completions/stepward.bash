# bash completion for stepward. A test compares it with the table of commands.

# Words of a listing's first column; nothing if the database cannot be read.
_stepward_column() {
    "${COMP_WORDS[0]}" "${config[@]}" "$@" --format csv 2>/dev/null | sed '1d; s/,.*//'
}

_stepward_words() {
    local plan='--therapist --wake --rest-limit --nudge-after --break-steps --goal
        --floor --ceiling --silent-after'
    case $1 in
    '') echo 'today summary minutes patient plan device alerts digest ack shelve unshelve rejected
        status incidents explain replay backup
        simulate
        --config --help --version' ;;
    today) echo '--therapist --format --help' ;;
    summary)
        echo '--day --days --from --to --format --help'
        _stepward_column patient list
        ;;
    minutes)
        echo '--day --format --help'
        _stepward_column patient list
        ;;
    patient) echo 'add set show list erase export --help' ;;
    'patient add') echo "--name $plan --help" ;;
    'patient set')
        echo "--name --from $plan --help"
        _stepward_column patient list
        ;;
    'patient show')
        echo '--format --help'
        _stepward_column patient list
        ;;
    'patient erase')
        echo '--yes --help'
        _stepward_column patient list
        ;;
    'patient export')
        echo '--out --help'
        _stepward_column patient list
        ;;
    'patient list') echo '--format --help' ;;
    device) echo 'assign release list --help' ;;
    'device assign')
        echo '--from --help'
        _stepward_column device list --all
        _stepward_column patient list
        ;;
    'device release')
        echo '--at --help'
        _stepward_column device list
        ;;
    'device list') echo '--all --format --help' ;;
    plan) echo 'suggest accept --help' ;;
    'plan suggest')
        echo '--format --help'
        _stepward_column patient list
        ;;
    'plan accept')
        echo '--from --help'
        _stepward_column patient list
        ;;
    alerts) echo '--all --days --patient --therapist --history --stats --format --help' ;;
    digest) echo '--therapist --day --format --help' ;;
    ack | unshelve)
        echo '--by --note --help'
        _stepward_column alerts
        ;;
    shelve)
        echo '--for --by --note --help'
        _stepward_column alerts
        ;;
    rejected) echo '--retry --reason --patient --limit --format --help' ;;
    incidents) echo '--days --format --help' ;;
    status) echo '--format --help' ;;
    explain)
        echo '--day --format --help'
        _stepward_column patient list
        ;;
    replay) echo '--patient --days --from-day --to-day --set --from --always --timezone --by
        --format --help' ;;
    backup) echo '--keep --help' ;;
    simulate) echo '--patients --days --rate --seed --no-live --for --format --help' ;;
    esac
}

_stepward() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words i config=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -c | --config) config=(-c "${COMP_WORDS[++i]}") ;;
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    if [[ $command == @(patient|device|plan) ]] && ((i + 1 < COMP_CWORD)); then
        command+=" ${COMP_WORDS[i + 1]}"
    fi
    case $previous in
    -c | --config)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --format) words='table csv json' ;;
    --day | --from | --to) words='today yesterday' ;;
    --history) words=$(_stepward_column alerts --all) ;;
    --patient) words=$(_stepward_column patient list) ;;
    *) words=$(_stepward_words "$command") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _stepward stepward
