/* ward.h -- the patients as the running gateway knows them.
 *
 * A patient's today is kept in memory while readings come, so that each that is fresh
 * can be judged at once; other days are computed from the store when they are
 * committed, and what is judged of them, of scores and batteries is recalled from it
 * when it changed. The store is the truth: everything here can be loaded again from it.
 */
#ifndef DAEMON_WARD_H
#define DAEMON_WARD_H

#include "daemon/beat.h"
#include "daemon/pendings.h"
#include "daemon/watched.h"
#include "daemon/wearers.h"
#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/store.h"

enum {
    WARD_PATIENTS_MAX = 10000,         /* enrolled by themselves: 24 MB */
    WARD_SETS_BYTES_MAX = 1024 * 1024, /* readings of today kept in memory */
};

/* What was recalled from the store, and has changed there since. */
enum stale {
    STALE_DAYS = 1,      /* rows and readings of days before today */
    STALE_PAINS = 2,     /* scores */
    STALE_BATTERIES = 4, /* levels */
    STALE_ALL = 7,
};

struct patient {
    struct sw_patient known; /* .key 0: enrolled, not yet in the store */
    bool was_stored;         /* only one that never was is put into the store */
    bool is_there;           /* in the store, as last loaded */
    bool gone;               /* from the store: erased */
    struct sw_plan plan;     /* in force today */
    /* SW_ALERT_KINDS of them, as they are stored; NULL: no recent one. */
    struct sw_alert *alerts;
    struct sw_holdoff holdoffs[SW_ALERT_KINDS]; /* of their changes */
    unsigned held_off;      /* bits (1 << kind): since that was last logged */
    struct sw_holdoff acts; /* what is asked of them */
    struct sw_holdoff scores;
    struct sw_facts facts; /* as last computed and recalled */
    unsigned stale;        /* enum stale */
    /* About an open `unworn`: what its own day says, if that is before today; and
     * today's first known minute, 0: none. */
    struct sw_unworn past_unworn;
    int64_t worn_today_s;
    struct sw_nudge nudge;
    struct sw_day_row row; /* today's, as last computed */

    struct sw_device_id device; /* the one last asked for, with its number */
    int64_t device_key;         /* 0: none was asked for */
    /* Numbered -1, -2, … until the patient is in the store, which gives others. */
    struct sw_device_id *new_devices;
    size_t n_new_devices, cap_new_devices;

    struct sw_device_id admitted; /* the one last admitted */
    bool has_admitted;

    struct sw_day_set set; /* of today with what is pending, if has_set */
    bool has_set;
    bool was_used;    /* since it was last looked at for leaving it out */
    bool is_counted;  /* n_said is known */
    bool is_estimate; /* and may be too much */
    size_t n_said;    /* of a set that is not here: no fewer than it would have */
    size_t first_pending, last_pending; /* places, from 1, among the ward's; 0: none */
    bool today_changed;                 /* since row and facts were computed */
    int64_t computed_s;                 /* the time they were computed for */
    bool row_unstored;                  /* row is newer than the store's */
    bool row_touched;    /* a reading or a score was part of it: then it is stored */
    bool to_judge;       /* as soon as may be */
    bool to_judge_later; /* by the next commit */
    bool heard_unstored;
    int64_t heard_stored_s; /* known.heard_at_s as the store has it */

    int32_t nudge_min; /* nudge to publish: minutes of rest; 0: none */
    bool today_unpublished;
    int64_t today_published_ms; /* monotonic */
};

struct ward {
    struct sw_store *store;
    const struct sw_zone *zone;
    struct patient **patients; /* sorted by id */
    size_t n, cap;
    struct patient **gone; /* still pointed to: see ward_forget_gone() */
    size_t n_gone, cap_gone;
    struct sw_patient_id *erased; /* the last word on their topics is still due */
    size_t n_erased, cap_erased;
    struct wearers wearers;
    bool hands_changed; /* wearers are not what they were; see intake_load() */
    uint64_t epoch;     /* of the store, as it was loaded */
    int64_t to_come_s;  /* from then on it says more, see sw_store_look_until() */
    bool is_behind;     /* the last load failed: some of this is older than the store */
    int32_t today;
    struct sw_span day; /* today, from its first instant to tomorrow's */
    int64_t now_s;      /* as last judged, at first as opened */
    struct pendings pendings;
    size_t set_bytes;
    size_t hand; /* the patient whose set is the next to be left out */
    struct beat beat;
};

