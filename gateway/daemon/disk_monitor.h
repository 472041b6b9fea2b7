/* disk_monitor.h -- whether the disk takes what must be kept, and an incident when it
 * does not.
 *
 *     disk_init(&disk, &data, &receiver.appended);
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
    atomic_int *appended; /* the receiver's: result of its last append or try */
    int64_t probe_at_ms;
};

/* A full, read-only or failing disk may recover, and until then nothing is lost. */
bool disk_may_mend(int r);
/* What a person should do about it. Static. */
const char *disk_remedy(int r);

void disk_init(struct disk *disk, struct data *data, atomic_int *appended);
bool disk_is_sound(const struct disk *disk); /* by the last append or try */
/* Whether a message that came now could be kept. After a start, and after a failed
 * append, this is tried out; while messages come in, each append is the try. */
bool disk_takes(struct disk *disk, int64_t now_ms);
void disk_check_inbox(struct disk *disk, int64_t now_s);
void disk_check_space(struct disk *disk, int64_t now_s);

#endif
