/* store.h -- the one SQLite file: patients, plans, readings, days, alerts, outbox.
 *
 *     struct sw_store *store;
 *     r = sw_store_open(&store, path, SW_STORE_WRITE, why);
 *     sw_store_begin(store);
 *     sw_store_put_reading(store, patient_key, &device, &reading);
 *     …
 *     sw_store_commit(store);  // or sw_store_rollback(store)
 *     sw_store_close(store);
 *
 * Functions return 0 or a positive code documented at the function; a negative return
 * is an errno (-EIO, -ENOSPC, -EBUSY, -ENOMEM…), and sw_store_error() has SQLite's
 * words for it. A write outside begin/commit is a transaction of its own; after a
 * negative return between them, roll back. A store belongs to one thread. The tables
 * and columns are in gateway/store/schema-1.sql, stable by PRAGMA user_version.
 *
 * A callback `each` may call the store again, and stops the walk by returning something
 * other than 0, which is passed on. A callback that writes belongs between begin and
 * commit. A callback that waits (for a pager) keeps the WAL from being folded into the
 * file, so gather first and print afterwards.
 */
#ifndef STEPWARD_STORE_H
#define STEPWARD_STORE_H

#include "stepward/alert.h"
#include "stepward/day.h"
#include "stepward/health.h"
#include "stepward/lateness.h"
#include "stepward/plan.h"
#include "stepward/types.h"

struct sw_store;

enum sw_store_mode {
    SW_STORE_READ,   /* reads only; -ENOENT if there is no database yet */
    SW_STORE_WRITE,  /* creates and migrates as needed */
    SW_STORE_LATER,  /* like WRITE, for callers that check it themselves; but
                      * checks before a migration */
    SW_STORE_CHECK,  /* WRITE after quick_check, and after a check of the readings'
                      * CRCs and of the index by which they are found */
    SW_STORE_VERIFY, /* like CHECK, with integrity_check: every index too, and slower */
};

/* Positive returns, documented at the functions that have them. */
enum {
    SW_STORE_NONE = 1,   /* no such row */
    SW_STORE_EXISTS = 2, /* the row is there already */
};

/* Open the database at path. 0 with *ret, which sw_store_close() frees; -EUCLEAN: it is
 * damaged; -EPROTO: it was written by a newer version or another program; other errnos
 * come from the system. On failure `why` has one line. */
int sw_store_open(struct sw_store **ret, const char *path, enum sw_store_mode mode,
                  char why[static SW_WHY_MAX]);
void sw_store_close(
    struct sw_store *store); /* takes NULL; an open transaction is rolled back */
/* Wait so long for others that write, and then return -EBUSY; -1: for 5 s, as in the
 * beginning. For callers that have other work. */
void sw_store_limit_wait(struct sw_store *store, int most_ms);
/* Forget the pages of the database that were read, up to 2 MB; they are read again when
 * they are asked for. For callers that have nothing to do. */
void sw_store_drop_cache(struct sw_store *store);
const char *sw_store_error(const struct sw_store *store);
/* One line on why a call failed with r, never "": SQLite's words if they belong to that
 * failure, else the errno's. Valid until the next failure. */
const char *sw_store_why(const struct sw_store *store, int r);
/* The check of SW_STORE_CHECK on an open store, which others may read and write
 * meanwhile: 0, -EUCLEAN or the disk's errno. It takes minutes on a large database; any
 * thread may end it, but not before it has begun. */
int sw_store_check(struct sw_store *store, const char *path,
                   char why[static SW_WHY_MAX]);
void sw_store_interrupt(struct sw_store *store); /* the check returns -ECANCELED */
/* Move a damaged, closed database with its -wal and -shm, or what is left of the three,
 * to ret_moved: PATH.damaged-YYYYMMDDTHHMMSSZ[-N], by the time it was last written.
 * Nothing is overwritten; -ENOENT if nothing is there. */
int sw_store_quarantine(const char *path, char *ret_moved, size_t size,
                        char why[static SW_WHY_MAX]);

/* Copy the open store, as of one moment, to a new file at path. Afterwards the file is
 * complete, checked and on the disk, or not there at all. Others may read and write
 * meanwhile. -EEXIST, -ENOSPC… */
int sw_store_copy(struct sw_store *store, const char *path,
                  char why[static SW_WHY_MAX]);
/* Check, without changing anything, that a database nobody uses is sound and
 * Stepward's: 0, -EUCLEAN, -EPROTO, or the disk's errno. */
int sw_store_inspect(const char *path, char why[static SW_WHY_MAX]);

int sw_store_begin(struct sw_store *store);  /* BEGIN IMMEDIATE */
int sw_store_commit(struct sw_store *store); /* rolls everything back on failure */
void sw_store_rollback(struct sw_store *store);
/* Put readings in order and fold the WAL into the file, once there is enough of either.
 * That takes as long as many commits, so call it when nobody waits, outside of a
 * transaction; without a call a later commit does it. */
