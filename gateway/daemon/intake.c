/* intake.c -- decode a message, refuse it or keep it pending, and show it to the ward.
 * Messages of other devices' topics are intake_source.c's business. */
#include "daemon/intake_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records/names.h"
#include "util/array.h"

/* By which clock the record was dated. */
static enum sw_stamp stamp_of(const struct intake *intake,
                              const struct sw_inbox_record *record)
{
    if (intake->again_id != 0)
        return intake->again_stamp;
    return record->boot != 0 ? SW_STAMP_RECEIPT : SW_STAMP_UNSURE;
}

/* ---- refused ---- */

static char *copy(const char *bytes, size_t len)
{
    char *str = malloc(len + 1);
    if (!str)
        return NULL;
    memcpy(str, bytes, len);
    str[len] = '\0';
    return str;
}

int intake_refuse(struct intake *intake, const struct sw_inbox_record *record,
                  enum sw_refusal refusal, const char *why)
{
    static const struct sw_patient_id nobody = {""};
    if (record->again) /* the one before it was refused, too */
        return 0;
    int r = GROW(intake->refused, intake->n_refused, intake->cap_refused);
    if (r < 0)
        return r;
    struct refused *refused = &intake->refused[intake->n_refused];
    char *topic = copy(record->topic, record->topic_len);
    char *payload = copy(record->payload, record->payload_len);
    if (!topic || !payload) {
        free(topic);
        free(payload);
        return -ENOMEM;
    }
    *refused = (struct refused){
        .row = {.id = intake->again_id,
                .at_s = record->received_at_s,
                .stamp = stamp_of(intake, record),
                .refusal = refusal,
                .patient = intake->about ? intake->about->known.id : nobody,
                .topic = topic,
                .payload = payload,
                .payload_len = record->payload_len,
                .retained = record->retained},
        .topic_len = record->topic_len,
    };
    snprintf(refused->why, sizeof(refused->why), "%s", why);
    intake->n_refused++;
    intake->rejected += intake->again_id == 0;
    return 0;
}

int intake_refuse_flood(struct intake *intake, const struct sw_inbox_record *record)
{
    char why[SW_WHY_MAX];
    snprintf(why, sizeof(why), "over %d readings of one day, or over %d devices",
             SW_DAY_READINGS_MAX, SW_DEVICES_MAX);
    return intake_refuse(intake, record, SW_REFUSED_FLOOD, why);
}

/* ---- accepted ---- */

/* See sw_holdoff_allows(). */
static void note_score(struct intake *intake, struct patient *patient)
{
    int64_t now_s = intake->ward->now_s;
    if (!sw_holdoff_allows(&patient->scores, now_s))
        return;
    sw_holdoff_note(&patient->scores, now_s);
    intake->is_urgent = true;
}

int intake_keep(struct intake *intake, const struct pending *item)
{
    struct ward *ward = intake->ward;
    int r = 0;
    if (item->kind != PENDING_PAIN)
        r = ward_admit_device(ward, item->patient, &item->device);
    if (r == 0)
        r = ward_show(ward, item);
    if (r == 0)
        r = pendings_add(&ward->pendings, item);
    if (r != 0)
        return r;
    intake->readings += item->kind != PENDING_PAIN;
    if (item->kind == PENDING_PAIN)
        note_score(intake, item->patient);
    return 0;
}

struct pending intake_pending_of(const struct sw_sample *sample)
{
    struct pending item = {.n = 1,
                           .device = sample->device,
                           .has_battery = sample->battery >= 0,
                           .battery_pct = sample->battery};
    if (sample->kind == SW_SAMPLE_READING) {
        item.kind = PENDING_READING;
        item.reading = sample->reading;
    } else {
        item.kind = PENDING_TOTAL;
        item.total = sample->total;
    }
    return item;
}

int intake_keep_samples(struct intake *intake, struct patient *patient)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < intake->samples.n; i++) {
        struct pending item = intake_pending_of(&intake->samples.items[i]);
        item.patient = patient;
        r = intake_keep(intake, &item);
    }
    return r;
}

/* A flood is told from the refusal of single readings, which the decoder explains. */
static int end_of_taking(struct intake *intake, const struct sw_inbox_record *record,
                         int r, int refusal, const char *why)
{
    if (r == SW_REFUSED_FLOOD)
        return intake_refuse_flood(intake, record);
    if (r < 0 || refusal == SW_ACCEPTED)
        return r;
    return intake_refuse(intake, record, (enum sw_refusal)refusal, why);
}

