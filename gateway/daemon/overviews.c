/* overviews.c -- publish what therapists' apps show, when it says something new.
 *
 * What an overview holds is encode_overview.c's business; whether the time has come to
 * publish any, loop.c's.
 */
#include "daemon/overviews.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/overview.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/fingerprint.h"

/* ---- what the broker retains ---- */

static struct patient_list *find_list(const struct overviews *overviews,
                                      const struct sw_therapist_id *therapist)
{
    for (size_t i = 0; i < overviews->n_lists; i++)
        if (strcmp(overviews->lists[i].therapist.str, therapist->str) == 0)
            return &overviews->lists[i];
    return NULL;
}

static bool has_patients(const struct patients *patients,
                         const struct sw_therapist_id *therapist)
{
    for (size_t i = 0; i < patients->n; i++)
        if (strcmp(patients->all[i]->plan.therapist.str, therapist->str) == 0)
            return true;
    return false;
}

bool overviews_on_notice(struct overviews *overviews, const struct notice *notice)
{
    struct sw_topic topic;
    bool is_ours = notice->kind == NOTICE_BOARD || notice->kind == NOTICE_PATIENTS;
    if (!is_ours || sw_topic_parse(overviews->site, notice->payload, notice->len,
                                   &topic) == SW_TOPIC_OTHER)
        return false;
    if (notice->kind == NOTICE_PATIENTS)
        return has_patients(overviews->patients, &topic.therapist);
    struct patient *patient = patients_find(overviews->patients, topic.patient.str);
    bool belongs =
        patient && strcmp(patient->plan.therapist.str, topic.therapist.str) == 0;
    if (!belongs)
        return false;
    /* What is retained there may be what another published after us. */
    patient->overview.has_news |= notice->sum != patient->overview.sum;
    patient->overview.sum = notice->sum;
    return true;
}

void overviews_forget(struct overviews *overviews)
{
    for (size_t i = 0; i < overviews->patients->n; i++) {
        struct patient_overview *overview = &overviews->patients->all[i]->overview;
        overview->has_news = true;
        overview->at_ms = 0;
        overview->sum = 0;
    }
    for (size_t i = 0; i < overviews->n_lists; i++)
        overviews->lists[i].sum = 0;
    overviews->lists_due = true;
    overviews->retry = overviews->list_retry = (struct overview_retry){.at_ms = 0};
}

/* ---- what the broker does not take ---- */

static uint64_t overview_cookie(const struct patient *patient)
{
    return OVERVIEW_COOKIE | ((uint64_t)patient->known.key & (OVERVIEW_COOKIE - 1));
}

static uint64_t list_cookie(const struct patient_list *list)
{
    const char *therapist = list->therapist.str;
    return LIST_COOKIE |
           (sw_fingerprint("", 0, therapist, strlen(therapist)) & (LIST_COOKIE - 1));
}

/* Returns true if it failed before and is delivered now, so that the others, too, may
 * be taken. */
static bool note_fate(struct overview_retry *retry, enum overview_failure *failure,
                      const struct sw_session_event *event, int64_t now_ms)
{
    bool was_retried = *failure != OVERVIEW_NOT_FAILED;
    if (was_retried)
        retry->is_out = false;
    if (event->kind == SW_SESSION_DELIVERED) {
        *failure = OVERVIEW_NOT_FAILED;
        return was_retried;
    }
    if (event->refused)
        *failure = event->too_large ? OVERVIEW_TOO_LARGE : OVERVIEW_REFUSED;
    if (retry->at_ms <= now_ms)
        retry->at_ms = now_ms + OVERVIEW_EVERY_MS;
    return false;
}

static void on_overview_event(struct overviews *overviews,
                              const struct sw_session_event *event, int64_t now_ms)
{
    const struct patients *patients = overviews->patients;
    bool is_delivered = event->kind == SW_SESSION_DELIVERED;
    size_t found = 0;
    if (is_delivered && !overviews->retry.is_out) /* as nearly always */
        return;
    while (found < patients->n &&
           overview_cookie(patients->all[found]) != event->cookie)
        found++;
    if (found == patients->n) /* erased meanwhile */
        return;
    struct patient_overview *overview = &patients->all[found]->overview;
    if (!is_delivered) {
        overview->sum = 0;
        overview->has_news = true;
    }
    if (!note_fate(&overviews->retry, &overview->failure, event, now_ms))
        return;
    for (size_t i = 0; i < patients->n; i++) {
        struct patient_overview *other = &patients->all[i]->overview;
        if (other->failure == OVERVIEW_NOT_FAILED)
            continue;
        other->failure = OVERVIEW_NOT_FAILED;
        other->at_ms = 0;
    }
}

