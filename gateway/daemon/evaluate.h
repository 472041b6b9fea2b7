/* evaluate.h -- what is to change about patients and alerts, found and not yet done.
 *
 *     struct effects effects = {0};
 *     r = patients_prepare(&patients, &judging, due); // by what is known now
 *     r = evaluate(&patients, &actions, &judging, &effects);
 *     … stored, with what the storing finds besides, and committed:
 *     effects_apply(&effects, &actions, now_s);
 *     effects_fini(&effects); // a roll-back is this alone
 *
 * An effect is a value: finding it touches nothing, and memory follows only once it is
 * on the disk. What was not stored is found again by the next attempt.
 */
#ifndef DAEMON_EVALUATE_H
#define DAEMON_EVALUATE_H

#include "daemon/alert_commands.h"
#include "daemon/patients.h"
#include "stepward/health.h"

/* An alert of which something changes. */
struct alert_effect {
    struct patient *patient;
    struct sw_alert alert; /* as it is after the change */
    /* What it rests on changed and nothing else: that is kept in memory alone. */
    bool is_evidence;
    enum sw_alert_state from;
    bool opens; /* it has a new id */
    bool publish;
    bool waits;                /* it is no reason to commit */
    const struct asked *asked; /* by a therapist; NULL: it is the gateway's own */
    const char *why;           /* then; static */
};

/* What else judging a patient found. */
struct patient_effect {
    struct patient *patient;
    struct sw_nudge nudge; /* what the wearer was last nudged about */
    int32_t nudge_min;     /* the nudge to publish now; 0: none */
    unsigned held_off;     /* SW_KIND_BITs of changes that came too often */
    bool is_put_off; /* a change waits for that: it is judged by the next commit */
};

/* What was asked of an alert and changes nothing. */
struct act_effect {
    struct asked *asked;
    enum sw_alert_outcome act;
};

/* What was recalled from the store has changed there. */
struct stale_effect {
    struct patient *patient;
    unsigned what; /* enum stale */
};

struct effects {
    struct alert_effect *alerts;
    size_t n_alerts, cap_alerts;
    size_t n_acts;   /* the first of them: what therapists asked for */
    size_t n_urgent; /* those that are a reason to commit */
    struct patient_effect *patients;
    size_t n_patients, cap_patients;
    struct act_effect *acts_without;
    size_t n_acts_without, cap_acts_without;

    /* These are found by storing. */
    struct stale_effect *stale;
    size_t n_stale, cap_stale;
    uint64_t transaction; /* see store_sync.enrolling */
    bool has_enrolled;
    bool has_digests;
    struct sw_health health;
};

/* What therapists asked for, then what is found of every patient that was prepared. It
 * begins with no effects. 0, or -ENOMEM. */
int evaluate(const struct patients *patients, const struct actions *actions,
             const struct eval_time *eval_time, struct effects *effects);
/* Storing the readings changed what was recalled. 0, or -ENOMEM. */
int effects_add_stale(struct effects *effects, struct patient *patient,
                      enum stale what);
/* Those that memory alone keeps, if there was no reason to commit. */
void effects_apply_unstored(const struct effects *effects, struct actions *actions);
/* All of it is on the disk. */
void effects_apply(const struct effects *effects, struct actions *actions,
                   int64_t now_s);
void effects_clear(struct effects *effects);
void effects_fini(struct effects *effects);

#endif
