/* disk_monitor.h -- whether the disk takes what must be kept, and saying so when it does not.
 *
 *     disk_init(&disk, &data);
 *     disk_appended(&disk, r);                 // Paho's thread, after each append
 *     if (!disk_takes(&disk, now_ms)) …        // do not connect
 *     disk_check_inbox(&disk, now_s);        // every turn
 *     disk_check_space(&disk, now_s);        // every minute
 */
#ifndef DAEMON_DISK_MONITOR_H
#define DAEMON_DISK_MONITOR_H

#include <stdatomic.h>

#include "daemon/data.h"

struct disk {
    struct data *data;
    /* Of the last append or try: 0 it is safe, errno, SW_INBOX_FULL. Two threads. */
    atomic_int appended;
    int64_t probe_at_ms;
};

/* A full, read-only or failing disk: it may mend, and until then nothing is lost. */
bool disk_may_mend(int r);
/* What to do about it, for people. Static. */
const char *disk_remedy(int r);

void disk_init(struct disk *disk, struct data *data);
bool disk_is_sound(const struct disk *disk); /* by the last append or try */
void disk_appended(struct disk *disk, int r);
/* Whether a message that came now could be kept. After a start, and after an append
 * that failed, that is tried; while messages come in they are the try. */
bool disk_takes(struct disk *disk, int64_t now_ms);
void disk_check_inbox(struct disk *disk, int64_t now_s);
void disk_check_space(struct disk *disk, int64_t now_s);

#endif
