/* recovery.c -- open the database, whatever became of it: damaged, gone, or shorter
 * than it was. What it holds is the store's business, backups are backup.c's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/data.h"
#include "stepward/backup.h"
#include "stepward/host.h"
#include "util/file.h"

enum {
    /* A card reads this much in a second, while the broker waits. A larger database is
     * checked alongside the work. */
    CHECK_AT_ONCE_BYTES = 32 * 1024 * 1024,
};
#define ANY_TIME INT64_MIN

struct names {
    char database[SW_PATH_BYTES_MAX];
    char moved[SW_PATH_BYTES_MAX];
};

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* There is nothing that could be opened. */
static bool recovery_is_gone(const char *path)
{
    struct stat st;
    return stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
}

/* what: what became of the database; NULL if there was none, as far as this machine
 * knows. */
static void note_replaced(struct data *data, const char *what,
                          const struct sw_backup *backup)
{
    char at[SW_INSTANT_LEN + 1];
    data->is_renewed = true;
    if (!backup) {
        incidents_note(
            data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
            "the database was %s; there was no sound backup: an empty one was "
            "begun",
            what);
        return;
    }
    sw_instant_format(backup->made_at_s, at);
    if (!what) {
        incidents_note(data->incidents, SW_INCIDENT_BEGUN_FROM_BACKUP, sw_clock_now_s(),
                       "begun from the backup of %s, there was no database yet: what "
                       "came in since then may be missing",
                       at);
        return;
    }
    incidents_note(data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
                   "the database was %s; the backup of %s was restored: what came in "
                   "since then may be missing",
                   what, at);
}

/* The path is free now: restore the newest sound backup to it, or return
 * SW_BACKUP_NONE. */
static int bring_back(struct data *data, const char *path, const char *what,
                      char why[static SW_WHY_MAX])
{
    struct sw_backup backup;
    int r = sw_backup_restore(data->config->data_dir, path, ANY_TIME, &backup, why);
    if (r == 0)
        note_replaced(data, what, &backup);
    return r;
}

/* The file is gone or empty: a first start, a repaired card, a mistake, or a kill
 * between moving the file aside and restoring. */
static int replace_gone(struct data *data, struct names *names,
                        char why[static SW_WHY_MAX])
{
    bool is_new_here = data->note.commits == 0;
    bool had_one = !is_new_here || sw_backup_count(data->config->data_dir) > 0;
    int r = sw_store_quarantine(names->database, names->moved, SW_PATH_BYTES_MAX, why);
    if (r == 0 || r == -ENOENT)
        r = bring_back(data, names->database, is_new_here ? NULL : "missing", why);
    if (r == SW_BACKUP_NONE && had_one)
        note_replaced(data, "missing", NULL);
    return r < 0 ? r : 0;
}

static int replace_damaged(struct data *data, struct names *names,
                           char why[static SW_WHY_MAX])
{
    char what[SW_WHY_MAX];
    sw_log(SW_LOG_ERROR, "%s", why);
    int r = sw_store_quarantine(names->database, names->moved, SW_PATH_BYTES_MAX, why);
    if (r < 0)
        return r;
    snprintf(what, sizeof what, "damaged and moved to %.60s", last_part(names->moved));
    r = bring_back(data, names->database, what, why);
    if (r == SW_BACKUP_NONE)
        note_replaced(data, what, NULL);
    return r < 0 ? r : 0;
}

/* ---- what was committed and is not there ---- */

static void recovery_close_store(struct data *data)
{
    sw_store_close(data->store);
    data->store = NULL;
}

/* A backup that was made after the last commit in this file holds more. SW_BACKUP_NONE
 * leaves the database open as it is. */
