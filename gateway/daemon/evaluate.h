/* evaluate.h -- what is to change about patients and alerts, found and not yet done.
 *
 *     struct effects effects = {0};
 *     r = evaluate_prepare(&patients, &eval_time, due); // by what is known now
 *     r = evaluate(&patients, &actions, &eval_time, &effects);
 *     … stored, together with what storing finds, and committed:
 *     effects_apply(&effects, &actions, now_s);
 *     effects_fini(&effects); // a rollback needs only this
 *
 * An effect is a value: finding it changes nothing, and memory follows only once it is
 * on the disk. What was not stored is found again by the next attempt.
 */
#ifndef DAEMON_EVALUATE_H
#define DAEMON_EVALUATE_H

#include "daemon/alert_commands.h"
#include "daemon/patients.h"
#include "stepward/health.h"

struct eval_time {
    int64_t now_s;
    bool clock_trusted;
    const struct online_spans *online_spans;
};

/* An alert of which something changes. */
struct alert_effect {
    struct patient *patient;
    struct sw_alert alert; /* as it is after the change */
    /* Only what the alert rests on changed: that is kept in memory alone. */
    bool is_evidence;
    enum sw_alert_state from;
    bool opens; /* it has a new id */
    bool publish;
    bool waits;                /* it is no reason to commit */
    const struct asked *asked; /* by a therapist; NULL: by the gateway itself */
    const char *why;           /* why the gateway does it; static */
};

/* What else judging a patient found. */
struct patient_effect {
    struct patient *patient;
    struct sw_nudge nudge; /* what the wearer was last nudged about */
    int32_t nudge_min;     /* the nudge to publish now; 0: none */
    unsigned held_off;     /* SW_KIND_BITs of changes that came too often */
    bool is_put_off;       /* a change is held off: the next commit judges it */
};

/* A requested action that changes nothing. */
struct unchanged_effect {
    struct asked *asked;
    enum sw_alert_outcome outcome;
};

/* What was read from the store has changed there. */
struct stale_effect {
    struct patient *patient;
    unsigned what; /* enum stale */
};

struct effects {
    struct alert_effect *alerts;
    size_t n_alerts, cap_alerts;
    size_t n_asked;  /* how many of the first are requests of therapists */
    size_t n_urgent; /* how many are a reason to commit */
    struct patient_effect *patients;
    size_t n_patients, cap_patients;
    struct unchanged_effect *unchanged;
    size_t n_unchanged, cap_unchanged;

    /* These are found by storing. */
    struct stale_effect *stale;
    size_t n_stale, cap_stale;
    uint64_t transaction; /* see store_sync.enrolling */
    bool has_enrolled;
    bool has_digests;
    struct sw_health health;
};

/* Find the patients that are to be judged at once and, if a commit is due, those that
 * wait for one. Bring up to date what they are judged by: today's rows and facts, and
 * what was read from the store; nothing in memory is left that lies in the future.
 * Returns 0 or a negative errno. */
int evaluate_prepare(struct patients *patients, const struct eval_time *eval_time,
                     bool due);
/* Evaluate what therapists asked for, then every patient that was prepared. Earlier
 * effects are cleared first. Returns 0 or -ENOMEM. */
int evaluate(const struct patients *patients, const struct actions *actions,
             const struct eval_time *eval_time, struct effects *effects);
/* Storing the readings changed what was read before. Returns 0 or -ENOMEM. */
int effects_add_stale(struct effects *effects, struct patient *patient,
                      enum stale what);
/* The key by which the store knows the patient in this transaction; 0 if it does
 * not. */
int64_t effects_key_of(const struct effects *effects, const struct patient *patient);
/* Apply the effects that only memory keeps, if there was no reason to commit. */
void effects_apply_unstored(const struct effects *effects, struct actions *actions);
/* Everything is on the disk: apply all of it. */
void effects_apply(const struct effects *effects, struct actions *actions,
                   int64_t now_s);
void effects_fini(struct effects *effects);

#endif