static void on_list_event(struct overviews *overviews,
                          const struct sw_session_event *event, int64_t now_ms)
{
    struct patient_list *list = overviews->lists, *end = list + overviews->n_lists;
    while (list < end && list_cookie(list) != event->cookie)
        list++;
    if (list == end)
        return;
    if (event->kind == SW_SESSION_FAILED)
        list->sum = 0;
    bool is_taken_again =
        note_fate(&overviews->list_retry, &list->failure, event, now_ms);
    for (size_t i = 0; is_taken_again && i < overviews->n_lists; i++)
        overviews->lists[i].failure = OVERVIEW_NOT_FAILED;
    overviews->lists_due |= is_taken_again || event->refused;
    if (event->kind == SW_SESSION_DELIVERED && list->n == 0)
        *list = overviews->lists[--overviews->n_lists];
}

void overviews_event(struct overviews *overviews, const struct sw_session_event *event,
                     int64_t now_ms)
{
    bool is_fate =
        event->kind == SW_SESSION_DELIVERED || event->kind == SW_SESSION_FAILED;
    if (!is_fate || event->cookie < LIST_COOKIE || event->cookie >= 2 * OVERVIEW_COOKIE)
        return;
    if (event->cookie < OVERVIEW_COOKIE)
        on_list_event(overviews, event, now_ms);
    else
        on_overview_event(overviews, event, now_ms);
}

bool overviews_have_failed(const struct overviews *overviews,
                           enum overview_failure failure)
{
    for (size_t i = 0; i < overviews->patients->n; i++)
        if (overviews->patients->all[i]->overview.failure == failure)
            return true;
    for (size_t i = 0; i < overviews->n_lists; i++)
        if (overviews->lists[i].failure == failure)
            return true;
    return false;
}

static void note_retried(struct overview_retry *retry, int64_t now_ms)
{
    *retry =
        (struct overview_retry){.at_ms = now_ms + OVERVIEW_EVERY_MS, .is_out = true};
}

/* ---- one overview ---- */

/* A half hour that is over may be of another class than when it was under way. */
static bool is_half_hour_open(const struct patient *patient, int32_t n_begun)
{
    char last = n_begun >= 2 ? patient->overview.strip[n_begun - 2] : '-';
    return (last == 's' || last == 'u') &&
           patient->day.computed_s < patient->overview.again_s;
}

void overviews_pass(struct overviews *overviews, int64_t now_s)
{
    const struct patients *patients = overviews->patients;
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        struct patient_overview *overview = &patient->overview;
        int64_t next_s;
        if (overview->again_s == 0 || now_s < overview->again_s)
            continue;
        overview->has_news = true;
        int32_t n_begun = sw_strip_begun(patients->zone, &patient->plan,
                                         patients->today, now_s, &next_s);
        if (is_half_hour_open(patient, n_begun)) {
            patient->day.is_changed = true;
            patient->judge = JUDGE_SOON;
        }
        overview->again_s = 0; /* until it is made again */
    }
}

/* What of the alerts makes an overview urgent: their evidence may wait. */
static uint64_t sum_of_alerts(const struct patient *patient)
{
    int64_t parts[SW_ALERT_KINDS * 3] = {0};
    for (size_t i = 0; patient->alerts && i < SW_ALERT_KINDS; i++) {
        const struct sw_alert *alert = &patient->alerts[i];
        if (!sw_alert_is_open(alert))
            continue;
        parts[3 * i] = (int64_t)alert->state * 2 + (int64_t)alert->level;
        parts[3 * i + 1] = alert->opened_at_s;
        parts[3 * i + 2] = alert->shelved_until_s;
    }
    return sw_fingerprint("", 0, (const char *)parts, sizeof parts);
}

