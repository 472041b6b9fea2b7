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
 * Negative returns are errnos (-EIO, -ENOSPC, -EBUSY, -ENOMEM…); sw_store_error() has
 * SQLite's words. Writes outside begin/commit are transactions of their own; between
 * them, after a negative return, roll back. A store belongs to one thread. Names of
 * tables and columns: gateway/store/schema-1.sql, stable by PRAGMA user_version.
 *
 * An each may call the store again. One that writes belongs between begin and commit,
 * and one that waits (for a pager) holds back the database's log: gather, then print.
 */
#ifndef STEPWARD_STORE_H
#define STEPWARD_STORE_H

#include "stepward/alert.h"
#include "stepward/day.h"
#include "stepward/health.h"
#include "stepward/plan.h"
#include "stepward/types.h"

struct sw_store;

enum sw_store_mode {
    SW_STORE_READ,   /* reads only; -ENOENT if there is no database yet */
    SW_STORE_WRITE,  /* creates and migrates as needed */
    SW_STORE_LATER,  /* the same; the caller checks it, unless it must be migrated */
    SW_STORE_CHECK,  /* SW_STORE_WRITE after quick_check, and of the readings' CRCs */
    SW_STORE_VERIFY, /* the same with integrity_check: every index too, and slower */
};

/* Positive results, documented where they occur. */
enum {
    SW_STORE_NONE = 1,   /* no such row */
    SW_STORE_EXISTS = 2, /* there is one already */
};

/* -EUCLEAN: damaged; -EPROTO: written by a newer version or another program; others:
 * the world. why has one line. */
int sw_store_open(struct sw_store **ret, const char *path, enum sw_store_mode mode,
                  char why[static SW_WHY_MAX]);
void sw_store_close(
    struct sw_store *store); /* NULL is fine; an open transaction ends */
const char *sw_store_error(const struct sw_store *store);
/* Why it failed with r, never "": SQLite's words if they are about that, else the
 * errno's. */
const char *sw_store_why(const struct sw_store *store, int r);
/* The same check of an open store, which may be read and written by others: 0,
 * -EUCLEAN or the disk's errno. Of a large one it takes minutes: any thread may end it,
 * though not before it has begun. */
int sw_store_check(struct sw_store *store, const char *path,
                   char why[static SW_WHY_MAX]);
void sw_store_interrupt(struct sw_store *store); /* -ECANCELED */
/* Move a damaged, closed database with its -wal and -shm, or what is left of the three,
 * aside to ret_moved: PATH.damaged-YYYYMMDDTHHMMSSZ[-N], the time it was last written.
 * Overwrites nothing; -ENOENT if nothing is there. */
int sw_store_quarantine(const char *path, char *ret_moved, size_t size,
                        char why[static SW_WHY_MAX]);

/* All of the open store, as of one moment, in a new file at path: complete, checked and
 * on the disk, or not there at all. Others read and write meanwhile. -EEXIST, -ENOSPC…
 */
int sw_store_copy(struct sw_store *store, const char *path,
                  char why[static SW_WHY_MAX]);
/* Whether a database that nobody uses is sound and ours, without changing anything:
 * 0, -EUCLEAN, -EPROTO, or the disk's errno. */
int sw_store_inspect(const char *path, char why[static SW_WHY_MAX]);

int sw_store_begin(struct sw_store *store);  /* BEGIN IMMEDIATE */
int sw_store_commit(struct sw_store *store); /* on failure all is rolled back */
void sw_store_rollback(struct sw_store *store);
/* A number that grows whenever it is noticed that another connection committed. Who
 * depends on that keeps the number it has seen and compares: nobody takes the news away
 * from others. _look notices (PRAGMA data_version), _epoch is as of the last look. */
uint64_t sw_store_poll(struct sw_store *store);
uint64_t sw_store_epoch(const struct sw_store *store);

/* ---- patients and plans ---- */