void sw_store_tidy(struct sw_store *store);
/* The epoch: a number that grows whenever another connection is found to have
 * committed. A caller keeps the epoch it has seen and compares, so no caller takes the
 * news away from another. sw_store_poll() looks (PRAGMA data_version) and returns the
 * epoch; sw_store_epoch() returns it as of the last poll. */
uint64_t sw_store_poll(struct sw_store *store);
/* From now on a commit of others that only puts rows in the audit, or contacts, is no news
 * to this connection: nothing is judged by them. */
void sw_store_ignore_notes(struct sw_store *store);
uint64_t sw_store_epoch(const struct sw_store *store);

/* ---- patients and plans ---- */

struct sw_patient {
    int64_t key; /* the row's number in this database */
    struct sw_patient_id id;
    char name[SW_NAME_MAX + 1]; /* never published */
    int64_t added_at_s;
    int64_t heard_at_s;        /* last message that was not a retained copy; 0: never */
    enum sw_stamp heard_stamp; /* RECEIPT: by the clock in use */
    struct sw_refusing refusing;
};
/* Add a patient with a plan that holds on every day. SW_STORE_EXISTS leaves the stored
 * patient alone. */
int sw_store_add_patient(struct sw_store *store, const struct sw_patient *patient,
                         const struct sw_plan *plan, int64_t *ret_key);
int sw_store_rename_patient(struct sw_store *store, int64_t key,
                            const char *name); /* SW_STORE_NONE */
int sw_store_find_patient(struct sw_store *store, struct sw_patient_id id,
                          struct sw_patient *ret); /* SW_STORE_NONE */
/* 0 if a plan or an alert names the therapist, else SW_STORE_NONE. */
int sw_store_find_therapist(struct sw_store *store, const char *therapist);
/* 0 if a plan of any day names the therapist, else SW_STORE_NONE. */
int sw_store_find_caseload(struct sw_store *store, const char *therapist);
/* Every patient in order of id. Stops at the first non-zero return and returns it. */
int sw_store_each_patient(struct sw_store *store,
                          int (*each)(void *ctx, const struct sw_patient *patient),
                          void *ctx);
int sw_store_put_heard(struct sw_store *store, int64_t patient_key, int64_t heard_at_s,
                       enum sw_stamp stamp); /* SW_STORE_NONE */
int sw_store_put_lateness(struct sw_store *store, int64_t patient_key,
                          const struct sw_lateness *lateness);
/* All zero: nothing is known. */
int sw_store_get_lateness(struct sw_store *store, int64_t patient_key,
                          struct sw_lateness *ret);
/* What is known of the patient, or of every patient (key 0), in no order. */
int sw_store_each_lateness(struct sw_store *store, int64_t patient_key,
                           int (*each)(void *ctx, struct sw_patient_id patient,
                                       const struct sw_lateness *lateness),
                           void *ctx);
int sw_store_put_refusing(struct sw_store *store, int64_t patient_key,
                          const struct sw_refusing *refusing); /* SW_STORE_NONE */

/* ---- a patient's stored data as JSON; readings, totals and scores as devices send
 * them ---- */

/* The name of the i-th section, NULL after the last; static. */
const char *sw_store_export_section(size_t i);
/* Each row of a section as one JSON object; the text is valid during the callback. */
int sw_store_export(struct sw_store *store, int64_t patient_key, size_t section,
                    int (*each)(void *ctx, const char *json), void *ctx);
/* Until sw_store_rollback(), all reads see the database as of one moment;
 * others may write. */
int sw_store_begin_reading(struct sw_store *store);

/* ---- erasing a patient: see records/erase.h ---- */

int sw_store_find_tombstone(struct sw_store *store, struct sw_patient_id id,
                            int64_t *ret_erased_at_s); /* SW_STORE_NONE */
int sw_store_each_tombstone(struct sw_store *store,
                            int (*each)(void *ctx, const char *patient), void *ctx);
struct sw_traces {
    int64_t readings; /* with totals and scores of pain */
    int64_t days, alerts, contacts;
};
int sw_store_count_traces(struct sw_store *store, const struct sw_patient *patient,
                          struct sw_traces *ret);
/* Each therapist named by a plan or an alert of the patient; patient_key 0:
 * of any patient. */
int sw_store_each_therapist(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, const char *therapist), void *ctx);
/* The parts of every alert topic that may have been published: therapist, patient, and
 * the alert's kind or SW_ALERT_TEST. */
int sw_store_each_published(struct sw_store *store,
                            int (*each)(void *ctx, const char *therapist,
                                        const char *patient, const char *word),
                            void *ctx);
