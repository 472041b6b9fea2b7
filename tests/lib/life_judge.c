/* life_judge.c -- one judgement: what the core makes of it against what it should.
 * The events between two judgements are life.c's. */
#include "life_judge.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An assert that says what it saw. */
static void must(bool holds, const char *what, const struct life *life, int kind)
{
    if (holds)
        return;
    fprintf(stderr, "%s: %s at %lld, day %d\n",
            kind < 0 ? "day" : sw_alert_kind_name((enum sw_alert_kind)kind), what,
            (long long)life->now_s, life->today);
    abort();
}

void life_check_day(struct life *life)
{
    char why[SW_WHY_MAX];
    assert(sw_day_compute(&life->day, life->zone, life->today, &life->plan,
                          &life->set) == 0);
    if (life->is_stale)
        model_day(&life->model, life->zone, life->today, &life->plan, life->said,
                  life->n_said);
    life->is_stale = false;
    if (model_differs(&life->day, &life->model, why))
        must(false, why, life, -1);
    must(life->day.row.coverage_pct >= 0 && life->day.row.coverage_pct <= 100,
         "coverage", life, -1);
}

/* ---- the moment ---- */

static int64_t online_s(const struct life *life, bool wake_only, int64_t from_s,
                        int64_t to_s)
{
    int64_t sum_s = 0;
    for (size_t i = 0; i < life->n_online; i++) {
        struct sw_span span = life->online_spans[i];
        if (span.from_s < from_s)
            span.from_s = from_s;
        if (span.to_s > to_s)
            span.to_s = to_s;
        if (span.from_s >= span.to_s)
            continue;
        sum_s += wake_only
                     ? sw_wake_seconds(life->zone, life->plan.wake_from_min,
                                       life->plan.wake_to_min, span.from_s, span.to_s)
                     : span.to_s - span.from_s;
    }
    return sum_s;
}

static int64_t silent_s(const struct life *life, bool wake_only)
{
    return online_s(life, wake_only, life->heard_at_s, life->now_s);
}

static int64_t refused_wake_s(const struct life *life)
{
    return online_s(life, true, life->refusing.from_s, life->refusing.to_s);
}

static bool is_in_window(const struct life *life)
{
    int32_t local = sw_local_minute(life->zone, life->now_s);
    return life->plan.wake_from_min <= local && local < life->plan.wake_to_min;
}

static void add_pains(const struct life *life, struct sw_facts *facts)
{
    struct sw_day_set scores = {.n_pains = 0};
    for (size_t i = 0; i < life->n_said; i++)
        if (life->said[i].kind == SAID_PAIN)
            assert(sw_day_set_add_pain(&scores, &life->said[i].pain) >= 0);
    sw_facts_from_pains(facts, scores.pains, scores.n_pains);
    sw_day_set_fini(&scores);
}

/* Of an alert of an earlier day the gateway asks the store; here its day says nothing
 * more. */
static void add_wear(const struct life *life, struct sw_facts *facts)
{
    const struct sw_alert *unworn = &life->alerts[SW_ALERT_UNWORN];
    bool is_of_today = unworn->span.to_s > life->day.begin_s;
    struct sw_unworn found = sw_unworn_of(&life->day, life->now_s, unworn->span.to_s);
    facts->unworn = sw_unworn_of(&life->day, life->now_s, INT64_MAX);
    facts->alert_unworn = found;
    if (!is_of_today)
        facts->alert_unworn.unworn_min = SW_UNWORN_MIN;
}

static struct sw_facts facts_of(const struct life *life)
{
    const struct sw_alert *rest = &life->alerts[SW_ALERT_REST];
    struct sw_span none = {0};
    struct sw_facts facts = {
        .now_s = life->now_s,
        .clock_trusted = life->trusted,
        .in_window = is_in_window(life),
        .today = life->today,
        .plan = life->plan,
        .heard_at_s = life->heard_at_s,
        .silent_wake_s = silent_s(life, true),
        .silent_s = silent_s(life, false),
        .refusing = life->refusing,
        .refusing_wake_s = refused_wake_s(life),
    };
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        facts.alert_day[kind] = sw_day_of(life->zone, life->alerts[kind].opened_at_s);
    sw_facts_from_day(&facts, &life->day, sw_alert_is_open(rest) ? rest->span : none);
    add_wear(life, &facts);
    add_pains(life, &facts);
    return facts;
}

/* Today's minutes that have begun: a device's clock may be ahead of ours. */
static const struct sw_day *begun_of(const struct life *life)
{
    static struct sw_day begun;
    int64_t n = (life->now_s - life->model.begin_s) / 60 + 1;
    begun = life->model;
    if (n < begun.n_minutes)
        begun.n_minutes = (int32_t)n;
    return &begun;
}

