/* cmd_replay.c -- the alerts there would have been, beside those there were.
 * It replays what is stored, with other plans, or a recording. The core judges what is
 * an alert, at the times at which the gateway would have judged. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/patient.h"
#include "cli/replay_listing.h"
#include "cli/table.h"
#include "cli/window.h"
#include "records/recording.h"
#include "records/replay_store.h"
#include "stepward/host.h"
#include "stepward/rule.h"
#include "util/array.h"
#include "util/line.h"

enum {
    DEFAULT_DAYS = 28,
    KEY_MAX = 32,
    WALK_ON_S = 60, /* the minute after the last message is judged too */
};

const struct cli_option cmd_replay_options[] = {
    {"patient", "ID", "this patient only"},
    {"days", "N",
     "the last N days, today included (default 28); of a recording its last"},
    {"from-day", "DAY", "from this day..."},
    {"to-day", "DAY", "...to this one, both included (default today)"},
    {"set", "KEY=VALUE", "a field of the plan, for all and every day (repeatable)"},
    {"from", "FILE", "replay recorded messages, a line of JSON each: no database"},
    {"always", NULL, "as if the gateway had been connected all the time"},
    {"timezone", "ZONE", "of the recording (default: the configuration's)"},
    {"by", "alert|event|patient|therapist", "what a row is (default alert)"},
    CLI_FORMAT_OPTION,
    {0},
};

struct job {
    struct cli *cli;
    struct sw_replay_set sets[CLI_REPEATED_MAX];
    char keys[CLI_REPEATED_MAX][KEY_MAX];
    size_t n_sets;
    const char *patient, *file;    /* NULL: not given */
    const char *from_day, *to_day; /* the same */
    int64_t n_days;                /* 0: not given */
    struct cli_window window;      /* what they come to */
    struct sw_comparison comparison;
    int (*print)(struct cli *cli, const struct sw_comparison *comparison);
};

/* ---- the options ---- */

static int take_set(struct job *job, const char *text)
{
    struct cli *cli = job->cli;
    char why[SW_WHY_MAX], known[SW_WHY_MAX], *key = job->keys[job->n_sets];
    struct sw_line line = sw_line(known, sizeof known);
    struct sw_plan plan = cli->config.plan;
    const struct sw_plan_field *field;
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : 0;
    bool is_known = false;
    if (len == 0 || len >= KEY_MAX)
        return cli_usage(cli, "--set %s: it is KEY=VALUE, as in rest_limit=90m", text);
    memcpy(key, text, len);
    key[len] = '\0';
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        is_known = is_known || strcmp(field->key, key) == 0;
        sw_line_add(&line, "%s%s", i > 0 ? ", " : "", field->key);
    }
    if (!is_known)
        return cli_usage(cli, "--set %s: a plan has no such field; it has %s", text,
                         known);
    if (!sw_plan_set(&plan, key, equals + 1, why))
        return cli_usage(cli, "--set %s: %s", text, why);
    job->sets[job->n_sets++] = (struct sw_replay_set){key, equals + 1};
    return CLI_OK;
}

static int take_listing(struct job *job, const char *name)
{
    static const struct {
        const char *name;
        int (*print)(struct cli *cli, const struct sw_comparison *comparison);
    } listings[] = {
        {"alert", replay_print_alerts},
        {"event", replay_print_events},
        {"patient", replay_print_patients},
        {"therapist", replay_print_therapists},
    };
    for (size_t i = 0; i < sizeof listings / sizeof *listings; i++)
        if (strcmp(listings[i].name, name) == 0) {
            job->print = listings[i].print;
            return CLI_OK;
        }
    return cli_usage(job->cli, "--by %s: it is alert, event, patient or therapist",
                     name);
}

static int take_timezone(struct cli *cli, const char *name, bool has_file)
{
    struct sw_zone zone;
    if (!name)
        return CLI_OK;
    if (!has_file)
        return cli_usage(cli, "--timezone is for a recording: it needs --from FILE");
    if (sw_zone_load(&zone, name) < 0)
        return cli_usage(cli, "--timezone %s: no such time zone", name);
    char *copy = strdup(name);
    if (!copy) {
        sw_zone_fini(&zone);
        return cli_fail(cli, "out of memory");
    }
    sw_zone_fini(&cli->zone);
    cli->zone = zone;
    free(cli->config.timezone);
    cli->config.timezone = copy;
    return CLI_OK;
}

