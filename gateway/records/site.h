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
/* Each other site that still has something to clear, once: the one that the database
 * remembers, and those of messages in the outbox. */
int sw_records_each_left(struct sw_store *store, const char *site,
                         int (*each)(void *ctx, const char *left), void *ctx);

#endif