static struct model_moment eval_input_of(const struct life *life)
{
    struct model_moment input = {
        .day = begun_of(life),
        .plan = &life->plan,
        .now_s = life->now_s,
        .today = life->today,
        .clock_trusted = life->trusted,
        .in_window = is_in_window(life),
        .heard_at_s = life->heard_at_s,
        .silent_wake_s = silent_s(life, true),
        .silent_s = silent_s(life, false),
        .n_refused = life->refusing.n,
        .refused_wake_s = refused_wake_s(life),
        .said = life->said,
        .n_said = life->n_said,
    };
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        input.opened_day[kind] = sw_day_of(life->zone, life->alerts[kind].opened_at_s);
    return input;
}

/* ---- one alert ---- */

static bool is_open(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_OPEN || alert->state == SW_STATE_ACKNOWLEDGED;
}

static void check_times(const struct life *life, int kind, const struct sw_alert *alert)
{
    bool is_closed = alert->state == SW_STATE_CLOSED;
    if (alert->state == SW_STATE_NONE)
        return;
    must(alert->opened_at_s <= alert->updated_at_s, "updated before opened", life,
         kind);
    must(is_closed == (alert->closed_at_s != 0), "a closing time", life, kind);
    must(is_closed == (alert->reason != SW_REASON_NONE), "a reason", life, kind);
    must(!is_closed || alert->closed_at_s == alert->updated_at_s,
         "the closing is not the last change", life, kind);
}

static void check_opening(struct life *life, int kind, const struct sw_alert *alert)
{
    must(is_in_window(life), "opened outside the wake window", life, kind);
    must(alert->opened_at_s > life->last_opened_s[kind], "an id given twice", life,
         kind);
    must(alert->rev == 1 && alert->shelved_until_s == 0, "not a new one", life, kind);
    life->last_opened_s[kind] = alert->opened_at_s;
}

static void check_reopening(const struct life *life, int kind,
                            const struct sw_alert *before, const struct sw_alert *after)
{
    must(is_in_window(life), "reopened outside the wake window", life, kind);
    must(before->state == SW_STATE_CLOSED &&
             llabs(life->now_s - before->closed_at_s) < SW_SAME_ALERT_S,
         "reopened after too long", life, kind);
    must(after->state == SW_STATE_OPEN, "reopened, and not open", life, kind);
}

/* Which change the step from before to after is; SW_CHANGES if it is none. */
static enum sw_alert_change change_of(const struct life *life,
                                      const struct sw_alert *before,
                                      const struct sw_alert *after)
{
    bool was_shelved = before->shelved_until_s != 0;
    if (!is_open(before) && is_open(after))
        return before->state == SW_STATE_CLOSED &&
                       before->opened_at_s == after->opened_at_s
                   ? SW_CHANGE_REOPENED
                   : SW_CHANGE_OPENED;
    if (is_open(before) && !is_open(after))
        return SW_CHANGE_CLOSED;
    if (is_open(after) && before->level != after->level)
        return SW_CHANGE_LEVEL;
    if (is_open(after) && was_shelved && life->now_s >= before->shelved_until_s)
        return SW_CHANGE_UNSHELVED;
    return SW_CHANGES;
}

static void check_publication(struct life *life, int kind,
                              const struct sw_alert *before,
                              const struct sw_alert *after,
                              const struct sw_alert_effect *effect)
{
    struct life_told *told = &life->told[kind];
    bool is_shelved = life->now_s < after->shelved_until_s;
    bool is_new = effect && effect->change == SW_CHANGE_OPENED;
    bool published = effect && effect->publish;
    int32_t rev = is_new ? 0 : before->rev;
    must(after->rev == rev + published, "rev grows with a publication, and only then",
         life, kind);
    if (published)
        *told = (struct life_told){after->state, after->level, after->rev};
    bool was_never_told = after->over_budget && after->rev == 0;
    if (after->state == SW_STATE_NONE || (is_shelved && is_open(after)) ||
        was_never_told)
        return;
    must(told->state == after->state && told->level == after->level &&
             told->rev == after->rev,
         "the last word was not published", life, kind);
}

static void check_step(struct life *life, int kind, const struct sw_alert *before,
                       const struct sw_alert *after,
                       const struct sw_alert_effect *effect)
{
    enum sw_alert_change change = change_of(life, before, after);
    must((change != SW_CHANGES) == (effect != NULL), "a change without effect", life,
         kind);
    must(!effect || effect->change == change, "another change", life, kind);
    must(!effect || effect->from == before->state, "from another state", life, kind);
    if (change == SW_CHANGE_OPENED)
        check_opening(life, kind, after);
    if (change == SW_CHANGE_REOPENED)
        check_reopening(life, kind, before, after);
    if (change == SW_CHANGE_LEVEL && after->level > before->level)
        must(after->state == SW_STATE_OPEN, "worse, but still acknowledged", life,
             kind);
    else if (is_open(before) && is_open(after))
        must(after->state == before->state, "another state", life, kind);
    if (is_open(before))
        must(after->opened_at_s == before->opened_at_s, "another id", life, kind);
    must(after->updated_at_s >= before->updated_at_s || change == SW_CHANGE_OPENED,
         "time ran backwards", life, kind);
    check_times(life, kind, after);
    check_publication(life, kind, before, after, effect);
}