/* The end of a recording is known only after it has been read. */
static int take_window(struct job *job, const struct cli_args *args)
{
    struct cli *cli = job->cli;
    const char *from = job->from_day = cli_value(cli, args, "from-day");
    const char *to = job->to_day = cli_value(cli, args, "to-day");
    if (cli_value(cli, args, "days") && (from || to))
        return cli_usage(cli, "--days and --from-day --to-day exclude each other");
    if (to && !from)
        return cli_usage(cli, "--to-day needs --from-day");
    if (cli_number(cli, args, "days", 1, CLI_DAYS_MAX, &job->n_days) != CLI_OK)
        return CLI_USAGE;
    job->window.to_day = cli_today(cli);
    if (to && cli_day(cli, "to-day", to, &job->window.to_day) != CLI_OK)
        return CLI_USAGE;
    int64_t n_days = job->n_days ? job->n_days : DEFAULT_DAYS;
    job->window.from_day = job->window.to_day - (int32_t)n_days + 1;
    if (from && cli_day(cli, "from-day", from, &job->window.from_day) != CLI_OK)
        return CLI_USAGE;
    bool ends_with_today = !job->file || to;
    if (ends_with_today && job->window.from_day > job->window.to_day)
        return cli_usage(cli, "--from-day is after --to-day");
    return CLI_OK;
}

static int take_options(struct job *job, const struct cli_args *args)
{
    struct cli *cli = job->cli;
    struct sw_patient_id id;
    const char *by = cli_value(cli, args, "by");
    int code = CLI_OK;
    job->patient = cli_value(cli, args, "patient");
    job->file = cli_value(cli, args, "from");
    for (size_t i = 0; code == CLI_OK && i < args->n_repeated; i++)
        code = take_set(job, args->repeated[i]);
    if (code == CLI_OK && job->patient)
        code = cli_patient_id(cli, job->patient, &id);
    if (code == CLI_OK)
        code = take_listing(job, by ? by : "alert");
    if (code == CLI_OK)
        code = take_timezone(cli, cli_value(cli, args, "timezone"), job->file != NULL);
    return code == CLI_OK ? take_window(job, args) : code;
}

/* ---- running it ---- */

static void open_comparison(struct job *job, int64_t until_s)
{
    struct sw_zone *zone = &job->cli->zone;
    int64_t end_s = sw_day_begin(zone, job->window.to_day + 1);
    job->comparison = (struct sw_comparison){

        .zone = zone, .n_days = job->window.to_day - job->window.from_day + 1};
    job->comparison.window.from_s = sw_day_begin(zone, job->window.from_day);
    job->comparison.window.to_s = end_s < until_s ? end_s : until_s + 1;
}

static int replay_print(struct job *job, const char *note)
{
    struct cli *cli = job->cli;
    struct sw_comparison *comparison = &job->comparison;
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1], began[SW_DATE_LEN + 1];
    size_t n_before = 0;
    sw_date_format(job->window.from_day, from);
    sw_date_format(job->window.to_day, to);
    sw_date_format(job->window.from_day - SW_REPLAY_WARM_UP_DAYS, began);
    cli_heading(cli, "%s to %s, %s", from, to, cli->config.timezone);
    for (size_t i = 0; i < job->n_sets; i++)
        cli_heading(cli, "with %s = %s", job->sets[i].key, job->sets[i].value);
    cli_heading(cli, "%s", note);
    for (size_t i = 0; i < comparison->n_pairs; i++)
        n_before += sw_comparison_is_from_before(comparison, &comparison->pairs[i]);
    if (n_before > 0)
        cli_heading(cli,
                    "%zu would have been open already when the replay began, on %s: "
                    "since when is not known",
                    n_before, began);
    return job->print(cli, comparison);
}

/* ---- what is stored ---- */

struct roster {
    struct sw_patient *items;
    size_t n, cap;
};

static int enlist(void *ctx, const struct sw_patient *patient)
{
    struct roster *roster = ctx;
    int r = GROW(roster->items, roster->n, roster->cap);
    if (r == 0)
        roster->items[roster->n++] = *patient;
    return r;
}

static int replay_roster(struct job *job, const struct roster *roster, bool is_always)
{
    struct cli *cli = job->cli;
    struct sw_comparison_order order = {.store = cli->store,
                                        .zone = &cli->zone,
                                        .from_day = job->window.from_day,
                                        .to_day = job->window.to_day,
                                        .now_s = cli->now_s,
                                        .sets = job->sets,
                                        .n_sets = job->n_sets,
                                        .is_always = is_always};
    bool knows_online;
    int r = sw_comparison_stored(&order, roster->items, roster->n, &job->comparison,
                                 &knows_online);
    if (r < 0)
        return cli_store_failed(cli, r);
    return replay_print(job, knows_online
                                 ? "received when it ended; battery and unusable are "
                                   "left out"
                                 : "received when it ended; battery and unusable are "
                                   "left out; "
                                   "taken as always connected");
}

