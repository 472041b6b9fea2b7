/* recovery.c -- open the database, whatever became of it: damaged, gone, or shorter
 * than it was; and check a large one in a thread, alongside the work.
 *
 * What it holds is the store's business, backups are backup.c's. Damage that is found
 * later ends the gateway, see gateway.c, and the next start moves the database aside
 * here. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
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
    CHECK_RETRY_MS = 5000, /* after it could not be done */
    CHECK_STOP_MS = 10,    /* between interrupts: the first may come too early */
};
#define ANY_TIME INT64_MIN

/* ---- what is put in its place ---- */

/* what: what became of the database; NULL if there was none, as far as this machine
 * knows. */
static void note_replaced(struct data *data, const char *what,
                          const struct sw_backup *backup)
{
    char at[SW_INSTANT_LEN + 1] = "";
    data->is_renewed = true;
    if (backup)
        sw_instant_format(backup->made_at_s, at);
    if (!backup)
        incidents_note(
            data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
            "the database was %s; there was no sound backup, so an empty one was "
            "started",
            what);
    else if (!what)
        incidents_note(data->incidents, SW_INCIDENT_BEGUN_FROM_BACKUP, sw_clock_now_s(),
                       "started from the backup of %s, because there was no database "
                       "yet: what came in since then may be missing",
                       at);
    else
        incidents_note(data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
                       "the database was %s; the backup of %s was restored: what came "
                       "in since then may be missing",
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
static int replace_gone(struct data *data, const char *path,
                        char why[static SW_WHY_MAX])
{
    char moved[SW_PATH_BYTES_MAX];
    bool is_new_here = data->note.commits == 0;
    bool had_one = !is_new_here || sw_backup_count(data->config->data_dir) > 0;
    int r = sw_store_quarantine(path, moved, sizeof moved, why);
    if (r == 0 || r == -ENOENT)
        r = bring_back(data, path, is_new_here ? NULL : "missing", why);
    if (r == SW_BACKUP_NONE && had_one)
        note_replaced(data, "missing", NULL);
    return r < 0 ? r : 0;
}

static int replace_damaged(struct data *data, const char *path,
                           char why[static SW_WHY_MAX])
{
    char moved[SW_PATH_BYTES_MAX], what[SW_WHY_MAX];
    sw_log(SW_LOG_ERROR, "%s", why);
    int r = sw_store_quarantine(path, moved, sizeof moved, why);
    if (r < 0)
        return r;
    const char *slash = strrchr(moved, '/');
    snprintf(what, sizeof what, "damaged and moved to %.60s",
             slash ? slash + 1 : moved);
    r = bring_back(data, path, what, why);
    if (r == SW_BACKUP_NONE)
        note_replaced(data, what, NULL);
    return r < 0 ? r : 0;
}

/* ---- what was committed and is not there ---- */

/* A backup that was made after the last commit in this file holds more. SW_BACKUP_NONE
 * leaves the database open as it is. */
static int bring_back_newer(struct data *data, const char *path, int64_t left_at_s,
                            char why[static SW_WHY_MAX])
{
    char candidate[SW_PATH_BYTES_MAX + 16], moved[SW_PATH_BYTES_MAX];
    struct sw_backup backup;
    snprintf(candidate, sizeof(candidate), "%s.restored", path);
    unlink(candidate); /* from a start that was killed */
    int r =
        sw_backup_restore(data->config->data_dir, candidate, left_at_s, &backup, why);
    if (r != 0)
        return r;
    sw_store_close(data->store);
    data->store = NULL;
    r = sw_store_quarantine(path, moved, sizeof moved, why);
    if (r == 0 && rename(candidate, path) < 0)
        r = -errno; /* gone: the next try restores again */
    if (r == 0)
        r = sw_store_open(&data->store, path, SW_STORE_CHECK, why);
    if (r == 0)
        note_replaced(data, "cut short (a lost log)", &backup);
    return r;
}

/* A log was damaged or lost, or an older file put in place: SQLite cannot know. */
static int find_loss(struct data *data, const char *path, char why[static SW_WHY_MAX])
{
    struct sw_health health = {0};
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    int r = sw_store_get_health(data->store, &health);
    bool is_older = r >= 0 && health.commits < data->note.commits && !data->is_renewed;
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_store_why(data->store, r));
    if (!is_older)
        return r < 0 ? r : 0;
    r = bring_back_newer(data, path, health.last_commit_at_s, why);
    if (r != SW_BACKUP_NONE)
        return r < 0 ? r : 0;
    sw_instant_format(health.last_commit_at_s, from);
    sw_instant_format(data->note.committed_at_s, to);
    incidents_note(
        data->incidents, SW_INCIDENT_DATABASE_DAMAGED, sw_clock_now_s(),
        "the end of the database is gone (a lost log, or an older file): what "
        "was stored from %s to %s may be missing",
        from, to);
    data->is_renewed = true;
    return 0;
}

/* ---- opening ---- */

static int open_once(struct data *data, const char *path, char why[static SW_WHY_MAX])
{
    struct stat st;
    bool is_large = stat(path, &st) == 0 && st.st_size > CHECK_AT_ONCE_BYTES;
    enum sw_store_mode mode = data->note.suspect ? SW_STORE_VERIFY
                              : is_large         ? SW_STORE_LATER
                                                 : SW_STORE_CHECK;
    int r = sw_store_open(&data->store, path, mode, why);
    if (r == 0 && mode == SW_STORE_LATER)
        check_want(&data->check, path, data->incidents);
    return r;
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
    char path[SW_PATH_BYTES_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/stepward.db", data->config->data_dir);
    why[0] = '\0';
    if (n >= SW_PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    bool is_gone = stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
    int r = is_gone ? replace_gone(data, path, why) : 0;
    if (r < 0) /* and why says it */
        return r;
    r = open_once(data, path, why);
    if (r == -EUCLEAN) {
        r = replace_damaged(data, path, why);
        if (r == 0)
            r = open_once(data, path, why);
    }
    if (r == -ENOENT || r == -EACCES) /* it may be a matter of rights */
        r = why_really(data, r, why);
    if (r < 0)
        return r;
    r = find_loss(data, path, why);
    if (r < 0) {
        sw_store_close(data->store);
        data->store = NULL;
        return r;
    }
    data->note.suspect = false;
    return 0;
}

/* ---- the check of a large database: its thread ---- */

static void *check_run(void *arg)
{
    struct check *check = arg;
    check->r = sw_store_check(check->store, check->path, check->why);
    atomic_store(&check->has_ended, true);
    eventfd_write(check->event_fd, 1);
    return NULL;
}

static int check_start(struct check *check)
{
    int r = sw_store_open(&check->store, check->path, SW_STORE_READ, check->why);
    if (r < 0)
        return r;
    atomic_store(&check->has_ended, false);
    check->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r = check->event_fd < 0 ? -errno
                            : -pthread_create(&check->thread, NULL, check_run, check);
    if (r == 0)
        return 0;
    if (check->event_fd >= 0)
        close(check->event_fd);
    sw_store_close(check->store);
    check->store = NULL;
    snprintf(check->why, sizeof check->why, "%s", strerror(-r));
    return r;
}

static void check_join(struct check *check)
{
    pthread_join(check->thread, NULL);
    close(check->event_fd);
    sw_store_close(check->store);
    check->store = NULL;
}

/* ---- the check: the loop's side ---- */

void check_want(struct check *check, const char *path, struct incidents *incidents)
{
    snprintf(check->path, sizeof check->path, "%s", path);
    check->incidents = incidents;
    check->is_awaited = true;
}

int check_fd(const struct check *check)
{
    return check->store ? check->event_fd : -1;
}

static void check_note(struct check *check, const char *what)
{
    static const char remedy[] = "messages wait in the inbox until it is sound";
    int room = SW_WHY_MAX - 2 - (int)sizeof remedy;
    snprintf(check->incidents->checking, sizeof check->incidents->checking, "%.*s: %s",
             room, what, remedy);
}

/* Disk errors come and go, and none of them is damage. */
static int check_later(struct check *check, int r, int64_t now_ms)
{
    char what[SW_WHY_MAX];
    if (r == -EUCLEAN)
        return r;
    snprintf(what, sizeof what, "cannot check the database (%.80s, %s)", check->why,
             disk_remedy(r));
    check_note(check, what);
    sw_log(SW_LOG_ERROR, "%s", check->incidents->checking);
    check->begin_at_ms = now_ms + CHECK_RETRY_MS;
    return 0;
}

static int check_begin(struct check *check, int64_t now_ms)
{
    int r = check_start(check);
    bool is_again = check->began_ms != 0;
    if (r < 0)
        return check_later(check, r, now_ms);
    check_note(check, "the database is being checked");
    check->began_ms = now_ms;
    if (!is_again)
        sw_log(SW_LOG_NOTICE, "%s", check->incidents->checking);
    return 0;
}

static int check_end(struct check *check, int64_t now_ms)
{
    check_join(check);
    if (check->r < 0)
        return check_later(check, check->r, now_ms);
    check->incidents->checking[0] = '\0';
    check->is_awaited = false;
    sw_log(SW_LOG_NOTICE, "the database is sound: checked in %lld s",
           (long long)(now_ms - check->began_ms) / 1000);
    return CHECK_SOUND;
}

int check_tick(struct check *check, int64_t now_ms)
{
    if (!check->is_awaited)
        return 0;
    if (check->store)
        return atomic_load(&check->has_ended) ? check_end(check, now_ms) : 0;
    return now_ms >= check->begin_at_ms ? check_begin(check, now_ms) : 0;
}

void check_stop(struct check *check)
{
    if (!check->store)
        return;
    while (!atomic_load(&check->has_ended)) {
        sw_store_interrupt(check->store);
        poll(NULL, 0, CHECK_STOP_MS);
    }
    check_join(check);
}
