/* recording.c -- recorded messages in memory, decoded like incoming ones.
 *
 * Nothing is refused as too old or in the future: it was neither when it was recorded.
 */
#include "records/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

/* ---- patients and devices ---- */

static struct sw_recorded_patient *patient_of(struct sw_recording *recording,
                                              const struct sw_patient_id *id)
{
    size_t n = recording->n_patients;
    for (size_t i = n; i > 0; i--)
        if (strcmp(recording->patients[i - 1]->id.str, id->str) == 0)
            return recording->patients[i - 1];
    if (n == SW_RECORDED_PATIENTS_MAX ||
        GROW(recording->patients, n, recording->cap_patients) < 0)
        return NULL;
    struct sw_recorded_patient *patient = calloc(1, sizeof *patient);
    if (!patient)
        return NULL;
    patient->recording = recording;
    patient->id = *id;
    recording->patients[recording->n_patients++] = patient;
    return patient;
}

static int device_key(struct sw_recorded_patient *patient,
                      const struct sw_device_id *device, int64_t *ret_key)
{
    size_t i = 0;
    while (i < patient->n_devices && strcmp(patient->devices[i].str, device->str) != 0)
        i++;
    if (i == SW_RECORDED_DEVICES_MAX)
        return -ENOMEM;
    if (i == patient->n_devices) {
        int r = GROW(patient->devices, i, patient->cap_devices);
        if (r < 0)
            return r;
        patient->devices[patient->n_devices++] = *device;
    }
    *ret_key = (int64_t)i + 1;
    return 0;
}

/* ---- lines ---- */

static int keep(struct sw_recorded_patient *patient, struct sw_received *received,
                const struct sw_recorded *recorded, int64_t ended_s)
{
    struct sw_span *span = &patient->recording->span;
    received->at_s = recorded->has_received ? recorded->received_s : ended_s;
    if (span->from_s == 0 || received->at_s < span->from_s)
        span->from_s = received->at_s;
    if (received->at_s > span->to_s)
        span->to_s = received->at_s;
    return sw_received_list_add(&patient->received_list, received);
}

static int keep_sample(struct sw_recorded_patient *patient,
                       const struct sw_sample *sample,
                       const struct sw_recorded *recorded)
{
    struct sw_received received = {.battery = sample->battery};
    int64_t ended_s = sample->reading.start_s + sample->reading.seconds;
    int r = device_key(patient, &sample->device, &received.device_key);
    if (r < 0)
        return r;
    if (sample->kind == SW_SAMPLE_READING) {
        received.kind = SW_RECEIVED_READING;
        received.reading = sample->reading;
    } else {
        received.kind = SW_RECEIVED_TOTAL;
        received.total = sample->total;
        ended_s = sample->total.at_s;
    }
    return keep(patient, &received, recorded, ended_s);
}

/* 0, a refusal, or a negative errno. */
static int recording_take(struct sw_recording *recording,
                          const struct sw_recorded *recorded,
                          char why[static SW_WHY_MAX])
{
    struct sw_recorded_patient *patient = patient_of(recording, &recorded->patient);
    struct sw_receipt receipt = {.at_s = recorded->received_s,
                                 .retained = !recorded->has_received,
                                 .stamp = SW_STAMP_RECEIPT,
                                 .newest_s = UINT32_MAX};
    if (recorded->has_received && recording->max_future_s > 0)
        receipt.cut_s = recorded->received_s + recording->max_future_s;
    struct sw_received scored = {.kind = SW_RECEIVED_PAIN, .battery = -1};
    size_t len = strlen(recorded->payload);
    if (!patient)
        return -ENOMEM;
    if (recorded->is_pain) {
        int r = sw_decode_pain(recorded->payload, len, &receipt, &scored.pain, why);
        return r ? r : keep(patient, &scored, recorded, scored.pain.at_s);
    }
    int r = sw_decode_steps(recorded->payload, len, &receipt, &recording->samples, why);
    for (size_t i = 0; r >= 0 && i < recording->samples.n; i++) {
        int kept = keep_sample(patient, &recording->samples.items[i], recorded);
        r = kept < 0 ? kept : r;
    }
    return r;
}

