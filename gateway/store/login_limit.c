/* login_limit.c -- how long whoever tried wrong passwords has to wait. */
#include "store/login_limit.h"

#include <arpa/inet.h>
#include <string.h>

#include "util/fingerprint.h"

enum {
    FORGOTTEN_S = 3600,   /* after so long without a wrong one, nobody has to wait */
    ALL_FREE = 10,        /* wrong ones at once, of all together */
    USER_FREE = 5,        /* wrong ones without waiting */
    USER_WAIT_MAX_S = 60, /* not more: others must not lock a user out for long */
    ADDRESS_FREE = 10,    /* a clinic's browsers may share one */
    ADDRESS_WAIT_MAX_S = 900,
};

static uint64_t fingerprint(const char *text, size_t len)
{
    uint64_t who = sw_fingerprint("", 0, text, len);
    return who ? who : 1;
}

/* Of IPv6 the network counts: whoever has one has 2^64 addresses in it. */
static uint64_t address_fingerprint(const char *address)
{
    struct in6_addr in6;
    bool is_network = inet_pton(AF_INET6, address, &in6) == 1 &&
                      !IN6_IS_ADDR_V4MAPPED(&in6) && !IN6_IS_ADDR_LOOPBACK(&in6);
    return is_network ? fingerprint((const char *)in6.s6_addr, 8)
                      : fingerprint(address, strlen(address));
}

/* The slot of whom it is, else the one whose last try is longest ago. */
static struct login_tries *find_slot(struct login_tries *slots, uint64_t who)
{
    struct login_tries *oldest = slots;
    for (size_t i = 0; i < LOGIN_LIMIT_SLOTS; i++) {
        if (slots[i].who == who)
            return &slots[i];
        if (slots[i].last_s < oldest->last_s)
            oldest = &slots[i];
    }
    return oldest;
}

/* 1 s after the first that is not free, twice as long after each further one. The clock
 * may have been set back since the last try. */
static int64_t wait_of(const struct login_tries *slots, uint64_t who, int32_t n_free,
                       int64_t max_s, int64_t now_s)
{
    for (size_t i = 0; i < LOGIN_LIMIT_SLOTS; i++) {
        const struct login_tries *tries = &slots[i];
        int32_t n = tries->n - n_free;
        if (tries->who != who || n < 0 || now_s - tries->last_s > FORGOTTEN_S)
            continue;
        int64_t delay_s = n < 20 ? INT64_C(1) << n : max_s;
        if (delay_s > max_s)
            delay_s = max_s;
        int64_t past_s = now_s > tries->last_s ? now_s - tries->last_s : 0;
        return past_s < delay_s ? delay_s - past_s : 0;
    }
    return 0;
}

static void note_wrong(struct login_tries *slots, uint64_t who, int64_t now_s)
{
    struct login_tries *tries = find_slot(slots, who);
    bool goes_on = tries->who == who && now_s - tries->last_s <= FORGOTTEN_S;
    *tries = (struct login_tries){who, goes_on ? tries->n + 1 : 1, now_s};
}

static void note_right(struct login_tries *slots, uint64_t who)
{
    struct login_tries *tries = find_slot(slots, who);
    if (tries->who == who)
        *tries = (struct login_tries){0};
}

/* Without an address, as behind a server that names none, it is anybody. */
static bool is_known(const struct login_limit *limit, const char *address)
{
    uint64_t who = address_fingerprint(address);
    for (size_t i = 0; *address && i < LOGIN_LIMIT_SLOTS; i++)
        if (limit->known[i].who == who)
            return true;
    return false;
}

int64_t login_limit_wait(const struct login_limit *limit, const char *id,
                         const char *address, int64_t now_s)
{
    int64_t ahead_s = limit->paid_until_s - now_s;
    bool is_over = ahead_s >= ALL_FREE && ahead_s <= 2 * ALL_FREE;
    int64_t user_s = wait_of(limit->users, fingerprint(id, strlen(id)), USER_FREE,
                             USER_WAIT_MAX_S, now_s);
    int64_t address_s = wait_of(limit->addresses, address_fingerprint(address),
                                ADDRESS_FREE, ADDRESS_WAIT_MAX_S, now_s);
    int64_t wait_s = is_over && !is_known(limit, address) ? ahead_s - ALL_FREE + 1 : 0;
    if (user_s > wait_s)
        wait_s = user_s;
    return address_s > wait_s ? address_s : wait_s;
}

void login_limit_note(struct login_limit *limit, const char *id, const char *address,
                      int64_t now_s, bool is_right)
{
    uint64_t user = fingerprint(id, strlen(id)), from = address_fingerprint(address);
    if (is_right) {
        note_right(limit->users, user);
        note_right(limit->addresses, from);
        *find_slot(limit->known, from) = (struct login_tries){from, 0, now_s};
        return;
    }
    note_wrong(limit->users, user, now_s);
    note_wrong(limit->addresses, from, now_s);
    bool is_behind = limit->paid_until_s < now_s ||
                     limit->paid_until_s > now_s + 2 * ALL_FREE; /* set back */
    limit->paid_until_s = (is_behind ? now_s : limit->paid_until_s) + 1;
}
