/* cmd_ack.c -- ack, shelve and their undoing: a therapist has seen an alert and looks
 * after it, or hides its publications for a while.
 * The alert is stored together with its publication, which the running gateway finds in
 * the outbox. */
#include <stdlib.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/cli.h"
#include "cli/listed.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "records/records.h"
#include "stepward/alert.h"
#include "stepward/lock.h"
#include "stepward/wire.h"
#include "util/line.h"

enum { LINE_BYTES_MAX = 1024 }; /* an id, a name and a message */

#define OPTIONS_OF_ALL                                                                 \
    {"by", "NAME", "who does it (default: your login name)"},                          \
        {"note", "TEXT", "what therapists and colleagues should know"},                \
    {                                                                                  \
        0                                                                              \
    }
const struct cli_option cmd_ack_options[] = {OPTIONS_OF_ALL};
const struct cli_option cmd_unack_options[] = {OPTIONS_OF_ALL};
const struct cli_option cmd_shelve_options[] = {
    {"for", "DURATION", "for how long, like 2h; 1m to 7d"},
    {"until", "HH:MM", "until the clinic's clocks next show that"},
    OPTIONS_OF_ALL};
const struct cli_option cmd_unshelve_options[] = {OPTIONS_OF_ALL};

/* What is to be done with which alert, and what became of it. */
struct order {
    const char *word; /* the argument */
    struct sw_action action;
    int64_t now_s;
    bool is_number, has_line; /* the word may be a line, which was found */
    struct cli_listed_line line;
    char why_no_line[SW_WHY_MAX];

    int64_t patient_key;
    struct sw_alert alert; /* the one that is meant */
    bool is_by_id;         /* the word is its id */
    char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX];
    char name[SW_NAME_MAX + 1]; /* of its patient */
    /* The patient's open alerts, and those of them that the action fits. */
    size_t n_open, n_meant;
    char ids[SW_ALERT_KINDS * (SW_ALERT_ID_MAX + 2)]; /* "A, B" */

    bool is_published;            /* by the gateway, when it runs */
    char by[SW_ALERT_BY_MAX + 1]; /* who had acknowledged it before; "": nobody else */
};

/* ---- which alert ---- */

/* An acknowledgement fits an alert that is not acknowledged yet, its undoing one that
 * is; an unshelving one that is shelved, and a shelving one that is not. */
static bool is_meant(const struct order *order, const struct sw_alert *alert)
{
    bool is_shelved = alert->shelved_until_s > order->now_s;
    if (order->action.kind == SW_ACTION_ACK)
        return alert->state == SW_STATE_OPEN;
    if (order->action.kind == SW_ACTION_UNACK)
        return alert->state == SW_STATE_ACKNOWLEDGED;
    return is_shelved == (order->action.kind == SW_ACTION_UNSHELVE);
}

static int note_open(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct order *order = ctx;
    char id[SW_ALERT_ID_MAX + 1];
    size_t n = strlen(order->ids);
    bool is_it = is_meant(order, alert);
    sw_alert_id_format(alert, id);
    snprintf(order->ids + n, sizeof order->ids - n, "%s%s", n > 0 ? ", " : "", id);
    if (is_it || order->n_open == 0) {
        order->alert = *alert;
        order->patient_key = patient_key;
    }
    order->n_open++;
    order->n_meant += is_it;
    return 0;
}

/* The patient's only open alert, or the only one that the action fits. */
static int choose(struct cli *cli, struct order *order, struct sw_patient_id patient)
{
    struct sw_alert_filter filter = {.patient = patient};
    int r = sw_store_each_alert(cli->store, &filter, note_open, order);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (order->n_open == 0)
        return cli_fail(cli, "%s has no open alert", order->word);
    if (order->n_open > 1 && order->n_meant != 1)
        return cli_fail(cli, "%s has %zu open alerts, name one: %s", order->word,
                        order->n_open, order->ids);
    return CLI_OK;
}

static int find_by_line(struct cli *cli, struct order *order)
{
    const struct cli_listed_line *line = &order->line;
    if (!order->has_line)
        return cli_fail(cli, "%s", order->why_no_line);
    int r =
        sw_store_find_alert(cli->store, line->id, &order->patient_key, &order->alert);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no alert %s: see `stepward alerts`", line->id);
    if (order->alert.level != line->level)
        return cli_fail(cli, "alert %s is of level %s now: see `stepward alerts`",
                        line->id, sw_alert_level_name(order->alert.level));
    return CLI_OK;
}

/* The word is the id of an alert or a patient, or a line of the listing that was
 * printed last in this terminal. */
