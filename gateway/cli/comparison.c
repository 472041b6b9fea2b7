/* comparison.c -- the alerts of a replay beside those there were: gathered, paired, and
 * printed as the rows of a listing. */
#include "cli/comparison.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"
#include "util/array.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_there(const struct sw_alert *alert)
{
    return alert->state != SW_STATE_NONE;
}

static bool is_in(const struct comparison *comparison, const struct sw_alert *alert)
{
    bool is_over_before =
        alert->closed_at_s != 0 && alert->closed_at_s < comparison->window.from_s;
    return alert->opened_at_s < comparison->window.to_s && !is_over_before;
}

static struct compared *add_pair(struct comparison *comparison)
{
    if (GROW(comparison->pairs, comparison->n_pairs, comparison->cap_pairs) < 0)
        return NULL;
    comparison->pairs[comparison->n_pairs] = (struct compared){.was = {.rev = 0}};
    return &comparison->pairs[comparison->n_pairs++];
}

static int note_stored(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct comparison *comparison = ctx;
    (void)patient_key;
    if (!is_in(comparison, alert))
        return 0;
    struct compared *pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->was = *alert;
    return 0;
}

int comparison_add_stored(struct comparison *comparison,
                          const struct sw_patient_id *patient)
{
    struct sw_alert_filter filter = {.patient = *patient,
                                     .closed_too = true,
                                     .updated_from_s = comparison->window.from_s};
    return sw_store_each_alert(comparison->cli->store, &filter, note_stored,
                               comparison);
}

/* ---- the replay ---- */

/* The pair of an alert that had an event before; the newest pairs come last. */
static struct compared *find_published(struct comparison *comparison,
                                       const struct sw_alert *alert)
{
    for (size_t i = comparison->n_pairs; i > 0; i--) {
        const struct sw_alert *would = &comparison->pairs[i - 1].would;
        bool is_it = would->kind == alert->kind &&
                     would->opened_at_s == alert->opened_at_s &&
                     strcmp(would->patient.str, alert->patient.str) == 0;
        if (is_there(would) && is_it)
            return &comparison->pairs[i - 1];
    }
    return NULL;
}

static int note_event(void *ctx, const struct sw_replay_event *event)
{
    struct comparison *comparison = ctx;
    struct compared *pair = find_published(comparison, event->alert);
    int64_t now_s = event->facts->now_s;
    if (!pair)
        pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->would = *event->alert;
    if (now_s < comparison->window.from_s)
        return 0;
    int r = GROW(comparison->events, comparison->n_events, comparison->cap_events);
    if (r == 0)
        comparison->events[comparison->n_events++] =
            (struct replayed_event){*event->alert, event->effect->change, now_s};
    return r;
}

void comparison_listen(struct comparison *comparison, struct sw_replay *replay)
{
    replay->each = note_event;
    replay->ctx = comparison;
}

/* ---- beside each other ---- */

static const struct sw_alert *either(const struct compared *pair)
{
    return is_there(&pair->would) ? &pair->would : &pair->was;
}

static int by_patient_and_time(const void *a, const void *b)
{
    const struct sw_alert *x = either(a), *y = either(b);
    int order = strcmp(x->patient.str, y->patient.str);
    if (order != 0)
        return order;
    if (x->opened_at_s != y->opened_at_s)
        return x->opened_at_s < y->opened_at_s ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

/* The first stored alert without a partner that is of the same patient and kind, and
 * overlaps it in time. */
static struct compared *find_lone(struct comparison *comparison,
                                  const struct sw_alert *would)
{
    int64_t would_to_s = would->closed_at_s ? would->closed_at_s : INT64_MAX;
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct compared *pair = &comparison->pairs[i];
        const struct sw_alert *was = &pair->was;
        int64_t was_to_s = was->closed_at_s ? was->closed_at_s : INT64_MAX;
        if (is_there(was) && !is_there(&pair->would) && was->kind == would->kind &&
            was->opened_at_s <= would_to_s && would->opened_at_s <= was_to_s &&
            strcmp(was->patient.str, would->patient.str) == 0)
            return pair;
    }
    return NULL;
}

