/* replay_rows.c -- what a replay told, as rows of a listing. */
#include "cli/replay_rows.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_there(const struct sw_alert *alert)
{
    return alert->state != SW_STATE_NONE;
}

static const struct sw_alert *either(const struct comparison_pair *pair)
{
    return is_there(&pair->would) ? &pair->would : &pair->was;
}

static const char *reason_of(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_CLOSED ? sw_alert_reason_name(alert->reason) : "";
}

/* ---- an alert a row ---- */

static const char *match_of(const struct comparison_pair *pair)
{
    if (is_there(&pair->was) && is_there(&pair->would))
        return "both";
    return is_there(&pair->was) ? "then" : "now";
}

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

int replay_print_alerts(const struct comparison *comparison,
                        const struct cli_window *window)
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
    struct cli_table *table = cli_table_new(comparison->cli, columns, COUNT(columns));
    (void)window;
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct comparison_pair *pair = &comparison->pairs[i];
        cli_cell_text(table, either(pair)->patient.str);
        cli_cell_text(table, either(pair)->therapist.str);
        cli_cell_text(table, sw_alert_kind_name(either(pair)->kind));
        cli_cell_text(table, match_of(pair));
        print_side(table, &pair->was, false);
        print_side(table, &pair->would, comparison_is_from_before(comparison, pair));
    }
    return cli_table_end(table, "no alerts, neither then nor now");
}

/* ---- a transition a row ---- */

int replay_print_events(const struct comparison *comparison,
                        const struct cli_window *window)
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
    struct cli_table *table = cli_table_new(comparison->cli, columns, COUNT(columns));
    (void)window;
    for (size_t i = 0; i < comparison->n_events; i++) {
        const struct comparison_event *event = &comparison->events[i];
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

/* The count of the name and day, added if it is new. */
static struct count *count_of(struct count *counts, size_t *n, const char *who,
                              int32_t day)
{
    for (size_t i = *n; i > 0; i--)
        if (counts[i - 1].day == day && strcmp(counts[i - 1].who, who) == 0)
            return &counts[i - 1];
    counts[*n] = (struct count){.who = who, .day = day};
    return &counts[(*n)++];
}

static void add_to(struct count *count, const struct comparison_pair *pair)
{
    count->was += is_there(&pair->was);
    count->would += is_there(&pair->would);
    count->both += is_there(&pair->was) && is_there(&pair->would);
}

/* Each on the day on which it opened, be that before the window, or of no day where
 * that is not known. Both is counted where the alert would have been. */
static void add_to_days(struct count *counts, size_t *n,
                        const struct comparison *comparison,
                        const struct comparison_pair *pair)
{
    const struct sw_zone *zone = &comparison->cli->zone;
    const struct sw_alert *was = &pair->was, *would = &pair->would;
    if (is_there(was)) {
        int32_t day = sw_day_of(zone, was->opened_at_s);
        count_of(counts, n, was->therapist.str, day)->was++;
    }
    if (is_there(would)) {
        bool is_known = !comparison_is_from_before(comparison, pair);
        int32_t day = is_known ? sw_day_of(zone, would->opened_at_s) : NO_DAY;
        struct count *count = count_of(counts, n, would->therapist.str, day);
        count->would++;
        count->both += is_there(was);
    }
}

static void print_numbers(struct cli_table *table, const struct count *count)
{
    cli_cell_number(table, count->was);
    cli_cell_number(table, count->would);
    cli_cell_number(table, count->both);
}

int replay_print_patients(const struct comparison *comparison,
                          const struct cli_window *window)
{
    static const struct cli_column columns[] = {
        {"patient", "patient", CLI_TEXT, 0, 0}, {"days", "days", CLI_NUMBER, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},     {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    struct count *counts = calloc(comparison->n_pairs + 1, sizeof *counts);
    size_t n = 0;
    if (!counts)
        return cli_fail(comparison->cli, "out of memory");
    for (size_t i = 0; i < comparison->n_pairs; i++)
        add_to(count_of(counts, &n, either(&comparison->pairs[i])->patient.str, 0),
               &comparison->pairs[i]);
    struct cli_table *table = cli_table_new(comparison->cli, columns, COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        cli_cell_text(table, counts[i].who);
        cli_cell_number(table, window->to_day - window->from_day + 1);
        print_numbers(table, &counts[i]);
    }
    free(counts);
    return cli_table_end(table, "no alerts, neither then nor now");
}

static int by_name_and_day(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    int order = strcmp(x->who, y->who);
    return order ? order : (x->day > y->day) - (x->day < y->day);
}

int replay_print_therapists(const struct comparison *comparison,
                            const struct cli_window *window)
{
    static const struct cli_column columns[] = {
        {"therapist", "therapist", CLI_TEXT, 0, 5}, {"day", "day", CLI_TEXT, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},         {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    struct count *counts = calloc(2 * comparison->n_pairs + 1, sizeof *counts);
    size_t n = 0;
    if (!counts)
        return cli_fail(comparison->cli, "out of memory");
    (void)window;
    for (size_t i = 0; i < comparison->n_pairs; i++)
        add_to_days(counts, &n, comparison, &comparison->pairs[i]);
    qsort(counts, n, sizeof *counts, by_name_and_day);
    struct cli_table *table = cli_table_new(comparison->cli, columns, COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        char date[SW_DATE_LEN + 1];
        bool is_known = counts[i].day != NO_DAY;
        cli_cell_text(table, counts[i].who);
        if (is_known)
            sw_date_format(counts[i].day, date);
        cli_cell_text(table, is_known ? date : "");
        print_numbers(table, &counts[i]);
    }
    free(counts);
    return cli_table_end(table, "no alerts, neither then nor now");
}
