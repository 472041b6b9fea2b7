/* commit.c -- judge, then store everything in one transaction.
 *
 * When to try, and what to do when it fails, is gateway.c's business; how what messages
 * brought is stored, pending.c's.
 */
#include "daemon/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book/book.h"
#include "book/budget.h"
#include "daemon/grow.h"
#include "daemon/pending.h"
#include "stepward/fault.h"

enum {
    ATTEMPTS_MAX = 5,        /* against a command line that writes at the same moment */
    HEARD_PAUSE_S = 30 * 60, /* between messages; few devices make longer ones */
};

struct effect {
    struct patient *patient;
    struct sw_alert alert; /* as it is after the change */
    enum sw_alert_state from;
    bool opens; /* it has a new id */
    bool publish;
    const char *who, *why;
};
struct effects {
    struct effect *items;
    size_t n, cap;
};

static int add_effect(struct effects *effects, const struct effect *effect)
{
    int r = GROW(effects->items, effects->n, effects->cap);
    if (r >= 0)
        effects->items[effects->n++] = *effect;
    return r;
}

/* ---- acting ---- */

static int act_one(struct actions *actions, struct asked *asked,
                   struct effects *effects)
{
    struct sw_alert none = {.rev = 0};
    struct sw_alert *kept = asked->patient->alerts;
    struct sw_alert *alert = kept ? &kept[asked->topic.kind] : &none;
    struct effect effect = {.patient = asked->patient,
                            .from = alert->state,
                            .who = asked->action.by,
                            .why = asked->why};
    enum sw_act act = sw_alert_act(alert, &asked->action, asked->at_s, &effect.publish);
    sw_action_why(&asked->action, asked->why);
    asked->done = act != SW_ACT_DONE;
    if (act != SW_ACT_DONE && act != SW_ACT_NOTHING_NEW)
        actions_answer(actions, &asked->topic, sw_act_text(act));
    effect.alert = *alert;
    return asked->done ? 0 : add_effect(effects, &effect);
}

static int act_all(struct actions *actions, struct effects *effects)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < actions->n_asked; i++)
        if (!actions->asked[i].done)
            r = act_one(actions, &actions->asked[i], effects);
    return r;
}

/* ---- judging ---- */

static struct effect effect_of(struct patient *patient,
                               const struct sw_alert_effect *found)
{
    const struct sw_alert *alert = &patient->alerts[found->kind];
    return (struct effect){
        .patient = patient,
        .alert = *alert,
        .from = found->from,
        .opens = found->change == SW_CHANGE_OPENED,
        .publish = found->publish,
        .who = "gateway",
        .why = sw_alert_change_why(found->change, alert),
    };
}

/* Between the end of a day and the loading of the next nothing is judged: the facts
 * are of the one, the time of the other. */
static int judge_one(struct commit *commit, struct patient *patient,
                     const struct judging *judging, struct effects *effects)
{
    struct sw_alert_effect found[SW_ALERT_KINDS];
    struct ward *ward = commit->ward;
    bool is_today = sw_day_of(ward->zone, judging->now_s) == ward->today;
    int r = ward_refresh(ward, patient, judging->now_s);
    if (r < 0 || !is_today)
        return r;
    r = ward_recall(ward, patient);
    if (r < 0)
        return r;
    int n = ward_judge(ward, patient, judging, found);
    for (int i = 0; r >= 0 && i < n; i++) {
        struct effect effect = effect_of(patient, &found[i]);
        r = add_effect(effects, &effect);
    }
    return n < 0 ? n : r;
}

static int judge_all(struct commit *commit, const struct judging *judging,
                     struct effects *effects)
{
    struct ward *ward = commit->ward;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ward->n; i++)
        if (ward->patients[i]->to_judge)
            r = judge_one(commit, ward->patients[i], judging, effects);
    return r;
}

/* ---- storing ---- */

int commit_enroll(struct commit *commit, struct patient *patient)
{
    int64_t key;
    if (patient->known.key != 0)
        return 0;
    int r = sw_store_add_patient(commit->ward->store, &patient->known,
                                 &commit->config->plan, &key);
    if (r == SW_STORE_EXISTS) {
        struct sw_patient stored;
        r = sw_store_find_patient(commit->ward->store, patient->known.id, &stored);
        key = stored.key;
    }
    if (r >= 0)
        patient->known.key = key;
    digests_look_again(&commit->digests);
    return r;
}

/* With the minute; but at once if it ends a silence, or a long pause: else a crash
 * would have the next start tell of a silence that is over, or too early of one. */
static bool tells_heard(const struct commit *commit, const struct patient *patient)
{
    const struct sw_alert *silent =
        patient->alerts ? &patient->alerts[SW_ALERT_SILENT] : NULL;
    bool ends_silence = silent && silent->state != SW_STATE_NONE &&
                        patient->heard_stored_s <= silent->span.from_s;
    bool ends_pause =
        patient->known.heard_at_s - patient->heard_stored_s > HEARD_PAUSE_S;
    return patient->known.key != 0 && patient->heard_unstored &&
           (commit->minute_due || ends_silence || ends_pause);
}

