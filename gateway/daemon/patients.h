/* patients.h -- the patients as the running gateway knows them.
 *
 * A patient's today is kept in memory while readings come, so that each fresh reading
 * can be judged at once. Other days are computed from the store when they are
 * committed; what alerts need of them, of scores and of batteries is read again from
 * the store when it changed. The store is the truth: everything here can be loaded from
 * it again.
 */
#ifndef DAEMON_PATIENTS_H
#define DAEMON_PATIENTS_H

#include "daemon/data.h"
#include "daemon/device_assignments.h"
#include "daemon/online_spans.h"
#include "daemon/write_buffer.h"
#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/store.h"

enum {
    PATIENTS_MAX = 10000,              /* with automatic enrolment: 24 MB */
    DAY_CACHE_BYTES_MAX = 1024 * 1024, /* readings of today kept in memory */
};

/* What was read from the store, and has changed there since. */
enum stale {
    STALE_DAYS = 1,      /* rows and readings of days before today */
    STALE_PAINS = 2,     /* scores */
    STALE_BATTERIES = 4, /* levels */
    STALE_ALL = 7,
};

enum patient_state {
    PATIENT_UNSTORED, /* enrolled here, or not yet reached by the current load */
    PATIENT_STORED,
    PATIENT_GONE, /* erased from the store */
};

enum judge_when {
    JUDGE_NOT, /* nothing new is known of the patient */
    JUDGE_WITH_COMMIT,
    JUDGE_SOON, /* as soon as possible */
};

enum day_state {
    DAY_UNKNOWN,   /* neither today's readings nor their number are in memory */
    DAY_COUNTED,   /* not in memory, but the number is known */
    DAY_ESTIMATED, /* not in memory, and the number may be too high */
    DAY_LOADED,    /* in memory, including what is pending */
};

/* Today. */
struct day_cache {
    enum day_state state;
    struct sw_day_set set; /* if it is loaded */
    size_t n;              /* otherwise the number of readings, or more */
    bool was_used;         /* since the last sweep for sets to leave out */
    bool is_changed;       /* since row and facts were computed */
    int64_t computed_s;    /* the time for which they were computed */
    struct sw_day_row row; /* as last computed */
    bool is_touched;       /* it includes a reading or a score, so it is stored */
};

struct patient_devices {
    struct sw_device_id asked; /* the last one that was looked up */
    int64_t asked_key;         /* its number; 0: none was looked up */
    /* Numbered -1, -2, … until the patient is stored and the store assigns real
     * numbers. */
    struct sw_device_id *news;
    size_t n_news, cap_news;
    struct sw_device_id admitted; /* the last one admitted */
    bool has_admitted;
};

/* Rate limits: see sw_holdoff_allows(). */
struct patient_limits {
    struct sw_holdoff changes[SW_ALERT_KINDS]; /* of alerts */
    unsigned held_off;                         /* SW_KIND_BITs: that was logged */
    struct sw_holdoff actions;                 /* actions on alerts */
    struct sw_holdoff scores;
};

/* What the store does not have yet. */
struct store_sync {
    bool has_row; /* the day's row is newer than the store's */
    bool has_heard, has_refusing;
    int64_t heard_s; /* known.heard_at_s as the store has it */
    bool has_lateness;
    struct {
        int64_t key; /* given by the store in that transaction */
        uint64_t transaction;
    } enrolling;
};

/* What is published without the outbox. */
struct publication {
    int32_t nudge_min; /* nudge to publish: minutes of rest; 0: none */
    bool has_day;
    int64_t day_ms; /* when it was last published, monotonic */
};

/* What therapists' apps show of the patient, see overviews.h. */
/* What the broker said of the last one: it is tried again now and then. */
enum overview_failure { OVERVIEW_NOT_FAILED, OVERVIEW_REFUSED, OVERVIEW_TOO_LARGE };

struct patient_overview {
    bool has_news; /* it may say something else than what was published */
    enum overview_failure failure;
    int64_t at_ms;       /* when it was last published; 0: not on this connection */
    int64_t again_s;     /* when time alone changes it; 0: never */
    uint64_t sum;        /* of what the broker retains; 0: not known, or nothing */
    uint64_t alerts_sum; /* of what was published about alerts */
    char strip[SW_STRIP_MAX + 1]; /* of day.row */
};

struct patient {
    struct sw_patient known; /* .key 0: enrolled, not yet in the store */
    uint64_t counted_serial; /* of the last message, taken or in known.refusing */
    enum patient_state state;
    struct sw_plan plan; /* in force today */

