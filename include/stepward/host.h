/* host.h -- what the machine lends us: time, time zones, the log, other users.
 *
 * The clock is read here and nowhere else.
 */
#ifndef STEPWARD_HOST_H
#define STEPWARD_HOST_H

#include <sys/types.h>

#include "stepward/civil.h"
#include "stepward/types.h"

/* Fill *ret from the system's tzdata for an IANA name ("Europe/Berlin"). It covers 1970
 * to 2037, or the ten years from now if these end later. -ENOENT for a name tzdata does
 * not know, -ENOMEM. TZ is another one meanwhile: only before a second thread is begun. */
int sw_zone_load(struct sw_zone *ret, const char *name);
/* The zone is this process's own from now on, for the times in its log. As above. */
int sw_zone_be_local(const char *name);
void sw_zone_fini(struct sw_zone *zone);

int64_t sw_clock_now_s(void);        /* the wall clock */
int64_t sw_clock_monotonic_ms(void); /* since boot, suspended time included */
int64_t sw_clock_monotonic_us(void);
int64_t sw_clock_thread_us(void); /* of the processor, taken by the calling thread */
uint32_t sw_clock_boot(void);     /* which boot that is: never 0, hardly twice */

struct sw_clock {
    int64_t wall_ms, monotonic_ms;
    bool synchronised; /* the kernel says so: something disciplines the wall clock */
};
struct sw_clock sw_clock_read(void);

/* Whether the wall clock can be believed. A Pi has no clock chip: it boots in the past,
 * in 1970 or at its last shutdown, and jumps when the network answers. All zero is a
 * fresh watch. */
struct sw_clock_watch {
    bool begun;
    int64_t floor_s;     /* no true clock shows less */
    int64_t offset_ms;   /* wall minus monotonic at the last look */
    int64_t begun_at_ms; /* monotonic, of the first look */
    int64_t
        stepped_at_ms; /* so too of the last step; of the first look: there was none */
    int64_t settled_at_ms; /* trusted from then on */
    bool trusted;
};
enum {
    SW_CLOCK_STEP_MS = 30 * 1000,   /* a smaller jump is a correction, not a step */
    SW_CLOCK_SETTLE_MS = 60 * 1000, /* after a step, wait for the next one */
    SW_CLOCK_BOOT_MS =
        3 * 60 * 1000, /* by then the network has answered, or will not */
    /* Behind what is stored for so long, with nobody who sets it: what was stored is of
     * a clock that was ahead. */
    SW_CLOCK_BEHIND_MS = 5 * 60 * 1000,
};
/* Look at the clock (call at least every minute). floor_s is the newest time that an
 * earlier run knew to be past; only the first look asks for it: a step afterwards is
 * somebody setting the clock, who knows better. Returns true if trusted. */
bool sw_clock_check(struct sw_clock_watch *watch, const struct sw_clock *now,
                    int64_t floor_s);
/* Before the first look: in this boot of the machine the clock was trusted at this
 * offset. So there is no floor, and another offset is a step. */
void sw_clock_resume(struct sw_clock_watch *watch, int64_t offset_ms);
bool sw_clock_is_step(int64_t offset_ms, int64_t other_ms);

/* Readable when the wall clock was set, by whatever little, or the machine slept: a
 * reason to look. Negative errno where the kernel does not tell. */
int sw_clock_set_fd(void);
void sw_clock_set_clear(int fd); /* until the next time; never waits */

enum sw_log_level {
    SW_LOG_ERROR = 3,
    SW_LOG_WARNING = 4,
    SW_LOG_NOTICE = 5,
    SW_LOG_INFO = 6
};
/* One line to standard error; with the journal's level prefix where the journal reads
 * it, else with local time. The daemon logs, the parts return. */
__attribute__((format(printf, 2, 3))) void sw_log(enum sw_log_level level,
                                                  const char *format, ...);

/* Whom the gateway runs as: who owns data_dir, unless that is root, who made it by
 * hand; else the user stepward, whom the package makes. False: there is nobody. */
struct sw_owner {
    uid_t uid;
    gid_t gid;
    char name[64];
};
bool sw_owner_of(const char *data_dir, struct sw_owner *ret);
/* Root acts as that user until it is root again; negative errno. */
int sw_owner_become(const struct sw_owner *owner);
int sw_owner_be_root(void);
/* Root alone, else 0: what the gateway would have made in data_dir and is another
 * user's, or closed to its owner or open to others, is mended. How many files; negative
 * errno. */
int sw_owner_mend(const char *data_dir);
/* Where one of them cannot be read: whose it is, and the command that gives it back. */
void sw_permission_give_back(const char *path, const char *data_dir,
                             char out[static SW_WHY_MAX]);
/* How the gateway's user, who cannot read this file of the configuration, can: one line
 * with the command. */
void sw_permission_grant(const char *path, const char *user,
                         char out[static SW_WHY_MAX]);

/* What is in data_dir is for its owner and its group, the gateway and the therapists,
 * and for nobody else. Folders hand their group down to what is made in them. */
enum { SW_DATA_FILE_MODE = 0660, SW_DATA_FOLDER_MODE = 02770 };
/* Whether a group is of this process's user alone, by Debian's custom: called the same.
 * Others' groups may hold anybody: to them nothing is opened that was not already. */
bool sw_group_is_own(unsigned gid);
/* Make the folder, if it is not there: for its group too, if that is our own. */
int sw_make_data_folder(const char *path);
/* Make a folder in it, if it is not there: for whom that one is. */
int sw_make_folder_within(const char *data_dir, const char *path);

/* Where rights to path are missing: one line about how to get them, "run it as the
 * owner: sudo -u stepward …", by who owns it or the folder it is in. False: unknown. */
bool sw_permission_hint(const char *path, char out[static SW_WHY_MAX]);

#endif
