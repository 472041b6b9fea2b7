/* digest_due.c -- when a therapist's digest is due, and that it is sent once.
 *
 * The day of a therapist's last digest is kept in table meta and stored together with
 * the publication. What a digest contains is digest.c's business. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records/caseload.h"
#include "records/digest.h"
#include "stepward/wire.h"

enum { META_NAME_MAX = 64 };

static void meta_name(const struct sw_therapist_id *therapist,
                      char out[static META_NAME_MAX])
{
    snprintf(out, META_NAME_MAX, "digest %s", therapist->str);
}

/* The day of the last digest sent, -1 if there is none. */
static int last_sent(struct sw_store *store, const struct sw_therapist_id *therapist,
                     int32_t *ret_day)
{
    char name[META_NAME_MAX], *date = NULL;
    meta_name(therapist, name);
    int r = sw_store_get_meta(store, name, &date);
    *ret_day = -1;
    if (r == 0)
        sw_date_parse(date, strlen(date), ret_day);
    free(date);
    return r < 0 ? r : 0;
}

int sw_records_resend_digest(struct sw_store *store,
                             const struct sw_therapist_id *therapist)
{
    char name[META_NAME_MAX];
    meta_name(therapist, name);
    return sw_store_put_meta(store, name, "");
}

/* A digest of a future day was sent by a wrong clock and does not count. */
static bool is_sent(int32_t last_day, int32_t day, int32_t today)
{
    return last_day >= day && last_day <= today;
}

/* A day that ended before the first of the patients was added has no digest. */
static bool was_there(const struct sw_case *cases, size_t n, int64_t end_s)
{
    for (size_t i = 0; i < n; i++)
        if (cases[i].added_at_s < end_s)
            return true;
    return false;
}

/* Each therapist whose digest of the day has not been sent, and when it is due. */
struct scan {
    struct sw_store *store;
    const struct sw_zone *zone;
    int32_t day, today;
    int (*each)(void *ctx, const struct scan *scan,
                const struct sw_therapist_id *therapist, int64_t due_s);
    void *ctx;
};

static int scan_day(const struct scan *scan)
{
    struct sw_caseload all;
    int32_t last_day;
    int r = sw_caseload_load(&all, scan->store, scan->day);
    if (r < 0)
        return r;
    for (size_t i = 0, n; r >= 0 && i < all.n; i += n) {
        const struct sw_case *cases = &all.items[i];
        n = sw_caseload_next(&all, i);
        int64_t end_s = sw_case_window_end(scan->zone, scan->day, cases, n);
        r = last_sent(scan->store, &cases->therapist, &last_day);
        bool is_to_tell =
            !is_sent(last_day, scan->day, scan->today) && was_there(cases, n, end_s);
        if (r >= 0 && is_to_tell)
            r = scan->each(scan->ctx, scan, &cases->therapist, end_s);
    }
    sw_caseload_fini(&all);
    return r;
}

/* Yesterday first, so that today's digest then replaces it. */
static int scan_days(struct scan scan, int64_t now_s)
{
    scan.today = sw_day_of(scan.zone, now_s);
    scan.day = scan.today - 1;
    int r = scan_day(&scan);
    scan.day = scan.today;
    return r < 0 ? r : scan_day(&scan);
}

static int note_next(void *ctx, const struct scan *scan,
                     const struct sw_therapist_id *therapist, int64_t due_s)
{
    int64_t *next_s = ctx;
    (void)scan;
    (void)therapist;
    if (due_s < *next_s)
        *next_s = due_s;
    return 0;
}

int sw_records_next_digest(struct sw_store *store, const struct sw_zone *zone,
                           int64_t now_s, int64_t *ret_at_s)
{
    int64_t next_s = INT64_MAX;
    struct scan scan = {
        .store = store, .zone = zone, .each = note_next, .ctx = &next_s};
    int r = scan_days(scan, now_s);
    if (r >= 0)
        *ret_at_s = next_s;
    return r;
}

/* ---- putting them ---- */

struct putting {
    const char *site;
    int32_t budget;
    int64_t now_s;
    struct sw_store *store;
};

static int remember(struct sw_store *store, const struct sw_digest *digest)
{
    char name[META_NAME_MAX], date[SW_DATE_LEN + 1];
    meta_name(&digest->therapist, name);
    sw_date_format(digest->day, date);
    return sw_store_put_meta(store, name, date);
}

static int digest_due_put_digest(void *ctx, const struct sw_digest *digest)
{
    const struct putting *putting = ctx;
    sw_topic_text topic;
    char *payload = sw_encode_digest(putting->site, digest);
    if (!payload)
        return -ENOMEM;
    sw_topic_digest(topic, putting->site, &digest->therapist);
    int r = sw_store_put_outbound(putting->store, topic, "", payload);
    if (r >= 0)
        r = remember(putting->store, digest);
    free(payload);
    return r;
}

static int put_due(void *ctx, const struct scan *scan,
                   const struct sw_therapist_id *therapist, int64_t due_s)
{
    const struct putting *putting = ctx;
    struct sw_digest_order order = {.zone = scan->zone,
                                    .day = scan->day,
                                    .now_s = putting->now_s,
                                    .budget = putting->budget,
                                    .therapist = therapist->str};
    if (due_s > putting->now_s)
        return 0;
    return sw_records_each_digest(putting->store, &order, digest_due_put_digest, ctx);
}

int sw_records_put_digests(struct sw_store *store, const struct sw_zone *zone,
                           const char *site, int32_t budget, int64_t now_s)
{
    struct putting putting = {site, budget, now_s, store};
    struct scan scan = {.store = store, .zone = zone, .each = put_due, .ctx = &putting};
    return scan_days(scan, now_s);
}