static int read_line(struct sw_recording *recording, int n, const char *line,
                     size_t len, char why[static SW_WHY_MAX])
{
    struct sw_recorded recorded;
    char reason[SW_WHY_MAX] = "";
    int r = sw_decode_recorded(line, len, &recorded, reason);
    if (r > 0) {
        snprintf(why, SW_WHY_MAX, "%d: %.180s", n, reason);
        r = -EINVAL;
    }
    if (r == SW_ACCEPTED)
        r = recording_take(recording, &recorded, reason);
    if (r > 0 && recording->n_refused++ == 0)
        snprintf(recording->refused, SW_WHY_MAX, "%d: %.180s", n, reason);
    free(recorded.payload);
    return r;
}

int sw_recording_read(struct sw_recording *recording, FILE *file,
                      char why[static SW_WHY_MAX])
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int r = 0;
    for (int n = 1; r >= 0 && (len = getline(&line, &size, file)) >= 0; n++) {
        bool is_empty = line[strspn(line, " \t\r\n")] == '\0';
        if (!is_empty)
            r = read_line(recording, n, line, (size_t)len, why);
    }
    if (r >= 0 && ferror(file))
        r = -EIO;
    free(line);
    return r < 0 ? r : 0;
}

/* ---- as a source ---- */

static int recording_start(void *ctx, struct sw_replay_start *ret)
{
    const struct sw_recorded_patient *patient = ctx;
    int64_t first_s = INT64_MAX;
    for (size_t i = 0; i < patient->received_list.n; i++)
        if (patient->received_list.items[i].at_s < first_s)
            first_s = patient->received_list.items[i].at_s;
    ret->added_at_s = first_s;
    return 0;
}

/* Every total is taken, because its neighbours are known only when they are
 * received. */
static bool is_of_day(const struct sw_received *received, int64_t begin_s,
                      int64_t end_s)
{
    const struct sw_reading *reading = &received->reading;
    switch (received->kind) {
    case SW_RECEIVED_READING:
        return reading->start_s < end_s &&
               reading->start_s + reading->seconds > begin_s;
    case SW_RECEIVED_PAIN:
        return received->pain.at_s >= begin_s && received->pain.at_s < end_s;
    case SW_RECEIVED_TOTAL:
        break;
    }
    return true;
}

static int recording_load(void *ctx, int32_t day, struct sw_received_list *ret)
{
    const struct sw_recorded_patient *patient = ctx;
    const struct sw_zone *zone = patient->recording->zone;
    int64_t begin_s = sw_day_begin(zone, day), end_s = sw_day_begin(zone, day + 1);
    int r = 0;
    for (size_t i = 0; r == 0 && i < patient->received_list.n; i++)
        if (is_of_day(&patient->received_list.items[i], begin_s, end_s))
            r = sw_received_list_add(ret, &patient->received_list.items[i]);
    return r;
}

static int recording_plan_on(void *ctx, int32_t day, struct sw_plan *ret)
{
    const struct sw_recorded_patient *patient = ctx;
    (void)day;
    *ret = patient->recording->plan;
    return 0;
}

static const char *recording_device(void *ctx, int64_t device_key)
{
    const struct sw_recorded_patient *patient = ctx;
    return patient->devices[device_key - 1].str;
}

struct sw_replay_source sw_recording_source(struct sw_recorded_patient *patient)
{
    return (struct sw_replay_source){recording_start, recording_load, recording_plan_on,
                                     recording_device, patient};
}

void sw_recording_fini(struct sw_recording *recording)
{
    for (size_t i = 0; i < recording->n_patients; i++) {
        sw_received_list_fini(&recording->patients[i]->received_list);
        free(recording->patients[i]->devices);
        free(recording->patients[i]);
    }
    free(recording->patients);
    sw_samples_fini(&recording->samples);
    recording->patients = NULL;
    recording->n_patients = 0;
}