/* Begin a transaction that leaves no bytes of what it removes in the file. Free pages
 * left by earlier removals are cleared too. */
int sw_store_begin_erasing(struct sw_store *store);
/* Remove the patient and everything that refers to it; what its devices send is
 * nobody's from then on. A tombstone stays. With key 0 only the tombstone is put. */
int sw_store_erase_patient_row(struct sw_store *store, const struct sw_patient *patient,
                               int64_t now_s);
int sw_store_commit_erasing(struct sw_store *store); /* -EBUSY: readers kept the WAL */

/* A plan holds from its day until the next plan's day; the earliest also holds before
 * its day. */
int sw_store_put_plan(struct sw_store *store, int64_t patient_key, int32_t from_day,
                      const struct sw_plan *plan);
int sw_store_plan_on(struct sw_store *store, int64_t patient_key, int32_t day,
                     struct sw_plan *ret); /* SW_STORE_NONE */
/* Every patient in order of id, with the plan that holds on the day.
 * Stops like sw_store_each_patient(). */
int sw_store_each_patient_on(struct sw_store *store, int32_t day,
                             int (*each)(void *ctx, const struct sw_patient *patient,
                                         const struct sw_plan *plan),
                             void *ctx);
int sw_store_each_plan(struct sw_store *store, int64_t patient_key,
                       int (*each)(void *ctx, int32_t from_day,
                                   const struct sw_plan *plan),
                       void *ctx); /* in order of day; the first has from_day 0 */

/* ---- readings and days ---- */

enum { SW_STORE_CHANGED = 1 }; /* the set changed; 0: it did not */

/* Add readings of one device. Many at once cost much less than one by one, least if
 * they are sorted by start. changed[i] becomes whether the i-th changed the set. 0, or
 * -EINVAL if a reading is out of range: then nothing is put. */
int sw_store_put_readings(struct sw_store *store, int64_t patient_key,
                          const struct sw_device_id *device,
                          const struct sw_reading *readings, size_t n, bool *changed);
int sw_store_put_reading(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device,
                         const struct sw_reading *reading);
/* All readings of a patient, by device, then start, then length. */
int sw_store_each_reading(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const char *device,
                                      const struct sw_reading *reading),
                          void *ctx);
/* SW_STORE_CHANGED or 0. *ret_touched runs from the counter's previous total (at_s - 1
 * if there is none) to its next one (at_s if there is none), both included: every day
 * in between may change. */
int sw_store_put_total(struct sw_store *store, int64_t patient_key,
                       const struct sw_device_id *device, const struct sw_total *total,
                       struct sw_span *ret_touched);
int sw_store_put_pain(struct sw_store *store, int64_t patient_key,
                      const struct sw_pain *pain); /* the larger of an instant */
/* From the counter's last total before at_s (or at_s - 1) to its first one after at_s
 * (or at_s). */
int sw_store_total_span(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t at_s,
                        struct sw_span *ret); /* SW_STORE_NONE: no such device */
int sw_store_find_device(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device,
                         int64_t *ret_key); /* SW_STORE_NONE */
/* The number of the patient's devices, or a negative errno. */
int64_t sw_store_count_devices(struct sw_store *store, int64_t patient_key);
/* Add the newest score and those of the SW_PAIN_PAST_S before it to the set, at most
 * the newest SW_STORE_PAINS_MAX. */
enum { SW_STORE_PAINS_MAX = 2000 }; /* one every five minutes */
int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set);
/* Add all scores of [from_s, to_s) to the set. */
int sw_store_load_pains(struct sw_store *store, int64_t patient_key, int64_t from_s,
                        int64_t to_s, struct sw_day_set *set);
/* When the last reading or total that began before before_s ended; 0: there is none. */
int sw_store_last_reported(struct sw_store *store, int64_t patient_key,
                           int64_t before_s, int64_t *ret_at_s);
/* Store a battery level. For each device the newest level that is not in the future
 * counts, at the same instant the lower one. 0, also if another counts. */
int sw_store_put_battery(struct sw_store *store, int64_t patient_key,
                         const struct sw_battery *battery);
/* The newest level of each device, the newest first, without devices that were released
 * or are worn by somebody else. */
int sw_store_each_battery(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const struct sw_battery *battery),
                          void *ctx);
/* The device's key in sets of readings; a new device gets one. */
int sw_store_device_key(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t *ret_key);

/* Add to the set all that sw_day_compute() needs for [begin_s, end_s), but no more than
 * SW_DAY_READINGS_MAX of each kind: a broken device may have sent any number. Of more
 * readings the first count, in order of device id, start and length. */
int sw_store_load_day(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set);
/* Store the day's row, or remove it if row is NULL. A day out of range: -EINVAL. */
int sw_store_put_day(struct sw_store *store, int64_t patient_key, int32_t day,
                     const struct sw_day_row *row);
