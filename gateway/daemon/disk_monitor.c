/* disk_monitor.c -- notice a full, read-only or failing disk early, retry, and report
 * it once.
 *
 * What is kept where is data.c's business. The gateway decides when to retry. */
#include "daemon/disk_monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum {
    PROBE_MS = 5000, /* between tries of a disk that failed */
    ROOM_MS = 1000,  /* the inbox is full, not the disk: trying costs nothing */
    LOW_BYTES = 64 * 1024 * 1024, /* hours of inbox, log and database... */
    LOW_PCT = 5,                  /* ...unless the whole disk is small */
};

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

void disk_init(struct disk *disk, struct data *data, atomic_int *appended)
{
    *disk = (struct disk){.data = data, .appended = appended};
}

bool disk_is_sound(const struct disk *disk)
{
    return atomic_load(disk->appended) >= 0;
}

bool disk_takes(struct disk *disk, int64_t now_ms)
{
    int r = atomic_load(disk->appended);
    if (r == 0 || now_ms < disk->probe_at_ms)
        return r == 0;
    r = sw_inbox_probe(disk->data->inbox);
    disk->probe_at_ms = now_ms + (r < 0 ? PROBE_MS : ROOM_MS);
    atomic_store(disk->appended, r);
    return r == 0;
}

void disk_check_inbox(struct disk *disk, int64_t now_s)
{
    struct incidents *incidents = disk->data->incidents;
    int r = atomic_load(disk->appended);
    if (r < 0)
        incidents_begin(incidents, SW_INCIDENT_CANNOT_RECEIVE, now_s,
                        "cannot keep messages (%s), the broker does: %s", strerror(-r),
                        disk_remedy(r));
    if (r == 0)
        incidents_end(incidents, SW_INCIDENT_CANNOT_RECEIVE, now_s,
                      "messages can be kept again");
}

void disk_check_space(struct disk *disk, int64_t now_s)
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