/* Sets when time alone will change it. */
static struct sw_overview make_overview(const struct patients *patients,
                                        struct patient *patient, int64_t now_s)
{
    struct sw_overview overview = {
        .patient = patient->known.id,
        .updated_at_s = now_s,
        .heard_at_s = patient->known.heard_at_s,
        .plan = patient->plan,
        .row = patient->day.row,
        .late_min = sw_lateness_min(&patient->lateness, patient->plan.fresh_min, now_s),
        .alerts = patient->alerts};
    struct sw_facts facts = {.now_s = now_s,
                             .plan = patient->plan,
                             .running = patient->facts.running,
                             .newest_known_s = patient->facts.newest_known_s};
    int64_t stale_s = facts.newest_known_s + 60 * (int64_t)(facts.plan.fresh_min + 1);
    int32_t n_begun = sw_strip_begun(patients->zone, &patient->plan, patients->today,
                                     now_s, &patient->overview.again_s);
    memcpy(overview.strip, patient->overview.strip, sizeof overview.strip);
    sw_strip_pass(overview.strip, n_begun);
    overview.rest_min = sw_rest_now_min(&facts);
    bool is_sooner =
        patient->overview.again_s == 0 || stale_s < patient->overview.again_s;
    if (overview.rest_min > 0 && is_sooner)
        patient->overview.again_s = stale_s;
    return overview;
}

/* Returns false if it cannot be sent now. */
static bool publish_overview(struct overviews *overviews, struct patient *patient,
                             struct sw_session *session, int64_t now_s, int64_t now_ms)
{
    struct patient_overview *state = &patient->overview;
    struct sw_overview overview = make_overview(overviews->patients, patient, now_s);
    char *payload = sw_encode_overview(&overview);
    sw_topic_text topic;
    if (!payload)
        return false;
    uint64_t sum = sw_overview_sum(payload, strlen(payload));
    bool is_new = sum != state->sum;
    sw_topic_board(topic, overviews->site, &patient->plan.therapist,
                   &patient->known.id);
    int r = is_new ? sw_session_publish(session, topic, payload, strlen(payload), true,
                                        0, overview_cookie(patient))
                   : 0;
    free(payload);
    if (r < 0)
        return false;
    if (is_new)
        state->at_ms = now_ms;
    if (is_new && state->failure != OVERVIEW_NOT_FAILED)
        note_retried(&overviews->retry, now_ms);
    if (!is_new) /* it had come there before the broker refused more */
        state->failure = OVERVIEW_NOT_FAILED;
    state->sum = sum;
    state->alerts_sum = sum_of_alerts(patient);
    state->has_news = false;
    return true;
}

/* ---- the lists ---- */

static int count_patients(struct overviews *overviews)
{
    const struct patients *patients = overviews->patients;
    for (size_t i = 0; i < overviews->n_lists; i++)
        overviews->lists[i].n = 0;
    for (size_t i = 0; i < patients->n; i++) {
        const struct sw_therapist_id *therapist = &patients->all[i]->plan.therapist;
        struct patient_list *list = find_list(overviews, therapist);
        if (patients->all[i]->known.key == 0)
            continue;
        if (!list &&
            GROW(overviews->lists, overviews->n_lists, overviews->cap_lists) < 0)
            return -ENOMEM;
        if (!list) {
            list = &overviews->lists[overviews->n_lists++];
            *list = (struct patient_list){.therapist = *therapist};
        }
        list->n++;
    }
    return 0;
}

/* "" if there is no patient: that clears what is retained. */
static char *encode_list(const struct overviews *overviews,
                         const struct patient_list *list)
{
    const struct patients *patients = overviews->patients;
    struct sw_listed_patient *listed = calloc(list->n + 1, sizeof *listed);
    size_t n = 0;
    if (!listed)
        return NULL;
    for (size_t i = 0; i < patients->n && n < list->n; i++) {
        const struct patient *patient = patients->all[i];
        if (patient->known.key != 0 &&
            strcmp(patient->plan.therapist.str, list->therapist.str) == 0)
            listed[n++] = (struct sw_listed_patient){patient->known.id,
                                                     patient->known.added_at_s};
    }
    char *payload = n > 0 ? sw_encode_patients(listed, n) : strdup("");
    free(listed);
    return payload;
}

static bool publish_list(struct overviews *overviews, struct patient_list *list,
                         struct sw_session *session, int64_t now_ms)
{
    sw_topic_text topic;
    char *payload = encode_list(overviews, list);
    if (!payload)
        return false;
    uint64_t sum = sw_overview_sum(payload, strlen(payload));
    sw_topic_patients(topic, overviews->site, &list->therapist);
    bool is_new = sum != list->sum;
    int r = is_new ? sw_session_publish(session, topic, payload, strlen(payload), true,
                                        0, list_cookie(list))
                   : 0;
    free(payload);
    if (r < 0)
        return false;
    list->sum = sum;
    if (is_new)
        list->at_ms = now_ms;
    if (is_new && list->failure != OVERVIEW_NOT_FAILED)
        note_retried(&overviews->list_retry, now_ms);
    return true;
}