/* Rows of days [from_day, to_day] in order of patient id, then day; patient NULL:
 * of all, and then `each` must not put any. n_pains of a stored row is 1 for any
 * number of scores. */
int sw_store_each_day(struct sw_store *store, const struct sw_patient_id *patient,
                      int32_t from_day, int32_t to_day,
                      int (*each)(void *ctx, const struct sw_day_row *row), void *ctx);
/* The last valid days before before_day, the newest first, at most max. */
int sw_store_last_valid_days(struct sw_store *store, int64_t patient_key,
                             int32_t before_day, int32_t max,
                             int (*each)(void *ctx, const struct sw_day_row *row),
                             void *ctx);

/* ---- who wears which device ---- */

/* In [from_s, to_s) the patient wears the device; key 0 and id "": nobody does. */
struct sw_assignment {
    struct sw_device_id device;
    int64_t from_s, to_s; /* to_s INT64_MAX: no end is known */
    int64_t patient_key;
    struct sw_patient_id patient;
};
/* Assign the device from from_s until the next stored assignment. patient_key
 * 0: to nobody. */
int sw_store_put_assignment(struct sw_store *store, const struct sw_device_id *device,
                            int64_t from_s, int64_t patient_key);
/* Assignments of one device, or of all (device NULL), in order of device and time. */
int sw_store_each_assignment(struct sw_store *store, const struct sw_device_id *device,
                             int (*each)(void *ctx,
                                         const struct sw_assignment *assignment),
                             void *ctx);
/* Move what the device sent in [from_s, to_s) from one patient to another. A reading
 * that reaches out of the span stays. */
int sw_store_move_device(struct sw_store *store, const struct sw_device_id *device,
                         int64_t from_key, int64_t to_key, int64_t from_s,
                         int64_t to_s);

/* 1: something is stored of the patient that the device sent in [from_s, to_s); 0: nothing
 * is. */
int sw_store_has_sent(struct sw_store *store, const struct sw_device_id *device,
                      int64_t patient_key, int64_t from_s, int64_t to_s);

/* ---- alerts and what is still to be published ---- */

/* Store the alert's new state and log the transition to it (who: "gateway" or a name).
 * The log keeps the newest SW_STORE_LOG_OF_ALERT transitions of an alert and its first
 * one, the newest SW_STORE_LOG_OF_KIND of a patient and kind, and always the first and
 * the last acknowledgement of each alert, which statistics rest on. */
enum { SW_STORE_LOG_OF_ALERT = 100, SW_STORE_LOG_OF_KIND = 2000 };
int sw_store_put_alert(struct sw_store *store, int64_t patient_key,
                       const struct sw_alert *alert, enum sw_alert_state from,
                       const char *who, const char *why);
struct sw_alert_filter {
    struct sw_patient_id patient;     /* "": any */
    struct sw_therapist_id therapist; /* "": any */
    bool closed_too;
    int64_t updated_from_s; /* closed alerts updated before are left out */
};
/* Open alerts first; among each the newest first. */
int sw_store_each_alert(struct sw_store *store, const struct sw_alert_filter *filter,
                        int (*each)(void *ctx, int64_t patient_key,
                                    const struct sw_alert *alert),
                        void *ctx);
/* Those that are open, of all patients and in no order, for half the cost. */
int sw_store_each_open_alert(struct sw_store *store,
                             int (*each)(void *ctx, int64_t patient_key,
                                         const struct sw_alert *alert),
                             void *ctx);
/* An alert, and when it was acknowledged. */
struct sw_alert_life {
    struct sw_alert alert;
    int64_t first_ack_s, last_ack_s; /* 0: never */
};
/* Alerts of the therapist ("": of all) that were open at some time in the span, the
 * oldest first. Acknowledgements after the span are left out. */
int sw_store_each_life(struct sw_store *store, const struct sw_therapist_id *therapist,
                       struct sw_span span,
                       int (*each)(void *ctx, const struct sw_alert_life *life),
                       void *ctx);
/* One change of an alert; from and to are words of sw_alert_state_name(). */
struct sw_transition {
    int64_t at_s;
    char id[SW_ALERT_ID_MAX + 1], kind[SW_ID_MAX + 1];
    char who[SW_ALERT_BY_MAX + 1], from[SW_ID_MAX + 1], to[SW_ID_MAX + 1];
    char why[SW_ACTION_WHY_MAX];
};
/* Transitions of the patient's alerts in the span, in the order in which they came. */
int sw_store_each_transition(
    struct sw_store *store, int64_t patient_key, struct sw_span span,
    int (*each)(void *ctx, const struct sw_transition *transition), void *ctx);
/* Transitions of one alert, in the same order. */
int sw_store_each_transition_of(struct sw_store *store, const char *alert_id,
                                int (*each)(void *ctx,
                                            const struct sw_transition *transition),
                                void *ctx);