struct sw_patient {
    int64_t key; /* the database's own number for it */
    struct sw_patient_id id;
    char name[SW_NAME_MAX + 1]; /* never published */
    int64_t added_at_s;
    int64_t heard_at_s; /* last message that was not a retained copy; 0: never */
    enum sw_stamp
        heard_stamp; /* by the clock in use, see sw_store_use_clock(); or not */
};
/* SW_STORE_EXISTS leaves the stored patient alone. The plan holds on every day. */
int sw_store_add_patient(struct sw_store *store, const struct sw_patient *patient,
                         const struct sw_plan *plan, int64_t *ret_key);
int sw_store_rename_patient(struct sw_store *store, int64_t key,
                            const char *name); /* SW_STORE_NONE; so put_heard */
int sw_store_find_patient(struct sw_store *store, struct sw_patient_id id,
                          struct sw_patient *ret); /* SW_STORE_NONE */
/* Whether a plan or an alert names the therapist: 0, or SW_STORE_NONE. */
int sw_store_find_therapist(struct sw_store *store, const char *therapist);
/* Every patient in order of id; stops at the first non-zero return and returns it. */
int sw_store_each_patient(struct sw_store *store,
                          int (*each)(void *ctx, const struct sw_patient *patient),
                          void *ctx);
int sw_store_put_heard(struct sw_store *store, int64_t patient_key, int64_t heard_at_s,
                       enum sw_stamp stamp);

/* ---- all of a patient as JSON: readings, totals and scores as devices send them ----
 */

/* The i-th part of the document; NULL after the last. Static. */
const char *sw_store_export_section(size_t i);
/* Each row of a part as one JSON object. */
int sw_store_export(struct sw_store *store, int64_t patient_key, size_t section,
                    int (*each)(void *ctx, const char *json), void *ctx);
/* What is read until sw_store_rollback() is as of one moment; others may write. */
int sw_store_begin_reading(struct sw_store *store);

/* ---- erasing a patient: see records/erase.h ---- */

int sw_store_find_tombstone(struct sw_store *store, struct sw_patient_id id,
                            int64_t *ret_erased_at_s); /* SW_STORE_NONE */
int sw_store_each_tombstone(struct sw_store *store,
                            int (*each)(void *ctx, const char *patient), void *ctx);
struct sw_traces {
    int64_t readings; /* and totals, and scores of pain */
    int64_t days, alerts;
};
int sw_store_count_traces(struct sw_store *store, const struct sw_patient *patient,
                          struct sw_traces *ret);
/* Those of the plans and of the alerts; patient_key 0: of every patient's. */
int sw_store_each_therapist(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, const char *therapist), void *ctx);
/* Every topic of an alert that may have been published: its therapist, its patient, and
 * the word of its kind, or of a test. */
int sw_store_each_published(struct sw_store *store,
                            int (*each)(void *ctx, const char *therapist,
                                        const char *patient, const char *word),
                            void *ctx);
/* A transaction that leaves nothing behind of what it removes, also not where something
 * was removed before: pages that nobody uses are cleared too. */
int sw_store_begin_erasing(struct sw_store *store);
/* Remove the patient and all that refers to it: what its devices say is nobody's from
 * then on. A tombstone stays. key 0: only the tombstone is put. */
int sw_store_erase_patient_row(struct sw_store *store, const struct sw_patient *patient,
                               int64_t now_s);
int sw_store_commit_erasing(struct sw_store *store); /* the log is emptied too */

/* A plan holds from its day on until the next; the earliest also before its day. */
int sw_store_put_plan(struct sw_store *store, int64_t patient_key, int32_t from_day,
                      const struct sw_plan *plan);
int sw_store_plan_on(struct sw_store *store, int64_t patient_key, int32_t day,
                     struct sw_plan *ret); /* SW_STORE_NONE */
/* Every patient in order of id with the plan that holds on the day, as each_patient. */
int sw_store_each_patient_on(struct sw_store *store, int32_t day,
                             int (*each)(void *ctx, const struct sw_patient *patient,
                                         const struct sw_plan *plan),
                             void *ctx);