static int store_patients(struct commit *commit)
{
    struct ward *ward = commit->ward;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ward->n; i++) {
        struct patient *patient = ward->patients[i];
        bool is_stored = patient->known.key != 0;
        if (is_stored && patient->row_unstored)
            r = sw_store_put_day(ward->store, patient->known.key, ward->today,
                                 &patient->row);
        if (r >= 0 && tells_heard(commit, patient))
            r = sw_store_put_heard(ward->store, patient->known.key,
                                   patient->known.heard_at_s);
    }
    return r;
}

static int store_refused(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->intake->n_refused; i++) {
        struct refused *refused = &commit->intake->refused[i];
        bool is_new = refused->row.id == 0;
        refused->row.why = refused->why;
        r = is_new ? sw_store_put_rejected(commit->ward->store, &refused->row,
                                           refused->topic_len)
                   : sw_store_refuse_again(commit->ward->store, refused->row.id,
                                           refused->row.refusal, refused->why);
    }
    return r;
}

/* What was refused and is accepted now is no longer among the refused. */
static int store_again(struct commit *commit)
{
    const struct intake *intake = commit->intake;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < intake->n_again; i++)
        if (!intake->again[i].refused)
            r = sw_store_forget_rejected(commit->ward->store, intake->again[i].id);
    return r;
}

/* The opening time is part of the id. After the clock was put back it may come again.
 */
static int make_id_new(struct sw_store *store, struct effect *effect)
{
    struct sw_alert *alert = &effect->alert;
    char id[SW_ALERT_ID_MAX + 1];
    struct sw_alert other;
    int64_t key;
    int r;
    do {
        sw_alert_id_format(alert, id);
        r = sw_store_find_alert(store, id, &key, &other);
        alert->opened_at_s += r == 0;
    } while (r == 0);
    if (alert->updated_at_s < alert->opened_at_s)
        alert->updated_at_s = alert->opened_at_s;
    return r == SW_STORE_NONE ? 0 : r;
}

static int open_effect(struct commit *commit, struct effect *effect)
{
    struct ward *ward = commit->ward;
    struct sw_alert *alert = &effect->alert;
    int r = make_id_new(ward->store, effect);
    if (r >= 0)
        r = sw_book_apply_budget(ward->store, ward->zone, commit->config->alert_budget,
                                 alert);
    if (r >= 0 && sw_alert_is_held_back(alert)) {
        effect->publish = false;
        effect->why = "over budget";
    }
    effect->patient->alerts[alert->kind] = *alert;
    return r;
}

static int store_effects(struct commit *commit, const struct effects *effects)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < effects->n; i++) {
        struct effect *effect = &effects->items[i];
        r = commit_enroll(commit, effect->patient);
        if (r >= 0 && effect->opens)
            r = open_effect(commit, effect);
        if (r >= 0)
            r = sw_book_put_alert(commit->ward->store, commit->config->site,
                                  effect->patient->known.key, &effect->alert,
                                  effect->from, effect->who, effect->why,
                                  effect->publish);
    }
    return r;
}

static int store_health(struct commit *commit, const struct judging *judging)
{
    struct sw_health next = *commit->health;
    struct sw_store *store = commit->ward->store;
    next.messages += commit->intake->messages;
    next.readings += commit->intake->readings;
    next.rejected += commit->intake->rejected;
    next.commits++;
    next.open_alerts = sw_store_open_alerts(store);
    next.inbox_pending -= commit->intake->messages; /* the others wait for the clock */
    if (next.inbox_pending < 0)
        next.inbox_pending = 0;
    trouble_say(commit->trouble, judging->now_s, &next);
    next.written_at_s = judging->now_s;
    if (judging->clock_trusted) /* the next start asks whether its clock shows less */
        next.last_commit_at_s = judging->now_s;
    if (commit->intake->last_message_at_s != 0)
        next.last_message_at_s = commit->intake->last_message_at_s;
    int r = sw_store_put_health(store, &next);
    if (r >= 0)
        *commit->health = next; /* taken back if the commit fails: see back_out() */
    return r;
}

static int store_delivered(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->n_delivered; i++)
        r = sw_store_outbound_done(commit->ward->store, commit->delivered[i]);
    return r;
}

static void judge_everyone(struct ward *ward)
{
    for (size_t i = 0; i < ward->n; i++)
        ward->patients[i]->to_judge = true;
}

/* They may have been published once more after the erasure had their topics cleared;
 * now that they are gone nothing is. */
static int store_erased(struct commit *commit)
{
    const struct ward *ward = commit->ward;
    sw_topic_text topic;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ward->n_erased; i++) {
        sw_topic_today(topic, commit->config->site, ward->erased[i]);
        r = sw_store_put_outbound(ward->store, topic, "", "");
    }
    return r;
}

