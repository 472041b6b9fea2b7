/* decode_patient.h -- what translate.c shares with the decoder of native payloads.
 */
#ifndef WIRE_DECODE_PATIENT_H
#define WIRE_DECODE_PATIENT_H

#include <cjson/cJSON.h>

#include "stepward/wire.h"

/* The second half of sw_decode_steps(), with the same returns: add to out the samples of
 * a native payload that is already parsed. */
enum sw_refusal sw_decode_steps_json(const cJSON *root,
                                     const struct sw_receipt *receipt,
                                     struct sw_samples *out,
                                     char why[static SW_WHY_MAX]);
/* Refuse the message as a whole, and empty out. Returns the refusal. */
enum sw_refusal sw_refuse_message(struct sw_samples *out, enum sw_refusal refusal,
                                  const char *why);
/* Make null of what is outside of the refused items in the batch of that object. */
void sw_batch_part(cJSON *steps, int32_t object,
                   const struct sw_refused_items *refused);
char *sw_part_print(cJSON *part); /* NULL without memory */

#endif
