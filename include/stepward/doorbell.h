/* doorbell.h -- rings when the database was written, by whomever.
 *
 *     struct sw_doorbell bell;
 *     r = sw_doorbell_init(&bell, path);
 *     poll(bell.fd, …);
 *     rings = sw_doorbell_answer(&bell);  // none are left then
 *     sw_doorbell_fini(&bell);
 *
 * It watches the file and its log (-wal), also where one of them is made, replaced or
 * removed meanwhile; nothing is opened, for closing it would drop SQLite's locks. A
 * transaction writes before it can be seen, and it may take its time in between, as
 * long as the disk does: what is read when it rings may still be as it was. What there
 * is to read is the store's business.
 */
#ifndef STEPWARD_DOORBELL_H
#define STEPWARD_DOORBELL_H

enum { SW_DOORBELL_PATH_MAX = 4096 };

struct sw_doorbell {
    int fd;                          /* readable when it rang */
    int folder, database, log;       /* what is watched; -1: it is not there */
    char path[SW_DOORBELL_PATH_MAX]; /* of the database, links resolved */
};

enum sw_rings { /* any of them, together; 0: it did not ring */
                SW_RING_WRITTEN =
                    1, /* or made, replaced, removed; perhaps by ourselves */
                SW_RING_CLOSED = 2, /* a connection ended: what it wrote can be seen */
};

/* The database must be there. -ENOSPC, -EMFILE: others watch too much; it may be tried
 * again, and need not be closed. */
int sw_doorbell_init(struct sw_doorbell *bell, const char *path);
void sw_doorbell_fini(struct sw_doorbell *bell);
/* What rang since the last call, never waits. Negative: it rings no more, as init. */
int sw_doorbell_answer(struct sw_doorbell *bell);

#endif
