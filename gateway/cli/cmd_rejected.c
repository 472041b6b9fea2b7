/* cmd_rejected.c -- refused messages, newest first: why, and what to do about it; with
 * --retry they are marked, and the gateway takes them once more.
 * They may contain anything; escaping is table.c's business. */
#include <stdlib.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "records/erase.h"
#include "stepward/lock.h"
#include "stepward/wire.h"
#include "util/line.h"

enum { DEFAULT_LIMIT = 50, TOPIC_WIDTH = 48, PAYLOAD_WIDTH = 40 };

const struct cli_option cmd_rejected_options[] = {
    {"retry", NULL, "have them taken once more, after mending the cause"},
    {"reason", "CODE", "only those refused for it: patient, device, too-old..."},
    {"patient", "ID", "only those of this patient"},
    {"limit", "N", "list at most N of them (default 50)"},
    CLI_FORMAT_OPTION,
    {0},
};

/* ---- which of them are meant ---- */

struct job {
    struct cli *cli;
    const char *reason;           /* NULL: any */
    struct sw_patient_id patient; /* "": any */
    struct sw_adapters *adapters; /* to match sources' topics and devices */
    /* the listing */
    struct cli_table *table;
    int64_t left; /* to list at most */
    /* what is taken once more */
    int64_t ids[SW_REJECTED_MAX];
    size_t n_ids;
    int64_t n_actions; /* left out */
};

static int check_reason(struct cli *cli, const char *reason)
{
    static const char *const reasons[] = {
#define X(name, code, remedy) code,
        SW_REFUSALS(X)
#undef X
    };
    char known[SW_WHY_MAX];
    struct sw_line line = sw_line(known, sizeof known);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reasons[i], reason) == 0)
            return CLI_OK;
        sw_line_add(&line, "%s%s", i > 0 ? ", " : "", reasons[i]);
    }
    return cli_usage(cli, "--reason %s: there is no such reason; there are %s", reason,
                     known);
}

/* A message belongs to the patient whom its topic names, or who then wore the device
 * that sent it. */
static bool rejected_is_meant(const struct job *job, const struct sw_rejected *rejected)
{
    bool has_reason =
        !job->reason || strcmp(job->reason, sw_refusal_code(rejected->refusal)) == 0;
    bool asks_patient = job->patient.str[0] != '\0';
    return has_reason && (!asks_patient ||
                          sw_records_is_rejected_of(job->cli->store, job->adapters,
                                                    job->patient, rejected, false) > 0);
}

static int keep_first(void *ctx, const struct sw_device_id *device)
{
    *(struct sw_device_id *)ctx = *device;
    return 1;
}

/* The device that the topic names, or else the payload. What is refused for its device has
 * a row of its own. */
static struct sw_device_id device_of(const struct job *job,
                                     const struct sw_rejected *rejected,
                                     struct sw_origin origin)
{
    struct sw_device_id device = origin.device;
    if (!origin.source)
        return device;
    while (device.str[0] == '\0' &&
           sw_source_each_device(origin.source, rejected->payload,
                                 rejected->payload_len, keep_first, &device) == 0 &&
           sw_adapters_next(job->adapters, &origin))
        ;
    return device;
}

/* The remedy, by the reason, the topic, and the patient or device. */
static void remedy_of(const struct job *job, const struct sw_rejected *rejected,
                      char out[static SW_WHY_MAX])
{
    const char *site = job->cli->config.site;
    const char *remedy = sw_refusal_remedy(rejected->refusal);
    struct sw_topic topic = {.patient = {""}};
    struct sw_origin origin = {.patient = {""}};
    char alerts[SW_ID_MAX + sizeof "clinic//alerts/"];
    int n = snprintf(alerts, sizeof alerts, "clinic/%s/alerts/", site);
    bool is_below_alerts = rejected->topic_len >= (size_t)n &&
                           memcmp(rejected->topic, alerts, (size_t)n) == 0;
    bool is_of_source =
        sw_topic_parse(site, rejected->topic, rejected->topic_len, &topic) ==
            SW_TOPIC_OTHER &&
        sw_adapters_match(job->adapters, rejected->topic, rejected->topic_len,
                          &origin) == SW_MATCH_SOURCE;
    if (is_of_source)
        topic.patient = origin.patient;
    if (rejected->refusal == SW_REFUSED_TOPIC && is_of_source && origin.invalid)
        remedy = "have the device publish to the source's topic with an id, 1 to 36 of "
                 "A-Z a-z 0-9 _ . -, or change the source's topic";
    else if (rejected->refusal == SW_REFUSED_TOPIC && is_below_alerts)
        remedy = "have the app publish to the alert's own topic with /set behind it: "
                 ".../alerts/THERAPIST/PATIENT/KIND/set, ids as in the alert";
    if (rejected->refusal == SW_REFUSED_PATIENT)
        cli_fill(remedy, "ID", topic.patient.str, out);
    else if (rejected->refusal == SW_REFUSED_DEVICE)
        cli_fill(remedy, "DEVICE", device_of(job, rejected, origin).str, out);
    else
        snprintf(out, SW_WHY_MAX, "%s", remedy);
}

/* ---- the gateway, which stores what it refuses with its next commit ---- */

/* Whether one runs, and what to print where there is nothing: a gateway that runs may
 * have refused messages that it has not stored yet. */