    /* What is judged. */
    enum judge_when judge;
    bool is_prepared; /* to be judged by what is now in memory */
    /* Array of SW_ALERT_KINDS, as stored. NULL if there is no recent alert. */
    struct sw_alert *alerts;
    struct sw_nudge nudge;
    struct patient_limits limits;
    struct sw_facts facts; /* as last computed and read */
    struct sw_lateness lateness;
    unsigned stale; /* enum stale */
    /* For an open `unworn`: what its own day shows, if that is before today; and
     * today's first known minute, 0 if there is none. */
    struct sw_unworn past_unworn;
    int64_t worn_today_s;

    struct day_cache day;
    struct patient_devices devices;
    size_t first_pending, last_pending; /* places, from 1, in the write buffer; 0: no */
    struct store_sync unstored;
    struct publication unpublished;
    struct patient_overview overview;
};

/* A topic below `board/` that is not the patient's any more. */
struct left_topic {
    struct sw_patient_id patient;
    struct sw_therapist_id therapist;
    bool is_erased; /* the patient is, so other topics are to be cleared too */
};

struct patients {
    struct sw_store *store;
    const struct sw_zone *zone;
    struct patient **all; /* sorted by id */
    size_t n, cap;
    struct patient **gone; /* still referenced: see patients_drop_gone() */
    size_t n_gone, cap_gone;
    struct left_topic *left; /* yet to be cleared */
    size_t n_left, cap_left;
    bool lists_changed; /* who is whose patient */
    bool lists_cleared; /* by who erased a patient: each is to be published again */
    struct device_assignments device_assignments;
    bool hands_changed; /* assignments have changed; see ingest_load() */
    uint64_t epoch;     /* of the store, as it was loaded */
    int64_t to_come_s;  /* when more of it counts, see sw_store_limit_newest() */
    bool is_behind;     /* the last load failed: some data is older than the store's */
    int32_t today;
    struct sw_span day; /* today, from its first instant to tomorrow's */
    int64_t now_s;      /* as last judged, at first as opened */
    struct write_buffer write_buffer;
    size_t set_bytes;
    size_t hand; /* where the sweep for sets to leave out continues */
    struct beat beat;
};

/* Load or reload patients, plans, assignments, and alerts that are open or were closed
 * less than SW_SAME_ALERT_S before now_s. Pending messages stay, so a running gateway
 * calls ingest_load() instead. Patients that are no longer in the store leave the list
 * and are marked gone. */
int patients_load(struct patients *patients, int32_t today);
bool patients_is_behind(const struct patients *patients); /* behind the store */
/* Call this once nothing refers to the patients that are gone. */
void patients_drop_gone(struct patients *patients);
void patients_fini(struct patients *patients);

struct patient *patients_find(const struct patients *patients, const char *id);
/* Add to memory alone; the next commit stores the patient. NULL: full, or no memory. */
struct patient *patients_enroll(struct patients *patients, struct sw_patient_id id,
                                int64_t at_s, const struct sw_plan *plan);

/* Make sure that the patient's set of today is in memory, including what is pending.
 * Others are left out to make room. */
int day_cache_need(struct patients *patients, struct patient *patient);
/* Have the item judged before it is stored. Returns 0, or SW_REFUSED_FLOOD if the
 * patient's day already has SW_DAY_READINGS_MAX readings. Call this before adding the
 * item to the write buffer. */
int day_cache_show(struct patients *patients, const struct pending *item);
/* Returns 0, or SW_REFUSED_FLOOD if the patient already has SW_DEVICES_MAX other
 * devices. */
int patients_admit_device(struct patients *patients, struct patient *patient,
                          const struct sw_device_id *device);
/* The number of a device in the patient's sets. */
int patients_device_key(struct patients *patients, struct patient *patient,
                        const struct sw_device_id *device, int64_t *ret_key);
/* Drop the patient's set, and with it numbers that the store did not assign. */
void day_cache_drop(struct patients *patients, struct patient *patient);
/* The same, and drop the count too: another day begins, or another patient wears a
 * device. */
void day_cache_reset(struct patients *patients, struct patient *patient);
/* Publish every day again that was published before. */
void patients_republish_today(struct patients *patients);

int patients_need_alerts(struct patient *patient); /* 0: there is room for them */
/* Have everyone judged by the next commit. */
void patients_mark_everyone(struct patients *patients);

#endif
