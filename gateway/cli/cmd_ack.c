/* cmd_ack.c -- acknowledge an alert: you have seen it and look after it.
 * The running gateway finds the publication in the outbox. */
#include <string.h>

#include "book/book.h"
#include "cli/cli.h"
#include "cli/text.h"
#include "cli/who.h"

const struct cli_option cmd_ack_options[] = {
    {"by", "NAME", "who acknowledges (default: your login name)"},
    {"note", "TEXT", "what therapists and colleagues should know"},
    {0},
};

struct ack {
    const char *by, *note;
};

static void acknowledge(const struct cli *cli, const struct ack *ack,
                        struct sw_alert *alert, bool publish)
{
    alert->state = SW_STATE_ACKNOWLEDGED;
    alert->rev += publish;
    if (cli->now_s > alert->updated_at_s)
        alert->updated_at_s = cli->now_s;
    strcpy(alert->by, ack->by);
    strcpy(alert->note, ack->note);
}

static int apply(struct cli *cli, const char *id, const struct ack *ack)
{
    struct sw_alert alert;
    int64_t patient_key;
    int r = sw_store_find_alert(cli->store, id, &patient_key, &alert);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no alert %s: see `stepward alerts`", id);
    if (!sw_alert_is_open(&alert))
        return cli_fail(cli, "alert %s is closed already (%s)", id,
                        sw_alert_reason_name(alert.reason));
    enum sw_alert_state from = alert.state;
    bool is_shelved = alert.shelved_until_s > cli->now_s;
    acknowledge(cli, ack, &alert, !is_shelved);
    r = sw_book_put_alert(cli->store, cli->config.site, patient_key, &alert, from,
                          ack->by, ack->note, !is_shelved);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

static int apply_at_once(struct cli *cli, const char *id, const struct ack *ack)
{
    int r = sw_store_begin(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    int code = apply(cli, id, ack);
    if (code != CLI_OK) {
        sw_store_rollback(cli->store);
        return code;
    }
    r = sw_store_commit(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    fprintf(cli->out, "acknowledged %s\n", id);
    return CLI_OK;
}

static int read_ack(struct cli *cli, const struct cli_args *args, struct ack *ret)
{
    const char *by = cli_value(cli, args, "by"), *note = cli_value(cli, args, "note");
    *ret = (struct ack){.by = by ? by : cli_who(), .note = note ? note : ""};
    if (!cli_text_is_fit(ret->by, SW_ALERT_BY_MAX) || !*ret->by)
        return cli_usage(cli, "--by: it is one line of UTF-8, 1 to %d bytes",
                         SW_ALERT_BY_MAX);
    if (!cli_text_is_fit(ret->note, SW_ALERT_NOTE_MAX))
        return cli_usage(cli, "--note: it is one line of UTF-8, at most %d bytes",
                         SW_ALERT_NOTE_MAX);
    return CLI_OK;
}

int cmd_ack(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct ack ack;
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = read_ack(cli, &args, &ack);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? apply_at_once(cli, id, &ack) : code;
}
