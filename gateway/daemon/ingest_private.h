/* ingest_private.h -- what the files that ingest share.
 */
#ifndef DAEMON_INGEST_PRIVATE_H
#define DAEMON_INGEST_PRIVATE_H

#include "daemon/ingest.h"

/* Those that return int: 0, or -ENOMEM. */
int ingest_refuse(struct ingest *ingest, const struct sw_inbox_record *record,
                  enum sw_refusal refusal, const char *why);
int ingest_refuse_flood(struct ingest *ingest, const struct sw_inbox_record *record);
/* These two: also SW_REFUSED_FLOOD, and the rest is left out. */
int ingest_keep(struct ingest *ingest, const struct pending *item);
int ingest_keep_samples(struct ingest *ingest, struct patient *patient);
int ingest_take_from_source(struct ingest *ingest, const struct sw_origin *origin,
                            const struct sw_inbox_record *record,
                            const struct sw_receipt *receipt);

struct pending ingest_item_of(const struct sw_sample *sample); /* no patient yet */
void ingest_on_device(struct patient *patient, const struct sw_inbox_record *record);
/* Also one that was added a moment ago, or is enrolled by this; NULL: unknown. */
struct patient *ingest_find_patient(struct ingest *ingest, struct sw_patient_id id,
                                    int64_t at_s);
/* Refuse what is of an unknown patient. Of one that was erased the payload is left out:
 * it is what was to be erased. Also what else was to be refused, if it was erased. */
int ingest_refuse_unknown(struct ingest *ingest, const struct sw_inbox_record *record,
                          struct sw_patient_id id);
int ingest_refuse_of(struct ingest *ingest, const struct sw_inbox_record *record,
                     struct sw_patient_id id, enum sw_refusal refusal, const char *why);

#endif