/* When one of those that failed is tried again; INT64_MAX: none did. */
static int64_t list_retry_ms(const struct overviews *overviews)
{
    for (size_t i = 0; i < overviews->n_lists; i++)
        if (overviews->lists[i].failure != OVERVIEW_NOT_FAILED)
            return overviews->list_retry.at_ms;
    return INT64_MAX;
}

/* Returns false if not all could be sent now. */
static bool publish_lists(struct overviews *overviews, struct sw_session *session,
                          int64_t now_ms)
{
    struct patient_list *again = NULL; /* of those that failed, tried longest ago */
    if (count_patients(overviews) < 0)
        return false;
    for (size_t i = overviews->n_lists; i-- > 0;) {
        struct patient_list *list = &overviews->lists[i];
        bool has_failed = list->failure != OVERVIEW_NOT_FAILED;
        if (has_failed && (!again || list->at_ms < again->at_ms))
            again = list;
        if (!has_failed && (!publish_has_room(session) ||
                            !publish_list(overviews, list, session, now_ms)))
            return false;
    }
    bool is_due = again && now_ms >= overviews->list_retry.at_ms;
    return !is_due || publish_list(overviews, again, session, now_ms);
}

/* ---- what is due ---- */

static int64_t overview_due_ms(const struct overviews *overviews,
                               const struct patient *patient, int64_t now_ms)
{
    const struct patient_overview *overview = &patient->overview;
    if (overview->failure != OVERVIEW_NOT_FAILED)
        return overviews->retry.at_ms;
    bool is_urgent =
        overview->at_ms == 0 || overview->alerts_sum != sum_of_alerts(patient);
    return is_urgent ? now_ms : overview->at_ms + OVERVIEW_EVERY_MS;
}

/* It shows today, as judged, of a patient who is stored. */
static bool is_ready(const struct patients *patients, const struct patient *patient)
{
    return patient->known.key != 0 && patient->judge != JUDGE_SOON &&
           patient->day.row.day == patients->today;
}

static int64_t publish_due_lists(struct overviews *overviews,
                                 struct sw_session *session, int64_t now_ms)
{
    struct patients *patients = overviews->patients;
    if (patients->lists_cleared)
        for (size_t i = 0; i < overviews->n_lists; i++)
            overviews->lists[i].sum = 0;
    overviews->lists_due |= patients->lists_changed || patients->lists_cleared ||
                            now_ms >= list_retry_ms(overviews);
    patients->lists_changed = patients->lists_cleared = false;
    if (overviews->lists_due)
        overviews->lists_due = !publish_lists(overviews, session, now_ms);
    return overviews->lists_due ? now_ms + PUBLISH_RETRY_MS : list_retry_ms(overviews);
}

int64_t overviews_publish(struct overviews *overviews, struct sw_session *session,
                          int64_t now_s, int64_t now_ms)
{
    struct patients *patients = overviews->patients;
    int64_t next_ms = INT64_MAX;
    bool is_behind = false; /* an overview that a list would vouch for is not there */
    struct patient *again = NULL; /* of those that failed, tried longest ago */
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        if (!patient->overview.has_news)
            continue;
        if (!is_ready(patients, patient)) {
            is_behind |= patient->known.key != 0 && patient->overview.at_ms == 0;
            continue;
        }
        int64_t due_ms = overview_due_ms(overviews, patient, now_ms);
        if (now_ms < due_ms) {
            next_ms = due_ms < next_ms ? due_ms : next_ms;
            continue;
        }
        if (patient->overview.failure != OVERVIEW_NOT_FAILED) {
            bool is_longer = !again || patient->overview.at_ms < again->overview.at_ms;
            again = is_longer ? patient : again;
            continue;
        }
        if (!publish_has_room(session) ||
            !publish_overview(overviews, patient, session, now_s, now_ms))
            return now_ms + PUBLISH_RETRY_MS;
    }
    if (again && !publish_overview(overviews, again, session, now_s, now_ms))
        return now_ms + PUBLISH_RETRY_MS;
    is_behind |= overviews->retry.is_out && now_ms < overviews->retry.at_ms;
    if (is_behind) /* its event comes, or it is judged */
        return next_ms;
    int64_t lists_ms = publish_due_lists(overviews, session, now_ms);
    return lists_ms < next_ms ? lists_ms : next_ms;
}

void overviews_fini(struct overviews *overviews)
{
    free(overviews->lists);
    overviews->lists = NULL;
    overviews->n_lists = overviews->cap_lists = 0;
}