/* Find an alert by its id, "p017-rest-1774779300": 0 or SW_STORE_NONE. */
int sw_store_find_alert(struct sw_store *store, const char *id,
                        int64_t *ret_patient_key, struct sw_alert *ret);
int64_t sw_store_open_alerts(struct sw_store *store); /* or an errno < 0 */
/* How many of the therapist's alerts opened in [from_s, to_s), or a negative errno. */
int64_t sw_store_count_opened(struct sw_store *store,
                              const struct sw_therapist_id *therapist, int64_t from_s,
                              int64_t to_s);

/* ---- contacts: who spoke with a patient, or about them, and what came of it ---- */

#define SW_CONTACT_OUTCOMES(X)                                                         \
    X(CALLED, "called")   /* spoke with them */                                        \
    X(VISIT, "visit")     /* saw them */                                               \
    X(PLAN, "plan")       /* changed the plan */                                       \
    X(DEVICE, "device")   /* set the device right */                                   \
    X(NOTHING, "nothing") /* looked into it, and nothing was to be done */
enum sw_contact_outcome {
#define X(name, word) SW_CONTACT_##name,
    SW_CONTACT_OUTCOMES(X)
#undef X
        SW_CONTACTS,
};
const char *sw_contact_name(enum sw_contact_outcome outcome);
bool sw_contact_parse(const char *name, enum sw_contact_outcome *ret);

struct sw_contact {
    struct sw_patient_id patient; /* set when read */
    int64_t at_s;
    enum sw_contact_outcome outcome;
    char who[SW_ALERT_BY_MAX + 1];
    char alert[SW_ALERT_ID_MAX + 1]; /* what it was about, or "" */
    char note[SW_ALERT_NOTE_MAX + 1];
};
int sw_store_put_contact(struct sw_store *store, int64_t patient_key,
                         const struct sw_contact *contact);
int sw_store_last_contact(struct sw_store *store, int64_t patient_key,
                          struct sw_contact *ret); /* SW_STORE_NONE */
/* Those of the span, the oldest first; patient_key 0: of all patients. */
int sw_store_each_contact(struct sw_store *store, int64_t patient_key,
                          struct sw_span span,
                          int (*each)(void *ctx, const struct sw_contact *contact),
                          void *ctx);

/* ---- audit: who acted, or looked at a patient, when and by which way ----
 *
 * A row is put in the transaction of what it tells of. Rows are a chain, see
 * store_audit.c, and are never changed, but erasing a patient takes patient and detail
 * out of those of the patient: that somebody acted stays, on whom does not. */

#define SW_AUDIT_ACTS(X)                                                               \
    X(LOOKED, "looked")                                                                \
    X(ACKNOWLEDGED, "acknowledged")                                                    \
    X(UNACKNOWLEDGED, "acknowledgement undone")                                        \
    X(SHELVED, "shelved")                                                              \
    X(UNSHELVED, "unshelved")                                                          \
    X(CONTACT, "contact")                                                              \
    X(PLAN, "plan")                                                                    \
    X(PATIENT_ADDED, "patient added")                                                  \
    X(PATIENT_RENAMED, "patient renamed")                                              \
    X(PATIENT_EXPORTED, "patient exported")                                            \
    X(PATIENT_ERASED, "patient erased")                                                \
    X(DEVICE_ASSIGNED, "device assigned")                                              \
    X(DEVICE_RELEASED, "device released")                                              \
    X(RETRIED, "rejected retried")                                                     \
    X(LOGGED_IN, "logged in")                                                          \
    X(LOGGED_OUT, "logged out")                                                        \
    X(LOGIN_FAILED, "log-in failed")                                                   \
    X(USER_ADDED, "user added")                                                        \
    X(USER_INVITED, "user invited")                                                    \
    X(USER_PASSWORD, "user password")                                                  \
    X(USER_LOCKED, "user locked")                                                      \
    X(USER_UNLOCKED, "user unlocked")                                                  \
    X(USER_REMOVED, "user removed")                                                    \
    X(TOKEN_MADE, "user token made")                                                   \
    X(TOKEN_REMOVED, "user token removed")                                             \
    X(BROKER_LOGIN_ADDED, "broker login added")                                        \
    X(BROKER_LOGIN_RENEWED, "broker login renewed")                                    \
    X(BROKER_LOGIN_LOCKED, "broker login locked")
enum sw_audit_act {
#define X(name, word) SW_AUDIT_##name,
    SW_AUDIT_ACTS(X)
#undef X
        SW_AUDITS,
};
const char *sw_audit_name(enum sw_audit_act act);

