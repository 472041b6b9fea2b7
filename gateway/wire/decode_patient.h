/* decode_patient.h -- a native payload that is parsed already, to samples.
 */
#ifndef WIRE_DECODE_PATIENT_H
#define WIRE_DECODE_PATIENT_H

#include <cjson/cJSON.h>

#include "stepward/wire.h"

/* As sw_decode_steps(), whose second half it is. */
enum sw_refusal sw_decode_steps_json(const cJSON *root,
                                     const struct sw_receipt *receipt,
                                     struct sw_samples *out,
                                     char why[static SW_WHY_MAX]);

#endif
