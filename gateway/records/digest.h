/* digest.h -- therapists' digests from the store, and which of them are due. */
#ifndef RECORDS_DIGEST_H
#define RECORDS_DIGEST_H

#include "stepward/digest.h"
#include "stepward/store.h"

struct sw_digest_order {
    const struct sw_zone *zone;
    int32_t day;
    int64_t now_s; /* later events are left out, like those of other days */
    int32_t budget;
    const char *therapist; /* only this one; NULL: every one who has patients */
};
/* In order of the therapists' ids. Stops at the first non-zero return of each and
 * returns it. The digest is valid during the callback. */
int sw_records_each_digest(struct sw_store *store, const struct sw_digest_order *order,
                           int (*each)(void *ctx, const struct sw_digest *digest),
                           void *ctx);

/* ---- sending them, once per therapist and civil day ----
 *
 * A therapist's digest of a day is due when the last wake window of their
 * patients ends. If yesterday's could not be sent in time, it is still due; older
 * ones are not. */

/* *ret_at_s becomes the time when the next digest is due, in the past if one is due
 * now; INT64_MAX: none today. */
int sw_records_next_digest(struct sw_store *store, const struct sw_zone *zone,
                           int64_t now_s, int64_t *ret_at_s);
/* The therapist's retained digest is gone: the newest one that is due is
 * sent once more. */
int sw_records_resend_digest(struct sw_store *store,
                             const struct sw_therapist_id *therapist);
/* Put the due digests into the outbox and note that they are sent, in
 * the caller's transaction. */
int sw_records_put_digests(struct sw_store *store, const struct sw_zone *zone,
                           const char *site, int32_t budget, int64_t now_s);

#endif
