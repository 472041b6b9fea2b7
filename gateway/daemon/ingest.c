/* ingest.c -- decode a message, then refuse it or keep it pending and show it to its
 * patient. Messages on topics of other devices are ingest_adapter.c's business. */
#include "daemon/ingest_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "util/array.h"

/* The clock by which the record was dated. */
static enum sw_stamp stamp_of(const struct ingest *ingest,
                              const struct sw_inbox_record *record)
{
    if (ingest->again_id != 0)
        return ingest->again_stamp;
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

int ingest_refuse(struct ingest *ingest, const struct sw_inbox_record *record,
                  enum sw_refusal refusal, const char *why)
{
    static const struct sw_patient_id nobody = {""};
    if (record->again || ingest->is_refused) /* the original was refused, too */
        return 0;
    int r = GROW(ingest->refused, ingest->n_refused, ingest->cap_refused);
    if (r < 0)
        return r;
    struct refused *refused = &ingest->refused[ingest->n_refused];
    char *topic = copy(record->topic, record->topic_len);
    char *payload = copy(record->payload, record->payload_len);
    if (!topic || !payload) {
        free(topic);
        free(payload);
        return -ENOMEM;
    }
    *refused = (struct refused){
        .row = {.id = ingest->again_id,
                .at_s = record->received_at_s,
                .stamp = stamp_of(ingest, record),
                .refusal = refusal,
                .patient = ingest->about ? ingest->about->known.id : nobody,
                .topic = topic,
                .payload = payload,
                .payload_len = record->payload_len,
                .retained = record->retained},
        .topic_len = record->topic_len,
    };
    snprintf(refused->why, sizeof(refused->why), "%s", why);
    ingest->n_refused++;
    ingest->is_refused = record->payload == ingest->payload;
    return 0;
}

/* Where: of a message of one item nothing has to be said. */
static void format_flood(const struct sw_place *place, char why[static SW_WHY_MAX])
{
    char text[SW_PLACE_MAX];
    sw_place_format(place, text);
    snprintf(why, SW_WHY_MAX, "%sover %d readings of one day, or over %d devices", text,
             SW_DAY_READINGS_MAX, SW_DEVICES_MAX);
}

/* Refused items have a row of their own, with the part of the message that holds them, so
 * that they can be taken once more by themselves. A row that is being taken once more
 * stays as it is, and says what of it is refused first. What other sections take of a
 * message is no part of a row. A row is held by whoever wears the device of its items, if
 * the payload names it. */
int ingest_refuse_items(struct ingest *ingest, const struct sw_inbox_record *record,
                        const struct sw_origin *origin)
{
    static const struct sw_patient_id nobody = {""};
    const struct sw_samples *samples = &ingest->samples;
    bool is_row = ingest->again_id != 0;
    /* What lines of CSV say depends on the columns, which may be what has to be mended. */
    bool is_csv = origin && origin->source->columns && *origin->source->columns;
    size_t n = record->again ? 0 : samples->n_refused;
    int r = 0;
    for (size_t i = 0; r == 0 && i < n && !ingest->is_refused; i++) {
        const struct sw_refused_items *refused = &samples->refused[i];
        bool is_all = refused->n == samples->n_items && samples->n_others == 0;
        struct sw_inbox_record part = *record;
        char why[SW_WHY_MAX], *payload = NULL;
        sw_refused_why(refused, why);
        if (!is_row && !is_all && !is_csv) {
            payload =
                origin ? sw_source_part(origin->source, record->payload,
                                        record->payload_len, refused)
                       : sw_steps_part(record->payload, record->payload_len, refused);
            if (!payload)
                return -ENOMEM;
            size_t len = strlen(payload);
            if (len <= SW_PAYLOAD_MAX) { /* 1e9 is printed as 1000000000 */
                part.payload = payload;
                part.payload_len = len;
            }
            ingest->bytes += record->payload_len + len; /* it was read once more */
        }
        bool has_wearer = origin && !*origin->patient.str && *refused->device.str;
        if (has_wearer)
            ingest->about =
                ingest_wearer(ingest, &refused->device, record->received_at_s);
        r = ingest->about
                ? ingest_refuse(ingest, &part, refused->refusal, why)
                : ingest_refuse_of(ingest, &part, origin ? origin->patient : nobody,
                                   refused->refusal, why);
        if (has_wearer) /* the next may be somebody else's */
            ingest->about = NULL;
        free(payload);
    }
    return r;
}

/* ---- accepted ---- */

/* See sw_holdoff_allows(). */
static void note_score(struct ingest *ingest, struct patient *patient)
{
    int64_t now_s = ingest->patients->now_s;
    if (!sw_holdoff_allows(&patient->limits.scores, now_s))
        return;
    sw_holdoff_note(&patient->limits.scores, now_s);
    ingest->is_urgent = true;
}

int ingest_keep(struct ingest *ingest, const struct pending *item)
{
    struct patients *patients = ingest->patients;
    int r = 0;
    if (item->kind != PENDING_PAIN)
        r = patients_admit_device(patients, item->patient, &item->device);
    if (r == 0)
        r = day_cache_show(patients, item);
    if (r == 0)
        r = write_buffer_add(&patients->write_buffer, item);
    if (r != 0)
        return r;
    ingest->readings += item->kind != PENDING_PAIN;
    if (item->kind == PENDING_PAIN)
        note_score(ingest, item->patient);
    return 0;
}

struct pending ingest_item_of(const struct sw_sample *sample)
{
    struct pending item = {.n = 1,
                           .device = sample->device,
                           .has_battery = sample->battery >= 0,
                           .battery_pct = sample->battery};
    switch (sample->kind) {
    case SW_SAMPLE_READING:
        item.kind = PENDING_READING;
        item.reading = sample->reading;
        break;
    case SW_SAMPLE_TOTAL:
        item.kind = PENDING_TOTAL;
        item.total = sample->total;
        break;
    case SW_SAMPLE_PAIN:
        item.kind = PENDING_PAIN;
        item.device = (struct sw_device_id){""};
        item.pain = sample->pain;
    }
    return item;
}

/* What the patient's device sends can be taken again, or could be after all: a message
 * that was refused for long is taken once more. A retained copy says nothing of now. */
static void on_usable(struct ingest *ingest, struct patient *patient,
                      const struct sw_inbox_record *record)
{
    const struct sw_refusing *refusing = &patient->known.refusing;
    bool is_before = record->received_at_s < refusing->from_s;
    patient->counted_serial = ingest->serial;
    if (refusing->n == 0 || record->retained || is_before)
        return;
    patient->known.refusing = (struct sw_refusing){.n = 0};
    patient->unstored.has_refusing = true;
    patient->judge = JUDGE_SOON; /* it may end an alert */
}

int ingest_keep_sample(struct ingest *ingest, const struct sw_inbox_record *record,
                       size_t i, struct patient *patient, bool by_device)
{
    struct pending item = ingest_item_of(&ingest->samples.items[i]);
    item.patient = patient;
    item.by_device = by_device;
    int r = ingest_keep(ingest, &item);
    if (r == 0 && item.kind != PENDING_PAIN)
        on_usable(ingest, patient, record);
    if (r != SW_REFUSED_FLOOD)
        return r;
    char why[SW_WHY_MAX];
    format_flood(&ingest->samples.items[i].place, why);
    ingest->samples.device = item.device;
    sw_samples_refuse(&ingest->samples, ingest->samples.items[i].place,
                      SW_REFUSED_FLOOD, why);
    return 0;
}

void ingest_on_device(struct patient *patient, const struct sw_inbox_record *record)
{
    bool is_news =
        !record->retained && record->received_at_s > patient->known.heard_at_s;
    if (!is_news)
        return;
    patient->known.heard_at_s = record->received_at_s;
    patient->known.heard_stamp = record->boot != 0 ? SW_STAMP_RECEIPT : SW_STAMP_UNSURE;
    patient->unstored.has_heard = true;
    if (patient->alerts) /* this may end one */
        patient->judge = JUDGE_SOON;
}

/* Of a message with several mistakes, the one that most items have is the reason. One
 * that is read again from the inbox is counted already. */
void ingest_on_unusable(struct ingest *ingest, struct patient *patient,
                        const struct sw_inbox_record *record)
{
    const struct sw_samples *samples = &ingest->samples;
    struct sw_refusing *refusing = &patient->known.refusing;
    int64_t at_s = record->received_at_s;
    bool is_live = !record->retained && !record->again && ingest->again_id == 0;
    bool is_counted = refusing->n > 0 && at_s < refusing->to_s;
    if (!is_live || is_counted || samples->n_refused == 0 ||
        patient->counted_serial == ingest->serial)
        return;
    const struct sw_refused_items *most = &samples->refused[0];
    for (size_t i = 1; i < samples->n_refused; i++)
        if (samples->refused[i].n > most->n)
            most = &samples->refused[i];
    *refusing = (struct sw_refusing){
        .n = refusing->n < INT32_MAX ? refusing->n + 1 : INT32_MAX,
        .from_s = refusing->n > 0 ? refusing->from_s : at_s,
        .to_s = at_s,
        .refusal = most->refusal,
        .fast_s = most->fast_s,
    };
    patient->counted_serial = ingest->serial;
    patient->unstored.has_refusing = true;
    if (patient->judge == JUDGE_NOT)
        patient->judge = JUDGE_WITH_COMMIT;
}

/* Returns 0 if it may be enrolled; 1: why says why not. */
static int check_enrolling(const struct ingest *ingest, struct sw_patient_id id,
                           char why[static SW_WHY_MAX])
{
    struct sw_store *store = ingest->patients->store;
    const struct sw_config *config = ingest->config;
    int r = sw_records_check_patient_name(store, config, id.str, why);
    if (r != 0)
        return r;
    r = sw_records_check_therapist_name(store, config, config->plan.therapist.str, why);
    if (r > 0)
        snprintf(why, SW_WHY_MAX,
                 "%s, whom the configuration names as therapist, is a patient: name "
                 "another in plan { therapist }",
                 config->plan.therapist.str);
    return r;
}

struct patient *ingest_find_patient(struct ingest *ingest, struct sw_patient_id id,
                                    int64_t at_s)
{
    struct patients *patients = ingest->patients;
    struct patient *patient = patients_find(patients, id.str);
    bool added_meanwhile = !patient && patients_is_behind(patients) &&
                           ingest_load(ingest, patients->today) >= 0;
    if (added_meanwhile)
        patient = patients_find(patients, id.str);
    int64_t erased_at_s;
    char why[SW_WHY_MAX];
    bool may_enroll =
        !patient && ingest->config->auto_enroll &&
        sw_store_find_tombstone(patients->store, id, &erased_at_s) == SW_STORE_NONE &&
        check_enrolling(ingest, id, why) == 0;
    if (may_enroll)
        patient = patients_enroll(patients, id, at_s, &ingest->config->plan);
    ingest->about = patient;
    return patient;
}

int ingest_refuse_of(struct ingest *ingest, const struct sw_inbox_record *record,
                     struct sw_patient_id id, enum sw_refusal refusal, const char *why)
{
    int64_t erased_at_s = 0;
    char date[SW_DATE_LEN + 1], erased[SW_WHY_MAX];
    int r = sw_store_find_tombstone(ingest->patients->store, id, &erased_at_s);
    if (r < 0)
        return r;
    if (r == SW_STORE_NONE)
        return ingest_refuse(ingest, record, refusal, why);
    struct sw_inbox_record rest = *record;
    rest.payload_len = 0;
    sw_date_format(sw_day_of(ingest->patients->zone, erased_at_s), date);
    snprintf(erased, sizeof(erased), "erased on %s", date);
    return ingest_refuse(ingest, &rest, SW_REFUSED_ERASED, erased);
}

int ingest_refuse_unknown(struct ingest *ingest, const struct sw_inbox_record *record,
                          struct sw_patient_id id)
{
    bool is_full = ingest->patients->n >= PATIENTS_MAX;
    char why[SW_WHY_MAX] = "unknown patient";
    if (ingest->config->auto_enroll && is_full)
        snprintf(why, sizeof(why),
                 "unknown patient, and there are too many to enroll another by itself");
    else if (ingest->config->auto_enroll)
        check_enrolling(ingest, id, why);
    return ingest_refuse_of(ingest, record, id, SW_REFUSED_PATIENT, why);
}

/* The range that a zone covers. While the clock is not trusted nothing is refused for
 * its time, because the device is more likely to be right. */
static const int64_t first_s = 0, last_s = UINT32_MAX;

static struct sw_receipt receipt_of(const struct ingest *ingest,
                                    const struct sw_inbox_record *record, int64_t now_s)
{
    int64_t at_s = record->received_at_s;
    int64_t latest_s = now_s > at_s ? now_s : at_s;
    bool judges = ingest->clock_trusted;
    return (struct sw_receipt){
        .at_s = at_s,
        .retained = record->retained,
        .stamp = stamp_of(ingest, record),
        .oldest_s = judges ? at_s - ingest->config->max_age_s : first_s,
        .newest_s = judges ? latest_s + ingest->config->max_future_s : last_s,
        .cut_s = judges ? at_s + ingest->config->max_future_s : 0,
    };
}

static int take_steps(struct ingest *ingest, const struct sw_inbox_record *record,
                      struct patient *patient, const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    int refusal = sw_decode_steps(record->payload, record->payload_len, receipt,
                                  &ingest->samples, why);
    if (refusal < 0)
        return refusal;
    ingest_on_device(patient, record);
    int r = 0;
    for (size_t i = 0; r == 0 && i < ingest->samples.n; i++)
        r = ingest_keep_sample(ingest, record, i, patient, false);
    if (r < 0)
        return r;
    ingest_on_unusable(ingest, patient, record);
    return ingest_refuse_items(ingest, record, NULL);
}

static int take_pain(struct ingest *ingest, const struct sw_inbox_record *record,
                     struct patient *patient, const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    struct pending item = {.patient = patient, .kind = PENDING_PAIN, .n = 1};
    int refusal =
        sw_decode_pain(record->payload, record->payload_len, receipt, &item.pain, why);
    if (refusal < 0)
        return refusal;
    if (refusal != SW_ACCEPTED)
        return ingest_refuse(ingest, record, (enum sw_refusal)refusal, why);
    int r = ingest_keep(ingest, &item);
    if (r != SW_REFUSED_FLOOD)
        return r;
    static const struct sw_place whole = {.object = -1, .item = -1};
    format_flood(&whole, why);
    return ingest_refuse(ingest, record, SW_REFUSED_FLOOD, why);
}

static int take_action(struct ingest *ingest, const struct sw_inbox_record *record,
                       enum sw_topic_kind kind, const struct sw_topic *topic)
{
    char why[SW_WHY_MAX] = "";
    int r = kind == SW_TOPIC_ALERT_SET
                ? actions_take(&ingest->actions, ingest->patients, topic, record, why)
                : actions_refuse_kind(&ingest->actions, topic, why);
    return r > 0 ? ingest_refuse_of(ingest, record, topic->patient, (enum sw_refusal)r,
                                    why)
                 : r;
}

static int take_by_topic(struct ingest *ingest, const struct sw_inbox_record *record,
                         enum sw_topic_kind kind, const struct sw_topic *topic,
                         int64_t now_s)
{
    struct sw_origin origin;
    struct sw_receipt receipt = receipt_of(ingest, record, now_s);
    if (kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_SET_UNKNOWN)
        return take_action(ingest, record, kind, topic);
    bool is_from_source =
        kind == SW_TOPIC_OTHER && ingest->adapters &&
        sw_adapters_match(ingest->adapters, record->topic, record->topic_len,
                          &origin) == SW_MATCH_SOURCE;
    if (is_from_source)
        return ingest_take_from_source(ingest, &origin, record, &receipt);
    if (kind != SW_TOPIC_STEPS && kind != SW_TOPIC_PAIN)
        return ingest_refuse(ingest, record, SW_REFUSED_TOPIC,
                             "not a topic of readings");
    struct patient *patient =
        ingest_find_patient(ingest, topic->patient, record->received_at_s);
    if (!patient)
        return ingest_refuse_unknown(ingest, record, topic->patient);
    return kind == SW_TOPIC_STEPS ? take_steps(ingest, record, patient, &receipt)
                                  : take_pain(ingest, record, patient, &receipt);
}

static int take_parsed(struct ingest *ingest, const struct sw_inbox_record *record,
                       enum sw_topic_kind kind, const struct sw_topic *topic,
                       int64_t now_s)
{
    size_t n_refused = ingest->n_refused;
    ingest->about = NULL;
    ingest->serial++;
    ingest->payload = record->payload;
    ingest->is_refused = false;
    ingest->bytes += record->topic_len + record->payload_len;
    int r = take_by_topic(ingest, record, kind, topic, now_s);
    /* It counts messages, refused whole or in part, of whatever number of rows. */
    ingest->rejected += ingest->again_id == 0 && ingest->n_refused > n_refused;
    ingest->about = NULL; /* the patient may be gone when the next comes */
    return r;
}

int ingest_take(struct ingest *ingest, const struct sw_inbox_record *record,
                int64_t now_s)
{
    struct sw_topic topic;
    enum sw_topic_kind kind =
        sw_topic_parse(ingest->config->site, record->topic, record->topic_len, &topic);
    bool is_own_voice = kind == SW_TOPIC_ALERT || kind == SW_TOPIC_ECHO_END ||
                        kind == SW_TOPIC_ALERT_TEST || kind == SW_TOPIC_ALERT_UNKNOWN ||
                        kind == SW_TOPIC_STATUS || kind == SW_TOPIC_HEALTH ||
                        kind == SW_TOPIC_PROBE || kind == SW_TOPIC_BOARD ||
                        kind == SW_TOPIC_PATIENTS;
    if (is_own_voice) /* from the inbox of an earlier version */
        return 0;
    ingest->taken++;
    ingest->messages += !record->again;
    ingest->last_message_at_s = record->received_at_s;
    return take_parsed(ingest, record, kind, &topic, now_s);
}

bool ingest_is_empty(const struct ingest *ingest)
{
    return ingest->taken == 0;
}

bool ingest_is_full(const struct ingest *ingest)
{
    return write_buffer_bytes(&ingest->patients->write_buffer) >=
               INGEST_PENDING_BYTES_MAX ||
           ingest->n_refused >= SW_REJECTED_MAX ||
           ingest->actions.n_asked >= ACTIONS_MAX || ingest->bytes >= INGEST_BYTES_MAX;
}

void ingest_want_commit(const struct ingest *ingest, struct commit_policy *policy,
                        int64_t now_ms)
{
    if (!ingest_is_empty(ingest))
        commit_policy_want(policy, COMMIT_READINGS, now_ms);
    if (ingest_is_full(ingest))
        commit_policy_want(policy, COMMIT_FULL, now_ms);
    if (ingest->is_urgent)
        commit_policy_want(policy, COMMIT_SCORE, now_ms);
}

/* ---- refused messages that are to be taken once more ---- */

/* Each message is taken as it came, with its own time of receipt, and is not counted
 * again. The commit that stores the outcome also removes its row, or notes the new
 * reason there. A row that is refused again keeps its place: as a new row it would push
 * out the oldest of the others. */
struct retaking {
    struct ingest *ingest;
    int64_t now_s;
};

static int take_row(void *ctx, const struct sw_rejected *row)
{
    const struct retaking *taking = ctx;
    struct ingest *ingest = taking->ingest;
    struct sw_inbox_record record = {
        .received_at_s = row->at_s,
        .retained = row->retained,
        .topic = row->topic,
        .topic_len = row->topic_len,
        .payload = row->payload,
        .payload_len = row->payload_len,
    };
    size_t n_refused = ingest->n_refused;
    ingest->again_id = row->id;
    ingest->again_stamp = row->stamp;
    struct sw_topic topic;
    enum sw_topic_kind kind =
        sw_topic_parse(ingest->config->site, record.topic, record.topic_len, &topic);
    int r = take_parsed(ingest, &record, kind, &topic, taking->now_s);
    ingest->again_id = 0;
    if (r < 0)
        return r;
    bool refused = ingest->n_refused > n_refused;
    ingest->again[ingest->n_again++] = (struct again){row->id, refused};
    return ingest_is_full(ingest);
}

int ingest_take_again(struct ingest *ingest, int64_t now_s)
{
    struct retaking taking = {ingest, now_s};
    bool waits_for_commit = ingest->n_again > 0 || ingest_is_full(ingest);
    if (!ingest->maybe_marked || waits_for_commit)
        return 0;
    ingest->maybe_marked = false; /* unless taking them finds more */
    int r = sw_store_each_marked(ingest->patients->store, AGAIN_MAX, take_row, &taking);
    if (r < 0)
        return r;
    ingest->maybe_marked = ingest->maybe_marked || ingest->n_again > 0;
    return (int)ingest->n_again;
}

/* ---- all of it ---- */

void ingest_clear(struct ingest *ingest)
{
    if (ingest->patients) /* it was started */
        write_buffer_clear(&ingest->patients->write_buffer);
    for (size_t i = 0; i < ingest->n_refused; i++) {
        free((void *)(uintptr_t)ingest->refused[i].row.topic);
        free((void *)(uintptr_t)ingest->refused[i].row.payload);
    }
    ingest->n_refused = ingest->n_again = ingest->n_missed = 0;
    actions_clear(&ingest->actions);
    ingest->bytes = 0;
    ingest->is_urgent = false;
    ingest->taken = 0;
    ingest->messages = ingest->readings = ingest->rejected = 0;
}

void ingest_fini(struct ingest *ingest)
{
    ingest_clear(ingest);
    free(ingest->refused);
    free(ingest->missed);
    actions_fini(&ingest->actions);
    sw_samples_fini(&ingest->samples);
    *ingest = (struct ingest){0};
}