enum { SW_AUDIT_DETAIL_MAX = 600 }; /* bytes: an alert's id and a note */
#define SW_AUDIT_BOARD   "board"
#define SW_AUDIT_COMMAND "command"
#define SW_AUDIT_MQTT    "mqtt"
struct sw_audit { /* a row is put with these */
    int64_t at_s;
    const char *who, *how;
    enum sw_audit_act act;
    const char *patient, *detail; /* NULL: none */
};
int sw_store_put_audit(struct sw_store *store, const struct sw_audit *audit);
struct sw_audit_row { /* texts as stored; they are valid during the callback */
    int64_t key, at_s;
    const char *who, *how, *what, *patient, *detail;
};
struct sw_audit_filter {
    const char *patient, *who; /* NULL: any */
    int64_t from_s;            /* earlier rows are left out */
    int64_t limit;             /* at most so many */
};
/* The newest first. */
int sw_store_each_audit(struct sw_store *store, const struct sw_audit_filter *filter,
                        int (*each)(void *ctx, const struct sw_audit_row *row),
                        void *ctx);

/* Empty the patient's rows, and put the row of the erasure that says so; only in a
 * transaction. */
int sw_store_erase_audit(struct sw_store *store, struct sw_patient_id patient,
                         const struct sw_audit *erasure);

/* ---- retention: what is older than the clinic keeps ---- */

enum sw_keep {
    SW_KEEP_READINGS, /* and counters, scores, refused messages; computed days stay */
    SW_KEEP_ALERTS,   /* closed ones, with their log; and contacts */
    SW_KEEP_AUDIT,
    SW_KEEPS,
};
/* Remove some of what is older than from_s, the oldest first, in a transaction of its
 * own: SW_STORE_CHANGED if there may be more, 0 if none is left. From then on this is
 * where what is kept begins, also if a later from_s is earlier. */
int sw_store_remove_older(struct sw_store *store, enum sw_keep what, int64_t from_s);
/* Since when all of it is kept; 0: nothing was ever removed. */
int sw_store_kept_since(struct sw_store *store, enum sw_keep what, int64_t *ret_from_s);
/* Whether all readings are there from which the day was computed that begins then; else
 * its row is final. */
bool sw_store_has_readings_of(struct sw_store *store, int64_t day_begin_s);

enum { SW_AUDIT_HASH_LEN = 64 }; /* a SHA-256 in hexadecimal */
struct sw_audit_verdict {
    int64_t n, n_emptied; /* rows that follow each other, and those of erased */
    int64_t last_key;     /* of the last that does; */
    int64_t cut_key,
        cut_at_s;       /* all up to this one were removed for their age; 0: none */
    int64_t broken_key; /* the first that is not as it was written; 0: all are */
    char why[120];
    char hash[SW_AUDIT_HASH_LEN + 1]; /* of the last */
    bool holds;                       /* the hash that was asked for is in the chain */
};
/* Look at every row; 0 also if one is broken. holds: a hash as an earlier verdict had it,
 * or NULL. */
int sw_store_verify_audit(struct sw_store *store, const char *holds,
                          struct sw_audit_verdict *ret);

/* One row per topic and subject (an alert's id, or ""): a newer publication replaces an
 * older one that was not sent. */
struct sw_outbound {
    int64_t seq; /* grows with every put */
    char topic[SW_TOPIC_MAX];
    char about[SW_ALERT_ID_MAX + 1];
    char *payload; /* the caller frees it; "" clears a retained message */
};
int sw_store_put_outbound(struct sw_store *store, const char *topic, const char *about,
                          const char *payload);
/* What the reading of a `stepward try` is about: who waits for it, and until when. */
void sw_try_about(char out[static SW_ALERT_ID_MAX + 1], int pid, int64_t until_s);
bool sw_try_is_over(const char *about, int64_t now_s);
/* The oldest with seq > after: 0 or SW_STORE_NONE. */
int sw_store_next_outbound(struct sw_store *store, int64_t after,
                           struct sw_outbound *ret);
/* Every waiting publication, the oldest first; the callback may put and remove some. */
int sw_store_each_outbound(struct sw_store *store,
                           int (*each)(void *ctx, int64_t seq, const char *topic),
                           void *ctx);
/* Call it once the broker has the publication: the row goes, unless a newer publication
 * has replaced it. */
int sw_store_outbound_done(struct sw_store *store, int64_t seq);

/* ---- notifications: publications of alerts of which programs are still to be told, see
 * daemon/notify.h ---- */

enum { SW_TOLD_MAX = 512 }; /* names of programs, with a / behind each */
struct sw_notification {
    int64_t seq; /* grows with every put */
    struct sw_patient_id patient;
    struct sw_therapist_id therapist;
    char name[SW_NAME_MAX + 1]; /* the patient's, for who must not repeat it */
    char alert[SW_ALERT_ID_MAX + 1];
    int32_t rev;
    int64_t at_s;
    char kind[16], level[16], state[16];
    char told[SW_TOLD_MAX];
    char *words; /* the caller frees it */
};
/* In the transaction that stores the alert. */
int sw_store_put_notification(struct sw_store *store, int64_t patient_key,
                              const struct sw_alert *alert, const char *words);
