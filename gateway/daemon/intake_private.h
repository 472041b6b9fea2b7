/* intake_private.h -- what the files of the intake share.
 */
#ifndef DAEMON_INTAKE_PRIVATE_H
#define DAEMON_INTAKE_PRIVATE_H

#include "daemon/intake.h"

/* Those that return int: 0, or -ENOMEM. */
/* intake_take() of a message that was counted before. */
int intake_take_in(struct intake *intake, const struct sw_inbox_record *record,
                   int64_t now_s);
int intake_refuse(struct intake *intake, const struct sw_inbox_record *record,
                  enum sw_refusal refusal, const char *why);
int intake_refuse_flood(struct intake *intake, const struct sw_inbox_record *record);
/* These two: also SW_REFUSED_FLOOD, and the rest is left out. */
int intake_keep(struct intake *intake, const struct pending *item);
int intake_keep_samples(struct intake *intake, struct patient *patient);
int intake_take_from_source(struct intake *intake, const struct sw_origin *origin,
                            const struct sw_inbox_record *record,
                            const struct sw_receipt *receipt);

struct pending intake_pending_of(const struct sw_sample *sample); /* no patient yet */
void intake_hear(struct patient *patient, const struct sw_inbox_record *record);
/* Also one that was added a moment ago, or is enrolled by this; NULL: unknown. */
struct patient *intake_find_patient(struct intake *intake, struct sw_patient_id id,
                                    int64_t at_s);
/* Refuse what is of an unknown patient. Of one that was erased the payload is left out:
 * it is what was to be erased. Also what else was to be refused, if it was erased. */
int intake_refuse_unknown(struct intake *intake, const struct sw_inbox_record *record,
                          struct sw_patient_id id);
int intake_refuse_of(struct intake *intake, const struct sw_inbox_record *record,
                     struct sw_patient_id id, enum sw_refusal refusal, const char *why);

#endif
