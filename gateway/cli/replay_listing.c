/* replay_listing.c -- the alerts of a replay beside those there were, as the rows of a
 * listing. */
#include "cli/replay_listing.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_there(const struct sw_alert *alert)
{
    return alert->state != SW_STATE_NONE;
}

static const struct sw_alert *either(const struct sw_compared *pair)
{
    return is_there(&pair->would) ? &pair->would : &pair->was;
}

static const char *reason_of(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_CLOSED ? sw_alert_reason_name(alert->reason) : "";
}

/* ---- an alert a row ---- */

static void print_side(struct cli_table *table, const struct sw_alert *alert,
                       bool is_from_before)
{
    if (!is_there(alert)) {
        for (int i = 0; i < 4; i++)
            cli_cell_none(table);
        return;
    }
    cli_cell_text(table, sw_alert_level_name(alert->level));
    cli_cell_time(table, is_from_before ? 0 : alert->opened_at_s);
    cli_cell_time(table, alert->closed_at_s);
    cli_cell_text(table, reason_of(alert));
}

int replay_print_alerts(struct cli *cli, const struct sw_comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"patient", "patient", CLI_TEXT, 0, 0},
        {"therapist", "therapist", CLI_TEXT, 0, 5},
        {"kind", "kind", CLI_TEXT, 0, 0},
        {"match", "match", CLI_TEXT, 0, 0},
        {"then_level", "then", CLI_TEXT, 0, 0},
        {"then_opened", "opened", CLI_TEXT, 0, 0},
        {"then_closed", "closed", CLI_TEXT, 0, 2},
        {"then_reason", "reason", CLI_TEXT, 0, 4},
        {"now_level", "now", CLI_TEXT, 0, 0},
        {"now_opened", "opened", CLI_TEXT, 0, 0},
        {"now_closed", "closed", CLI_TEXT, 0, 1},
        {"now_reason", "reason", CLI_TEXT, 0, 3},
    };
    struct cli_table *table = cli_table_new(cli, columns, COUNT(columns));
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct sw_compared *pair = &comparison->pairs[i];
        const char *match = is_there(&pair->was) ? "then" : "now";
        if (is_there(&pair->was) && is_there(&pair->would))
            match = "both";
        cli_cell_text(table, either(pair)->patient.str);
        cli_cell_text(table, either(pair)->therapist.str);
        cli_cell_text(table, sw_alert_kind_name(either(pair)->kind));
        cli_cell_text(table, match);
        print_side(table, &pair->was, false);
        print_side(table, &pair->would, sw_comparison_is_from_before(comparison, pair));
    }
    return cli_table_end(table, "no alerts, neither then nor now");
}

/* ---- a transition a row ---- */

int replay_print_events(struct cli *cli, const struct sw_comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"at", "at", CLI_TEXT, 0, 0},
        {"patient", "patient", CLI_TEXT, 0, 0},
        {"kind", "kind", CLI_TEXT, 0, 0},
        {"change", "change", CLI_TEXT, 0, 0},
        {"level", "level", CLI_TEXT, 0, 0},
        {"reason", "reason", CLI_TEXT, 0, 1},
        {"message", "message", CLI_WORDS, 0, 0},
    };
    struct cli_table *table = cli_table_new(cli, columns, COUNT(columns));
    for (size_t i = 0; i < comparison->n_events; i++) {
        const struct sw_replayed_event *event = &comparison->events[i];
        char message[SW_MESSAGE_MAX];
        sw_alert_message(&event->alert, message);
        cli_cell_time(table, event->at_s);
        cli_cell_text(table, event->alert.patient.str);
        cli_cell_text(table, sw_alert_kind_name(event->alert.kind));
        cli_cell_text(table, sw_alert_change_name(event->change));
        cli_cell_text(table, sw_alert_level_name(event->alert.level));
        cli_cell_text(table, reason_of(&event->alert));
        cli_cell_text(table, message);
    }
    return cli_table_end(table, "no alert");
}

/* ---- counts ---- */

#define NO_DAY INT32_MIN

struct count {
    const char *who;
    int32_t day;
    int64_t was, would, both;
};

/* The count for the name and day, added if it is new. */
static struct count *count_of(struct count *counts, size_t *n, const char *who,
                              int32_t day)
{
    for (size_t i = *n; i > 0; i--)
        if (counts[i - 1].day == day && strcmp(counts[i - 1].who, who) == 0)
            return &counts[i - 1];
    counts[*n] = (struct count){.who = who, .day = day};
    return &counts[(*n)++];
}

/* A patient's alerts count together. A therapist's count on the day on which they
 * opened, even before the window, or on no day if that is not known; `both` counts on
 * the day of the replayed alert. */
static void count_pair(struct count *counts, size_t *n,
                       const struct sw_comparison *comparison,
                       const struct sw_compared *pair, bool by_therapist)
{
    const struct sw_zone *zone = comparison->zone;
    const struct sw_alert *was = &pair->was, *would = &pair->would;
    if (is_there(was)) {
        int32_t day = by_therapist ? sw_day_of(zone, was->opened_at_s) : 0;
        count_of(counts, n, by_therapist ? was->therapist.str : was->patient.str, day)
            ->was++;
    }
    if (is_there(would)) {
        int32_t day = by_therapist ? sw_day_of(zone, would->opened_at_s) : 0;
        if (by_therapist && sw_comparison_is_from_before(comparison, pair))
            day = NO_DAY;
        struct count *count = count_of(
            counts, n, by_therapist ? would->therapist.str : would->patient.str, day);
        count->would++;
        count->both += is_there(was);
    }
}

static int by_name_and_day(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    int order = strcmp(x->who, y->who);
    return order ? order : (x->day > y->day) - (x->day < y->day);
}

static int print_counts(struct cli *cli, const struct sw_comparison *comparison,
                        const struct cli_column columns[static 5], bool by_therapist)
{
    struct count *counts = calloc(2 * comparison->n_pairs + 1, sizeof *counts);
    size_t n = 0;
    if (!counts)
        return cli_fail(cli, "out of memory");
    for (size_t i = 0; i < comparison->n_pairs; i++)
        count_pair(counts, &n, comparison, &comparison->pairs[i], by_therapist);
    qsort(counts, n, sizeof *counts, by_name_and_day);
    struct cli_table *table = cli_table_new(cli, columns, 5);
    for (const struct count *count = counts; count < counts + n; count++) {
        char date[SW_DATE_LEN + 1] = "";
        if (by_therapist && count->day != NO_DAY)
            sw_date_format(count->day, date);
        cli_cell_text(table, count->who);
        if (by_therapist)
            cli_cell_text(table, date);
        else
            cli_cell_number(table, comparison->n_days);
        cli_cell_number(table, count->was);
        cli_cell_number(table, count->would);
        cli_cell_number(table, count->both);
    }
    free(counts);
    return cli_table_end(table, "no alerts, neither then nor now");
}

int replay_print_patients(struct cli *cli, const struct sw_comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"patient", "patient", CLI_TEXT, 0, 0}, {"days", "days", CLI_NUMBER, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},     {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    return print_counts(cli, comparison, columns, false);
}

int replay_print_therapists(struct cli *cli, const struct sw_comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"therapist", "therapist", CLI_TEXT, 0, 5}, {"day", "day", CLI_TEXT, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},         {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    return print_counts(cli, comparison, columns, true);
}
