/* digest.h -- therapists' days from the store, and which of them are to be told.
 */
#ifndef RECORDS_DIGEST_H
#define RECORDS_DIGEST_H

#include "stepward/digest.h"
#include "stepward/store.h"

struct sw_digest_order {
    const struct sw_zone *zone;
    int32_t day;
    int64_t now_s; /* what came later is left out; so is what is not of the day */
    int32_t budget;
    const char *therapist; /* of this one alone; NULL: of each who has patients */
};
/* In order of the therapists' ids. Stops at the first non-zero return of each and
 * returns it. */
int sw_records_each_digest(struct sw_store *store, const struct sw_digest_order *order,
                           int (*each)(void *ctx, const struct sw_digest *digest),
                           void *ctx);

/* ---- telling them, once a civil day each ----
 *
 * A therapist's digest of a day is due when the last wake window of their patients
 * ends. One of yesterday that nobody could send then is still due, older ones are not.
 */

/* *ret_at_s: when the next is due, in the past if one is; INT64_MAX: none today. */
int sw_records_next_digest(struct sw_store *store, const struct sw_zone *zone,
                           int64_t now_s, int64_t *ret_at_s);
/* What the therapist was told last is gone: the newest that is due is told once more.
 */
int sw_records_resend_digest(struct sw_store *store,
                             const struct sw_therapist_id *therapist);
/* Put those that are due into the outbox, and remember that, in the caller's
 * transaction. */
int sw_records_put_digests(struct sw_store *store, const struct sw_zone *zone,
                           const char *site, int32_t budget, int64_t now_s);

#endif
