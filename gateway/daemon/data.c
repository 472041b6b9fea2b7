/* data.c -- the folder of the data: who may read it, the lock with its note and its
 * beat, the inbox, and the disk, which may be full, read-only or failing.
 *
 * The database is recovery.c's business. The gateway decides when to retry. */
#include "daemon/data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

enum {
    /* After a commit that took messages, the note's count of commits is written at
     * once, because these messages have left the inbox, and the disk is being written
     * anyway. For other commits one small write a minute is enough. */
    NOTE_EVERY_MS = 60 * 1000,
    BEAT_EVERY_MS = 1000,
    PROBE_MS = 5000, /* between tries of a disk that failed */
    ROOM_MS = 1000,  /* the inbox is full, not the disk: trying costs nothing */
    LOW_BYTES = 64 * 1024 * 1024, /* hours of inbox, log and database... */
    LOW_PCT = 5,                  /* ...unless the whole disk is small */
};

/* ---- the folder ---- */

/* The folder holds health data: it is for the gateway's user and its group, the
 * therapists, and for nobody else, whoever made it. A folder that is public by nature,
 * like /tmp, keeps its mode. A group that is not the user's own may contain anybody,
 * and gets no access that it did not have. */
static void keep_private(const char *data_dir)
{
    struct stat st;
    if (stat(data_dir, &st) < 0 || st.st_uid != geteuid())
        return;
    unsigned mode = st.st_mode & 07777;
    bool is_open = (mode & 07) != 0, is_shared = (mode & S_ISVTX) != 0;
    unsigned wanted = sw_group_is_own(st.st_gid) ? SW_DATA_FOLDER_MODE
                      : is_open                  ? 0700
                                                 : mode;
    bool is_changed =
        !is_shared && mode != wanted && chmod(data_dir, (mode_t)wanted) == 0;
    if (is_changed && is_open)
        sw_log(SW_LOG_NOTICE, "%s was open to others (mode %04o): now %04o", data_dir,
               mode, wanted);
    else if (is_changed)
        sw_log(SW_LOG_NOTICE, "%s is for the members of its group now (mode %04o)",
               data_dir, wanted);
    else if (is_open)
        sw_log(
            SW_LOG_WARNING,
            "%s is open to others (mode %04o), with health data in it: as its owner, "
            "`chmod %o %s`, or name another data_dir",
            data_dir, mode, wanted, data_dir);
}

/* ---- the lock ---- */

int data_lock(struct data *data, char why[static SW_WHY_MAX])
{
    sw_make_data_folder(data->config->data_dir); /* the lock reports what is wrong */
    int r = sw_lock_take(data->config->data_dir, &data->lock_fd, &data->note, why);
    if (r < 0)
        return r;
    keep_private(data->config->data_dir);
    sw_owner_share(data->config->data_dir);
    data->note.pid = getpid();
    data->note.problem[0] = '\0';
    data->note.config = sw_lock_config(data->config->path);
    data->note.state = (struct sw_lock_state){.is_known = true, .is_starting = true};
    sw_lock_write(data->lock_fd, &data->note); /* reserves its space on the disk */
    return 0;
}

/* ---- the inbox ---- */

int data_open_inbox(struct data *data, char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    bool sync = data->config->commit_interval_s == 0;
    snprintf(path, sizeof(path), "%s/inbox", data->config->data_dir);
    int r = sw_inbox_open(&data->inbox, path, SW_INBOX_LIMIT, sync, why);
    if (r == 0 && why[0] != '\0')
        incidents_note(data->incidents, SW_INCIDENT_INBOX_DAMAGED, sw_clock_now_s(),
                       "%s", why);
    return r;
}

void data_close(struct data *data)
{
    check_stop(&data->check);
    sw_inbox_close(data->inbox);
    sw_store_close(data->store);
    if (data->lock_fd >= 0)
        close(data->lock_fd);
}

/* ---- the note ---- */