static int store_all(struct commit *commit, const struct effects *effects,
                     const struct judging *judging)
{
    commit->judge_again = false;
    int r = pending_store(commit);
    if (r >= 0)
        r = store_patients(commit);
    if (r >= 0)
        r = store_again(commit);
    if (r >= 0)
        r = store_refused(commit);
    if (r >= 0)
        r = store_effects(commit, effects);
    if (r >= 0) /* what ended with the wake window is not told of as open */
        r = digests_store(&commit->digests, commit->ward, commit->config, judging);
    if (r >= 0)
        r = store_delivered(commit);
    if (r >= 0)
        r = store_erased(commit);
    if (r >= 0 && (commit->minute_due || commit->watched->cut_s != 0))
        r = watched_store(commit->watched, commit->ward->store);
    if (r >= 0)
        r = trouble_store(commit->trouble, commit->ward->store);
    if (r >= 0)
        r = store_health(commit, judging);
    return r;
}

static void settle_heard(const struct commit *commit, struct patient *patient)
{
    if (!tells_heard(commit, patient))
        return;
    patient->heard_stored_s = patient->known.heard_at_s;
    patient->heard_unstored = false;
}

/* Everything is on disk: what was pending is not any more. */
static void settle(struct commit *commit)
{
    struct ward *ward = commit->ward;
    for (size_t i = 0; i < ward->n; i++) {
        struct patient *patient = ward->patients[i];
        patient->today_unpublished =
            patient->today_unpublished || patient->row_unstored;
        patient->row_unstored = false;
        settle_heard(commit, patient);
        patient->was_stored = patient->known.key != 0;
        bool has_own_numbers = patient->n_new_devices > 0 && patient->known.key != 0;
        if (has_own_numbers)
            ward_drop_set(ward, patient);
    }
    intake_clear(commit->intake);
    commit->n_delivered = 0;
    digests_settle(&commit->digests);
    ward->n_erased = 0;
    if (commit->minute_due || commit->watched->cut_s != 0)
        commit->watched->unstored = false;
    commit->watched->cut_s = 0;
    commit->minute_due = false;
    trouble_settle(commit->trouble);
    ward_spare_memory(ward);
}

/* Nothing was stored: alerts are again what the store says, and are judged again. */
static void back_out(struct commit *commit, const struct sw_health *health_before)
{
    struct ward *ward = commit->ward;
    sw_store_rollback(ward->store);
    *commit->health = *health_before;
    digests_look_again(&commit->digests);
    for (size_t i = 0; i < ward->n; i++) /* those that were put into the store now */
        if (!ward->patients[i]->was_stored)
            ward->patients[i]->known.key = 0;
    intake_load(commit->intake,
                ward->today); /* if this fails too, the next attempt tries again */
}

static int transact(struct commit *commit, const struct effects *effects,
                    const struct judging *judging, bool *ret_again)
{
    struct sw_store *store = commit->ward->store;
    struct sw_health before = *commit->health;
    int r = sw_store_begin(store);
    if (r < 0) {
        back_out(commit, &before);
        return r;
    }
    *ret_again = sw_store_changed(store);
    if (!*ret_again)
        r = store_all(commit, effects, judging);
    if (!*ret_again && r >= 0) {
        FAULT_POINT(in_transaction);
        r = sw_store_commit(store);
        FAULT_POINT(after_commit);
    }
    if (*ret_again || r < 0)
        back_out(commit, &before);
    else
        settle(commit);
    return r < 0 ? r : 0;
}

int commit_attempt(struct commit *commit, const struct judging *judging, bool due,
                   bool *ret_committed)
{
    struct effects effects = {0};
    bool again = true;
    int r = 0;
    commit->ward->now_s = judging->now_s;
    *ret_committed = false;
    if (digests_are_due(&commit->digests, commit->ward, judging)) {
        judge_everyone(commit->ward);
        due = true;
    }
    for (int i = 0; again && r >= 0 && i < ATTEMPTS_MAX; i++) {
        again = false;
        effects.n = 0;
        r = act_all(&commit->intake->actions, &effects);
        if (r >= 0)
            r = judge_all(commit, judging, &effects);
        if (r < 0 || (effects.n == 0 && !due))
            break;
        r = transact(commit, &effects, judging, &again);
        if (r >= 0 && !again) {
            *ret_committed = true;
            due = false;
            again = commit->judge_again; /* by what is stored now */
        }
    }
    free(effects.items);
    bool is_beaten = again && !*ret_committed;
    return is_beaten ? -EBUSY : r;
}

int commit_note_delivered(struct commit *commit, int64_t seq)
{
    int r = GROW(commit->delivered, commit->n_delivered, commit->cap_delivered);
    if (r >= 0)
        commit->delivered[commit->n_delivered++] = seq;
    return r;
}

void commit_fini(struct commit *commit)
{
    free(commit->delivered);
    commit->delivered = NULL;
    commit->n_delivered = commit->cap_delivered = 0;
}