static int replay_stored(struct job *job, bool is_always)
{
    struct cli *cli = job->cli;
    struct roster roster = {.n = 0};
    struct sw_patient patient;
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK && job->patient)
        code = cli_find_patient(cli, job->patient, &patient);
    if (code != CLI_OK)
        return code;
    int r = job->patient ? enlist(&roster, &patient)
                         : sw_store_each_patient(cli->store, enlist, &roster);
    code = r < 0 ? cli_store_failed(cli, r) : replay_roster(job, &roster, is_always);
    free(roster.items);
    return code;
}

/* ---- a recording ---- */

static int replay_read_file(struct job *job, struct sw_recording *recording)
{
    char why[SW_WHY_MAX] = "";
    FILE *file = fopen(job->file, "re");
    if (!file)
        return cli_cannot(job->cli, "read", job->file, -errno);
    recording->max_future_s = job->cli->config.max_future_s;
    int r = sw_recording_read(recording, file, why);
    fclose(file);
    if (r == -EINVAL)
        return cli_fail(job->cli, "%s:%s", job->file, why);
    if (r < 0)
        return cli_cannot(job->cli, "read", job->file, r);
    if (recording->n_patients == 0)
        return cli_fail(job->cli, "%s: there is no message in it", job->file);
    return CLI_OK;
}

/* All of the recording, or the part asked for; --days counts back from its end. */
static int place_window(struct job *job, const struct sw_recording *recording,
                        int64_t *until_s)
{
    struct cli *cli = job->cli;
    struct cli_window *window = &job->window;
    int64_t end_s = recording->span.to_s + WALK_ON_S;
    int32_t first = sw_day_of(&cli->zone, recording->span.from_s);
    int32_t last = sw_day_of(&cli->zone, end_s);
    if (!job->to_day)
        window->to_day = last;
    if (job->n_days && last - job->n_days >= first)
        window->from_day = last - (int32_t)job->n_days + 1;
    else if (!job->from_day)
        window->from_day = first;
    if (window->from_day > window->to_day)
        return cli_fail(cli, "%s ends before that day", job->file);
    *until_s = job->to_day ? sw_day_begin(&cli->zone, window->to_day + 1) : end_s;
    return CLI_OK;
}

static int replay_patients(struct job *job, struct sw_recording *recording,
                           int64_t until_s)
{
    struct cli *cli = job->cli;
    struct sw_span always = {0, INT64_MAX};
    int32_t first_day = sw_day_of(&cli->zone, recording->span.from_s);
    struct sw_replay replay = {
        .zone = &cli->zone,
        .from_day = first_day < job->window.from_day ? first_day : job->window.from_day,
        .to_day = job->window.to_day,
        .until_s = until_s,
        .online_spans = {&always, 1}};
    int r = 0;
    open_comparison(job, until_s);
    sw_comparison_listen(&job->comparison, &replay);
    for (size_t i = 0; r >= 0 && i < recording->n_patients; i++) {
        struct sw_recorded_patient *patient = recording->patients[i];
        if (job->patient && strcmp(job->patient, patient->id.str) != 0)
            continue;
        replay.source = sw_recording_source(patient);
        r = sw_replay_patient(&replay, &patient->id);
    }
    sw_comparison_match(&job->comparison);
    return r < 0 ? cli_fail(cli, "%s", strerror(-r)) : CLI_OK;
}

static int replay_recording(struct job *job)
{
    struct cli *cli = job->cli;
    struct sw_recording recording = {.zone = &cli->zone, .plan = cli->config.plan};
    char why[SW_WHY_MAX], note[2 * SW_WHY_MAX] = "a recording";
    int64_t until_s = 0;
    for (size_t i = 0; i < job->n_sets; i++)
        sw_plan_set(&recording.plan, job->sets[i].key, job->sets[i].value, why);
    int code = replay_read_file(job, &recording);
    bool is_recorded = !job->patient;
    for (size_t i = 0; i < recording.n_patients && !is_recorded; i++)
        is_recorded = strcmp(recording.patients[i]->id.str, job->patient) == 0;
    if (code == CLI_OK && !is_recorded)
        code =
            cli_fail(cli, "%s has no message of patient %s", job->file, job->patient);
    if (code == CLI_OK)
        code = place_window(job, &recording, &until_s);
    if (code == CLI_OK)
        code = replay_patients(job, &recording, until_s);
    if (recording.n_refused > 0)
        snprintf(note, sizeof note, "a recording; %lld refused, the first in line %s",
                 (long long)recording.n_refused, recording.refused);
    if (code == CLI_OK)
        code = replay_print(job, note);
    sw_recording_fini(&recording);
    return code;
}

int cmd_replay(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct job job = {.cli = cli};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = take_options(&job, &args);
    if (code == CLI_OK)
        code = job.file ? replay_recording(&job)
                        : replay_stored(&job, cli_value(cli, &args, "always") != NULL);
    sw_comparison_fini(&job.comparison);
    return code;
}
