/* cmd_ack.c -- ack, shelve and unshelve: a therapist has seen an alert and looks after
 * it, or hides its publications for a while.
 * The alert is stored together with its publication, which the running gateway finds in
 * the outbox. */
#include <stdlib.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/cli.h"
#include "cli/listed.h"
#include "cli/table.h"
#include "cli/text.h"
#include "records/records.h"
#include "stepward/alert.h"
#include "stepward/lock.h"
#include "stepward/wire.h"

enum { LINE_BYTES_MAX = 1024 }; /* an id, a name and a message */

#define BY_OPTION                                                                      \
    {                                                                                  \
        "by", "NAME", "who does it (default: your login name)"                         \
    }
#define NOTE_OPTION                                                                    \
    {                                                                                  \
        "note", "TEXT", "what therapists and colleagues should know"                   \
    }

/* --by and --note. */
static int read_action(struct cli *cli, const struct cli_args *args,
                       struct sw_action *action)
{
    const char *by = cli_value(cli, args, "by"), *note = cli_value(cli, args, "note");
    by = by ? by : cli_actor();
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

/* ---- which alert ---- */

struct order {
    const char *word; /* the argument */
    const struct sw_action *action;
    char id[SW_ALERT_ID_MAX + 1];
    bool is_by_id;            /* the word is the id itself */
    bool is_number, has_line; /* the word may be a line, which was found */
    struct cli_listed_line line;
    bool is_published; /* by the gateway, when it runs */
    char why_no_line[SW_WHY_MAX];
    char message[SW_MESSAGE_MAX]; /* of the alert */
    char name[SW_NAME_MAX + 1];   /* of its patient */
    char by[SW_ALERT_BY_MAX + 1]; /* who had acknowledged it before; "": nobody else */
};

/* The open alerts of a patient, and those that the action fits. */
struct candidates {
    const struct sw_action *action;
    int64_t now_s;
    struct sw_alert alert; /* the one that it fits */
    size_t n_open, n_meant;
    char ids[SW_ALERT_KINDS * (SW_ALERT_ID_MAX + 2)]; /* "A, B" */
};

/* An acknowledgement fits an alert that is not acknowledged yet, an unshelving one that
 * is shelved, and a shelving one that is not. */
static bool ack_is_meant(const struct candidates *all, const struct sw_alert *alert)
{
    bool is_shelved = alert->shelved_until_s > all->now_s;
    if (all->action->kind == SW_ACTION_ACK)
        return alert->state == SW_STATE_OPEN;
    return is_shelved == (all->action->kind == SW_ACTION_UNSHELVE);
}

static int add_candidate(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct candidates *all = ctx;
    char id[SW_ALERT_ID_MAX + 1];
    size_t n = strlen(all->ids);
    (void)patient_key;
    sw_alert_id_format(alert, id);
    snprintf(all->ids + n, sizeof all->ids - n, "%s%s", n > 0 ? ", " : "", id);
    bool is_it = ack_is_meant(all, alert);
    if (is_it || (all->n_meant == 0 && all->n_open == 0))
        all->alert = *alert;
    all->n_open++;
    all->n_meant += is_it;
    return 0;
}

/* The patient's only open alert, or the only one that the action fits. */
static int ack_choose(struct cli *cli, struct order *order)
{
    struct sw_alert_filter filter = {.closed_too = false};
    struct candidates all = {.action = order->action, .now_s = cli->now_s};
    strcpy(filter.patient.str, order->word);
    int r = sw_store_each_alert(cli->store, &filter, add_candidate, &all);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (all.n_open == 0)
        return cli_fail(cli, "%s has no open alert", order->word);
    if (all.n_open > 1 && all.n_meant != 1)
        return cli_fail(cli, "%s has %zu open alerts, name one: %s", order->word,
                        all.n_open, all.ids);
    sw_alert_id_format(&all.alert, order->id);
    return CLI_OK;
}

static int find_by_word(struct cli *cli, struct order *order, bool *ret_is_patient)
{
    struct sw_alert alert;
    struct sw_patient patient;
    struct sw_patient_id id = {""};
    int64_t patient_key;
    size_t len = strlen(order->word);
    *ret_is_patient = false;
    int r = sw_store_find_alert(cli->store, order->word, &patient_key, &alert);
    order->is_by_id = r == 0;
    if (r == 0)
        strcpy(order->id, order->word);
    if (r == SW_STORE_NONE && sw_id_is_valid(order->word, len)) {
        strcpy(id.str, order->word);
        r = sw_store_find_patient(cli->store, id, &patient);
        *ret_is_patient = r == 0;
    }
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* The word is the id of an alert or a patient, or a line of the listing that was
 * printed last in this terminal. */
static int ack_find(struct cli *cli, struct order *order)
{
    bool is_patient;
    int code = find_by_word(cli, order, &is_patient);
    if (code != CLI_OK || order->is_by_id)
        return code;
    if (order->is_number && is_patient)
        return cli_fail(cli,
                        "%s is a patient and may be a line of `stepward alerts`: name "
                        "the alert by its id",
                        order->word);
    if (is_patient)
        return ack_choose(cli, order);
    if (!order->is_number)
        return cli_fail(cli, "no alert %s, and no patient: see `stepward alerts`",
                        order->word);
    if (!order->has_line)
        return cli_fail(cli, "%s", order->why_no_line);
    strcpy(order->id, order->line.id);
    return CLI_OK;
}

/* ---- acting on it ---- */

static int change(struct cli *cli, void *ctx)
{
    struct order *order = ctx;
    const struct sw_action *action = order->action;
    const char *id = order->id;
    struct sw_alert alert;
    struct sw_patient patient;
    int64_t patient_key;
    bool publish;
    int code = ack_find(cli, order);
    if (code != CLI_OK)
        return code;
    int r = sw_store_find_alert(cli->store, id, &patient_key, &alert);
    if (r == 0)
        r = sw_store_find_patient(cli->store, alert.patient, &patient);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no alert %s: see `stepward alerts`", id);
    bool is_by_line = order->has_line && strcmp(order->line.id, id) == 0;
    if (is_by_line && alert.level != order->line.level)
        return cli_fail(cli, "alert %s is of level %s now: see `stepward alerts`", id,
                        sw_alert_level_name(alert.level));
    sw_alert_message(&alert, order->message);
    strcpy(order->name, patient.name);
    enum sw_alert_state from = alert.state;
    enum sw_alert_outcome act = sw_alert_apply(&alert, action, cli->now_s, &publish);
    if (act == SW_OUTCOME_CLOSED)
        return cli_fail(cli, "alert %s is closed already (%s)", id,
                        sw_alert_reason_name(alert.reason));
    if (act == SW_OUTCOME_CHANGED)
        return cli_fail(cli, "alert %s: %s", id, sw_alert_outcome_text(act));
    if (act == SW_OUTCOME_NOTHING_NEW) {
        bool is_by_other =
            action->kind == SW_ACTION_ACK && strcmp(alert.by, action->by) != 0;
        snprintf(order->by, sizeof order->by, "%s", is_by_other ? alert.by : "");
        return CLI_OK;
    }
    char why[SW_ACTION_WHY_MAX];
    sw_action_why(action, why);
    order->is_published = publish;
    r = sw_records_put_alert(cli->store, cli->config.site, patient_key, &alert, from,
                             action->by, why, publish);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* If the alert was not named by its id, print which one it was. */
static void print_outcome(struct cli *cli, const char *word, const struct order *order)
{
    char line[LINE_BYTES_MAX];
    bool has_name = order->name[0] != '\0';
    int n = *order->by
                ? snprintf(line, sizeof line, "%s was acknowledged already, by %s",
                           order->id, order->by)
                : snprintf(line, sizeof line, "%s %s", word, order->id);
    if (!order->is_by_id)
        snprintf(line + n, sizeof line - (size_t)n, "%s%s%s: %s", has_name ? " (" : "",
                 order->name, has_name ? ")" : "", order->message);
    char *shown = cli_shown(line, strlen(line), 0);
    cli_print_wrapped(cli->out, shown ? shown : order->id, cli->width, 0);
    free(shown);
}

/* Act in one transaction on the alert with that id, on the only open alert of that
 * patient, or on the one in that line of the last listing, and print "DONE ID". */
static int act(struct cli *cli, const char *word, const struct sw_action *action,
               const char *done)
{
    struct order order = {.word = word, .action = action};
    int64_t n;
    order.is_number = sw_number_parse(word, 0, CLI_LISTED_MAX, &n);
    if (order.is_number)
        order.has_line = cli_listed_find(cli, n, &order.line, order.why_no_line);
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, change, &order);
    if (code != CLI_OK)
        return code;
    print_outcome(cli, done, &order);
    struct sw_lock_note note;
    bool is_running = true;
    if (order.is_published &&
        sw_lock_read(cli->config.data_dir, &note, &is_running) >= 0 && !is_running)
        cli_heading(cli, "published when the gateway runs");
    return CLI_OK;
}

/* ---- the commands ---- */

const struct cli_option cmd_ack_options[] = {BY_OPTION, NOTE_OPTION, {0}};

int cmd_ack(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_ACK};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = read_action(cli, &args, &action);
    return code == CLI_OK ? act(cli, id, &action, "acknowledged") : code;
}

const struct cli_option cmd_shelve_options[] = {
    {"for", "DURATION", "for how long, like 2h; 1m to 7d"},
    BY_OPTION,
    NOTE_OPTION,
    {0},
};
const struct cli_option cmd_unshelve_options[] = {BY_OPTION, NOTE_OPTION, {0}};

static int ack_read_duration(struct cli *cli, const struct cli_args *args,
                             int32_t *ret_min)
{
    const char *text = cli_value(cli, args, "for");
    int64_t seconds;
    if (!text)
        return cli_usage(cli, "say for how long: --for 2h");
    bool is_good = sw_duration_parse(text, &seconds) && seconds >= 60 &&
                   seconds <= SW_SHELVE_MAX_MIN * 60;
    if (!is_good)
        return cli_usage(cli, "--for %s: it is 1m to 7d, like 90m or 2h", text);
    *ret_min = (int32_t)(seconds / 60);
    return CLI_OK;
}

int cmd_shelve(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_SHELVE};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = ack_read_duration(cli, &args, &action.minutes);
    if (code == CLI_OK)
        code = read_action(cli, &args, &action);
    return code == CLI_OK ? act(cli, id, &action, "shelved") : code;
}

int cmd_unshelve(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_UNSHELVE};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = read_action(cli, &args, &action);
    return code == CLI_OK ? act(cli, id, &action, "unshelved") : code;
}
