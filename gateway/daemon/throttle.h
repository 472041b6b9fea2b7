/* throttle.h -- how soon to look again while messages keep coming.
 *
 *     if (!throttle_allows(&pace, now_us, is_due))
 *         return;                            // put off: throttle_wait_ms() says until when
 *     judge …
 *     throttle_note(&pace, now_us, took_us);     // if it was for messages
 *
 * In the drain of a backlog each message would wake the loop, and have its patient
 * judged, once more. So a round, of taking messages in and judging what they brought,
 * is followed by a pause in which they only gather: as many times as long as the round
 * was, so that rounds are few, and large, however fast messages come. A message that
 * comes alone finds no pause, and is judged at once.
 */
#ifndef DAEMON_THROTTLE_H
#define DAEMON_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    THROTTLE_JUDGING = 32,    /* a round of T is followed by a pause of 32 T */
    THROTTLE_LEAST_US = 1000, /* what comes in a thousandth of a second is together */
    THROTTLE_MOST_US =
        1000 * 1000 /* nobody waits longer, with whatever many patients */
};

struct throttle {     /* all zero: there is no pause */
    int64_t until_us; /* monotonic, as all times here */
    bool is_owed;     /* a round was put off, to when the pause is over */
};

/* May a round begin? One that is due may always; another is put off in a pause. */
bool throttle_allows(struct throttle *throttle, int64_t now_us, bool is_due);
/* A round ended now. It took so much of the processor: on a busy machine it may have
 * lasted longer, which is no reason for a longer pause. */
void throttle_note(struct throttle *throttle, int64_t now_us, int64_t took_us);
/* How long the pause will be: > 0; 0: it is over, and a round is owed; -1: neither. */
int throttle_wait_ms(const struct throttle *throttle, int64_t now_us);

#endif
