/* patients.h -- the patients as the running gateway knows them.
 *
 * A patient's today is kept in memory while readings come, so that each that is fresh
 * can be judged at once; other days are computed from the store when they are
 * committed, and what is judged of them, of scores and batteries is recalled from it
 * when it changed. The store is the truth: everything here can be loaded again from it.
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
    PATIENTS_MAX = 10000,              /* enrolled by themselves: 24 MB */
    DAY_CACHE_BYTES_MAX = 1024 * 1024, /* readings of today kept in memory */
};

/* What was recalled from the store, and has changed there since. */
enum stale {
    STALE_DAYS = 1,      /* rows and readings of days before today */
    STALE_PAINS = 2,     /* scores */
    STALE_BATTERIES = 4, /* levels */
    STALE_ALL = 7,
};

enum patient_state {
    PATIENT_UNSTORED, /* enrolled here, or not met yet by the loading under way */
    PATIENT_STORED,
    PATIENT_GONE, /* from the store: erased */
};

enum judge_when {
    JUDGE_NOT, /* nothing new is known of it */
    JUDGE_WITH_COMMIT,
    JUDGE_SOON, /* as soon as may be */
};

enum day_state {
    DAY_UNKNOWN,   /* today's readings are not in memory, nor how many they are */
    DAY_COUNTED,   /* not in memory, but how many is known */
    DAY_ESTIMATED, /* so, but it may be too much */
    DAY_LOADED,    /* in memory, with what is pending */
};

/* Today: see day_cache.c. */
struct day_cache {
    enum day_state state;
    struct sw_day_set set; /* if it is loaded */
    size_t n;              /* how many, else: no fewer than there are */
    bool was_used;         /* since it was last looked at for leaving it out */
    bool is_changed;       /* since row and facts were computed */
    int64_t computed_s;    /* the time they were computed for */
    struct sw_day_row row; /* as last computed */
    bool is_touched;       /* a reading or a score was part of it: then it is stored */
};

struct patient_devices {
    struct sw_device_id asked; /* the one last asked for, with its number */
    int64_t asked_key;         /* 0: none was asked for */
    /* Numbered -1, -2, … until the patient is in the store, which gives others. */
    struct sw_device_id *news;
    size_t n_news, cap_news;
    struct sw_device_id admitted; /* the one last admitted */
    bool has_admitted;
};

/* How often what may happen: see sw_holdoff_allows(). */
struct patient_limits {
    struct sw_holdoff changes[SW_ALERT_KINDS]; /* of alerts */
    unsigned held_off;                         /* SW_KIND_BITs: that was logged */
    struct sw_holdoff acts;                    /* what is asked of alerts */
    struct sw_holdoff scores;
};

/* What the store does not have yet. */
struct store_sync {
    bool has_row; /* the day's row is newer than the store's */
    bool has_heard;
    int64_t heard_s; /* known.heard_at_s as the store has it */
    struct {
        int64_t key; /* that the store gives it in that transaction of a commit */
        uint64_t transaction;
    } enrolling;
};

/* What is published without the outbox. */
struct publication {
    int32_t nudge_min; /* nudge to publish: minutes of rest; 0: none */
    bool has_day;
    int64_t day_ms; /* when it was last published, monotonic */
};

struct patient {
    struct sw_patient known; /* .key 0: enrolled, not yet in the store */
    enum patient_state state;
    struct sw_plan plan; /* in force today */

    /* What is judged. */
    enum judge_when judge;
    /* SW_ALERT_KINDS of them, as they are stored; NULL: no recent one. */
    struct sw_alert *alerts;
    struct sw_nudge nudge;
    struct patient_limits limits;
    struct sw_facts facts; /* as last computed and recalled */
    unsigned stale;        /* enum stale */
    /* About an open `unworn`: what its own day says, if that is before today; and
     * today's first known minute, 0: none. */
    struct sw_unworn past_unworn;
    int64_t worn_today_s;

    struct day_cache day;
    struct patient_devices devices;
    size_t first_pending,
        last_pending; /* places, from 1, among what is pending; 0: none */
    struct store_sync unstored;
    struct publication unpublished;
};

