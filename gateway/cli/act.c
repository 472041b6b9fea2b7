/* act.c -- act on an alert: find it, change it, store it with its publication, which
 * the running gateway finds in the outbox. */
#include "cli/act.h"

#include <string.h>

#include "book/book.h"
#include "cli/text.h"
#include "cli/who.h"

int cli_read_action(struct cli *cli, const struct cli_args *args,
                    struct sw_action *action)
{
    const char *by = cli_value(cli, args, "by"), *note = cli_value(cli, args, "note");
    by = by ? by : cli_who();
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

struct order {
    const char *id;
    const struct sw_action *action;
};

static int change(struct cli *cli, void *ctx)
{
    const struct order *order = ctx;
    const struct sw_action *action = order->action;
    const char *id = order->id;
    struct sw_alert alert;
    int64_t patient_key;
    bool publish;
    int r = sw_store_find_alert(cli->store, id, &patient_key, &alert);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no alert %s: see `stepward alerts`", id);
    enum sw_alert_state from = alert.state;
    enum sw_act act = sw_alert_act(&alert, action, cli->now_s, &publish);
    if (act == SW_ACT_CLOSED)
        return cli_fail(cli, "alert %s is closed already (%s)", id,
                        sw_alert_reason_name(alert.reason));
    if (act == SW_ACT_CHANGED)
        return cli_fail(cli, "alert %s: %s", id, sw_act_text(act));
    if (act == SW_ACT_NOTHING_NEW)
        return CLI_OK;
    char why[SW_ACTION_WHY_MAX];
    sw_action_why(action, why);
    r = sw_book_put_alert(cli->store, cli->config.site, patient_key, &alert, from,
                          action->by, why, publish);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

int cli_act(struct cli *cli, const char *id, const struct sw_action *action,
            const char *word)
{
    struct order order = {id, action};
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, change, &order);
    if (code == CLI_OK)
        fprintf(cli->out, "%s %s\n", word, id);
    return code;
}
