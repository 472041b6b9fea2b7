/* decode_patient.h -- the samples of a native payload that is already parsed.
 */
#ifndef WIRE_DECODE_PATIENT_H
#define WIRE_DECODE_PATIENT_H

#include <cjson/cJSON.h>

#include "stepward/wire.h"

/* The second half of sw_decode_steps(), with the same returns. */
enum sw_refusal sw_decode_steps_json(const cJSON *root,
                                     const struct sw_receipt *receipt,
                                     struct sw_samples *out,
                                     char why[static SW_WHY_MAX]);

#endif
