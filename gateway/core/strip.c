/* strip.c -- the wake window at a glance: a letter for each half hour.
 *
 * Any active minute makes its half hour active, because it ended a rest. Otherwise the
 * class of most of its minutes counts. How the letters look is their readers'
 * business. */
#include "stepward/day.h"

#include <stdlib.h>
#include <string.h>

static char strip_letter(const int32_t minutes[static SW_MINUTE_ACTIVE + 1])
{
    static const char letters[] = {[SW_MINUTE_UNKNOWN] = '-',
                                   [SW_MINUTE_UNWORN] = 'u',
                                   [SW_MINUTE_STILL] = 's',
                                   [SW_MINUTE_ACTIVE] = 'a'};
    enum sw_minute_class most = SW_MINUTE_STILL;
    if (minutes[SW_MINUTE_ACTIVE] > 0)
        return letters[SW_MINUTE_ACTIVE];
    if (minutes[SW_MINUTE_UNWORN] > minutes[most])
        most = SW_MINUTE_UNWORN;
    if (minutes[SW_MINUTE_UNKNOWN] > minutes[most])
        most = SW_MINUTE_UNKNOWN;
    return letters[most];
}

/* A strip that grows minute by minute. */
struct strip {
    char *out;
    size_t n;
    int32_t counts[SW_MINUTE_ACTIVE + 1], n_in_cell;
    bool has_begun; /* the half hour */
};

static void strip_end_cell(struct strip *strip)
{
    strip->out[strip->n++] = strip->has_begun ? strip_letter(strip->counts) : '.';
    memset(strip->counts, 0, sizeof strip->counts);
    strip->n_in_cell = 0;
    strip->has_begun = false;
}

static void strip_add(struct strip *strip, enum sw_minute_class class, bool is_past)
{
    if (is_past) {
        strip->counts[class]++;
        strip->has_begun = true;
    }
    if (++strip->n_in_cell == SW_STRIP_CELL_MIN)
        strip_end_cell(strip);
}

static void strip_end(struct strip *strip)
{
    if (strip->n_in_cell > 0 && strip->n < SW_STRIP_MAX)
        strip_end_cell(strip);
    strip->out[strip->n] = '\0';
}

/* Of the n minutes from begin_s on those that are over by now_s. */
static int32_t minutes_past(int64_t begin_s, int32_t n, int64_t now_s)
{
    if (now_s <= begin_s)
        return 0;
    return now_s - begin_s >= (int64_t)n * 60 ? n : (int32_t)((now_s - begin_s) / 60);
}

void sw_day_strip(const struct sw_day *day, int64_t now_s,
                  char out[static SW_STRIP_MAX + 1])
{
    struct strip strip = {.out = out};
    int32_t n_past = minutes_past(day->begin_s, day->n_minutes, now_s);
    for (int32_t i = 0; i < day->n_minutes && strip.n < SW_STRIP_MAX; i++)
        if (day->minutes[i].in_window) /* also within: an hour that comes twice */
            strip_add(&strip, day->minutes[i].class, i < n_past);
    strip_end(&strip);
}

struct sw_window *sw_window_new(const struct sw_day *day)
{
    int32_t from = 0, to = day->n_minutes;
    while (from < to && !day->minutes[from].in_window)
        from++;
    while (to > from && !day->minutes[to - 1].in_window)
        to--;
    struct sw_window *window = malloc(sizeof *window + (size_t)(to - from));
    if (!window)
        return NULL;
    window->begin_s = day->begin_s + 60 * (int64_t)from;
    window->n = to - from;
    for (int32_t i = from; i < to; i++)
        window->classes[i - from] =
            day->minutes[i].in_window ? day->minutes[i].class : SW_MINUTE_OUTSIDE;
    return window;
}

int32_t sw_window_past_min(const struct sw_window *window, int64_t now_s)
{
    return minutes_past(window->begin_s, window->n, now_s);
}

void sw_window_strip(const struct sw_window *window, int64_t now_s,
                     char out[static SW_STRIP_MAX + 1])
{
    struct strip strip = {.out = out};
    int32_t n_past = sw_window_past_min(window, now_s);
    for (int32_t i = 0; i < window->n && strip.n < SW_STRIP_MAX; i++)
        if (window->classes[i] != SW_MINUTE_OUTSIDE)
            strip_add(&strip, window->classes[i], i < n_past);
    strip_end(&strip);
}

int32_t sw_strip_begun(const struct sw_zone *zone, const struct sw_plan *plan,
                       int32_t day, int64_t now_s, int64_t *ret_next_s)
{
    enum { MINUTE_S = 60, CELL_S = SW_STRIP_CELL_MIN * MINUTE_S };
    int64_t begin_s = sw_minute_begin(zone, day, plan->wake_from_min);
    int64_t end_s = sw_minute_begin(zone, day, plan->wake_to_min);
    int64_t wake_s = sw_wake_seconds(zone, plan->wake_from_min, plan->wake_to_min,
                                     sw_day_begin(zone, day), now_s);
    int64_t begun = (wake_s - wake_s % MINUTE_S + CELL_S - 1) / CELL_S;
    int64_t from_s = now_s > begin_s ? now_s : begin_s;
    int64_t next_s = from_s + begun * CELL_S + MINUTE_S - wake_s;
    *ret_next_s = next_s <= end_s ? next_s : 0;
    return begun < SW_STRIP_MAX ? (int32_t)begun : SW_STRIP_MAX;
}

void sw_strip_pass(char strip[static SW_STRIP_MAX + 1], int32_t n_begun)
{
    for (int32_t i = 0; i < n_begun && strip[i] != '\0'; i++)
        if (strip[i] == '.')
            strip[i] = '-';
}
