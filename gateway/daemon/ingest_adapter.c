/* ingest_adapter.c -- messages of other devices: whose readings they are.
 *
 * If the topic does not name a patient, the device is worn by the patient to whom it is
 * assigned at the time of the reading. When that changes, pending readings follow.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ingest_private.h"
#include "stepward/host.h"
#include "util/array.h"

/* ---- whose reading it is ---- */

static struct sw_span ingest_adapter_span_of(const struct pending *item)
{
    int64_t at_s = item->kind == PENDING_PAIN ? item->pain.at_s : item->total.at_s;
    if (item->kind != PENDING_READING)
        return (struct sw_span){at_s, at_s + 1};
    return (struct sw_span){item->reading.start_s,
                            item->reading.start_s + item->reading.seconds};
}

/* Who wore the device all that time; NULL if nobody did, or if it changed hands
 * meanwhile. */
static struct patient *assigned_to(const struct patients *patients,
                                   const struct sw_device_id *device,
                                   struct sw_span span)
{
    const struct sw_assignment *assignment =
        device_assignments_at(&patients->device_assignments, device, span.from_s);
    bool is_worn =
        assignment && assignment->patient_key != 0 && span.to_s <= assignment->to_s;
    return is_worn ? patients_find(patients, assignment->patient.str) : NULL;
}

static bool is_set(const char *text)
{
    return text && *text;
}

/* Like assigned_to(), but also finds an assignment made a moment ago. */
static struct patient *find_wearer(struct ingest *ingest,
                                   const struct sw_device_id *device,
                                   struct sw_span span)
{
    struct patients *patients = ingest->patients;
    struct patient *patient = assigned_to(patients, device, span);
    bool assigned_meanwhile = !patient && patients_is_behind(patients) &&
                              ingest_load(ingest, patients->today) >= 0;
    return assigned_meanwhile ? assigned_to(patients, device, span) : patient;
}

struct patient *ingest_wearer(struct ingest *ingest, const struct sw_device_id *device,
                              int64_t at_s)
{
    return find_wearer(ingest, device, (struct sw_span){at_s, at_s + 1});
}

static void format_unworn(const struct sw_device_id *device, struct sw_span span,
                          char why[static SW_WHY_MAX])
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    sw_instant_format(span.from_s, from);
    sw_instant_format(span.to_s, to);
    if (span.to_s == span.from_s + 1)
        snprintf(why, SW_WHY_MAX, "nobody wore %s at %s", device->str, from);
    else
        snprintf(why, SW_WHY_MAX, "no one wore %s all the time from %s to %s",
                 device->str, from, to);
}

/* Keep each sample for the patient, or if the topic names none, for whoever wore the
 * device then. What was nobody's is refused. A score stays with whom it was given to,
 * whoever the button is given to later. 0, or a negative errno. */
static int keep_samples(struct ingest *ingest, const struct sw_inbox_record *record,
                        const struct sw_origin *origin, struct patient *patient)
{
    struct sw_samples *samples = &ingest->samples;
    bool by_device = origin->patient.str[0] == '\0';
    int r = 0;
    for (size_t i = 0; r == 0 && i < samples->n; i++) {
        const struct sw_sample *sample = &samples->items[i];
        struct pending item = ingest_item_of(sample);
        struct sw_span span = ingest_adapter_span_of(&item);
        char why[SW_WHY_MAX];
        if (is_set(origin->source->device))
            samples->device = sample->device; /* of what is refused of it now */
        if (by_device)
            patient = find_wearer(ingest, &sample->device, span);
        if (patient) {
            r = ingest_keep_sample(ingest, record, i, patient,
                                   by_device && item.kind != PENDING_PAIN);
        } else {
            format_unworn(&sample->device, span, why);
            samples->device = sample->device;
            sw_samples_refuse(samples, sample->place, SW_REFUSED_DEVICE, why);
        }
    }
    return r < 0 ? r : 0;
}

/* ---- whose sign of life it is ---- */

/* The patient of whom this message is a sign of life, even if it holds no reading. */
static struct patient *speaker(struct ingest *ingest, const struct sw_origin *origin,
                               int64_t at_s, enum sw_value_state said)
{
    struct sw_span now = {at_s, at_s + 1};
    if (said == SW_VALUE_AWAY || origin->invalid)
        return NULL;
    if (origin->patient.str[0] == '\0')
        return said == SW_VALUE_GIVEN
                   ? find_wearer(ingest, &origin->device, now)
                   : assigned_to(ingest->patients, &origin->device, now);
    return said == SW_VALUE_GIVEN
               ? ingest_find_patient(ingest, origin->patient, at_s)
               : patients_find(ingest->patients, origin->patient.str);
}