/* Load or load again patients, plans, wearers, and alerts that are open or closed
 * less than SW_SAME_ALERT_S before now_s; what is pending stays,
 * so that intake_load() is what to call while a gateway runs. Patients that are not in
 * the store any more are no longer among the patients, but marked gone. */
int ward_load(struct ward *ward, int32_t today);
bool ward_is_behind(const struct ward *ward); /* the store: load again */
void ward_forget_gone(struct ward *ward);     /* nothing points to them any more */
void ward_fini(struct ward *ward);

struct patient *ward_find(const struct ward *ward, const char *id);
/* Add to memory alone; the next commit stores it. NULL: full, or no memory. */
struct patient *ward_enroll(struct ward *ward, struct sw_patient_id id, int64_t at_s,
                            const struct sw_plan *plan);

/* Something was said of the patient, up to that time: when to judge it. */
void ward_note_news(const struct ward *ward, struct patient *patient, int64_t said_s);
/* Make sure the patient's set of today is in memory, with what is pending. Others are
 * left out for it. */
int ward_need_set(struct ward *ward, struct patient *patient);
/* The item is to be judged before it is stored. 0, or SW_REFUSED_FLOOD: the patient's
 * day has SW_DAY_READINGS_MAX others. Call before it is added to what is pending. */
int ward_show(struct ward *ward, const struct pending *item);
/* 0, or SW_REFUSED_FLOOD: the patient has SW_DEVICES_MAX others. */
int ward_admit_device(struct ward *ward, struct patient *patient,
                      const struct sw_device_id *device);
/* The number of a device in the patient's sets. */
int ward_device_key(struct ward *ward, struct patient *patient,
                    const struct sw_device_id *device, int64_t *ret_key);
/* Forget the patient's set, and with it numbers the store did not give. */
void ward_drop_set(struct ward *ward, struct patient *patient);
/* The same, and how much it was: another day begins, or another wearer. */
void ward_forget_set(struct ward *ward, struct patient *patient);
/* Compute today's row and facts anew if they changed: by news, or as time passes. */
int ward_refresh(struct ward *ward, struct patient *patient, int64_t now_s);

/* Every day that was told is told again. */
void ward_tell_today(struct ward *ward);

int ward_need_alerts(struct patient *patient); /* 0: there is room for them */
/* The patient's alert of a kind if it is open, else NULL. */
const struct sw_alert *ward_open_alert(const struct patient *patient,
                                       enum sw_alert_kind kind);
/* Read what is stale in the patient's facts from the store. */
int ward_recall(struct ward *ward, struct patient *patient);

struct judging {
    int64_t now_s;
    bool clock_trusted;
    const struct watched *watched;
};
/* Before judging: what was noted in memory of a time to come is not true. */
void ward_mend_future(struct patient *patient, const struct judging *judging);
/* Judge the nudge, and the alerts: the patient's own, which the caller has copied, and
 * keeps or stores as it may. Returns the number of effects. */
size_t ward_judge(struct ward *ward, struct patient *patient,
                  const struct judging *judging,
                  struct sw_alert alerts[static SW_ALERT_KINDS],
                  struct sw_alert_effect effects[static SW_ALERT_KINDS]);
/* Of judged alerts that nothing came of, what they rest on is kept in memory; those of
 * the bits (1 << kind) wait until they are stored. */
void ward_keep_evidence(struct patient *patient, const struct sw_alert *alerts,
                        unsigned differs);
void ward_mark_everyone(struct ward *ward); /* to be judged by the next commit */

#endif