static bool data_is_same(const struct sw_lock_state *a, const struct sw_lock_state *b)
{
    return a->is_known == b->is_known && a->is_starting == b->is_starting &&
           a->has_reported == b->has_reported && a->connected == b->connected &&
           a->clock_trusted == b->clock_trusted && a->is_current == b->is_current &&
           a->since_s == b->since_s;
}

void data_note(struct data *data, const struct sw_health *health,
               const struct sw_lock_state *state, int64_t now_ms)
{
    struct sw_lock_note *note = &data->note;
    bool is_news = strcmp(note->problem, health->problem) != 0 ||
                   !data_is_same(&note->state, state);
    bool took_messages = health->messages != data->noted_messages;
    bool is_due =
        note->commits != health->commits && (data->noted_ms == 0 || took_messages ||
                                             now_ms - data->noted_ms >= NOTE_EVERY_MS);
    if (!is_news && !is_due)
        return;
    memcpy(note->problem, health->problem, sizeof note->problem);
    note->state = *state;
    note->commits = health->commits;
    note->committed_at_s = health->last_commit_at_s;
    data->noted_messages = health->messages;
    if (sw_lock_write(data->lock_fd, note) == 0)
        data->noted_ms = now_ms;
}

void beat(struct beat *beat)
{
    int64_t now_ms = sw_clock_monotonic_ms();
    if (beat->at_ms != 0 && now_ms - beat->at_ms < BEAT_EVERY_MS)
        return;
    beat->at_ms = now_ms;
    sd_notify(0, "WATCHDOG=1");
    if (beat->lock_fd > 0)
        sw_lock_beat(beat->lock_fd, now_ms);
}

/* ---- the disk ---- */

bool disk_may_mend(int r)
{
    return r == -ENOSPC || r == -EDQUOT || r == -EFBIG || r == -EROFS || r == -EIO;
}

const char *disk_remedy(int r)
{
    switch (r) {
    case -ENOSPC:
    case -EDQUOT:
    case -EFBIG:
        return "free space on its disk";
    case -EROFS:
        if (getenv("INVOCATION_ID"))
            return "check the card (dmesg), then make it writable again; or `sudo "
                   "scripts/install`, if data_dir was changed";
        return "check the card (dmesg), then make it writable again";
    case -EIO:
        return "check the card (dmesg)";
    default:
        return "it is tried again";
    }
}

bool disk_takes(struct disk_monitor *disk, int64_t now_ms)
{
    int r = atomic_load(disk->appended);
    if (r == 0 || now_ms < disk->probe_at_ms)
        return r == 0;
    r = sw_inbox_probe(disk->data->inbox);
    disk->probe_at_ms = now_ms + (r < 0 ? PROBE_MS : ROOM_MS);
    atomic_store(disk->appended, r);
    return r == 0;
}

void disk_check_inbox(const struct disk_monitor *disk, int64_t now_s)
{
    struct incidents *incidents = disk->data->incidents;
    int r = atomic_load(disk->appended);
    if (r < 0)
        incidents_begin(incidents, SW_INCIDENT_CANNOT_RECEIVE, now_s,
                        "cannot keep messages (%s), so the broker does: %s",
                        strerror(-r), disk_remedy(r));
    if (r == 0)
        incidents_end(incidents, SW_INCIDENT_CANNOT_RECEIVE, now_s,
                      "messages can be kept again");
}

void disk_check_space(const struct disk_monitor *disk, int64_t now_s)
{
    struct incidents *incidents = disk->data->incidents;
    struct statvfs fs;
    if (statvfs(disk->data->config->data_dir, &fs) < 0)
        return;
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    int64_t all_bytes = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
    bool is_low = free_bytes < LOW_BYTES && free_bytes < all_bytes / 100 * LOW_PCT;
    if (is_low)
        incidents_begin(incidents, SW_INCIDENT_DISK_LOW, now_s,
                        "the disk of data_dir is almost full: free space on it");
    else
        incidents_end(incidents, SW_INCIDENT_DISK_LOW, now_s,
                      "the disk of data_dir has space again");
}