static void check_verdict(const struct life *life, int kind,
                          const struct model_verdict *expected,
                          const struct sw_alert *before, const struct sw_alert *after)
{
    bool should_be_open = expected->state == SW_STATE_OPEN;
    must(is_open(after) == should_be_open, "open against the model", life, kind);
    if (should_be_open) {
        must(after->level == expected->level, "another level than the model's", life,
             kind);
        must(kind != SW_ALERT_REST || after->evidence[0] == expected->rest_min,
             "another rest than the model's", life, kind);
    } else if (expected->state == SW_STATE_CLOSED) {
        must(after->state == SW_STATE_CLOSED && after->reason == expected->reason,
             "another reason than the model's", life, kind);
    } else {
        must(after->state == before->state, "changed for nothing", life, kind);
    }
}

/* ---- the judgement ---- */

static const struct sw_alert_effect *effect_on(const struct sw_alert_effect *effects,
                                               size_t n, int kind)
{
    const struct sw_alert_effect *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if ((int)effects[i].kind != kind)
            continue;
        assert(!found);
        found = &effects[i];
    }
    return found;
}

/* As the gateway does when the therapist was told of enough today. */
static void spare_therapist(struct life *life, const struct sw_alert_effect *effect)
{
    struct sw_alert *alert = &life->alerts[effect->kind];
    bool is_new = effect->change == SW_CHANGE_OPENED && effect->publish;
    if (!life->is_over_budget || !is_new || alert->level != SW_LEVEL_LOW)
        return;
    sw_alert_hold_back(alert);
    must(sw_alert_is_held_back(alert) && is_open(alert), "not held back", life,
         (int)effect->kind);
    life->told[effect->kind] = (struct life_told){SW_STATE_NONE, SW_LEVEL_LOW, 0};
}

static size_t judge_once(struct life *life)
{
    struct sw_alert before[SW_ALERT_KINDS];
    struct sw_alert_effect effects[SW_ALERT_KINDS];
    struct model_moment input = eval_input_of(life);
    struct sw_facts facts = facts_of(life);
    memcpy(before, life->alerts, sizeof(before));
    size_t n = sw_alerts_judge(&facts, life->alerts, effects);
    if (!life->trusted) {
        must(n == 0 && memcmp(before, life->alerts, sizeof(before)) == 0,
             "judged by a clock that is not trusted", life, 0);
        return 0;
    }
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_alert *after = &life->alerts[kind];
        bool inhibited = is_open(&life->alerts[SW_ALERT_SILENT]) ||
                         is_open(&life->alerts[SW_ALERT_UNUSABLE]) ||
                         is_open(&life->alerts[SW_ALERT_UNWORN]);
        struct model_verdict expected =
            model_alert(&input, (enum sw_alert_kind)kind, &before[kind], inhibited);
        if (!expected.is_open_question)
            check_verdict(life, kind, &expected, &before[kind], after);
        check_step(life, kind, &before[kind], after, effect_on(effects, n, kind));
    }
    for (size_t i = 0; i < n; i++)
        spare_therapist(life, &effects[i]);
    return n;
}

static void check_nudge(struct life *life)
{
    struct sw_facts facts = facts_of(life);
    struct model_moment input = eval_input_of(life);
    int64_t rest_min = model_rest_now_min(&input);
    int32_t nudge_min = sw_nudge_due(&facts, &life->nudge);
    if (nudge_min > 0) {
        must(life->trusted && facts.in_window, "nudged out of time", life, -1);
        must(nudge_min == rest_min && rest_min >= life->plan.nudge_after_min &&
                 life->plan.nudge_after_min > 0,
             "nudged about another rest", life, -1);
    }
    must(sw_nudge_due(&facts, &life->nudge) == 0, "nudged twice", life, -1);
}

void life_judge(struct life *life)
{
    life_check_day(life);
    check_nudge(life);
    judge_once(life);
    /* What was closed may make room for another of its kind, once; then all is said. */
    judge_once(life);
    must(judge_once(life) == 0, "judging again changes something", life, 0);
    if (life->trusted && life->now_s > life->newest_s)
        life->newest_s = life->now_s;
}