static void sort_pairs(struct comparison *comparison)
{
    if (comparison->n_pairs > 1)
        qsort(comparison->pairs, comparison->n_pairs, sizeof *comparison->pairs,
              by_patient_and_time);
}

void comparison_match(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_pairs; i++)
        if (!is_in(comparison, &comparison->pairs[i].would)) /* it closed before */
            comparison->pairs[i].would = (struct sw_alert){.rev = 0};
    sort_pairs(comparison);
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct compared *pair = &comparison->pairs[i];
        if (!is_there(&pair->would) || is_there(&pair->was))
            continue;
        struct compared *lone = find_lone(comparison, &pair->would);
        if (!lone)
            continue;
        pair->was = lone->was;
        lone->was = (struct sw_alert){.rev = 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < comparison->n_pairs; i++)
        if (either(&comparison->pairs[i])->state != SW_STATE_NONE)
            comparison->pairs[n++] = comparison->pairs[i];
    comparison->n_pairs = n;
    sort_pairs(comparison);
}

bool comparison_is_from_before(const struct comparison *comparison,
                               const struct compared *pair)
{
    return is_there(&pair->would) && pair->would.opened_at_s < comparison->knows_from_s;
}

void comparison_fini(struct comparison *comparison)
{
    free(comparison->pairs);
    free(comparison->events);
}

/* ---- as rows ---- */

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

int comparison_print_alerts(const struct comparison *comparison)
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
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct compared *pair = &comparison->pairs[i];
        const char *match = is_there(&pair->was) ? "then" : "now";
        if (is_there(&pair->was) && is_there(&pair->would))
            match = "both";
        cli_cell_text(table, either(pair)->patient.str);
        cli_cell_text(table, either(pair)->therapist.str);
        cli_cell_text(table, sw_alert_kind_name(either(pair)->kind));
        cli_cell_text(table, match);
        print_side(table, &pair->was, false);
        print_side(table, &pair->would, comparison_is_from_before(comparison, pair));
    }
    return cli_table_end(table, "no alerts, neither then nor now");
}

/* ---- a transition a row ---- */

int comparison_print_events(const struct comparison *comparison)
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
    for (size_t i = 0; i < comparison->n_events; i++) {
        const struct replayed_event *event = &comparison->events[i];
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
                       const struct comparison *comparison, const struct compared *pair,
                       bool by_therapist)
{
    const struct sw_zone *zone = &comparison->cli->zone;
    const struct sw_alert *was = &pair->was, *would = &pair->would;
    if (is_there(was)) {
        int32_t day = by_therapist ? sw_day_of(zone, was->opened_at_s) : 0;
        count_of(counts, n, by_therapist ? was->therapist.str : was->patient.str, day)
            ->was++;
    }
    if (is_there(would)) {
        int32_t day = by_therapist ? sw_day_of(zone, would->opened_at_s) : 0;
        if (by_therapist && comparison_is_from_before(comparison, pair))
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

static int print_counts(const struct comparison *comparison,
                        const struct cli_column columns[static 5], bool by_therapist)
{
    struct count *counts = calloc(2 * comparison->n_pairs + 1, sizeof *counts);
    size_t n = 0;
    if (!counts)
        return cli_fail(comparison->cli, "out of memory");
    for (size_t i = 0; i < comparison->n_pairs; i++)
        count_pair(counts, &n, comparison, &comparison->pairs[i], by_therapist);
    qsort(counts, n, sizeof *counts, by_name_and_day);
    struct cli_table *table = cli_table_new(comparison->cli, columns, 5);
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

int comparison_print_patients(const struct comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"patient", "patient", CLI_TEXT, 0, 0}, {"days", "days", CLI_NUMBER, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},     {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    return print_counts(comparison, columns, false);
}

int comparison_print_therapists(const struct comparison *comparison)
{
    static const struct cli_column columns[] = {
        {"therapist", "therapist", CLI_TEXT, 0, 5}, {"day", "day", CLI_TEXT, 0, 0},
        {"then", "then", CLI_NUMBER, 0, 0},         {"now", "now", CLI_NUMBER, 0, 0},
        {"both", "both", CLI_NUMBER, 0, 0},
    };
    return print_counts(comparison, columns, true);
}