static int nothing_yet(struct cli *cli, const char *nothing, bool *ret_running,
                       char out[static SW_WHY_MAX])
{
    char interval[SW_DURATION_TEXT_MAX];
    struct sw_lock_note note;
    *ret_running = false;
    int r = sw_lock_read(cli->config.data_dir, &note, ret_running);
    if (r < 0)
        return cli_cannot_data(cli, "look at", "gateway.lock", r);
    sw_duration_format(cli->config.commit_interval_s, interval);
    if (*ret_running && cli->config.commit_interval_s > 0)
        snprintf(out, SW_WHY_MAX,
                 "%s; what is refused shows here within commit_interval (%s)", nothing,
                 interval);
    else
        snprintf(out, SW_WHY_MAX, "%s", nothing);
    return CLI_OK;
}

/* ---- the listing ---- */

static const struct cli_column columns[] = {
    {"at", "at", CLI_WORDS, 0, 0},
    {"reason", "reason", CLI_TEXT, 0, 2},
    {"why", "why", CLI_WORDS, 0, 0},
    {"remedy", "remedy", CLI_WORDS, 0, 3},
    {"topic", "topic", CLI_TEXT, TOPIC_WIDTH, 0},
    {"payload", "payload", CLI_TEXT, PAYLOAD_WIDTH, 1},
};

static int print_rejected(void *ctx, const struct sw_rejected *rejected)
{
    struct job *job = ctx;
    struct cli_table *table = job->table;
    char remedy[SW_WHY_MAX];
    if (!rejected_is_meant(job, rejected))
        return 0;
    remedy_of(job, rejected, remedy);
    cli_cell_time(table, rejected->at_s);
    cli_cell_text(table, sw_refusal_code(rejected->refusal));
    cli_cell_quoted(table, rejected->why);
    cli_cell_quoted(table, remedy);
    cli_cell_text(table, rejected->topic);
    cli_cell_bytes(table, rejected->payload, rejected->payload_len);
    return --job->left == 0;
}

static int rejected_list(struct job *job)
{
    struct cli *cli = job->cli;
    char nothing[SW_WHY_MAX];
    bool is_running;
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = nothing_yet(cli, "no message was refused", &is_running, nothing);
    if (code != CLI_OK)
        return code;
    job->table = cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_store_each_rejected(cli->store, SW_REJECTED_MAX, print_rejected, job);
    if (r < 0)
        return cli_table_drop(job->table, cli_store_failed(cli, r));
    return cli_table_end(job->table, nothing);
}

/* ---- taking them once more ---- */

/* A therapist's action was about the alert of its time, which need not be the one that
 * the topic stands for now. */
static int rejected_choose(void *ctx, const struct sw_rejected *rejected)
{
    struct job *job = ctx;
    struct sw_topic topic;
    if (!rejected_is_meant(job, rejected))
        return 0;
    enum sw_topic_kind kind = sw_topic_parse(job->cli->config.site, rejected->topic,
                                             rejected->topic_len, &topic);
    if (kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_SET_UNKNOWN)
        job->n_actions++;
    else
        job->ids[job->n_ids++] = rejected->id;
    return job->n_ids == SW_REJECTED_MAX;
}

static int rejected_mark(struct cli *cli, void *ctx)
{
    struct job *job = ctx;
    int r = sw_store_each_rejected(cli->store, SW_REJECTED_MAX, rejected_choose, job);
    for (size_t i = 0; r >= 0 && i < job->n_ids; i++)
        r = sw_store_mark_rejected(cli->store, job->ids[i]);
    if (r < 0)
        return cli_store_failed(cli, r);
    const char *patient = *job->patient.str ? job->patient.str : NULL;
    return job->n_ids == 0 ? CLI_OK
                           : cli_audit(cli, SW_AUDIT_RETRIED, patient, "%zu%s%s",
                                       job->n_ids, job->reason ? ", reason " : "",
                                       job->reason ? job->reason : "");
}

static int rejected_retry(struct job *job)
{
    struct cli *cli = job->cli;
    char nothing[SW_WHY_MAX];
    bool is_running;
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, rejected_mark, job);
    if (code == CLI_OK)
        code = nothing_yet(cli, "nothing to retry", &is_running, nothing);
    if (code != CLI_OK)
        return code;
    if (job->n_ids == 0)
        fprintf(cli->out, "%s\n", nothing);
    else
        fprintf(cli->out, "marked %zu: the gateway takes %s %s\n", job->n_ids,
                job->n_ids == 1 ? "it" : "them", is_running ? "now" : "when it starts");
    if (job->n_actions > 0)
        fprintf(cli->out,
                "left out %lld on alerts: they may be about others now; see `stepward "
                "alerts`\n",
                (long long)job->n_actions);
    return CLI_OK;
}

int cmd_rejected(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct job job = {.cli = cli, .left = DEFAULT_LIMIT};
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    const char *patient = cli_value(cli, &args, "patient");
    bool is_retry = cli_value(cli, &args, "retry") != NULL;
    job.reason = cli_value(cli, &args, "reason");
    if (job.reason)
        code = check_reason(cli, job.reason);
    if (code == CLI_OK && patient)
        code = cli_patient_id(cli, patient, &job.patient);
    if (code == CLI_OK && is_retry && cli_value(cli, &args, "limit"))
        code = cli_usage(cli, "--limit is for the listing, not for --retry");
    if (code == CLI_OK)
        code = cli_number(cli, &args, "limit", 1, SW_REJECTED_MAX, &job.left);
    if (code != CLI_OK)
        return code;
    if (sw_adapters_new(&job.adapters, cli->config.sources, cli->config.n_sources) < 0)
        return cli_fail(cli, "out of memory");
    code = is_retry ? rejected_retry(&job) : rejected_list(&job);
    sw_adapters_free(job.adapters);
    return code;
}