int sw_store_each_plan(struct sw_store *store, int64_t patient_key,
                       int (*each)(void *ctx, int32_t from_day,
                                   const struct sw_plan *plan),
                       void *ctx); /* in order of day; the first has from_day 0 */

/* ---- readings and days ---- */

enum { SW_STORE_CHANGED = 1 }; /* the set changed; 0: it was known */

/* Several at once cost much less than one by one, least if sorted by start. changed[i]
 * says it of the i-th. 0, or -EINVAL with a reading out of range: nothing is put. */
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
/* *ret_touched: from the counter's previous total (or the second before this one, of
 * which it speaks) to its next (or this one), both included: all days in between may
 * change. */
int sw_store_put_total(struct sw_store *store, int64_t patient_key,
                       const struct sw_device_id *device, const struct sw_total *total,
                       struct sw_span *ret_touched);
int sw_store_put_pain(struct sw_store *store, int64_t patient_key,
                      const struct sw_pain *pain); /* same instant: the larger */
/* From the counter's last total before at_s (or at_s - 1) to its first after (or at_s).
 */
int sw_store_total_span(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t at_s,
                        struct sw_span *ret); /* SW_STORE_NONE: no such device */
int sw_store_find_device(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device,
                         int64_t *ret_key); /* SW_STORE_NONE */
/* How many devices the patient has, or a negative errno. */
int64_t sw_store_count_devices(struct sw_store *store, int64_t patient_key);
/* The newest score and those of the SW_PAIN_PAST_S before it, the last 2,000 of them.
 */
enum { SW_STORE_PAINS_MAX = 2000 }; /* one every five minutes */
int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set);
/* All scores of [from_s, to_s). */
int sw_store_load_pains(struct sw_store *store, int64_t patient_key, int64_t from_s,
                        int64_t to_s, struct sw_day_set *set);
/* When the last reading or total that began before before_s ended; 0: there is none. */
int sw_store_last_reported(struct sw_store *store, int64_t patient_key,
                           int64_t before_s, int64_t *ret_at_s);
/* Of each device the newest level that is not to come counts; of the same instant the
 * lower one. The returns are put_reading's. */
int sw_store_put_battery(struct sw_store *store, int64_t patient_key,
                         const struct sw_battery *battery);
/* The newest first, one a device that nobody else wears and that was not released. */
int sw_store_each_battery(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const struct sw_battery *battery),
                          void *ctx);
/* The number a device has in sets of readings (made if it is new). */
int sw_store_device_key(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t *ret_key);

/* Add to the set all that sw_day_compute() needs for [begin_s, end_s). Of what a broken
 * device may have said, no more than SW_DAY_READINGS_MAX of each kind. */
int sw_store_load_day(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set);
/* Store the row, or remove the day's row if row is NULL. */
int sw_store_put_day(struct sw_store *store, int64_t patient_key, int32_t day,
                     const struct sw_day_row *row);
/* Rows of days [from, to] in order of patient id, then day; patient NULL: all, and the
 * callback puts none. n_pains of a stored row is 1 for any number of scores. */
int sw_store_each_day(struct sw_store *store, const struct sw_patient_id *patient,
                      int32_t from_day, int32_t to_day,
                      int (*each)(void *ctx, const struct sw_day_row *row), void *ctx);
/* The last valid days before `before_day`, the newest first, at most max. */
int sw_store_last_valid_days(struct sw_store *store, int64_t patient_key,
                             int32_t before_day, int32_t max,
                             int (*each)(void *ctx, const struct sw_day_row *row),
                             void *ctx);

/* ---- who wears which device ---- */

/* In [from_s, to_s) the device is worn by the patient; key 0 and id "": by nobody. */
struct sw_assignment {
    struct sw_device_id device;
    int64_t from_s, to_s; /* to_s INT64_MAX: until further notice */
    int64_t patient_key;
    struct sw_patient_id patient;
};
/* From from_s on, until what is stored for later. patient_key 0: nobody. */
int sw_store_put_assignment(struct sw_store *store, const struct sw_device_id *device,
                            int64_t from_s, int64_t patient_key);
