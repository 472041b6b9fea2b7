/* doctor_checks.h -- what the checks of doctor.c share: they say what they found. */
#ifndef RECORDS_DOCTOR_CHECKS_H
#define RECORDS_DOCTOR_CHECKS_H

#include "records/doctor.h"
#include "util/line.h"

#define DOCTOR_PRINTF __attribute__((format(printf, 2, 3)))
DOCTOR_PRINTF enum sw_found doctor_well(struct sw_finding *finding, const char *format,
                                        ...);
/* The remedy is the table's, unless doctor_remedy() gave another. */
DOCTOR_PRINTF enum sw_found doctor_wrong(struct sw_finding *finding, const char *format,
                                         ...);
DOCTOR_PRINTF enum sw_found doctor_unknown(struct sw_finding *finding,
                                           const char *format, ...);
DOCTOR_PRINTF void doctor_remedy(struct sw_finding *finding, const char *format, ...);
/* The store failed meanwhile. */
enum sw_found doctor_store_failed(const struct sw_doctor *doctor,
                                  struct sw_finding *finding, int error);

/* A list of names in a line: "p1, p2 and 7 more". */
struct doctor_list {
    struct sw_line line;
    char text[200];
    size_t n;
};
void doctor_list_init(struct doctor_list *list);
void doctor_list_add(struct doctor_list *list, const char *name);
/* ": p1, p2 and 7 more", or "" where patients are not to be named. */
const char *doctor_list_end(struct doctor_list *list, const struct sw_doctor *doctor);

/* "3 days", "5 h", "12 min" */
enum { DOCTOR_AGO_MAX = 32 };
void doctor_ago(int64_t seconds, char out[static DOCTOR_AGO_MAX]);

/* What a check needs: else it is unknown, and the function is not asked. */
enum doctor_needs {
    NEEDS_CONFIG = 1,
    NEEDS_STORE = 2,   /* and the configuration */
    NEEDS_MACHINE = 4, /* which the board has not */
};

/* The table of checks, a row each: its function, without doctor_; its name; what it needs;
 * what to do if it is wrong, unless the function knows better. The root causes first: who
 * mends from the top down has the least to do. */
#define DOCTOR_CHECKS(X)                                                               \
    X(configuration, "configuration", NEEDS_MACHINE,                                   \
      "mend it, then ask again: `sudo stepward-gateway --check`")                      \
    X(in_force, "in force", NEEDS_CONFIG,                                              \
      "`sudo scripts/install`, or " SW_RESTART_GATEWAY                                 \
      " if it was neither site nor data_dir")                                          \
    X(versions, "versions", NEEDS_CONFIG | NEEDS_MACHINE, SW_RESTART_GATEWAY)          \
    X(files, "files", NEEDS_CONFIG | NEEDS_MACHINE,                                    \
      "`sudo stepward-gateway --check` mends what is in data_dir")                     \
    X(disk, "disk", NEEDS_CONFIG, "free space on it, or put a larger one in")          \
    X(wear, "wear", NEEDS_CONFIG,                                                      \
      "copy the backups to another machine today, and replace the card")               \
    X(clock, "clock", NEEDS_CONFIG,                                                    \
      "let something set this machine's clock: `sudo timedatectl set-ntp true`, and "  \
      "`timedatectl` shows whether it does")                                           \
    X(zone, "zone", NEEDS_CONFIG | NEEDS_MACHINE,                                      \
      "set `timezone` in the configuration to the clinic's, or the machine's by "      \
      "`sudo timedatectl set-timezone`")                                               \
    X(gateway, "gateway", NEEDS_CONFIG, "")                                            \
    X(broker, "broker", NEEDS_CONFIG | NEEDS_MACHINE,                                  \
      "see that it runs (`systemctl status mosquitto`), and that `uri` in `broker` "   \
      "names it")                                                                      \
    X(session, "session", NEEDS_STORE, "")                                             \
    X(rights, "rights", NEEDS_STORE, "")                                               \
    X(certificates, "certificates", NEEDS_CONFIG,                                      \
      "have a new one made before it ends, put it in its place, and restart who uses " \
      "it")                                                                            \
    X(database, "database", 0,                                                         \
      SW_RESTART_GATEWAY ": it moves a damaged database aside, and takes a backup")    \
    X(inbox, "inbox", NEEDS_STORE, SW_RESTART_GATEWAY)                                 \
    X(backups, "backups", NEEDS_STORE,                                                 \
      "`systemctl status stepward-backup.timer` says why, and `sudo -u stepward "      \
      "stepward backup` makes one")                                                    \
    X(board, "board", NEEDS_CONFIG | NEEDS_MACHINE,                                    \
      "`sudo systemctl enable --now stepward-web`; `journalctl -u stepward-web -n "    \
      "20` says why it ends")                                                          \
    X(notify, "notify", NEEDS_STORE | NEEDS_MACHINE,                                   \
      "mend the program; what waits is told for a day")                                \
    X(therapists, "therapists", NEEDS_STORE,                                           \
      "`stepward patient set ID --therapist NAME`")                                    \
    X(patients, "patients", NEEDS_STORE,                                               \
      "see that the device is worn, charged and connected: `stepward explain ID`")     \
    X(devices, "devices", NEEDS_STORE,                                                 \
      "`stepward device assign DEVICE PATIENT --from TIME`, then `stepward rejected "  \
      "--retry --reason device`")                                                      \
    X(clocks, "clocks", NEEDS_STORE, "set the clock of the device")                    \
    X(refused, "refused", NEEDS_STORE,                                                 \
      "`stepward rejected` says what to do about each")                                \
    X(sources, "sources", NEEDS_STORE,                                                 \
      "`stepward source try NAME < payload` shows what its pointers find")
#define X(name, label, needs, remedy)                                                  \
    enum sw_found doctor_##name(const struct sw_doctor *doctor,                        \
                                struct sw_finding *finding);
DOCTOR_CHECKS(X)
#undef X

#endif
