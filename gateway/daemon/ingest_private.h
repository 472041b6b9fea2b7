/* ingest_private.h -- what the files of ingest share.
 */
#ifndef DAEMON_INGEST_PRIVATE_H
#define DAEMON_INGEST_PRIVATE_H

#include "daemon/ingest.h"

/* Those that return int return 0 or -ENOMEM. */
/* Nothing more is refused of a message that is refused whole. */
int ingest_refuse(struct ingest *ingest, const struct sw_inbox_record *record,
                  enum sw_refusal refusal, const char *why);
/* Refuse what is in ingest->samples.refused. origin: NULL for a native message. */
int ingest_refuse_items(struct ingest *ingest, const struct sw_inbox_record *record,
                        const struct sw_origin *origin);
/* May also return SW_REFUSED_FLOOD. */
int ingest_keep(struct ingest *ingest, const struct pending *item);
/* The i-th of ingest->samples; one of a flood is refused by itself. */
int ingest_keep_sample(struct ingest *ingest, const struct sw_inbox_record *record,
                       size_t i, struct patient *patient, bool by_device);
/* By every section of the origin's topic, which it becomes one after the other. */
int ingest_take_from_source(struct ingest *ingest, struct sw_origin *origin,
                            const struct sw_inbox_record *record,
                            const struct sw_receipt *receipt);

struct pending ingest_item_of(const struct sw_sample *sample); /* no patient yet */
/* Who wore the device at the time; NULL: nobody. */
struct patient *ingest_wearer(struct ingest *ingest, const struct sw_device_id *device,
                              int64_t at_s);
void ingest_on_device(struct patient *patient, const struct sw_inbox_record *record);
/* Count a message of the patient's device of which nothing was taken. */
void ingest_on_unusable(struct ingest *ingest, struct patient *patient,
                        const struct sw_inbox_record *record);
/* Also finds a patient that was added a moment ago, and enrolls a new one if allowed.
 * NULL: unknown. */
struct patient *ingest_find_patient(struct ingest *ingest, struct sw_patient_id id,
                                    int64_t at_s);
/* Refuse a message of an unknown patient. If the patient was erased, the payload is
 * left out, because it is what was to be erased. ingest_refuse_of() does the same for
 * any other refusal. */
int ingest_refuse_unknown(struct ingest *ingest, const struct sw_inbox_record *record,
                          struct sw_patient_id id);
int ingest_refuse_of(struct ingest *ingest, const struct sw_inbox_record *record,
                     struct sw_patient_id id, enum sw_refusal refusal, const char *why);

#endif