/* Of one device, or of all (device NULL), in order of device and time. */
int sw_store_each_assignment(struct sw_store *store, const struct sw_device_id *device,
                             int (*each)(void *ctx,
                                         const struct sw_assignment *assignment),
                             void *ctx);
/* Give what the device said in [from_s, to_s), as one patient's, to another patient;
 * a reading that reaches out of it stays. */
int sw_store_move_device(struct sw_store *store, const struct sw_device_id *device,
                         int64_t from_key, int64_t to_key, int64_t from_s,
                         int64_t to_s);

/* ---- alerts and what is still to be published ---- */

/* Store the alert's new state and the transition to it (who: "gateway" or a name). Of
 * an alert the newest transitions are kept, and how it opened; of all of a patient and
 * kind the newest too; and always the first and the last acknowledgement of each alert,
 * which statistics rest on. */
enum { SW_STORE_LOG_OF_ALERT = 100, SW_STORE_LOG_OF_KIND = 2000 };
int sw_store_put_alert(struct sw_store *store, int64_t patient_key,
                       const struct sw_alert *alert, enum sw_alert_state from,
                       const char *who, const char *why);
struct sw_alert_filter {
    struct sw_patient_id patient;     /* "": any */
    struct sw_therapist_id therapist; /* "": any */
    bool closed_too;
    int64_t updated_from_s; /* closed ones updated before are left out */
};
/* Open ones first, then the newest first. */
int sw_store_each_alert(struct sw_store *store, const struct sw_alert_filter *filter,
                        int (*each)(void *ctx, int64_t patient_key,
                                    const struct sw_alert *alert),
                        void *ctx);
/* An alert, and when it was acknowledged. */
struct sw_alert_life {
    struct sw_alert alert;
    int64_t first_ack_s, last_ack_s; /* 0: never */
};
/* The therapist's ("": all) that were open at some time of the span, the oldest first;
 * what came after it is left out of the last acknowledgement. */
int sw_store_each_life(struct sw_store *store, const struct sw_therapist_id *therapist,
                       struct sw_span span,
                       int (*each)(void *ctx, const struct sw_alert_life *life),
                       void *ctx);
/* What became of an alert: its states are words of sw_alert_state_name(). */
struct sw_transition {
    int64_t at_s;
    char id[SW_ALERT_ID_MAX + 1], kind[SW_ID_MAX + 1];
    char who[SW_ALERT_BY_MAX + 1], from[SW_ID_MAX + 1], to[SW_ID_MAX + 1];
    char why[SW_ACTION_WHY_MAX];
};
/* Of the patient's alerts in [from_s, to_s), in the order in which they came. */
int sw_store_each_transition(
    struct sw_store *store, int64_t patient_key, struct sw_span span,
    int (*each)(void *ctx, const struct sw_transition *transition), void *ctx);
/* All of one alert. */
int sw_store_each_transition_of(struct sw_store *store, const char *alert_id,
                                int (*each)(void *ctx,
                                            const struct sw_transition *transition),
                                void *ctx);
/* By id, "p017-rest-1774779300": SW_STORE_NONE. */
int sw_store_find_alert(struct sw_store *store, const char *id,
                        int64_t *ret_patient_key, struct sw_alert *ret);
int64_t sw_store_open_alerts(struct sw_store *store); /* how many */
/* How many of the therapist's alerts opened in [from_s, to_s). */
int64_t sw_store_count_opened(struct sw_store *store,
                              const struct sw_therapist_id *therapist, int64_t from_s,
                              int64_t to_s);

/* One row a topic and what it is about (an alert's id, or ""): a newer publication
 * replaces an older one that was not sent. */