void intake_hear(struct patient *patient, const struct sw_inbox_record *record)
{
    bool is_news =
        !record->retained && record->received_at_s > patient->known.heard_at_s;
    if (!is_news)
        return;
    patient->known.heard_at_s = record->received_at_s;
    patient->known.heard_stamp = record->boot != 0 ? SW_STAMP_RECEIPT : SW_STAMP_UNSURE;
    patient->heard_unstored = true;
    if (patient->alerts) /* one may be over by it */
        patient->to_judge = true;
}

/* 0: it may; 1: why says why not. */
static int check_enrolling(const struct intake *intake, struct sw_patient_id id,
                           char why[static SW_WHY_MAX])
{
    struct sw_store *store = intake->ward->store;
    const struct sw_config *config = intake->config;
    int r = sw_book_check_patient_name(store, config, id.str, why);
    if (r != 0)
        return r;
    r = sw_book_check_therapist_name(store, config, config->plan.therapist.str, why);
    if (r > 0)
        snprintf(why, SW_WHY_MAX,
                 "%s, whom the configuration names as therapist, is a patient: name "
                 "another in plan { therapist }",
                 config->plan.therapist.str);
    return r;
}

struct patient *intake_find_patient(struct intake *intake, struct sw_patient_id id,
                                    int64_t at_s)
{
    struct ward *ward = intake->ward;
    struct patient *patient = ward_find(ward, id.str);
    bool added_meanwhile =
        !patient && ward_is_behind(ward) && intake_load(intake, ward->today) >= 0;
    if (added_meanwhile)
        patient = ward_find(ward, id.str);
    int64_t erased_at_s;
    char why[SW_WHY_MAX];
    bool may_enroll =
        !patient && intake->config->auto_enroll &&
        sw_store_find_tombstone(ward->store, id, &erased_at_s) == SW_STORE_NONE &&
        check_enrolling(intake, id, why) == 0;
    if (may_enroll)
        patient = ward_enroll(ward, id, at_s, &intake->config->plan);
    intake->about = patient;
    return patient;
}

int intake_refuse_of(struct intake *intake, const struct sw_inbox_record *record,
                     struct sw_patient_id id, enum sw_refusal refusal, const char *why)
{
    int64_t erased_at_s = 0;
    char date[SW_DATE_LEN + 1], erased[SW_WHY_MAX];
    int r = sw_store_find_tombstone(intake->ward->store, id, &erased_at_s);
    if (r < 0)
        return r;
    if (r == SW_STORE_NONE)
        return intake_refuse(intake, record, refusal, why);
    struct sw_inbox_record rest = *record;
    rest.payload_len = 0;
    sw_date_format(sw_day_of(intake->ward->zone, erased_at_s), date);
    snprintf(erased, sizeof(erased), "erased on %s", date);
    return intake_refuse(intake, &rest, SW_REFUSED_ERASED, erased);
}

int intake_refuse_unknown(struct intake *intake, const struct sw_inbox_record *record,
                          struct sw_patient_id id)
{
    bool is_full = intake->ward->n >= WARD_PATIENTS_MAX;
    char why[SW_WHY_MAX] = "unknown patient";
    if (intake->config->auto_enroll && is_full)
        snprintf(why, sizeof(why),
                 "unknown patient, and there are too many to enroll another by itself");
    else if (intake->config->auto_enroll)
        check_enrolling(intake, id, why);
    return intake_refuse_of(intake, record, id, SW_REFUSED_PATIENT, why);
}

/* What a zone covers. With a clock that is not trusted nothing is refused for its time:
 * the device is more likely to be right. */
static const int64_t first_s = 0, last_s = UINT32_MAX;

static struct sw_receipt receipt_of(const struct intake *intake,
                                    const struct sw_inbox_record *record, int64_t now_s)
{
    int64_t at_s = record->received_at_s;
    int64_t latest_s = now_s > at_s ? now_s : at_s;
    bool judges = intake->clock_trusted;
    return (struct sw_receipt){
        .at_s = at_s,
        .retained = record->retained,
        .stamp = stamp_of(intake, record),
        .oldest_s = judges ? at_s - intake->config->max_age_s : first_s,
        .newest_s = judges ? latest_s + intake->config->max_future_s : last_s,
    };
}

static int take_steps(struct intake *intake, const struct sw_inbox_record *record,
                      struct patient *patient, const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    int refusal = sw_decode_steps(record->payload, record->payload_len, receipt,
                                  &intake->samples, why);
    if (refusal < 0)
        return refusal;
    bool says_something = refusal == SW_ACCEPTED || intake->samples.n > 0;
    if (says_something)
        intake_hear(patient, record);
    int r = intake_keep_samples(intake, patient);
    return end_of_taking(intake, record, r, refusal, why);
}