/* Those with seq > after, the oldest first; words, names and the like are left empty. */
int sw_store_each_notification(struct sw_store *store, int64_t after,
                               int (*each)(void *ctx,
                                           const struct sw_notification *notification),
                               void *ctx);
/* 0 or SW_STORE_NONE: the patient was erased, or it was dropped. */
int sw_store_find_notification(struct sw_store *store, int64_t seq,
                               struct sw_notification *ret);
int sw_store_note_told(struct sw_store *store, int64_t seq, const char *told);
int sw_store_drop_notification(struct sw_store *store, int64_t seq);
/* How many wait, and since when the oldest does; 0: none. */
int sw_store_count_notifications(struct sw_store *store, int64_t *ret_n,
                                 int64_t *ret_oldest_s);

/* ---- refused messages: the newest SW_REJECTED_MAX, in at most 16 MiB. Every known
 * patient and every unknown topic has a share; when there is no room, the oldest
 * message of whoever has most is dropped, see store_rejected.c ---- */

struct sw_rejected {
    int64_t id;
    int64_t at_s;
    enum sw_refusal refusal;
    const char *why;
    struct sw_patient_id patient; /* whose share it takes; "": its topic's */
    const char *topic;            /* as received, like payload */
    size_t topic_len;             /* set when read; put takes its own parameter */
    const char *payload;
    size_t payload_len;
    bool retained;
    enum sw_stamp stamp; /* of at_s; RECEIPT: by the clock in use */
};
/* Store a refused message. Topic and payload are kept as BLOBs and may
 * hold any bytes. */
int sw_store_put_rejected(struct sw_store *store, const struct sw_rejected *rejected,
                          size_t topic_len);
/* The newest first, at most limit. The topic is NUL-terminated, the payload has
 * payload_len bytes; both are valid during the callback. */
int sw_store_each_rejected(struct sw_store *store, int64_t limit,
                           int (*each)(void *ctx, const struct sw_rejected *rejected),
                           void *ctx);
/* Mark the message to be ingested again. It keeps its place, and stays marked until it
 * is dropped or refused again. */
int sw_store_mark_rejected(struct sw_store *store, int64_t id); /* SW_STORE_NONE */
int sw_store_refuse_again(struct sw_store *store, int64_t id, enum sw_refusal refusal,
                          const char *why); /* SW_STORE_NONE: it was dropped */
/* The marked messages, the oldest first; otherwise like sw_store_each_rejected(). */
int sw_store_each_marked(struct sw_store *store, int64_t limit,
                         int (*each)(void *ctx, const struct sw_rejected *rejected),
                         void *ctx);
int sw_store_drop_rejected(struct sw_store *store, int64_t id);
/* Drop all messages in the patient's share. */
int sw_store_drop_held(struct sw_store *store, struct sw_patient_id patient);

/* ---- which clock dated what came without a time of its own ----
 *
 * The time of receipt is measured since the boot, and dated by an offset: the wall
 * clock less the time since the boot. What is dated so is stored with the key of its
 * boot's clock. When that clock turns out to have been wrong, all of it is dated anew.
 */
struct sw_boot_clock {
    int64_t key;   /* above 0, and greater than the keys of earlier boots */
    uint32_t boot; /* see sw_clock_boot() */
    int64_t offset_ms;
    int64_t since_ms, seen_ms; /* the offset's first and last use, since the boot */
    bool has_before;
    int64_t offset_before_ms; /* of the offset before this one */
    int64_t reported_at_s;    /* of the incident that reported the change; 0: none */
};
int sw_store_last_clock(struct sw_store *store,
                        struct sw_boot_clock *ret); /* SW_STORE_NONE */
int sw_store_put_clock(struct sw_store *store, const struct sw_boot_clock *clock);
/* From now on SW_STAMP_RECEIPT means the clock with this key; 0: an unknown clock. */
void sw_store_use_clock(struct sw_store *store, int64_t key);
/* What is dated after newest_s is in the future: until its time has come, it is never
 * the newest score, battery level or total, and totals and scores are left out of
 * computed days. Callers that keep what they have read or computed ask
 * sw_store_next_to_come() when that time is. A new store has no limit. */
void sw_store_limit_newest(struct sw_store *store, int64_t newest_s);
/* The date of the earliest total, score or level after newest_s; SW_STORE_NONE. */
int sw_store_next_to_come(struct sw_store *store,
                          int64_t *ret_at_s); /* SW_STORE_NONE */