struct patients {
    struct sw_store *store;
    const struct sw_zone *zone;
    struct patient **all; /* sorted by id */
    size_t n, cap;
    struct patient **prepared; /* for judging, of the patients */
    size_t n_prepared, cap_prepared;
    struct patient **gone; /* still pointed to: see patients_drop_gone() */
    size_t n_gone, cap_gone;
    struct sw_patient_id *erased; /* the last word on their topics is still due */
    size_t n_erased, cap_erased;
    struct device_assignments device_assignments;
    bool hands_changed; /* assignments are not what they were; see ingest_load() */
    uint64_t epoch;     /* of the store, as it was loaded */
    int64_t to_come_s;  /* from then on it says more, see sw_store_limit_newest() */
    bool is_behind;     /* the last load failed: some of this is older than the store */
    int32_t today;
    struct sw_span day; /* today, from its first instant to tomorrow's */
    int64_t now_s;      /* as last judged, at first as opened */
    struct write_buffer write_buffer;
    size_t set_bytes;
    size_t hand; /* the patient whose set is the next to be left out */
    struct beat beat;
};

/* Load or load again patients, plans, assignments, and alerts that are open or closed
 * less than SW_SAME_ALERT_S before now_s; what is pending stays,
 * so that ingest_load() is what to call while a gateway runs. Patients that are not in
 * the store any more are no longer among the patients, but marked gone. */
int patients_load(struct patients *patients, int32_t today);
bool patients_is_behind(const struct patients *patients); /* the store: load again */
void patients_drop_gone(
    struct patients *patients); /* nothing points to them any more */
void patients_fini(struct patients *patients);

struct patient *patients_find(const struct patients *patients, const char *id);
/* Add to memory alone; the next commit stores it. NULL: full, or no memory. */
struct patient *patients_enroll(struct patients *patients, struct sw_patient_id id,
                                int64_t at_s, const struct sw_plan *plan);

/* Something was said of the patient, up to that time: when to judge it. */
void patients_note_news(const struct patients *patients, struct patient *patient,
                        int64_t said_s);
/* Make sure the patient's set of today is in memory, with what is pending. Others are
 * left out for it. */
int day_cache_need(struct patients *patients, struct patient *patient);
/* The item is to be judged before it is stored. 0, or SW_REFUSED_FLOOD: the patient's
 * day has SW_DAY_READINGS_MAX others. Call before it is added to what is pending. */
int day_cache_show(struct patients *patients, const struct pending *item);
/* 0, or SW_REFUSED_FLOOD: the patient has SW_DEVICES_MAX others. */
int patients_admit_device(struct patients *patients, struct patient *patient,
                          const struct sw_device_id *device);
/* The number of a device in the patient's sets. */
int patients_device_key(struct patients *patients, struct patient *patient,
                        const struct sw_device_id *device, int64_t *ret_key);
/* Forget the patient's set, and with it numbers the store did not give. */
void day_cache_drop(struct patients *patients, struct patient *patient);
/* The same, and how much it was: another day begins, or another patient wears it. */
void day_cache_reset(struct patients *patients, struct patient *patient);
/* Every day that was told is told again. */
void patients_republish_today(struct patients *patients);

int patients_need_alerts(struct patient *patient); /* 0: there is room for them */
/* The patient's alert of a kind if it is open, else NULL. */
const struct sw_alert *patients_open_alert(const struct patient *patient,
                                           enum sw_alert_kind kind);
/* Read what is stale in the patient's facts from the store: see patient_history.c. */
int patients_read_history(struct patients *patients, struct patient *patient);

struct eval_time {
    int64_t now_s;
    bool clock_trusted;
    const struct online_spans *online_spans;
};
/* Find those that are to be judged, and, if a commit is due, those that wait for one;
 * and have up to date what they are judged by: today's rows and facts, what was recalled
 * from the store, and nothing in memory that is still to come. 0, or a negative errno. */
int patients_prepare(struct patients *patients, const struct eval_time *eval_time,
                     bool due);
void patients_mark_everyone(
    struct patients *patients); /* to be judged by the next commit */

#endif
