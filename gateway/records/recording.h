/* recording.h -- a replay of recorded messages, without a database.
 *
 *     struct sw_recording recording = {.zone = &zone, .plan = …};
 *     r = sw_recording_read(&recording, file, why);
 *     for (size_t i = 0; i < recording.n_patients; i++)
 *         … sw_recording_source(recording.patients[i]) …
 *     sw_recording_fini(&recording);
 */
#ifndef RECORDS_RECORDING_H
#define RECORDS_RECORDING_H

#include <stdio.h>

#include "records/replay.h"
#include "stepward/wire.h"

enum { SW_RECORDED_DEVICES_MAX = SW_DEVICES_MAX, SW_RECORDED_PATIENTS_MAX = 20000 };

struct sw_recorded_patient {
    struct sw_recording *recording;
    struct sw_patient_id id;
    struct sw_received_list received_list;
    struct sw_device_id *devices; /* a device's key is its place, from 1 */
    size_t n_devices, cap_devices;
};

struct sw_recording {
    const struct sw_zone *zone;
    struct sw_plan plan;  /* of every patient and day */
    int64_t max_future_s; /* data ending later after its receipt is cut; 0: none */
    struct sw_recorded_patient **patients; /* in the order of their first line */
    size_t n_patients, cap_patients;
    struct sw_span span;      /* from the first receipt to the last */
    int64_t n_refused;        /* messages the gateway would refuse, whole or in part */
    char refused[SW_WHY_MAX]; /* "LINE: why" of the first one */
    struct sw_samples samples;
};

/* Add the lines of a file. 0; -EINVAL with "LINE: why" in `why` for a line that is no
 * recorded message; -ENOMEM; -EIO. */
int sw_recording_read(struct sw_recording *recording, FILE *file,
                      char why[static SW_WHY_MAX]);
struct sw_replay_source sw_recording_source(struct sw_recorded_patient *patient);
void sw_recording_fini(struct sw_recording *recording);

#endif