struct sw_redating {
    int64_t clock; /* the key of the clock whose rows are dated anew */
    int64_t by_s;  /* seconds by which they move: later, or earlier if negative */
    int64_t now_s; /* by the clock that is right */
    bool drops;    /* by_s is unknown and 0: rows after newest_s are dropped instead */
    int64_t newest_s;
    int64_t since_s; /* retry messages refused for their time since then */
};
struct sw_redated {
    int64_t totals, pains, batteries, heard, refused, dropped;
};
/* Date a patient's rows anew, and the open alerts that rest on them. All days in
 * *ret_touched may change, as for sw_store_put_total(); all zero: none. Counts are
 * added to *sum. */
int sw_store_redate(struct sw_store *store, int64_t patient_key,
                    const struct sw_redating *redating, struct sw_span *ret_touched,
                    struct sw_redated *sum);
/* From the patient's first total or score to the last one that is not in the future. */
int sw_store_counted_span(struct sw_store *store, int64_t patient_key,
                          struct sw_span *ret); /* SW_STORE_NONE */
/* Date anew what belongs to no patient: refused messages, incidents,
 * ends of shelvings. */
int sw_store_redate_rest(struct sw_store *store, const struct sw_redating *redating,
                         struct sw_redated *sum);

/* ---- the state of the gateway itself ---- */

int sw_store_put_health(struct sw_store *store, const struct sw_health *health);
int sw_store_get_health(struct sw_store *store,
                        struct sw_health *ret); /* SW_STORE_NONE */
/* Items of a source that its pointers missed among others that they found: they are no
 * data, and nobody is told but by `stepward status`. */
struct sw_missed {
    char source[SW_ID_MAX + 1]; /* its name in the configuration */
    int64_t since_s, last_s;    /* when the first and the last were received */
    int64_t n_missed, n_seen;   /* of all items of those messages */
    char example[SW_WHY_MAX];   /* of the last: where it is, and what is missed */
};
enum { SW_MISSED_SHOWN_S = SW_INCIDENT_SHOWN_S };
/* Add to what is stored of the source. What is older than SW_MISSED_SHOWN_S goes, of all
 * sources: they begin anew. */
int sw_store_add_missed(struct sw_store *store, const struct sw_missed *missed);
/* Of each source that missed some at from_s or later, in order of name. */
int sw_store_each_missed(struct sw_store *store, int64_t from_s,
                         int (*each)(void *ctx, const struct sw_missed *missed),
                         void *ctx);
/* Spans in which the gateway was connected. A span that begins where a stored one
 * begins extends that one; of many the newest 10,000 are kept. */
int sw_store_put_online(struct sw_store *store, struct sw_span span);
int sw_store_cut_online(struct sw_store *store, int64_t at_s); /* drop later ones */
int sw_store_get_online(struct sw_store *store, struct sw_span *spans, size_t max,
                        size_t *ret_n);
/* When the first stored span began; 0: there is none. */
int sw_store_online_since(struct sw_store *store, int64_t *ret_s);
/* Store an incident, or replace the stored one with the same kind and at_s. The newest
 * 1,000 are kept. */
int sw_store_put_incident(struct sw_store *store, const struct sw_incident *incident);
int sw_store_drop_incident(struct sw_store *store, enum sw_incident_kind kind,
                           int64_t at_s);
/* Incidents that began or ended at from_s or later or still last, the newest first. */
int sw_store_each_incident(struct sw_store *store, int64_t from_s,
                           int (*each)(void *ctx, const struct sw_incident *incident),
                           void *ctx);
/* Spans in which the gateway ran without trusting its clock, the oldest first;
 * of many the newest are kept. They are added, with their dates, once the clock
 * is trusted again. */
enum { SW_DISTRUSTED_MAX = 32 };
int sw_store_add_distrusted(struct sw_store *store, struct sw_span span);
int sw_store_get_distrusted(struct sw_store *store,
                            struct sw_span spans[static SW_DISTRUSTED_MAX],
                            size_t *ret_n);
/* Small texts by name. The caller frees *ret; SW_STORE_NONE leaves it alone. */
#define SW_META_FILTERS    "filters" /* what the last run subscribed to, one a line */
#define SW_META_SITE       "site"    /* see records/site.h */
#define SW_META_MARK_ASKED "echo"    /* "awaited": this is not the database of before */
/* These belong to this gateway at its broker, and are left out of copies. */
#define SW_META_LOGIN   "login"   /* the last client id and username that connected */
#define SW_META_DROPPED "dropped" /* the broker's count, see daemon/connection_log.h */
#define SW_META_MARK    "mark"    /* "left": our last will waits in our session */
int sw_store_put_meta(struct sw_store *store, const char *name, const char *text);
int sw_store_get_meta(struct sw_store *store, const char *name, char **ret);

int64_t sw_store_bytes(struct sw_store *store); /* with the WAL; or errno < 0 */

#endif