static int take_pain(struct intake *intake, const struct sw_inbox_record *record,
                     struct patient *patient, const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    struct pending item = {.patient = patient, .kind = PENDING_PAIN, .n = 1};
    int refusal =
        sw_decode_pain(record->payload, record->payload_len, receipt, &item.pain, why);
    if (refusal < 0)
        return refusal;
    if (refusal != SW_ACCEPTED)
        return intake_refuse(intake, record, (enum sw_refusal)refusal, why);
    int r = intake_keep(intake, &item);
    return end_of_taking(intake, record, r, SW_ACCEPTED, why);
}

static int take_action(struct intake *intake, const struct sw_inbox_record *record,
                       enum sw_topic_kind kind, const struct sw_topic *topic)
{
    char why[SW_WHY_MAX] = "";
    int r = kind == SW_TOPIC_ALERT_SET
                ? actions_take(&intake->actions, intake->ward, topic, record, why)
                : actions_refuse_kind(&intake->actions, topic, why);
    return r > 0 ? intake_refuse_of(intake, record, topic->patient, (enum sw_refusal)r,
                                    why)
                 : r;
}

static int take_parsed(struct intake *intake, const struct sw_inbox_record *record,
                       enum sw_topic_kind kind, const struct sw_topic *topic,
                       int64_t now_s)
{
    struct sw_origin origin;
    struct sw_receipt receipt = receipt_of(intake, record, now_s);
    intake->about = NULL;
    intake->bytes += record->topic_len + record->payload_len;
    if (kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_SET_UNKNOWN)
        return take_action(intake, record, kind, topic);
    bool is_from_source =
        kind == SW_TOPIC_OTHER && intake->adapters &&
        sw_adapters_match(intake->adapters, record->topic, record->topic_len,
                          &origin) == SW_MATCH_SOURCE;
    if (is_from_source)
        return intake_take_from_source(intake, &origin, record, &receipt);
    if (kind != SW_TOPIC_STEPS && kind != SW_TOPIC_PAIN)
        return intake_refuse(intake, record, SW_REFUSED_TOPIC,
                             "not a topic of readings");
    struct patient *patient =
        intake_find_patient(intake, topic->patient, record->received_at_s);
    if (!patient)
        return intake_refuse_unknown(intake, record, topic->patient);
    return kind == SW_TOPIC_STEPS ? take_steps(intake, record, patient, &receipt)
                                  : take_pain(intake, record, patient, &receipt);
}

int intake_take_in(struct intake *intake, const struct sw_inbox_record *record,
                   int64_t now_s)
{
    struct sw_topic topic;
    enum sw_topic_kind kind =
        sw_topic_parse(intake->config->site, record->topic, record->topic_len, &topic);
    return take_parsed(intake, record, kind, &topic, now_s);
}

int intake_take(struct intake *intake, const struct sw_inbox_record *record,
                int64_t now_s)
{
    struct sw_topic topic;
    enum sw_topic_kind kind =
        sw_topic_parse(intake->config->site, record->topic, record->topic_len, &topic);
    bool is_own_voice = kind == SW_TOPIC_ALERT || kind == SW_TOPIC_ECHO_END ||
                        kind == SW_TOPIC_ALERT_TEST || kind == SW_TOPIC_ALERT_UNKNOWN ||
                        kind == SW_TOPIC_STATUS || kind == SW_TOPIC_HEALTH ||
                        kind == SW_TOPIC_PROBE;
    if (is_own_voice) /* from the inbox of an earlier version */
        return 0;
    intake->taken++;
    intake->messages += !record->again;
    intake->last_message_at_s = record->received_at_s;
    return take_parsed(intake, record, kind, &topic, now_s);
}

bool intake_is_empty(const struct intake *intake)
{
    return intake->taken == 0;
}

bool intake_is_full(const struct intake *intake)
{
    return pendings_bytes(&intake->ward->pendings) >= INTAKE_PENDING_BYTES_MAX ||
           intake->n_refused >= SW_REJECTED_MAX ||
           intake->actions.n_asked >= ACTIONS_MAX || intake->bytes >= INTAKE_BYTES_MAX;
}

static void free_refused(struct refused *refused)
{
    free((void *)(uintptr_t)refused->row.topic);
    free((void *)(uintptr_t)refused->row.payload);
}

void intake_clear(struct intake *intake)
{
    pendings_clear(&intake->ward->pendings);
    for (size_t i = 0; i < intake->n_refused; i++)
        free_refused(&intake->refused[i]);
    intake->n_refused = intake->n_again = 0;
    actions_clear(&intake->actions);
    intake->bytes = 0;
    intake->is_urgent = false;
    intake->taken = 0;
    intake->messages = intake->readings = intake->rejected = 0;
}

void intake_fini(struct intake *intake)
{
    intake_clear(intake);
    free(intake->refused);
    actions_fini(&intake->actions);
    sw_samples_fini(&intake->samples);
    *intake = (struct intake){0};
}