/* Devices that the payload names, one or more, are heard of each by itself. */
static void hear_devices(struct ingest *ingest, const struct sw_inbox_record *record)
{
    const struct sw_samples *samples = &ingest->samples;
    const struct sw_device_id *last = NULL;
    for (size_t i = 0; i < samples->n + samples->n_refused; i++) {
        const struct sw_device_id *device =
            i < samples->n ? &samples->items[i].device
                           : &samples->refused[i - samples->n].device;
        bool is_same = last && strcmp(last->str, device->str) == 0;
        bool is_named = *device->str && !is_same;
        struct patient *patient =
            is_named ? ingest_wearer(ingest, device, record->received_at_s) : NULL;
        if (patient)
            ingest_on_device(patient, record);
        last = device;
    }
}

/* Whoever wears a device now, of which something was refused: a message that cannot be
 * read is of the device that the topic names. */
static void devices_on_unusable(struct ingest *ingest, const struct sw_origin *origin,
                                const struct sw_inbox_record *record)
{
    struct sw_span now = {record->received_at_s, record->received_at_s + 1};
    const struct sw_samples *samples = &ingest->samples;
    for (size_t i = 0; i < samples->n_refused; i++) {
        const struct sw_device_id *said = &samples->refused[i].device;
        const struct sw_device_id *device = *said->str ? said : &origin->device;
        struct patient *patient = assigned_to(ingest->patients, device, now);
        if (patient)
            ingest_on_unusable(ingest, patient, record);
    }
}

/* ---- a message by one section ---- */

/* Items that are missed among others that are found are counted until the commit, which
 * stores them for `stepward status`. */
static int count_missed(struct ingest *ingest, const struct sw_source *source,
                        int64_t at_s)
{
    const struct sw_samples *samples = &ingest->samples;
    size_t i = 0;
    while (i < ingest->n_missed && strcmp(ingest->missed[i].source, source->name) != 0)
        i++;
    if (i == ingest->n_missed) {
        int r = GROW(ingest->missed, ingest->n_missed, ingest->cap_missed);
        if (r < 0)
            return r;
        ingest->missed[ingest->n_missed++] = (struct sw_missed){.since_s = at_s};
        snprintf(ingest->missed[i].source, sizeof(ingest->missed[i].source), "%s",
                 source->name);
    }
    struct sw_missed *missed = &ingest->missed[i];
    missed->last_s = at_s;
    missed->n_missed += (int64_t)samples->n_missed;
    missed->n_seen += (int64_t)samples->n_seen;
    snprintf(missed->example, sizeof(missed->example), "%s", samples->missed);
    return 0;
}

/* Logged once per run and source: a pointer that never finds anything may be a wrong
 * one, and so may one that misses some items. */
static void hint_at_pointer(struct ingest *ingest, const struct sw_origin *origin,
                            enum sw_value_state said)
{
    const struct sw_source *source = origin->source;
    const struct sw_samples *samples = &ingest->samples;
    uint64_t bit = UINT64_C(1) << (size_t)(source - ingest->config->sources) % 64;
    bool is_new = said == SW_VALUE_NONE && !((ingest->spoken | ingest->hinted) & bit);
    bool misses =
        said == SW_VALUE_GIVEN && samples->n_missed > 0 && !(ingest->hinted_item & bit);
    if (said == SW_VALUE_GIVEN)
        ingest->spoken |= bit;
    if (is_new)
        sw_log(SW_LOG_NOTICE,
               "source %s: a message says nothing: %s: such messages count as no data",
               source->name,
               samples->n_missed > 0 ? samples->missed
               : samples->n_seen > 0 ? "the value is null or negative"
                                     : "it has no item of this source");
    if (misses)
        sw_log(SW_LOG_NOTICE,
               "source %s: %zu of %zu items of a message say nothing: %s: such items "
               "count as no data",
               source->name, samples->n_missed, samples->n_seen, samples->missed);
    ingest->hinted |= is_new ? bit : 0;
    ingest->hinted_item |= misses ? bit : 0;
}

/* Keep what is right by this section, and refuse what is wrong. 0, or a negative
 * errno. */
static int take_by_section(struct ingest *ingest, const struct sw_origin *origin,
                           const struct sw_inbox_record *record,
                           const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    enum sw_value_state said;
    int refusal = sw_decode_source(origin, record->payload, record->payload_len,
                                   receipt, &ingest->samples, &said, why);
    if (refusal < 0)
        return refusal;
    hint_at_pointer(ingest, origin, said);
    bool is_new = ingest->again_id == 0 && !record->again;
    bool misses = said == SW_VALUE_GIVEN && ingest->samples.n_missed > 0;
    if (is_new && misses &&
        count_missed(ingest, origin->source, record->received_at_s) < 0)
        return -ENOMEM;
    struct patient *patient = speaker(ingest, origin, record->received_at_s, said);
    bool is_given = said == SW_VALUE_GIVEN, names_patient = *origin->patient.str;
    if (!ingest->about)
        ingest->about = patient;
    if (is_given && origin->invalid) {
        snprintf(why, sizeof(why), "source %s: what stands for %s is no id",
                 origin->source->name, origin->invalid);
        return ingest_refuse_of(ingest, record, origin->patient, SW_REFUSED_TOPIC, why);
    }
    if (is_given && !patient && names_patient)
        return ingest_refuse_unknown(ingest, record, origin->patient);
    /* A score does not show that the step counter is there. */
    bool is_of_counter = !origin->source->has_score;
    if (is_of_counter && patient)
        ingest_on_device(patient, record);
    else if (is_of_counter && !names_patient)
        hear_devices(ingest, record);
    int r = keep_samples(ingest, record, origin, patient);
    if (r < 0)
        return r;
    if (is_of_counter && patient && names_patient)
        ingest_on_unusable(ingest, patient, record);
    else if (is_of_counter && !names_patient) /* who wears them was perhaps read anew */
        devices_on_unusable(ingest, origin, record);
    return ingest_refuse_items(ingest, record, origin);
}

