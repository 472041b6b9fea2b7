/* intake_source.c -- messages of other devices: whose readings they are.
 *
 * A device of which the topic does not name the wearer is worn by whom it is assigned
 * to at the time of the reading; when that changes, what is pending follows.
 */
#include <stdio.h>

#include "daemon/intake_private.h"
#include "stepward/host.h"

/* ---- whose reading it is ---- */

static struct sw_span span_of(const struct pending *item)
{
    if (item->kind == PENDING_TOTAL)
        return (struct sw_span){item->total.at_s, item->total.at_s + 1};
    return (struct sw_span){item->reading.start_s,
                            item->reading.start_s + item->reading.seconds};
}

/* Who wore the device all that time; NULL: nobody, or it changed hands meanwhile. */
static struct patient *wearer_of(const struct ward *ward,
                                 const struct sw_device_id *device, struct sw_span span)
{
    const struct sw_wearer *wearer = wearers_at(&ward->wearers, device, span.from_s);
    bool is_worn = wearer && wearer->patient_key != 0 && span.to_s <= wearer->to_s;
    return is_worn ? ward_find(ward, wearer->patient.str) : NULL;
}

/* As wearer_of(), also if it was assigned a moment ago. */
static struct patient *find_wearer(struct intake *intake,
                                   const struct sw_device_id *device,
                                   struct sw_span span)
{
    struct ward *ward = intake->ward;
    struct patient *patient = wearer_of(ward, device, span);
    bool assigned_meanwhile =
        !patient && ward_is_behind(ward) && intake_load(intake, ward->today) >= 0;
    return assigned_meanwhile ? wearer_of(ward, device, span) : patient;
}

/* Each reading to whoever wore the device then; *ret_lost: the first that was nobody's,
 * which is left out. */
static int keep_by_wearer(struct intake *intake, struct sw_span *ret_lost)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < intake->samples.n; i++) {
        struct pending item = intake_pending_of(&intake->samples.items[i]);
        struct sw_span span = span_of(&item);
        item.by_device = true;
        item.patient = find_wearer(intake, &item.device, span);
        if (item.patient)
            r = intake_keep(intake, &item);
        else if (ret_lost->to_s == 0)
            *ret_lost = span;
    }
    return r;
}