static int ack_find(struct cli *cli, struct order *order)
{
    const char *word = order->word;
    struct sw_patient patient;
    struct sw_patient_id id = {""};
    int r = sw_store_find_alert(cli->store, word, &order->patient_key, &order->alert);
    order->is_by_id = r == 0;
    if (r == 0)
        return CLI_OK;
    if (r == SW_STORE_NONE && sw_id_is_valid(word, strlen(word))) {
        strcpy(id.str, word);
        r = sw_store_find_patient(cli->store, id, &patient);
    }
    if (r < 0)
        return cli_store_failed(cli, r);
    bool is_patient = r == 0;
    if (is_patient && order->is_number)
        return cli_fail(cli,
                        "%s is a patient and may be a line of `stepward alerts`: name "
                        "the alert by its id",
                        word);
    if (is_patient)
        return choose(cli, order, id);
    if (order->is_number)
        return find_by_line(cli, order);
    return cli_fail(cli, "no alert %s, and no patient: see `stepward alerts`", word);
}

/* ---- acting on it ---- */

static int change(struct cli *cli, void *ctx)
{
    struct order *order = ctx;
    const struct sw_action *action = &order->action;
    struct sw_alert *alert = &order->alert;
    struct sw_patient patient = {.name = ""};
    char why[SW_ACTION_WHY_MAX];
    int code = ack_find(cli, order);
    if (code != CLI_OK)
        return code;
    int r = sw_store_find_patient(cli->store, alert->patient, &patient);
    if (r < 0)
        return cli_store_failed(cli, r);
    sw_alert_id_format(alert, order->id);
    sw_alert_message(alert, order->message);
    strcpy(order->name, patient.name);
    enum sw_alert_state from = alert->state;
    switch (sw_alert_apply(alert, action, cli->now_s, &order->is_published)) {
    case SW_OUTCOME_DONE:
        break;
    case SW_OUTCOME_NOTHING_NEW:
        if (action->kind == SW_ACTION_ACK && strcmp(alert->by, action->by) != 0)
            strcpy(order->by, alert->by);
        return CLI_OK;
    case SW_OUTCOME_CLOSED:
        return cli_fail(cli, "alert %s is closed already (%s)", order->id,
                        sw_alert_reason_name(alert->reason));
    case SW_OUTCOME_OTHER: /* not without an id in the action */
    case SW_OUTCOME_CHANGED:
        return cli_fail(cli, "alert %s: %s", order->id,
                        sw_alert_outcome_text(SW_OUTCOME_CHANGED));
    }
    sw_action_why(action, why);
    r = sw_records_put_alert(cli->store, &cli->config, order->patient_key, alert, from,
                             action->by, why, order->is_published);
    if (r >= 0)
        r = sw_records_audit_action(cli->store, cli_actor(cli),
                                    cli->actor ? SW_AUDIT_BOARD : SW_AUDIT_COMMAND,
                                    cli->now_s, alert, action);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* If the alert was not named by its id, print which one it was. */
static void print_outcome(struct cli *cli, const struct order *order, const char *done)
{
    char text[LINE_BYTES_MAX];
    struct sw_line line = sw_line(text, sizeof text);
    if (*order->by)
        sw_line_add(&line, "%s was acknowledged already, by %s", order->id, order->by);
    else
        sw_line_add(&line, "%s %s", done, order->id);
    if (!order->is_by_id && *order->name)
        sw_line_add(&line, " (%s)", order->name);
    if (!order->is_by_id)
        sw_line_add(&line, ": %s", order->message);
    char *shown = cli_shown(text, strlen(text), 0);
    cli_print_wrapped(cli->out, shown ? shown : order->id, cli->width, 0);
    free(shown);
}

/* ---- the commands ---- */

/* "08:00" */
static bool is_hhmm(const char *text, int32_t *ret_minute)
{
    int64_t hour, minute;
    char hours[3] = "";
    if (strlen(text) != SW_HHMM_LEN || text[2] != ':')
        return false;
    memcpy(hours, text, 2);
    if (!sw_number_parse(hours, 0, 23, &hour) ||
        !sw_number_parse(text + 3, 0, 59, &minute))
        return false;
    *ret_minute = (int32_t)(60 * hour + minute);
    return true;
}

/* When the clocks show that local minute for the next time. */
static int64_t next_at(const struct cli *cli, int32_t minute)
{
    int32_t today = cli_today(cli);
    int64_t at_s = sw_minute_begin(&cli->zone, today, minute);
    return at_s > cli->now_s ? at_s : sw_minute_begin(&cli->zone, today + 1, minute);
}

/* A time of day, or an instant, which may be past by the time somebody asks for it. */
static int read_until(struct cli *cli, const char *until, int64_t *ret_seconds)
{
    char when[SW_WHEN_LEN + 1];
    int32_t minute;
    int64_t at_s;
    if (is_hhmm(until, &minute))
        at_s = next_at(cli, minute);
    else if (!sw_instant_parse(until, strlen(until), &cli->zone, &at_s))
        return cli_usage(cli, "--until %s: it is a time of day, like 08:00", until);
    sw_when_format(&cli->zone, at_s, cli_today(cli), when);
    if (at_s <= cli->now_s)
        return cli_fail(cli, "it is past %s: choose another time", when);
    if (at_s - cli->now_s > SW_SHELVE_MAX_MIN * 60)
        return cli_usage(cli, "--until %s: it is 7d from now at most", until);
    *ret_seconds = at_s - cli->now_s;
    return CLI_OK;
}

/* --for or --until: for how long an alert is shelved. */
static int read_duration(struct cli *cli, const struct cli_args *args,
                         int32_t *ret_minutes)
{
    const char *duration = cli_value(cli, args, "for");
    const char *until = cli_value(cli, args, "until");
    int64_t seconds = 0;
    if (!duration == !until)
        return cli_usage(cli, "say how long: --for 2h, or --until 08:00");
    int code = until ? read_until(cli, until, &seconds) : CLI_OK;
    if (duration && (!sw_duration_parse(duration, &seconds) || seconds < 60 ||
                     seconds > SW_SHELVE_MAX_MIN * 60))
        return cli_usage(cli, "--for %s: it is 1m to 7d, like 90m or 2h", duration);
    *ret_minutes = (int32_t)((seconds + (until ? 59 : 0)) / 60);
    return code;
}

/* --by and --note; --for and --until, which only shelving has. */
static int read_action(struct cli *cli, const struct cli_args *args,
                       struct sw_action *action)
{
    const char *by = cli_value(cli, args, "by"), *note = cli_value(cli, args, "note");
    int code = action->kind == SW_ACTION_SHELVE
                   ? read_duration(cli, args, &action->minutes)
                   : CLI_OK;
    if (code != CLI_OK)
        return code;
    by = by ? by : cli_actor(cli);
    note = note ? note : "";
    if (!cli_text_is_fit(by, SW_ALERT_BY_MAX) || !*by)
        return cli_usage(cli, "--by: it is one line of UTF-8, 1 to %d bytes",
                         SW_ALERT_BY_MAX);
    if (!cli_text_is_fit(note, SW_ALERT_NOTE_MAX))
        return cli_usage(cli, "--note: it is one line of UTF-8, at most %d bytes",
                         SW_ALERT_NOTE_MAX);
    strcpy(action->by, by);
    strcpy(action->note, note);
    return CLI_OK;
}

/* Act in one transaction on the alert with that id, on the only open alert of that
 * patient, or on the one in that line of the last listing, and print "DONE ID". */
static int act(struct cli *cli, int argc, char **argv, enum sw_action_kind kind,
               const char *done)
{
    struct cli_args args;
    struct order order = {.action = {.kind = kind}, .now_s = cli->now_s};
    struct sw_lock_note note;
    int64_t n;
    bool is_running = true;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &order.word);
    if (code == CLI_OK)
        code = read_action(cli, &args, &order.action);
    if (code != CLI_OK)
        return code;
    order.is_number = sw_number_parse(order.word, 0, CLI_LISTED_MAX, &n);
    if (order.is_number)
        order.has_line = cli_listed_find(cli, n, &order.line, order.why_no_line);
    code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, change, &order);
    if (code != CLI_OK)
        return code;
    print_outcome(cli, &order, done);
    if (order.is_published &&
        sw_lock_read(cli->config.data_dir, &note, &is_running) >= 0 && !is_running)
        cli_heading(cli, "published when the gateway runs");
    return CLI_OK;
}

int cmd_ack(struct cli *cli, int argc, char **argv)
{
    return act(cli, argc, argv, SW_ACTION_ACK, "acknowledged");
}

int cmd_unack(struct cli *cli, int argc, char **argv)
{
    return act(cli, argc, argv, SW_ACTION_UNACK, "not acknowledged any more:");
}

int cmd_shelve(struct cli *cli, int argc, char **argv)
{
    return act(cli, argc, argv, SW_ACTION_SHELVE, "shelved");
}

int cmd_unshelve(struct cli *cli, int argc, char **argv)
{
    return act(cli, argc, argv, SW_ACTION_UNSHELVE, "unshelved");
}