struct sw_outbound {
    int64_t seq; /* grows with every put */
    char topic[SW_TOPIC_MAX];
    char *payload; /* the caller frees; "" clears a retained message */
};
int sw_store_put_outbound(struct sw_store *store, const char *topic, const char *about,
                          const char *payload);
/* The oldest with seq > after: SW_STORE_NONE. */
int sw_store_next_outbound(struct sw_store *store, int64_t after,
                           struct sw_outbound *ret);
/* Every one that waits; with a callback that may put and remove. */
int sw_store_each_outbound(struct sw_store *store,
                           int (*each)(void *ctx, int64_t seq, const char *topic),
                           void *ctx);
/* The broker has it: removed unless a newer one took its place. */
int sw_store_outbound_done(struct sw_store *store, int64_t seq);

/* ---- refused messages: the last SW_REJECTED_MAX, at most 16 MiB of them. Each patient
 * and each stranger has a share: when there is no room, the oldest of who has most
 * goes, see store_rejected.c ---- */

struct sw_rejected {
    int64_t id;
    int64_t at_s;
    enum sw_refusal refusal;
    const char *why;
    struct sw_patient_id patient; /* who holds it; "": nobody known. When put alone */
    const char *topic;            /* as received, so payload */
    size_t topic_len;             /* of one that was read */
    const char *payload;
    size_t payload_len;
    bool retained;
    enum sw_stamp stamp; /* of at_s: by the clock in use, or not */
};
/* topic and payload may hold anything; they are kept byte for byte as BLOBs. */
int sw_store_put_rejected(struct sw_store *store, const struct sw_rejected *rejected,
                          size_t topic_len);
/* The newest first, at most limit. topic is NUL-terminated, payload has payload_len. */
int sw_store_each_rejected(struct sw_store *store, int64_t limit,
                           int (*each)(void *ctx, const struct sw_rejected *rejected),
                           void *ctx);
/* Ask for it to be taken once more; it is marked until it is forgotten or refused
 * again, and then keeps its place. */
int sw_store_mark_rejected(struct sw_store *store, int64_t id); /* SW_STORE_NONE */
int sw_store_refuse_again(struct sw_store *store, int64_t id, enum sw_refusal refusal,
                          const char *why); /* SW_STORE_NONE: others took its room */
/* The marked ones, the oldest first; else as each_rejected. */
int sw_store_each_marked(struct sw_store *store, int64_t limit,
                         int (*each)(void *ctx, const struct sw_rejected *rejected),
                         void *ctx);
int sw_store_drop_rejected(struct sw_store *store, int64_t id);
/* All that takes of the patient's share of the room. */
int sw_store_drop_held(struct sw_store *store, struct sw_patient_id patient);

/* ---- by which clock that is dated which came without a time of its own ----
 *
 * Receipt is measured in time since the boot and dated by an offset, the wall clock
 * less that time. Which boot it was stands with what is dated so: when the clock turns
 * out to have been wrong, all of it is dated anew.
 */
struct sw_boot_clock {
    int64_t key;   /* above 0; each boot has a greater one than those before */
    uint32_t boot; /* see sw_clock_boot() */
    int64_t offset_ms;
    int64_t since_ms, seen_ms; /* so it is since, and was last seen; since the boot */
    bool has_before;
    int64_t offset_before_ms; /* the offset before */
    int64_t told_at_s;        /* of the incident that told of the change; 0: none did */
};
int sw_store_last_clock(struct sw_store *store, struct sw_boot_clock *ret); /* NONE */
int sw_store_put_clock(struct sw_store *store, const struct sw_boot_clock *clock);
/* SW_STAMP_RECEIPT is by the clock of this key from now on; 0: by an unknown one. */
void sw_store_use_clock(struct sw_store *store, int64_t key);
/* What is dated later is never the newest score, level of battery or total; and of a
 * day that is computed, totals and scores are not part, until their time has come. Who
 * keeps what he has read or computed asks when that is. At first nothing is too late. */
