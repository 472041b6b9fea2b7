/* explain_verdict.c -- why there was an alert of a kind that day, or why there was
 * none, which its rule says. */
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"

static bool explain_alert(const struct explain *explain, enum sw_alert_kind kind,
                          char out[static EXPLAIN_TEXT_MAX])
{
    const struct sw_alert *last = NULL;
    char message[SW_MESSAGE_MAX];
    int n = 0;
    for (size_t i = 0; i < explain->n_alerts; i++) {
        const struct sw_alert *alert = &explain->alerts[i];
        if (alert->kind != kind)
            continue;
        n++;
        if (!last || alert->opened_at_s > last->opened_at_s)
            last = alert;
    }
    if (!last)
        return false;
    char opened[SW_HHMM_LEN + 1];
    sw_hhmm_format(sw_local_minute(&explain->cli->zone, last->opened_at_s), opened);
    sw_alert_message(last, message);
    bool is_older = last->opened_at_s < explain->span.from_s;
    snprintf(out, EXPLAIN_TEXT_MAX, "%d alert%s; the last, opened %s%s: %s", n,
             sw_plural(n), is_older ? "on an earlier day at " : "", opened, message);
    return true;
}

void explain_verdict(const struct explain *explain, enum sw_alert_kind kind,
                     char out[static EXPLAIN_TEXT_MAX])
{
    const struct sw_judged_day *judged = &explain->judged;
    const struct sw_rule *rule = sw_rule(kind);
    struct sw_sentence sentence = {.n_words = 0};
    char why[EXPLAIN_TEXT_MAX];
    if (explain_alert(explain, kind, out))
        return;
    bool came_late =
        (judged->opened & SW_KIND_BIT(kind)) && !(rule->traits & SW_RULE_TELLS_LATE);
    rule->why_not(judged, &sentence);
    sw_sentence_format(&sentence, &explain->cli->zone, why, sizeof why);
    snprintf(out, EXPLAIN_TEXT_MAX, "none: %.340s%s", why,
             came_late ? "; these data came late" : "");
}