static void say_unworn(const struct sw_device_id *device, struct sw_span span,
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

/* Said once a run and source: a pointer that never finds anything may be a wrong one.
 */
static void hint_at_pointer(struct intake *intake, const struct sw_origin *origin,
                            enum sw_said said)
{
    const struct sw_source *source = origin->source;
    uint64_t bit = UINT64_C(1) << (size_t)(source - intake->config->sources) % 64;
    bool is_new = said == SW_SAID_NONE && !((intake->spoken | intake->hinted) & bit);
    if (said == SW_SAID_VALUE)
        intake->spoken |= bit;
    if (!is_new)
        return;
    intake->hinted |= bit;
    sw_log(SW_LOG_NOTICE,
           "source %s: a message has nothing at \"%s\": such messages count as no data",
           source->name, source->has_total ? source->total : source->steps);
}

/* Whoever is to be heard by a message that may hold no reading. */
static struct patient *speaker(struct intake *intake, const struct sw_origin *origin,
                               int64_t at_s, enum sw_said said)
{
    struct sw_span now = {at_s, at_s + 1};
    if (said == SW_SAID_AWAY || origin->invalid)
        return NULL;
    if (origin->patient.str[0] == '\0')
        return said == SW_SAID_VALUE ? find_wearer(intake, &origin->device, now)
                                     : wearer_of(intake->ward, &origin->device, now);
    return said == SW_SAID_VALUE ? intake_find_patient(intake, origin->patient, at_s)
                                 : ward_find(intake->ward, origin->patient.str);
}

/* SW_REFUSED_DEVICE: some of it is nobody's. */
static int keep_from_source(struct intake *intake, const struct sw_origin *origin,
                            struct patient *patient, char why[static SW_WHY_MAX])
{
    struct sw_span lost = {0};
    if (origin->patient.str[0] != '\0')
        return intake_keep_samples(intake, patient);
    int r = keep_by_wearer(intake, &lost);
    if (r != 0 || lost.to_s == 0)
        return r;
    say_unworn(&origin->device, lost, why);
    return SW_REFUSED_DEVICE;
}

/* What there is to refuse before any reading is looked at; SW_ACCEPTED: nothing. */
static int refuse_origin(const struct sw_origin *origin, char why[static SW_WHY_MAX])
{
    if (!origin->invalid)
        return SW_ACCEPTED;
    snprintf(why, SW_WHY_MAX, "source %s: what stands for %s is no id",
             origin->source->name, origin->invalid);
    return SW_REFUSED_TOPIC;
}

int intake_take_from_source(struct intake *intake, const struct sw_origin *origin,
                            const struct sw_inbox_record *record,
                            const struct sw_receipt *receipt)
{
    char why[SW_WHY_MAX] = "";
    enum sw_said said;
    int refusal = sw_decode_source(origin, record->payload, record->payload_len,
                                   receipt, &intake->samples, &said, why);
    if (refusal < 0)
        return refusal;
    hint_at_pointer(intake, origin, said);
    struct patient *patient = speaker(intake, origin, record->received_at_s, said);
    int r = said == SW_SAID_VALUE ? refuse_origin(origin, why) : SW_ACCEPTED;
    intake->about = patient;
    bool is_unknown = said == SW_SAID_VALUE && r == SW_ACCEPTED && !patient &&
                      origin->patient.str[0] != '\0';
    if (is_unknown)
        return intake_refuse_unknown(intake, record, origin->patient);
    if (r == SW_ACCEPTED) {
        bool says_something = refusal == SW_ACCEPTED || intake->samples.n > 0;
        if (patient && says_something)
            intake_hear(patient, record);
        r = keep_from_source(intake, origin, patient, why);
    }
    if (r < 0)
        return r;
    if (r == SW_REFUSED_FLOOD)
        return intake_refuse_flood(intake, record);
    if (r > 0)
        refusal = r;
    return refusal == SW_ACCEPTED ? 0
                                  : intake_refuse_of(intake, record, origin->patient,
                                                     (enum sw_refusal)refusal, why);
}

/* ---- a device that changed hands while its readings were pending ---- */

/* What nobody wears stays, as it does in the store. */
static void follow_device(struct intake *intake, struct pending *item)
{
    struct patient *wearer =
        item->by_device ? wearer_of(intake->ward, &item->device, span_of(item)) : NULL;
    if (wearer)
        item->patient = wearer;
}

/* Sets in memory hold what is another's now, in the store too: they are built anew. */
static void show_again(struct intake *intake)
{
    struct ward *ward = intake->ward;
    for (size_t i = 0; i < ward->n; i++) {
        struct patient *patient = ward->patients[i];
        ward_forget_set(ward, patient);
        patient->today_changed = patient->to_judge = true;
    }
    pendings_unlink(&ward->pendings);
    for (size_t i = 0; i < ward->pendings.n; i++)
        follow_device(intake, &ward->pendings.items[i]);
    pendings_link(&ward->pendings);
}

/* ---- a clock that was wrong while they were pending ---- */

static void redate_item(struct pending *item, int64_t by_s)
{
    if (item->kind == PENDING_TOTAL && item->total.stamp == SW_STAMP_RECEIPT)
        item->total.at_s += by_s;
    if (item->kind == PENDING_PAIN && item->pain.stamp == SW_STAMP_RECEIPT)
        item->pain.at_s += by_s;
}

/* Rows as they were computed are of readings that lie elsewhere now. */
static void redate_patient(struct patient *patient, int64_t by_s)
{
    if (!patient->heard_unstored)
        patient->known.heard_at_s = 0; /* as the store has it now */
    else if (patient->known.heard_stamp == SW_STAMP_RECEIPT)
        patient->known.heard_at_s += by_s;
    if (patient->known.key == 0)
        patient->known.added_at_s += by_s;
    patient->row_unstored = patient->row_touched = false;
}

void intake_redate(struct intake *intake, int64_t by_s)
{
    struct ward *ward = intake->ward;
    for (size_t i = 0; i < ward->pendings.n; i++)
        redate_item(&ward->pendings.items[i], by_s);
    for (size_t i = 0; i < intake->n_refused; i++)
        if (intake->refused[i].row.stamp == SW_STAMP_RECEIPT)
            intake->refused[i].row.at_s += by_s;
    for (size_t i = 0; i < intake->actions.n_asked; i++)
        intake->actions.asked[i].at_s += by_s;
    if (intake->last_message_at_s != 0)
        intake->last_message_at_s += by_s;
    for (size_t i = 0; i < ward->n; i++)
        redate_patient(ward->patients[i], by_s);
    ward->hands_changed = true; /* sets are built anew, of what is stored and pending */
}

/* What is pending of patients that were erased goes with them. */
static void drop_gone(struct intake *intake)
{
    pendings_drop_gone(&intake->ward->pendings);
    actions_drop_gone(&intake->actions);
    ward_forget_gone(intake->ward);
}

int intake_load(struct intake *intake, int32_t today)
{
    int r = ward_load(intake->ward, today);
    drop_gone(intake); /* also if not all of it was loaded */
    intake->maybe_marked = true;
    if (r < 0 || !intake->ward->hands_changed)
        return r;
    show_again(intake);
    intake->ward->hands_changed = false;
    return r;
}
