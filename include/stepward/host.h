/* host.h -- what the machine provides: time, time zones, the log, other users.
 *
 * The clock is read here and nowhere else.
 */
#ifndef STEPWARD_HOST_H
#define STEPWARD_HOST_H

#include <sys/types.h>

#include "stepward/civil.h"
#include "stepward/types.h"

/* Fill *ret from the system's tzdata for an IANA name ("Europe/Berlin"). It covers 1970
 * to 2037, or the ten years from now if these end later. -ENOENT for a name that tzdata
 * does not know, -ENOMEM. TZ is changed meanwhile, so call it before a second thread is
 * begun. */
int sw_zone_load(struct sw_zone *ret, const char *name);
/* Make it this process's own zone, for the times in its log. The same holds as
 * above. */
int sw_zone_be_local(const char *name);
void sw_zone_fini(struct sw_zone *zone);

int64_t sw_clock_now_s(void);        /* the wall clock */
int64_t sw_clock_monotonic_ms(void); /* since boot, suspended time included */
int64_t sw_clock_monotonic_us(void);
int64_t sw_clock_thread_us(void); /* processor time of the calling thread */
uint32_t sw_clock_boot(void); /* a number for this boot: never 0, hardly used twice */

struct sw_clock {
    int64_t wall_ms, monotonic_ms;
    bool synchronised; /* the kernel says so: something disciplines the wall clock */
};
struct sw_clock sw_clock_read(void);

/* Whether the wall clock can be believed. A Pi has no clock chip, so it boots in the
 * past, in 1970 or at its last shutdown, and jumps when the network answers. All zero
 * is a fresh watch. */
struct sw_clock_watch {
    bool begun;
    int64_t floor_s;       /* no true clock shows less */
    int64_t offset_ms;     /* wall minus monotonic at the last look */
    int64_t begun_at_ms;   /* when the first look was, monotonic as those below */
    int64_t stepped_at_ms; /* when the last step was; as begun_at_ms: there was none */
    int64_t settled_at_ms; /* the clock is trusted from then on */
    bool trusted;
};
enum {
    SW_CLOCK_STEP_MS = 30 * 1000,   /* a smaller jump is a correction, not a step */
    SW_CLOCK_SETTLE_MS = 60 * 1000, /* after a step, wait for the next one */
    /* By then the network has answered, or it will not. */
    SW_CLOCK_BOOT_MS = 3 * 60 * 1000,
    /* If the clock stays behind what is stored for so long and nobody sets it, then the
     * clock was ahead when that was stored. */
    SW_CLOCK_BEHIND_MS = 5 * 60 * 1000,
};
/* Look at the clock, at least every minute. floor_s is the newest time that an earlier
 * run knew to be past. Only the first look uses it: a step afterwards is somebody
 * setting the clock, who knows better. Returns whether the clock is trusted. */
bool sw_clock_check(struct sw_clock_watch *watch, const struct sw_clock *now,
                    int64_t floor_s);
/* Call it before the first look if the clock was trusted at this offset earlier in this
 * boot of the machine. Then there is no floor, and another offset is a step. */
void sw_clock_resume(struct sw_clock_watch *watch, int64_t offset_ms);
bool sw_clock_is_step(int64_t offset_ms, int64_t other_ms);

/* Becomes readable when the wall clock was set, by however little, or the machine
 * slept: a reason to look. Negative errno where the kernel does not tell. */
int sw_clock_set_fd(void);
void sw_clock_set_clear(int fd); /* until the next time; it never waits */

enum sw_log_level {
    SW_LOG_ERROR = 3,
    SW_LOG_WARNING = 4,
    SW_LOG_NOTICE = 5,
    SW_LOG_INFO = 6
};
/* Write one line to standard error, with the journal's level prefix where the journal
 * reads it, else with local time. The daemon logs; the parts return. */
__attribute__((format(printf, 2, 3))) void sw_log(enum sw_log_level level,
                                                  const char *format, ...);

/* Whom the gateway runs as: the owner of data_dir; or, if root made it by hand, the
 * user stepward, whom the package creates. False: there is nobody. */
struct sw_owner {
    uid_t uid;
    gid_t gid;
    char name[64];
};
bool sw_owner_of(const char *data_dir, struct sw_owner *ret);
/* Let root act as that user until it is root again; negative errno. */
int sw_owner_become(const struct sw_owner *owner);
int sw_owner_be_root(void);
/* Mend files that the gateway would have made in data_dir but that belong to another
 * user, are closed to their owner or are open to others. Only root can; for others it
 * does nothing. Returns how many files were mended, or a negative errno. */
int sw_owner_mend(const char *data_dir);
/* If data_dir is for its group, open to it what the gateway made there and this user
 * owns: an older version made it for the user alone. */
void sw_owner_share(const char *data_dir);
/* Say of a file that cannot be read whose it is, and which command gives it back. */
void sw_permission_give_back(const char *path, const char *data_dir,
                             char out[static SW_WHY_MAX]);
/* Say in one line how the gateway's user can be allowed to read this file of the
 * configuration. */
void sw_permission_grant(const char *path, const char *user,
                         char out[static SW_WHY_MAX]);

/* Files in data_dir are for its owner and its group, the gateway and the therapists,
 * and for nobody else. Folders hand their group down to what is made in them. */
enum { SW_DATA_FILE_MODE = 0660, SW_DATA_FOLDER_MODE = 02770 };
/* Whether a group belongs to this process's user alone: by Debian's custom it has the
 * same name. Other groups may hold anybody, so nothing is opened to them that was not
 * already. */
bool sw_group_is_own(unsigned gid);
/* Make the folder if it is not there, and open it to its group if that is our own. */
int sw_make_data_folder(const char *path);
/* Make a folder in data_dir if it is not there, for the same people. */
int sw_make_folder_within(const char *data_dir, const char *path);

/* Say in one line how to get missing rights to path, by who owns it or the folder it is
 * in: "run it as the owner: sudo -u stepward …". False: that is not known. */
bool sw_permission_hint(const char *path, char out[static SW_WHY_MAX]);

#endif
