/* backup.h -- copies of the database in DATA_DIR/backup, named by when they were made:
 * stepward-YYYYMMDDTHHMMSSZ.db.
 *
 *     r = sw_backup_make(store, data_dir, now_s, &made, why);   // while others write
 *     if (r == 0)
 *         r = sw_backup_prune(data_dir, keep, &n_removed, why);
 *     …
 *     r = sw_backup_restore(data_dir, database, 0, &used, why); // nothing is there now
 *
 * A copy that bears its name is complete, passed its check and is on the disk.
 */
#ifndef STEPWARD_BACKUP_H
#define STEPWARD_BACKUP_H

#include "stepward/store.h"

enum {
    SW_BACKUP_PATH_MAX = 4096,
    /* A backup leaves at least so much free: the gateway must not run dry for it. */
    SW_BACKUP_SPARE_BYTES = 64 * 1024 * 1024,
};
/* What sw_backup_restore() says beside a negative errno. */
enum sw_backup_outcome {
    SW_BACKUP_RESTORED,
    SW_BACKUP_NONE = 201, /* none is sound; no other function returns this number */
};

struct sw_backup {
    char path[SW_BACKUP_PATH_MAX];
    int64_t made_at_s; /* by its name */
    int64_t bytes;
    /* Why the board's users, in web.db, are not beside it; 0 and "": they are, or there
     * are none. */
    int users_error;
    char users_why[SW_WHY_MAX];
};

/* -EBUSY: another one is being made; -EEXIST: one was made this very second; -ETIME:
 * the clock stands before the newest one; -ENOSPC and the like. On failure nothing new
 * is there, and no old one is gone. A web.db that cannot be copied is none of that: see
 * users_error. */
int sw_backup_make(struct sw_store *store, const char *data_dir, int64_t now_s,
                   struct sw_backup *ret, char why[static SW_WHY_MAX]);
/* Remove all but the newest keep; *ret_left: how many there are then. */
int sw_backup_prune(const char *data_dir, size_t keep, size_t *ret_left,
                    char why[static SW_WHY_MAX]);
/* Copy the newest backup that is sound and was made after that time to database, where
 * no file may be. SW_BACKUP_RESTORED or SW_BACKUP_NONE. */
int sw_backup_restore(const char *data_dir, const char *database, int64_t after_s,
                      struct sw_backup *ret, char why[static SW_WHY_MAX]);

/* Make a copy of web.db, at part in data_dir, the one in use, where none may be: sessions
 * and invitations of then are void. part is gone afterwards. */
int sw_backup_take_users(const char *data_dir, const char *part,
                         char why[static SW_WHY_MAX]);

/* Replace every backup by a copy that was changed and checked, and that has nothing
 * left of what the change removed. *ret_n: how many. -EBUSY: one is being made. One
 * that cannot be changed, being damaged or not ours, stays as it was and does not keep
 * the others from it: the first failure is returned, and `why` names its file. */
int sw_backup_change(const char *data_dir,
                     int (*change)(void *ctx, struct sw_store *copy), void *ctx,
                     size_t *ret_n, char why[static SW_WHY_MAX]);
/* The newest's path; -ENOENT: there is none. */
int sw_backup_newest(const char *data_dir, char ret[static SW_BACKUP_PATH_MAX]);
/* How many there are, or a negative errno. */
int sw_backup_count(const char *data_dir);

struct sw_backups {
    size_t n;
    int64_t newest_s;    /* by its name; 0: there is none */
    int64_t failed_at_s; /* the last that was not, or not all of it; 0: not since */
    char failure[SW_WHY_MAX];
};
int sw_backup_list(const char *data_dir, struct sw_backups *ret);

/* Whether no database is there and none may be begun, because there are backups, or may
 * be in a folder that cannot be read. why names the way back. */
bool sw_backup_waits(const char *data_dir, char why[static SW_WHY_MAX]);

#endif