static int bring_back_newer(struct data *data, struct names *names, int64_t left_at_s,
                            char why[static SW_WHY_MAX])
{
    char candidate[SW_PATH_BYTES_MAX + 16];
    struct sw_backup backup;
    snprintf(candidate, sizeof(candidate), "%s.restored", names->database);
    unlink(candidate); /* from a start that was killed */
    int r =
        sw_backup_restore(data->config->data_dir, candidate, left_at_s, &backup, why);
    if (r != 0)
        return r;
    recovery_close_store(data);
    r = sw_store_quarantine(names->database, names->moved, SW_PATH_BYTES_MAX, why);
    if (r == 0 && rename(candidate, names->database) < 0)
        r = -errno; /* gone: the next try restores again */
    if (r == 0)
        r = sw_store_open(&data->store, names->database, SW_STORE_CHECK, why);
    if (r == 0)
        note_replaced(data, "cut short (a lost log)", &backup);
    return r;
}

static void note_loss(struct data *data, int64_t left_at_s)
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    sw_instant_format(left_at_s, from);
    sw_instant_format(data->note.committed_at_s, to);
    incidents_note(
        data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
        "the end of the database is gone (a lost log, or an older file): what "
        "was stored from %s to %s may be missing",
        from, to);
    data->is_renewed = true;
}

/* A log was damaged or lost, or an older file put in place: SQLite cannot know. */
static int find_loss(struct data *data, struct names *names,
                     char why[static SW_WHY_MAX])
{
    struct sw_health health = {0};
    int r = sw_store_get_health(data->store, &health);
    bool is_older = r >= 0 && health.commits < data->note.commits && !data->is_renewed;
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_store_why(data->store, r));
    if (!is_older)
        return r < 0 ? r : 0;
    r = bring_back_newer(data, names, health.last_commit_at_s, why);
    if (r == SW_BACKUP_NONE)
        note_loss(data, health.last_commit_at_s);
    return r < 0 ? r : 0;
}

/* ---- opening ---- */

static enum sw_store_mode mode_for(const struct data *data, const char *path)
{
    struct stat st;
    if (data->note.suspect)
        return SW_STORE_VERIFY;
    bool is_large = stat(path, &st) == 0 && st.st_size > CHECK_AT_ONCE_BYTES;
    return is_large ? SW_STORE_LATER : SW_STORE_CHECK;
}

static int open_once(struct data *data, const char *path, char why[static SW_WHY_MAX])
{
    enum sw_store_mode mode = mode_for(data, path);
    int r = sw_store_open(&data->store, path, mode, why);
    if (r == 0 && mode == SW_STORE_LATER)
        check_want(&data->check, path, data->incidents);
    return r;
}

static int open_checked(struct data *data, struct names *names,
                        char why[static SW_WHY_MAX])
{
    int r = open_once(data, names->database, why);
    if (r != -EUCLEAN)
        return r;
    r = replace_damaged(data, names, why);
    return r < 0 ? r : open_once(data, names->database, why);
}

/* If no file can be created, SQLite says only that it cannot open one. */
static int why_really(const struct data *data, int r, char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    int n = snprintf(path, sizeof(path), "%s/try", data->config->data_dir);
    int fd = n < SW_PATH_BYTES_MAX
                 ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, SW_DATA_FILE_MODE)
                 : -1;
    if (fd >= 0) {
        close(fd);
        unlink(path);
        return r;
    }
    r = -errno;
    snprintf(why, SW_WHY_MAX, "cannot create a file in %.100s: %s",
             data->config->data_dir, strerror(-r));
    return r;
}

int data_open_store(struct data *data, char why[static SW_WHY_MAX])
{
    struct names names;
    int n = snprintf(names.database, SW_PATH_BYTES_MAX, "%s/stepward.db",
                     data->config->data_dir);
    int r = 0;
    why[0] = '\0';
    if (n >= SW_PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    if (recovery_is_gone(names.database))
        r = replace_gone(data, &names, why);
    bool is_known = r < 0; /* then why says it already */
    if (r == 0)
        r = open_checked(data, &names, why);
    bool may_be_rights = r == -ENOENT || r == -EACCES;
    if (may_be_rights && !is_known)
        r = why_really(data, r, why);
    if (r < 0)
        return r;
    r = find_loss(data, &names, why);
    if (r < 0) {
        recovery_close_store(data);
        return r;
    }
    data->note.suspect = false;
    return 0;
}
