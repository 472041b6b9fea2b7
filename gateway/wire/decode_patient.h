/* decode_patient.h -- the decoder of native payloads, by the object, for translate.c.
 */
#ifndef WIRE_DECODE_PATIENT_H
#define WIRE_DECODE_PATIENT_H

#include <cjson/cJSON.h>

#include "stepward/wire.h"

/* Add what an object of a native payload says, and refuse what is wrong in it. index is
 * its place in the message; -1: it is the message. SW_ACCEPTED or SW_OUT_OF_MEMORY. */
enum sw_refusal sw_take_steps(const cJSON *object, int32_t index,
                              const struct sw_receipt *receipt, struct sw_samples *out);
/* The same of a score, with the `device` that it came from. */
enum sw_refusal sw_take_score(const cJSON *object, int32_t index,
                              const struct sw_receipt *receipt, struct sw_samples *out);

void sw_samples_begin(struct sw_samples *out); /* of a new message */
/* What was refused first, and why; SW_ACCEPTED and "" if nothing was. */
enum sw_refusal sw_samples_end(const struct sw_samples *samples,
                               char why[static SW_WHY_MAX]);
/* Refuse the message as a whole, and empty out. Returns the refusal. */
enum sw_refusal sw_refuse_message(struct sw_samples *out, enum sw_refusal refusal,
                                  const char *why);
/* Make null of what is outside of the refused items in the batch of that object. */
void sw_batch_part(cJSON *steps, int32_t object,
                   const struct sw_refused_items *refused);
char *sw_part_print(cJSON *part); /* NULL without memory */

#endif
