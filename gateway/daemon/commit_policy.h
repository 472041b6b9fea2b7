/* commit_policy.h -- when a commit is due and why, and how soon to judge again.
 *
 *     commit_policy_want(&policy, COMMIT_READINGS, now_ms);  // so much waits for it
 *     why = commit_policy_due(&policy, now_ms);              // COMMIT_NONE: not yet
 *     if (commit_policy_may_judge(&policy, now_us, why)) …   // judge, and commit
 *     commit_policy_judged(&policy, now_us, took_us);        // if it was for messages
 *     commit_policy_done(&policy);                           // all of it is stored, or
 *     commit_policy_failed(&policy, now_ms);                 // it is tried again later
 *     poll(…, commit_policy_next_ms(&policy) - now_ms);
 *
 * Everything that wants a commit has a reason here, and each reason a time that it may
 * wait. Nothing here reads a clock: all times are monotonic. What a commit stores is
 * commit.c's business.
 *
 * A message that comes alone is judged at once. In the drain of a backlog each message
 * would wake the loop, and have its patient judged, once more. So a round, of taking
 * messages in and judging what they brought, is followed by a pause in which they only
 * gather: as many times as long as the round was, so that rounds are few, and large,
 * however fast messages come.
 */
#ifndef DAEMON_COMMIT_POLICY_H
#define DAEMON_COMMIT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/* The first that is due is the one that counts. */
enum commit_reason {
    COMMIT_NONE,
    COMMIT_SHUTDOWN,      /* the gateway was told to end */
    COMMIT_NEW_DAY,       /* what waits belongs to the day that is over */
    COMMIT_FULL,          /* so much waits that memory would run short */
    COMMIT_SCORE,         /* a score of pain came: an alert may rest on it */
    COMMIT_STORE_CHANGED, /* another hand did it, and it is loaded: alerts may follow */
    COMMIT_RETRIED,       /* messages that were refused were taken once more */
    COMMIT_AWAITED,       /* somebody waits until a delivery is noted in the store */
    COMMIT_FAILED,        /* the last one did, whatever it was for */
    COMMIT_READINGS,      /* readings waited, fresh or late, for commit_interval */
    COMMIT_STATUS,        /* what `stepward status` says changed */
    COMMIT_MINUTE,        /* the minute's: health, and time watched; if nothing came */
    COMMIT_DELIVERED,     /* publications that the broker has may go */
    /* These two are found while judging, and are due at once. */
    COMMIT_ALERT,  /* one opens, changes or ends */
    COMMIT_DIGEST, /* the therapists' evening */
    COMMIT_REASONS,
};

enum {
    COMMIT_RETRY_MS = 5000,
    COMMIT_MINUTE_MS = 50 * 1000, /* messages are likely to bring one before */
    COMMIT_DELIVERED_MS = 60 * 1000,

    JUDGING_PAUSE = 32,      /* a round of T is followed by a pause of 32 T */
    JUDGING_LEAST_US = 1000, /* what comes in a thousandth of a second is together */
    JUDGING_MOST_US = 1000 * 1000 /* nobody waits longer, with whatever many patients */
};

struct commit_policy { /* all zero, but for the interval: nothing waits */
    int64_t interval_ms;
    int64_t due_ms[COMMIT_REASONS]; /* 0: it is not wanted for that */
    int64_t retry_ms;       /* no commit before then; 0: the last did not fail */
    int64_t pause_until_us; /* no round of judging before then... */
    bool is_round_owed;     /* ...to which one was put off */
};

/* A commit is wanted for that reason, as soon as the reason says; asked for again it
 * comes no later. */
void commit_policy_want(struct commit_policy *policy, enum commit_reason why,
                        int64_t now_ms);
/* The reason of the commit that is due, COMMIT_NONE: there is none. */
enum commit_reason commit_policy_due(const struct commit_policy *policy,
                                     int64_t now_ms);
int64_t commit_policy_next_ms(const struct commit_policy *policy); /* INT64_MAX: none */
void commit_policy_done(struct commit_policy *policy);
void commit_policy_failed(struct commit_policy *policy, int64_t now_ms);
/* The last commit failed, and no other was done since: nothing more is taken in. */
bool commit_policy_has_failed(const struct commit_policy *policy);

/* May a round of judging begin? One for a commit that is due may, unless the last failed
 * a moment ago; another is put off in a pause. */
bool commit_policy_may_judge(struct commit_policy *policy, int64_t now_us,
                             enum commit_reason why);
/* A round ended now. It took so much of the processor: on a busy machine it may have
 * lasted longer, which is no reason for a longer pause. */
void commit_policy_judged(struct commit_policy *policy, int64_t now_us,
                          int64_t took_us);
/* How long the pause will be: > 0; 0: it is over, and a round is owed; -1: neither. */
int commit_policy_pause_ms(const struct commit_policy *policy, int64_t now_us);

#endif
