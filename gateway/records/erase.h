/* erase.h -- erase a patient, of whom only a tombstone stays.
 *
 *     struct sw_erasure erasure = {.site = …, .adapters = …, .patient = id,
 *                                  .now_s = now_s, .is_live = true};
 *     r = sw_records_erase(store, &erasure);     // the database
 *     erasure.is_live = false;
 *     r = sw_records_erase(copy, &erasure);      // a backup
 */
#ifndef RECORDS_ERASE_H
#define RECORDS_ERASE_H

#include "stepward/store.h"
#include "stepward/wire.h"

struct sw_erasure {
    const char *site; /* cleared too: the site published before, see site.h */
    const struct sw_adapters *adapters;
    struct sw_patient_id patient;
    int64_t now_s;
    bool is_live;         /* also clear what the broker retains */
    const char *by, *how; /* who erases, and by which way, see struct sw_audit */
};
/* Works also if the patient is erased already or unknown to this database. 0 or a
 * negative errno. */
int sw_records_erase(struct sw_store *store, const struct sw_erasure *erasure);

/* 1: a refused message names the patient in its topic, or came from a device that the
 * patient wore at its time; 0: neither; or a negative errno. Where the payload names the devices it is held by one
 * patient; in_part: items of others may be in it, too, and each of them counts. */
int sw_records_is_rejected_of(struct sw_store *store,
                              const struct sw_adapters *adapters,
                              struct sw_patient_id patient,
                              const struct sw_rejected *rejected, bool in_part);

#endif
