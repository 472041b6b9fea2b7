/* site.h -- the site that a database was published under, and a change of it.
 *
 *     sw_records_move_site(store, config->site, &is_moved); // at the start, before
 * connecting
 *
 * What the broker retains below the old root would stay there for ever, with alerts
 * that nobody closes and days that nobody tells anew. A database remembers its site;
 * when it is another, all that was published below the old one is put into the outbox
 * to be cleared, in one transaction with the new name: a kill leaves it done, or still
 * to do.
 */
#ifndef RECORDS_SITE_H
#define RECORDS_SITE_H

#include "stepward/config.h"
#include "stepward/store.h"

/* SW_STORE_NONE: it was never published. */
int sw_records_site(struct sw_store *store, char ret[static SW_SITE_MAX + 1]);
int sw_records_move_site(struct sw_store *store, const char *site, bool *ret_moved);
/* Each other site below which there is still something to clear, once: the one that the
 * database remembers, and those of what waits in the outbox. */
int sw_records_each_left(struct sw_store *store, const char *site,
                         int (*each)(void *ctx, const char *left), void *ctx);

#endif
