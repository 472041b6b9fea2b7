/* login_limit.h -- how often wrong passwords may be tried: for a user, from an address,
 * and by all of them together, so that checking them does not keep the server from its
 * work. What all together may does not hold up an address from which somebody logged in
 * before, so that strangers cannot keep the clinic out. In memory, and bounded: who is
 * forgotten too early has waited for others.
 *
 *     int64_t wait_s = login_limit_wait(&limit, id, address, now_s);
 *     if (wait_s == 0)
 *         … login_limit_note(&limit, id, address, now_s, is_right);
 */
#ifndef STORE_LOGIN_LIMIT_H
#define STORE_LOGIN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LOGIN_LIMIT_SLOTS = 512 }; /* users, and addresses, whose tries are remembered */

struct login_tries {
    uint64_t who; /* 0: nobody */
    int32_t n;    /* wrong ones in a row */
    int64_t last_s;
};
/* All zero: nobody has tried. */
struct login_limit {
    struct login_tries users[LOGIN_LIMIT_SLOTS], addresses[LOGIN_LIMIT_SLOTS];
    struct login_tries known[LOGIN_LIMIT_SLOTS]; /* addresses with a right one */
    int64_t paid_until_s; /* of all together: each wrong one costs a second */
};

/* Seconds until the next password may be tried; 0: now. */
int64_t login_limit_wait(const struct login_limit *limit, const char *id,
                         const char *address, int64_t now_s);
/* A password was tried. A right one clears what the user and the address had. */
void login_limit_note(struct login_limit *limit, const char *id, const char *address,
                      int64_t now_s, bool is_right);

#endif
