/* commit_policy.h -- when a commit is due and why, and how soon to judge again.
 *
 *     commit_policy_want(&policy, COMMIT_READINGS, now_ms);  // readings wait for it
 *     why = commit_policy_due(&policy, now_ms);              // COMMIT_NONE: not yet
 *     if (commit_policy_may_judge(&policy, now_us, why)) …   // judge, and commit
 *     commit_policy_judged(&policy, now_us, took_us);        // if it was for messages
 *     commit_policy_done(&policy);                           // all of it is stored, or
 *     commit_policy_failed(&policy, now_ms);                 // it is tried again later
 *     poll(…, commit_policy_next_ms(&policy) - now_ms);
 *
 * Everything that waits for a commit has a reason here, and each reason has a time that
 * it may wait. What a message brought becomes a reason in ingest_want_commit(). Nothing
 * here reads a clock: all times are monotonic. What a commit stores is commit.c's business.
 *
 * A message that comes alone is judged at once. While a backlog drains, each message
 * would wake the loop and have its patient judged again. Therefore each round, which
 * takes messages in and judges what they brought, is followed by a pause in which
 * messages only gather. The pause is a multiple of the round's length, so that rounds
 * are few and large, however fast messages come.
 */
#ifndef DAEMON_COMMIT_POLICY_H
#define DAEMON_COMMIT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/* If several are due, the first in this list counts. What judging itself finds, an alert
 * that opens, changes or ends, or a digest that is due, is committed at once, without a
 * reason here. */
enum commit_reason {
    COMMIT_NONE,
    COMMIT_SHUTDOWN,      /* the gateway was asked to stop */
    COMMIT_NEW_DAY,       /* what waits belongs to the day that is over */
    COMMIT_FULL,          /* so much waits that memory would run short */
    COMMIT_SCORE,         /* a pain score came: an alert may rest on it */
    COMMIT_STORE_CHANGED, /* by another writer, and it is loaded: alerts may follow */
    COMMIT_RETRIED,       /* refused messages were taken once more */
    COMMIT_AWAITED,       /* somebody waits until a delivery is stored */
    COMMIT_FAILED,        /* the last commit failed, whatever it was for */
    COMMIT_READINGS,      /* readings, fresh or late, waited commit_interval */
    COMMIT_STATUS,        /* what `stepward status` shows has changed */
    COMMIT_MINUTE,        /* every minute, if nothing else came: health, online time */
    COMMIT_DELIVERED,     /* publications that the broker has may be removed */
    COMMIT_REASONS,
};

enum {
    COMMIT_RETRY_MS = 5000,
    COMMIT_MINUTE_MS = 50 * 1000, /* messages usually bring one sooner */
    COMMIT_DELIVERED_MS = 60 * 1000,

    JUDGING_PAUSE = 32,           /* a round of T is followed by a pause of 32 T */
    JUDGING_LEAST_US = 1000,      /* what comes within a millisecond is one round */
    JUDGING_MOST_US = 1000 * 1000 /* nobody waits longer, however many patients */
};

struct commit_policy { /* all zero except the interval: nothing waits */
    int64_t interval_ms;
    int64_t due_ms[COMMIT_REASONS]; /* 0: no commit is wanted for that reason */
    int64_t retry_ms;       /* no commit before then; 0: the last did not fail */
    int64_t pause_until_us; /* no round of judging before then... */
    bool is_round_owed;     /* ...and one was put off until then */
};

/* Want a commit for that reason, as soon as the reason demands. Wanting it again does
 * not make it later. */
void commit_policy_want(struct commit_policy *policy, enum commit_reason why,
                        int64_t now_ms);
/* The reason for the commit that is due; COMMIT_NONE if none is. */
enum commit_reason commit_policy_due(const struct commit_policy *policy,
                                     int64_t now_ms);
int64_t commit_policy_next_ms(const struct commit_policy *policy); /* INT64_MAX: none */
void commit_policy_done(struct commit_policy *policy);
void commit_policy_failed(struct commit_policy *policy, int64_t now_ms);
/* The last commit failed and none has succeeded since, so no more messages are taken
 * in. */
bool commit_policy_has_failed(const struct commit_policy *policy);

/* May a round of judging begin? A round for a due commit may, unless a commit failed a
 * moment ago. Any other round is put off while a pause lasts. */
bool commit_policy_may_judge(struct commit_policy *policy, int64_t now_us,
                             enum commit_reason why);
/* A round ended now. took_us is the processor time it used: on a busy machine it may
 * have lasted longer, which is no reason for a longer pause. */
void commit_policy_judged(struct commit_policy *policy, int64_t now_us,
                          int64_t took_us);
/* How long the pause will still last: > 0. 0: it is over, and a round is owed. -1:
 * neither. */
int commit_policy_pause_ms(const struct commit_policy *policy, int64_t now_us);

#endif