int ingest_take_from_source(struct ingest *ingest, struct sw_origin *origin,
                            const struct sw_inbox_record *record,
                            const struct sw_receipt *receipt)
{
    int r;
    do {
        r = take_by_section(ingest, origin, record, receipt);
    } while (r == 0 && sw_adapters_next(ingest->adapters, origin));
    return r;
}

/* ---- a device that changed hands while its readings were pending ---- */

/* If nobody wears the device now, the reading stays where it is, as it does in the
 * store. */
static void follow_device(struct ingest *ingest, struct pending *item)
{
    struct patient *wearer =
        item->by_device
            ? assigned_to(ingest->patients, &item->device, ingest_adapter_span_of(item))
            : NULL;
    if (wearer)
        item->patient = wearer;
}

/* Sets in memory hold readings that are another patient's now, in the store too:
 * rebuild them. */
static void show_again(struct ingest *ingest)
{
    struct patients *patients = ingest->patients;
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        day_cache_reset(patients, patient);
        patient->day.is_changed = true;
        patient->judge = JUDGE_SOON;
    }
    write_buffer_unlink(&patients->write_buffer);
    for (size_t i = 0; i < patients->write_buffer.n; i++)
        follow_device(ingest, &patients->write_buffer.items[i]);
    write_buffer_link(&patients->write_buffer);
}

/* ---- a clock that was wrong while they were pending ---- */

static void redate_item(struct pending *item, int64_t by_s)
{
    if (item->kind == PENDING_TOTAL && item->total.stamp == SW_STAMP_RECEIPT)
        item->total.at_s += by_s;
    if (item->kind == PENDING_PAIN && item->pain.stamp == SW_STAMP_RECEIPT)
        item->pain.at_s += by_s;
}

/* Rows were computed from readings that now lie elsewhere. */
static void ingest_adapter_redate_patient(struct patient *patient, int64_t by_s)
{
    if (!patient->unstored.has_heard)
        patient->known.heard_at_s = 0; /* as the store has it now */
    else if (patient->known.heard_stamp == SW_STAMP_RECEIPT)
        patient->known.heard_at_s += by_s;
    if (patient->known.key == 0)
        patient->known.added_at_s += by_s;
    if (patient->known.refusing.n > 0) { /* how long it lasted, nobody knows */
        patient->known.refusing.to_s += by_s;
        patient->known.refusing.from_s = patient->known.refusing.to_s;
        patient->unstored.has_refusing = true;
    }
    patient->unstored.has_row = patient->day.is_touched = false;
}

void ingest_redate(struct ingest *ingest, int64_t by_s)
{
    struct patients *patients = ingest->patients;
    for (size_t i = 0; i < patients->write_buffer.n; i++)
        redate_item(&patients->write_buffer.items[i], by_s);
    for (size_t i = 0; i < ingest->n_refused; i++)
        if (ingest->refused[i].row.stamp == SW_STAMP_RECEIPT)
            ingest->refused[i].row.at_s += by_s;
    for (size_t i = 0; i < ingest->actions.n_asked; i++)
        ingest->actions.asked[i].at_s += by_s;
    if (ingest->last_message_at_s != 0)
        ingest->last_message_at_s += by_s;
    for (size_t i = 0; i < patients->n; i++)
        ingest_adapter_redate_patient(patients->all[i], by_s);
    patients->hands_changed = true; /* rebuild sets from what is stored and pending */
}

/* Pending items of erased patients are dropped with them, even if the rest was not
 * fully loaded. */
int ingest_load(struct ingest *ingest, int32_t today)
{
    struct sw_patient_id about =
        ingest->about ? ingest->about->known.id : (struct sw_patient_id){""};
    int r = patients_load(ingest->patients, today);
    write_buffer_drop_gone(&ingest->patients->write_buffer);
    actions_drop_gone(&ingest->actions);
    patients_drop_gone(ingest->patients);
    ingest->about = patients_find(ingest->patients, about.str); /* perhaps erased */
    ingest->maybe_marked = true;
    if (r < 0 || !ingest->patients->hands_changed)
        return r;
    show_again(ingest);
    ingest->patients->hands_changed = false;
    return r;
}