void sw_store_limit_newest(struct sw_store *store, int64_t newest_s);
/* When the first of what is too late is dated. */
int sw_store_next_to_come(struct sw_store *store, int64_t *ret_at_s); /* NONE */

struct sw_redating {
    int64_t clock; /* what is dated by it: */
    int64_t by_s;  /* so many seconds later, or earlier */
    int64_t now_s; /* by the clock that is right */
    bool drops;    /* by_s is not known, 0: what is after newest_s goes instead */
    int64_t newest_s;
    int64_t since_s; /* what was refused for its time since then is taken once more */
};
struct sw_redated {
    int64_t totals, pains, batteries, heard, refused, dropped;
};
/* What is stored of a patient, and the open alerts that rest on it. *ret_touched: all
 * days in it may change, as of put_total; all zero: none. *sum is added to. */
int sw_store_redate(struct sw_store *store, int64_t patient_key,
                    const struct sw_redating *redating, struct sw_span *ret_touched,
                    struct sw_redated *sum);
/* From the patient's first total or score to the last that is not to come. */
int sw_store_counted_span(struct sw_store *store, int64_t patient_key,
                          struct sw_span *ret); /* SW_STORE_NONE */
/* What is not a patient's: refused messages, incidents; and until when is shelved. */
int sw_store_redate_rest(struct sw_store *store, const struct sw_redating *redating,
                         struct sw_redated *sum);

/* ---- the gateway's own memory ---- */

int sw_store_put_health(struct sw_store *store, const struct sw_health *health);
int sw_store_get_health(struct sw_store *store, struct sw_health *ret); /* NONE */
/* Spans in which the gateway was connected, newest first, at most max; a put of a span
 * that begins where a stored one begins extends that one. */
int sw_store_put_online(struct sw_store *store, struct sw_span span);
int sw_store_cut_online(struct sw_store *store, int64_t at_s); /* forget later ones */
int sw_store_get_online(struct sw_store *store, struct sw_span *spans, size_t max,
                        size_t *ret_n);
/* When the first of them began; 0: there is none. */
int sw_store_online_since(struct sw_store *store, int64_t *ret_s);
/* Stored again under the same kind and at_s, it replaces what was said of it. The last
 * 1,000 are kept. */
int sw_store_put_incident(struct sw_store *store, const struct sw_incident *incident);
int sw_store_drop_incident(struct sw_store *store, enum sw_incident_kind kind,
                           int64_t at_s);
/* Those that began, ended or lasted since, the newest first. */
int sw_store_each_incident(struct sw_store *store, int64_t from_s,
                           int (*each)(void *ctx, const struct sw_incident *incident),
                           void *ctx);
/* Spans in which it ran and did not trust its clock, oldest first; of many the newest
 * are kept. They are dated when the clock is trusted again. */
enum { SW_DISTRUSTED_MAX = 32 };
int sw_store_add_distrusted(struct sw_store *store, struct sw_span span);
int sw_store_get_distrusted(struct sw_store *store,
                            struct sw_span spans[static SW_DISTRUSTED_MAX],
                            size_t *ret_n);
/* Small texts by name. *ret: the caller frees; SW_STORE_NONE. */
#define SW_META_FILTERS    "filters" /* what the last run subscribed to, one a line */
#define SW_META_SITE       "site"    /* see records/site.h */
#define SW_META_MARK_ASKED "echo"    /* "awaited": this is not the database of before */
/* Of this gateway at its broker, and so left out of copies. */
#define SW_META_LOGIN   "login"   /* the last client id and username that connected */
#define SW_META_DROPPED "dropped" /* the broker's count, see daemon/connection_log.h */
#define SW_META_MARK    "mark"    /* "left": our last will waits in our session */
int sw_store_put_meta(struct sw_store *store, const char *name, const char *text);
int sw_store_get_meta(struct sw_store *store, const char *name, char **ret);

int64_t sw_store_bytes(struct sw_store *store); /* of the database and its log */

#endif
