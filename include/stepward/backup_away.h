/* backup_away.h -- copies of backups in a folder that is not on the card: on a stick, or
 * another machine's disk. They bear the names of the backups; one that is encrypted, for
 * the `age` program and whoever has the key, has .age behind it.
 *
 *     r = sw_backup_make(store, data_dir, now_s, &made, why);
 *     if (r == 0 && *away.to)
 *         r = sw_away_copy(&away, data_dir, made.path, now_s, why);
 *     …
 *     r = sw_away_open(path, &file);
 *     if (r == 0)
 *         r = sw_away_fetch(&file, part, why); // checked, in the clear
 *
 * A folder that is not mounted is an empty folder on the card: nothing is written there.
 */
#ifndef STEPWARD_BACKUP_AWAY_H
#define STEPWARD_BACKUP_AWAY_H

#include "stepward/backup.h"

/* A folder with this file in it is the clinic's wish, whatever disk it is on. */
#define SW_AWAY_MARKER "stepward-backups"
#define SW_AWAY_SUFFIX ".age"

struct sw_away {
    const char *to;        /* the folder; "": none */
    const char *recipient; /* "age1…", whose key opens them; "": in the clear */
    size_t keep;           /* so many, the newest */
};
/* 0 if the folder is there and not on the card; else -ENODEV, or another errno. */
int sw_away_is_there(const struct sw_away *away, const char *data_dir,
                     char why[static SW_WHY_MAX]);
/* Copy the backup there, and its users, read them back, and remove all but the newest. What came of it is
 * kept for sw_away_state(). */
int sw_away_copy(const struct sw_away *away, const char *data_dir, const char *backup,
                 int64_t now_s, char why[static SW_WHY_MAX]);
/* The same after an erasure: and remove all the others. */
int sw_away_replace(const struct sw_away *away, const char *data_dir,
                    const char *backup, int64_t now_s, char why[static SW_WHY_MAX]);

struct sw_away_state {
    int64_t copied_at_s; /* 0: never */
    int64_t failed_at_s; /* 0: not since */
    char failure[SW_WHY_MAX];
};
void sw_away_state(const char *data_dir, struct sw_away_state *ret);

/* The newest copy in a folder: 0, or -ENOENT, or another errno. */
int sw_away_newest(const char *folder, char ret[static SW_BACKUP_PATH_MAX]);

/* A backup to be brought back. It is opened by who may read it, and copied by who owns
 * data_dir. */
struct sw_away_file {
    const char *path; /* the caller's */
    int fd;
    int key_fd; /* of the file with the key that opens it; -1: none. The caller opens it. */
    bool is_encrypted; /* for age */
};
int sw_away_open(const char *path, struct sw_away_file *ret);
void sw_away_close(struct sw_away_file *file);
/* Copy it to a new file, decrypted if it must be, and check it. Nothing stays of what is
 * not sound. No link is followed at `to`. */
int sw_away_fetch(const struct sw_away_file *file, const char *to,
                  char why[static SW_WHY_MAX]);
/* The copy of the board's users beside it; -ENOENT: there is none. path is file's. */
int sw_away_open_users(const char *backup, char path[static SW_BACKUP_PATH_MAX],
                       struct sw_away_file *ret);
/* Copy it, checked, to web.db, where none may be; see sw_backup_take_users(). */
int sw_away_fetch_users(const struct sw_away_file *file, const char *data_dir,
                        char why[static SW_WHY_MAX]);
/* Make a key: the secret one, which nobody keeps, and its recipient. */
enum { SW_AWAY_KEY_MAX = 128 };
int sw_away_new_key(char secret[static SW_AWAY_KEY_MAX],
                    char recipient[static SW_AWAY_KEY_MAX],
                    char why[static SW_WHY_MAX]);

#endif
