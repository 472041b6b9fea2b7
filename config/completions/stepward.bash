# bash completion for stepward. A test compares it with the table of commands.

# Words of a listing's first column; nothing if the database cannot be read.
_stepward_column() {
    "${COMP_WORDS[0]}" "${config[@]}" "$@" --format csv 2>/dev/null | sed '1d; s/,.*//'
}

_stepward_words() {
    local plan='--therapist --wake --rest-limit --nudge-after --break-steps --goal
        --floor --ceiling --silent-after --fresh'
    case $1 in
    '') echo 'today summary minutes report patient plan device therapist alerts digest ack unack shelve unshelve
        contact rejected status doctor incidents audit user explain replay backup restore
        setup site try source simulate help
        --config --help --version' ;;
    help) echo 'today summary minutes report patient plan device therapist alerts digest ack unack shelve unshelve
        contact rejected status doctor incidents audit user explain replay backup restore setup site try source simulate' ;;
    today) echo '--therapist --watch --format --wide --help' ;;
    summary)
        echo '--day --days --from --to --format --wide --help'
        _stepward_column patient list
        ;;
    minutes)
        echo '--day --format --wide --help'
        _stepward_column patient list
        ;;
    report)
        echo '--days --out --help'
        _stepward_column patient list
        ;;
    patient) echo 'add set show list erase export --help' ;;
    'patient add') echo "--name $plan --help" ;;
    'patient set')
        echo "--name --from $plan --help"
        _stepward_column patient list
        ;;
    'patient show')
        echo '--format --wide --help'
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
    'patient list') echo '--format --wide --help' ;;
    device) echo 'assign release list add renew lock --help' ;;
    therapist) echo 'add renew lock --help' ;;
    'device add' | 'device renew')
        echo '--host --sheet --help'
        _stepward_column patient list
        ;;
    'device lock')
        echo '--help'
        _stepward_column patient list
        ;;
    'therapist add' | 'therapist renew')
        echo '--host --sheet --help'
        _stepward_column digest
        ;;
    'therapist lock')
        echo '--help'
        _stepward_column digest
        ;;
    'device assign')
        echo '--from --help'
        _stepward_column device list --all
        _stepward_column patient list
        ;;
    'device release')
        echo '--at --help'
        _stepward_column device list
        ;;
    'device list') echo '--all --format --wide --help' ;;
    plan) echo 'suggest accept --help' ;;
    'plan suggest')
        echo '--format --wide --help'
        _stepward_column patient list
        ;;
    'plan accept')
        echo '--from --help'
        _stepward_column patient list
        ;;
    alerts) echo '--all --days --patient --therapist --history --stats --format --wide --help' ;;
    digest) echo '--therapist --day --format --wide --help' ;;
    ack | unack | unshelve)
        echo '--by --note --help'
        _stepward_column alerts
        ;;
    shelve)
        echo '--for --until --by --note --help'
        _stepward_column alerts
        ;;
    contact)
        echo '--outcome --alert --note --at --by --list --days --format --wide --help'
        _stepward_column patient list
        ;;
    audit) echo '--patient --who --days --limit --verify --holds --format --wide --help' ;;
    user) echo 'add list password lock unlock remove token tokens --help' ;;
    'user add') echo '--role --team --invite --help' ;;
    'user list') echo '--format --wide --help' ;;
    'user password')
        echo '--invite --help'
        _stepward_column user list
        ;;
    'user lock' | 'user unlock' | 'user remove')
        echo '--help'
        _stepward_column user list
        ;;
    'user token')
        echo '--days --name --remove --help'
        _stepward_column user list
        ;;
    'user tokens')
        echo '--format --wide --help'
        _stepward_column user list
        ;;
    rejected) echo '--retry --reason --patient --limit --format --wide --help' ;;
    incidents) echo '--days --format --wide --help' ;;
    status) echo '--format --wide --help' ;;
    doctor) echo '--format --wide --help' ;;
    explain)
        echo '--day --format --wide --help'
        _stepward_column patient list
        ;;
    replay) echo '--patient --days --from-day --to-day --set --from --always --timezone --by
        --format --wide --help' ;;
    backup) echo '--keep --new-key --help' ;;
    restore) echo '--latest --key --replace --help' ;;
    setup) echo '--site --timezone --therapist --network --broker --ca --user --password-file
        --yes --renew --new-ca --help' ;;
    site)
        echo '--topic --kind --rights --therapist --format --wide --help'
        _stepward_column patient list
        ;;
    try)
        echo '--steps --device --user --password-file --alert --for --wait --help'
        _stepward_column patient list
        ;;
    source) echo 'try --help' ;;
    'source try') echo '--topic --retained --format --wide --help' ;;
    simulate) echo '--patients --days --rate --seed --no-live --for --user --password-file
        --format --help' ;;
    esac
}

# What may follow an option, in $words, or $files=yes; false if it takes no value. The
# locals are those of _stepward.
_stepward_values() {
    case $command/$previous in
    */-c | */--config | 'replay/--from' | 'patient export/--out' | 'report/--out' | 'restore/--key' | 'try/--password-file' | \
        'setup/--password-file' | setup/--ca | 'device add/--sheet' | 'device renew/--sheet' | \
        'therapist add/--sheet' | 'therapist renew/--sheet' | \
        'simulate/--password-file')
        files=yes
        ;;
    */--day | */--from | */--to | */--from-day | */--to-day | */--at)
        words='today yesterday'
        ;;
    status/--format) words='table csv json prometheus' ;;
    */--format) words='table csv json' ;;
    replay/--by) words='alert event patient therapist' ;;
    replay/--set)
        words='therapist= wake= rest_limit= nudge_after= break_steps= goal= floor=
            ceiling= silent_after= fresh='
        ;;
    rejected/--reason)
        words='size topic utf8 json shape no-time implausible too-old future patient
            erased action flood device'
        ;;
    'source try/--topic') words='' ;;
    site/--topic) words='steps pain today nudge alerts set board patients digest status health' ;;
    site/--kind) words='silent unusable unworn rest low over pain battery' ;;
    */--outcome) words='called visit plan device nothing' ;;
    setup/--network) words='all none' ;;
    setup/--broker) words='here mqtts://' ;;
    */--role) words='therapist admin wall' ;;
    */--who) words=$(_stepward_column user list) ;;
    */--history | contact/--alert) words=$(_stepward_column alerts --all) ;;
    */--therapist) words=$(_stepward_column digest) ;;
    */--patient) words=$(_stepward_column patient list) ;;
    */--all | */--wide | */--retry | */--team | */--invite | */--list | */--stats | */--yes | */--always | */--no-live | */--alert | */--rights | */--retained | */--renew | */--new-ca) return 1 ;;
    */--help | */--version | today/--watch) return 1 ;;
    audit/--verify | backup/--new-key | restore/--latest | restore/--replace) return 1 ;;
    */--*) words='' ;; # a name, a number, a duration
    *) return 1 ;;
    esac
}

_stepward() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' files='' i config=()
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
    if [[ $command == @(patient|device|therapist|plan|source|user) ]] && ((i + 1 < COMP_CWORD)); then
        command+=" ${COMP_WORDS[i + 1]}"
    fi
    _stepward_values || words=$(_stepward_words "$command")
    if [ -n "$files" ]; then
        compopt -o filenames 2>/dev/null || :
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    [[ $words != *= ]] || compopt -o nospace 2>/dev/null || :
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _stepward stepward
