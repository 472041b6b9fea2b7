/* site.h -- the site under which a database is published, and a change of it.
 *
 *     // at the start, before connecting
 *     r = sw_records_move_site(store, config->site, &is_moved);
 *
 * What the broker retains below the old site would stay for ever, with alerts that
 * nobody closes and days that nobody updates. So a database remembers its site. When
 * the site changes, clearing messages for all that was published below the old one are
 * put into the outbox, in one transaction with the new name: after a kill it is all
 * done or still to do.
 */
#ifndef RECORDS_SITE_H
#define RECORDS_SITE_H

#include "stepward/config.h"
#include "stepward/store.h"

/* The site the database was last published under: 0; SW_STORE_NONE: never published; or
 * a negative errno. */
int sw_records_site(struct sw_store *store, char ret[static SW_SITE_MAX + 1]);
int sw_records_move_site(struct sw_store *store, const char *site, bool *ret_moved);
/* The site of a topic, "clinic/SITE/..."; false for any other. The len bytes may hold
 * anything. */
bool sw_site_of_topic(const char *topic, size_t len, char ret[static SW_SITE_MAX + 1]);

/* Clear what is retained below the site of a patient's day, of a therapist's overview of
 * a patient, or of a therapist's digest and list of patients. The gateway then sends the
 * last digest that is due once more. 0 or a negative errno. */
int sw_site_clear_today(struct sw_store *store, const char *site,
                        struct sw_patient_id patient);
int sw_site_clear_board(struct sw_store *store, const char *site,
                        struct sw_therapist_id therapist, struct sw_patient_id patient);
int sw_site_clear_therapist(struct sw_store *store, const char *site,
                            struct sw_therapist_id therapist);
/* Put a clearing message in the place of a row of the outbox. It gets a new row, as the
 * old one may be on its way to the broker. */
int sw_site_clear_waiting(struct sw_store *store, int64_t seq, const char *topic);

/* Each other site that still has something to clear, once: the one that the database
 * remembers, and those of messages in the outbox. */
int sw_records_each_left(struct sw_store *store, const char *site,
                         int (*each)(void *ctx, const char *left), void *ctx);

#endif
