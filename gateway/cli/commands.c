/* commands.c -- the table of commands, in the order of the help. */
#include <string.h>

#include "cli/cli.h"

#define RUN(name) .options = cmd_##name##_options, .run = cmd_##name

#define ALERT_NOTE                                                                     \
    "An alert is named by its id; by its patient, if it is clear which one is "        \
    "meant;\n"                                                                         \
    "or by the number of its line in what `stepward alerts` printed last in this\n"    \
    "terminal."

#define LOGIN_NOTE                                                                     \
    "The login is shown once, as text and as a QR code, which holds one line:\n"       \
    "  mqtts://USER:PASSWORD@HOST:PORT/TOPIC?ca=sha256:FINGERPRINT\n"                  \
    "The broker sends the CA's certificate along with its own: an app that knows "     \
    "the\n"                                                                            \
    "fingerprint needs no file. Root alone may do this: sudo."

static const struct cli_command commands[] = {
    {.name = "today",
     .help = "who needs attention now, most urgent first",
     .example = "stepward today",
     RUN(today)},
    {.name = "summary",
     .words = "[PATIENT...]",
     .help = "one row per patient and day: steps, rests, coverage, goal, pain",
     .example = "stepward summary p017 --from 2026-03-01 --to 2026-03-31 --format csv",
     RUN(summary)},
    {.name = "minutes",
     .words = "PATIENT",
     .help = "each minute of a patient's day: its steps and its class",
     .example = "stepward minutes p017 --day yesterday",
     RUN(minutes)},
    {.name = "report",
     .words = "PATIENT",
     .help = "a patient's days as a page to print, in one file",
     .takes_o = true,
     .note =
         "-o FILE is --out FILE; an older report there is replaced. The page needs\n"
         "nothing else, has the patient's name on it, and prints on A4.",
     .example = "stepward report p017 --days 90 -o p017.html",
     RUN(report)},
    {.name = "patient add",
     .words = "ID",
     .help = "add a patient; what you leave out comes from the configuration's plan",
     .takes_plan = true,
     .example = "stepward patient add p017 --therapist anna --rest-limit 2h",
     RUN(patient_add)},
    {.name = "patient set",
     .words = "ID",
     .help = "change a patient's name, or the plan from a day on",
     .takes_plan = true,
     .note =
         "Plans already stored for later days follow in the fields that they did not\n"
         "change themselves. A past day corrects what was entered wrongly: the days\n"
         "since then are computed anew.",
     .example = "stepward patient set p017 --goal 6000 --from 2026-04-01",
     RUN(patient_set)},
    {.name = "patient show",
     .words = "ID",
     .help = "a patient's name, plans and open alerts",
     .example = "stepward patient show p017",
     RUN(patient_show)},
    {.name = "patient list",
     .help = "all patients and the plans in force today",
     .example = "stepward patient list --format csv",
     RUN(patient_list)},
    {.name = "patient erase",
     .words = "ID",
     .help = "remove all that is known of a patient, from the backups too",
     .example = "stepward patient erase p017 --yes",
     RUN(patient_erase)},
    {.name = "patient export",
     .words = "ID",
     .help = "what is stored of a patient, as one JSON document",
     .example = "stepward patient export p017 > p017.json",
     RUN(patient_export)},
    {.name = "device assign",
     .words = "DEVICE PATIENT",
     .help = "who wears a device whose messages name no patient, from when",
     .example = "stepward device assign F8A45F123456 p017 --from '2026-03-29 09:00'",
     RUN(device_assign)},
    {.name = "device release",
     .words = "DEVICE",
     .help = "nobody wears the device any more",
     .example = "stepward device release F8A45F123456",
     RUN(device_release)},
    {.name = "device list",
     .help = "who wears which device",
     .example = "stepward device list --all",
     RUN(device_list)},
    {.name = "device add",
     .words = "PATIENT",
     .help = "a login at the broker for a patient's device, with a QR code",
     .note = LOGIN_NOTE,
     .example = "stepward device add p017 --sheet p017.html",
     RUN(device_add)},
    {.name = "device renew",
     .words = "PATIENT",
     .help = "a new password for a patient's device; the old one ends",
     .note = LOGIN_NOTE,
     .example = "stepward device renew p017",
     RUN(device_renew)},
    {.name = "device lock",
     .words = "PATIENT",
     .help = "let a patient's device in no more; what it sent stays",
     .example = "stepward device lock p017",
     RUN(device_lock)},
    {.name = "therapist add",
     .words = "ID",
     .help = "a login at the broker for a therapist's app, and a link to the board",
     .note = LOGIN_NOTE,
     .example = "stepward therapist add anna",
     RUN(therapist_add)},
    {.name = "therapist renew",
     .words = "ID",
     .help = "a new password for a therapist's app; the old one ends",
     .note = LOGIN_NOTE,
     .example = "stepward therapist renew anna",
     RUN(therapist_renew)},
    {.name = "therapist lock",
     .words = "ID",
     .help = "let a therapist's app in no more; the board is `stepward user lock`",
     .example = "stepward therapist lock anna",
     RUN(therapist_lock)},
    {.name = "plan suggest",
     .words = "PATIENT",
     .help = "the next week's goal, floor and ceiling, and why; changes nothing",
     .example = "stepward plan suggest p017",
     RUN(plan_suggest)},
    {.name = "plan accept",
     .words = "PATIENT",
     .help = "take what `plan suggest` suggests, from tomorrow on",
     .example = "stepward plan accept p017 --from 2026-04-06",
     RUN(plan_accept)},
    {.name = "alerts",
     .help = "the open alerts, newest first",
     .more_help = cli_help_kinds,
     .example = "stepward alerts --all --therapist anna --days 30",
     RUN(alerts)},
    {.name = "digest",
     .help = "each therapist's day in a few lines, as it is published in the evening",
     .example = "stepward digest --therapist anna --day yesterday",
     RUN(digest)},
    {.name = "ack",
     .words = "ALERT",
     .help = "acknowledge an alert: you have seen it and are looking after it",
     .note = ALERT_NOTE,
     .example = "stepward ack p017 --by anna --note 'called her'",
     RUN(ack)},
    {.name = "unack",
     .words = "ALERT",
     .help = "undo an acknowledgement: the alert is open again",
     .note = ALERT_NOTE,
     .example = "stepward unack p017 --note 'it was another patient'",
     RUN(unack)},
    {.name = "shelve",
     .words = "ALERT",
     .help = "publish nothing of an alert for a while; it is judged all the same",
     .note = ALERT_NOTE,
     .example = "stepward shelve p017-rest-1774779300 --for 2h --note 'at the dentist'",
     RUN(shelve)},
    {.name = "unshelve",
     .words = "ALERT",
     .help = "publish a shelved alert again",
     .note = ALERT_NOTE,
     .example = "stepward unshelve p017-rest-1774779300",
     RUN(unshelve)},
    {.name = "contact",
     .words = "[PATIENT]",
     .help =
         "note that you spoke with a patient, or looked into it; list what was noted",
     .note = "What came of it:\n"
             "  called   you spoke with the patient\n"
             "  visit    you saw the patient\n"
             "  plan     you changed the plan\n"
             "  device   you set the device right\n"
             "  nothing  you looked into it, and nothing was to be done",
     .example = "stepward contact p017 --outcome called --note 'back hurts less'",
     RUN(contact)},
    {.name = "rejected",
     .help = "refused messages: why, and what to do about it; retry them",
     .example = "stepward rejected --retry --reason patient --patient p017",
     RUN(rejected)},
    {.name = "status",
     .help = "the gateway's counters; exit code 1 if it is not doing its job",
     .example = "stepward status",
     RUN(status)},
    {.name = "doctor",
     .help = "what usually goes wrong, a line each; exit code 1 if anything is",
     .runs_without_config = true,
     .note =
         "It changes nothing and disturbs nobody. As root it sees most. What it could\n"
         "not see is `unknown`, and no fault.",
     .example = "stepward doctor",
     RUN(doctor)},
    {.name = "incidents",
     .help = "what happened to the gateway itself: damage, a full disk, lost sessions",
     .example = "stepward incidents --days 7",
     RUN(incidents)},
    {.name = "audit",
     .help = "who did what, and who looked at whom, the newest first",
     .example = "stepward audit --patient p017 --days 30",
     RUN(audit)},
    {.name = "user add",
     .words = "ID",
     .help = "let somebody log in to the board",
     .note =
         "  therapist  the patients whose plan names ID as therapist; with --team all\n"
         "  admin      all patients, devices, the system and the audit\n"
         "  wall       a screen on the wall: the list of now, without names\n"
         "The password is asked for twice; where there is no terminal it is the first\n"
         "line of standard input.",
     .example = "stepward user add anna --role therapist --invite",
     RUN(user_add)},
    {.name = "user list",
     .help = "who may log in to the board",
     .example = "stepward user list",
     RUN(user_list)},
    {.name = "user password",
     .words = "ID",
     .help = "give a user a new password, which ends all log-ins",
     .note =
         "The password is asked for twice; where there is no terminal it is the first\n"
         "line of standard input.",
     .example = "stepward user password anna --invite",
     RUN(user_password)},
    {.name = "user lock",
     .words = "ID",
     .help = "let a user in no more, and end all log-ins",
     .example = "stepward user lock anna",
     RUN(user_lock)},
    {.name = "user unlock",
     .words = "ID",
     .help = "let a locked user in again",
     .example = "stepward user unlock anna",
     RUN(user_unlock)},
    {.name = "user remove",
     .words = "ID",
     .help = "remove a user with all log-ins and tokens; patients stay as they are",
     .example = "stepward user remove anna",
     RUN(user_remove)},
    {.name = "user token",
     .words = "ID",
     .help =
         "a token with which a program asks the board as the user; it is printed once",
     .example = "stepward user token anna --days 90 --name 'reports'",
     RUN(user_token)},
    {.name = "user tokens",
     .words = "[ID]",
     .help = "which tokens there are, and when they were used",
     .example = "stepward user tokens anna",
     RUN(user_tokens)},
    {.name = "explain",
     .words = "PATIENT",
     .help = "the story of a day: what was seen, and why there was an alert or none",
     .example = "stepward explain p017 --day yesterday",
     RUN(explain)},
    {.name = "replay",
     .help = "the alerts there would have been, with another plan, beside those there "
             "were",
     .repeats = "set",
     .note =
         "A recording has one message a line, as JSON:\n"
         "  {\"patient\": \"p1\", \"payload\": {\"start\": 1773133140, \"steps\": 0}}\n"
         "  {\"patient\": \"p1\", \"received\": \"2026-03-10T09:00:00Z\", "
         "\"payload\": {\"score\": 8}}\n"
         "The payload is what a device publishes to steps, or to pain if it has a "
         "score.\n"
         "A message without \"received\" counts as received when it ended. The plan is "
         "the\n"
         "configuration's, changed by --set.",
     .example = "stepward replay --days 28 --set rest_limit=90m --by therapist",
     RUN(replay)},
    {.name = "backup",
     .help = "copy the database to backup/ in data_dir; the gateway may run",
     .note =
         "With `backup { to }` in the configuration it is also copied there, and read\n"
         "back; with a recipient there, encrypted by the program `age`.",
     .example = "stepward backup --keep 8",
     RUN(backup)},
    {.name = "restore",
     .words = "[FILE]",
     .help =
         "bring a backup back, on this machine or a new one; the gateway must not run",
     .example = "stepward restore --latest --key /root/key.txt",
     RUN(restore)},
    {.name = "setup",
     .help = "set up clinic, certificates, broker and logins; may be run again",
     .repeats = "therapist",
     .note = "It asks for what is not given, shows what it will do, and proves by "
             "connecting\n"
             "who may read and write what. If anything fails, all is as it was before. "
             "Of a\n"
             "broker elsewhere it tries what the gateway needs of it. Root alone may: "
             "sudo.",
     .example = "stepward setup --site main --therapist anna --network eth0",
     RUN(setup)},
    {.name = "site",
     .words = "[PATIENT]",
     .help = "the site's topics, or a patient's, and where the broker is",
     .repeats = "therapist",
     .note =
         "With --rights: who may read and write what there, as mosquitto's acl_file.\n"
         "With --topic one topic is printed and nothing else, with + for what is not\n"
         "known: mosquitto_sub -v -t \"$(stepward site p017 --topic alerts)\"\n"
         "The names: steps, pain, today, nudge, alerts, set, digest, status, health.",
     .example = "stepward site p017 --topic steps",
     RUN(site)},
    {.name = "try",
     .words = "PATIENT",
     .help = "send a reading, or a test alert, to see whether it arrives",
     .note = "The reading is of the last full minute and says \"not worn\". It changes "
             "neither\n"
             "steps nor rests, but the minute counts as not worn unless another device "
             "knows\n"
             "better, and the patient counts as heard from, so that a silent alert "
             "ends. With\n"
             "--steps the minute counts as walked, or with 0 as still, and it stays in "
             "the\n"
             "patient's day: only `patient erase` removes readings. To leave nothing "
             "behind,\n"
             "add a patient to try with, and erase that patient.\n"
             "The test alert goes through the gateway to the patient's therapist. It "
             "is in no\n"
             "statistics.\n"
             "The exit code is 0 only if the reading was stored, or the broker had the "
             "alert.",
     .example = "stepward try p017 --user p017 --password-file /tmp/p017.password",
     RUN(try)},
    {.name = "source try",
     .words = "NAME",
     .help = "what a source of the configuration makes of a payload, and why not",
     .note = "The payload is read from standard input. Nothing is sent, nothing is "
             "stored.\n"
             "Exit code 0 unless something in it is refused; no data is no refusal.",
     .example =
         "stepward source try band --topic home/esp/BTtoMQTT/F8A45F123456 < payload",
     RUN(source_try)},
    {.name = "simulate",
     .help = "publish the days of made-up patients, to try things out",
     .note =
         "A year shows a life: weekends, a flare, a boom and the bust after it, a\n"
         "holiday without the band, a new band, and scores of pain. The gateway\n"
         "refuses what is older than max_age: for --days 365 let it be \"400d\" in\n"
         "the configuration, and restart the gateway.",
     .example = "stepward simulate --patients 5 --days 7",
     RUN(simulate)},
};

const struct cli_command *cli_command(size_t i)
{
    return i < sizeof commands / sizeof *commands ? &commands[i] : NULL;
}

const struct cli_command *cli_command_named(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
