/* store_audit.c -- the audit of who acted or looked, as a chain of rows in which each
 * depends on all before it, so that what was changed, removed or put in later is found.
 * What is to be put when is the business of whoever acts.
 *
 * A row's hash covers the subject, and not what the subject was made of: so what tells
 * of a patient can be taken out later without breaking the chain. The salt goes with it,
 * or whoever knows the patients' ids could try which of them it was.
 *
 * Whoever can write to the file can make a whole new chain. That shows by a hash that was
 * noted elsewhere, or is in a backup: see sw_store_verify_audit().
 */
#include "store/store_private.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum {
    HASH_BYTES = SHA256_DIGEST_SIZE,
    SALT_BYTES = 16,
    EMPTIED_MAX = 64, /* bytes of "17 rows of the audit emptied" */
};
_Static_assert(SW_AUDIT_HASH_LEN == 2 * HASH_BYTES, "a hash in hexadecimal");

const char *sw_audit_name(enum sw_audit_act act)
{
    static const char *const names[] = {
#define X(name, word) [SW_AUDIT_##name] = word,
        SW_AUDIT_ACTS(X)
#undef X
    };
    return names[act];
}

/* ---- hashes ---- */

struct bytes {
    const void *at;
    size_t len;
};

struct chained { /* a row, all that its hashes are made of */
    int64_t key, at_s;
    struct bytes who, how, what, patient, detail, salt;
};

static void add_number(struct sha256_ctx *sha, uint64_t number)
{
    uint8_t bytes[sizeof number]; /* the most significant first */
    for (size_t i = sizeof bytes; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
    sha256_update(sha, sizeof bytes, bytes);
}

/* With its length, so that no bytes can move from one text to the next. */
static void add_bytes(struct sha256_ctx *sha, struct bytes bytes)
{
    add_number(sha, bytes.len);
    sha256_update(sha, bytes.len, bytes.at);
}

static void hash_subject(const struct chained *row, uint8_t ret[static HASH_BYTES])
{
    struct sha256_ctx sha;
    sha256_init(&sha);
    add_bytes(&sha, row->salt);
    add_bytes(&sha, row->patient);
    add_bytes(&sha, row->detail);
    sha256_digest(&sha, HASH_BYTES, ret);
}

static void hash_row(const struct chained *row, const uint8_t *before,
                     const uint8_t *subject, uint8_t ret[static HASH_BYTES])
{
    struct sha256_ctx sha;
    sha256_init(&sha);
    sha256_update(&sha, HASH_BYTES, before);
    add_number(&sha, (uint64_t)row->key);
    add_number(&sha, (uint64_t)row->at_s);
    add_bytes(&sha, row->who);
    add_bytes(&sha, row->how);
    add_bytes(&sha, row->what);
    sha256_update(&sha, HASH_BYTES, subject);
    sha256_digest(&sha, HASH_BYTES, ret);
}

static void format_hash(const uint8_t *hash, char ret[static SW_AUDIT_HASH_LEN + 1])
{
    for (size_t i = 0; i < HASH_BYTES; i++)
        sprintf(ret + 2 * i, "%02x", hash[i]);
}

/* ---- the ends of the chain ---- */

struct ends {
    int64_t key, cut_key, cut_at_s;
    uint8_t hash[HASH_BYTES], cut_hash[HASH_BYTES];
};

static int column_hash(const struct sw_query *q, int i, uint8_t ret[static HASH_BYTES])
{
    size_t len;
    const void *bytes = sw_column_blob(q, i, &len);
    if (len != HASH_BYTES)
        return sw_store_damaged(q->store, "a hash of the audit is damaged");
    memcpy(ret, bytes, HASH_BYTES);
    return 0;
}

static int read_ends(struct sw_store *store, struct ends *ret)
{
    struct sw_query q = sw_query(store, SQL_AUDIT_HEAD);
    int r = sw_query_row(&q);
    if (r == 0)
        r = sw_store_damaged(store, "the ends of the audit are gone");
    if (r < 0)
        return sw_query_end(&q, r);
    *ret = (struct ends){.key = sw_column_int(&q, 0),
                         .cut_key = sw_column_int(&q, 2),
                         .cut_at_s = sw_column_int(&q, 4)};
    r = column_hash(&q, 1, ret->hash);
    if (r == 0)
        r = column_hash(&q, 3, ret->cut_hash);
    return sw_query_end(&q, r);
}

/* ---- rows ---- */

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

static int append(struct sw_store *store, const struct sw_audit *audit)
{
    uint8_t salt[SALT_BYTES], subject[HASH_BYTES], hash[HASH_BYTES];
    const char *what = sw_audit_name(audit->act);
    const char *patient = audit->patient ? audit->patient : "";
    const char *detail = audit->detail ? audit->detail : "";
    struct ends ends;
    int r = read_ends(store, &ends);
    if (r < 0)
        return r;
    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return -EIO;
    struct chained row = {.key = ends.key + 1,
                          .at_s = audit->at_s,
                          .who = bytes_of(audit->who),
                          .how = bytes_of(audit->how),
                          .what = bytes_of(what),
                          .patient = bytes_of(patient),
                          .detail = bytes_of(detail),
                          .salt = {salt, sizeof salt}};
    hash_subject(&row, subject);
    hash_row(&row, ends.hash, subject, hash);
    return sw_run_with(store, SQL_PUT_AUDIT, sw_int(row.key), sw_int(row.at_s),
                       sw_text(audit->who), sw_text(audit->how), sw_text(what),
                       sw_text(patient), sw_text(detail), sw_blob(salt, sizeof salt),
                       sw_blob(subject, sizeof subject), sw_blob(hash, sizeof hash));
}

/* Within the transaction nobody else appends. */
int sw_store_put_audit(struct sw_store *store, const struct sw_audit *audit)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    return r < 0 ? r : sw_atomic_end(store, own, append(store, audit));
}

static void format_emptied(int64_t n, char ret[static EMPTIED_MAX])
{
    snprintf(ret, EMPTIED_MAX, "%lld row%s of the audit emptied", (long long)n,
             n == 1 ? "" : "s");
}

int sw_store_erase_audit(struct sw_store *store, struct sw_patient_id patient,
                         const struct sw_audit *erasure)
{
    char detail[EMPTIED_MAX];
    struct sw_audit row = *erasure;
    int r = sw_run_with(store, SQL_ERASE_AUDIT, sw_text(patient.str));
    if (r < 0)
        return r;
    format_emptied(sw_changes(store), detail);
    row.detail = detail;
    return sw_store_put_audit(store, &row);
}

int sw_store_each_audit(struct sw_store *store, const struct sw_audit_filter *filter,
                        int (*each)(void *ctx, const struct sw_audit_row *row),
                        void *ctx)
{
    const char *patient = filter->patient ? filter->patient : "";
    const char *who = filter->who ? filter->who : "";
    enum sw_sql sql = *patient ? SQL_EACH_AUDIT_OF
                      : *who   ? SQL_EACH_AUDIT_BY
                               : SQL_EACH_AUDIT;
    struct sw_query q = sw_query_with(store, sql, sw_text(patient), sw_text(who),
                                      sw_int(filter->from_s), sw_int(filter->limit));
    int r = 0;
    while (sw_query_next(&q, &r)) {
        struct sw_audit_row row = {
            .key = sw_column_int(&q, 0),
            .at_s = sw_column_int(&q, 1),
            .who = sw_column_str(&q, 2),
            .how = sw_column_str(&q, 3),
            .what = sw_column_str(&q, 4),
            .patient = sw_column_str(&q, 5),
            .detail = sw_column_str(&q, 6),
        };
        r = each(ctx, &row);
    }
    return sw_query_end(&q, r);
}

/* ---- is the chain whole? ---- */

struct verifying {
    struct sw_store *store;
    struct ends ends;
    uint8_t hash[HASH_BYTES]; /* of the row before */
    const char *holds;
    struct sw_audit_verdict *verdict;
};

__attribute__((format(printf, 3, 4))) static int
find_broken(struct verifying *verifying, int64_t key, const char *format, ...)
{
    struct sw_audit_verdict *verdict = verifying->verdict;
    va_list args;
    verdict->broken_key = key;
    va_start(args, format);
    vsnprintf(verdict->why, sizeof verdict->why, format, args);
    va_end(args);
    return 1;
}

static void note_hash(struct verifying *verifying, const uint8_t *hash)
{
    struct sw_audit_verdict *verdict = verifying->verdict;
    format_hash(hash, verdict->hash);
    memcpy(verifying->hash, hash, HASH_BYTES);
    if (verifying->holds && strcasecmp(verifying->holds, verdict->hash) == 0)
        verdict->holds = true;
}

static struct bytes column_bytes(const struct sw_query *q, int i)
{
    struct bytes bytes;
    bytes.at = sw_column_blob(q, i, &bytes.len);
    return bytes;
}

static bool is_text(struct bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

/* An erasure says how many rows it emptied; some may be too old to be there still. */
static int check_erasure(struct verifying *verifying, const struct chained *row)
{
    char detail[EMPTIED_MAX];
    int64_t n = 0;
    if (!is_text(row->what, sw_audit_name(SW_AUDIT_PATIENT_ERASED)))
        return 0;
    int r = sw_query_number(
        sw_query_with(verifying->store, SQL_COUNT_EMPTIED, sw_int(row->key)), &n);
    if (r < 0)
        return r;
    format_emptied(n, detail);
    if (is_text(row->detail, detail))
        return 0;
    long long said = -1;
    char text[EMPTIED_MAX] = "";
    if (row->detail.len < sizeof text)
        memcpy(text, row->detail.at, row->detail.len);
    sscanf(text, "%lld", &said);
    if (verifying->ends.cut_key > 0 && n < said)
        return 0;
    return find_broken(verifying, row->key,
                       "it erased a patient from %lld rows, and %lld are emptied", said,
                       (long long)n);
}

/* 0: the row follows the one before; 1: it does not; or a negative errno. */
static int verify_row(struct verifying *verifying, const struct sw_query *q)
{
    struct sw_audit_verdict *verdict = verifying->verdict;
    struct chained row = {.key = sw_column_int(q, 0),
                          .at_s = sw_column_int(q, 1),
                          .who = column_bytes(q, 3),
                          .how = column_bytes(q, 4),
                          .what = column_bytes(q, 5),
                          .patient = column_bytes(q, 6),
                          .detail = column_bytes(q, 7),
                          .salt = column_bytes(q, 8)};
    struct bytes subject = column_bytes(q, 9), hash = column_bytes(q, 10);
    bool is_emptied = sw_column_int(q, 2) != 0;
    uint8_t computed[HASH_BYTES];
    int64_t next = verdict->last_key + 1;
    if (row.key != next)
        return find_broken(verifying, next, "it is missing");
    if (subject.len != HASH_BYTES || hash.len != HASH_BYTES)
        return find_broken(verifying, row.key, "its hashes are damaged");
    hash_row(&row, verifying->hash, subject.at, computed);
    if (memcmp(computed, hash.at, HASH_BYTES) != 0)
        return find_broken(verifying, row.key, "it was changed, or put in");
    hash_subject(&row, computed);
    bool is_empty = row.salt.len == 0 && row.patient.len == 0 && row.detail.len == 0;
    if (is_emptied ? !is_empty : memcmp(computed, subject.at, HASH_BYTES) != 0)
        return find_broken(verifying, row.key, "its patient or detail was changed");
    note_hash(verifying, hash.at);
    verdict->n++;
    verdict->n_emptied += is_emptied;
    verdict->last_key = row.key;
    return check_erasure(verifying, &row);
}

static int verify_rows(struct verifying *verifying)
{
    const struct ends *ends = &verifying->ends;
    struct sw_query q = sw_query(verifying->store, SQL_VERIFY_AUDIT);
    int r = 0;
    while (sw_query_next(&q, &r))
        r = verify_row(verifying, &q);
    sw_query_end(&q, r);
    if (r != 0)
        return r;
    int64_t last = verifying->verdict->last_key, key = 0;
    if (last != ends->key)
        return find_broken(verifying, last < ends->key ? last + 1 : ends->key + 1,
                           last < ends->key ? "it is missing" : "it was put in");
    if (memcmp(verifying->hash, ends->hash, HASH_BYTES) != 0)
        return find_broken(verifying, last, "it was changed, or put in");
    r = sw_query_number(sw_query_with(verifying->store, SQL_FIND_EMPTIED,
                                      sw_text(sw_audit_name(SW_AUDIT_PATIENT_ERASED))),
                        &key);
    return r == 0
               ? find_broken(verifying, key, "it was emptied, and no erasure says so")
           : r == SW_STORE_NONE ? 0
                                : r;
}

int sw_store_verify_audit(struct sw_store *store, const char *holds,
                          struct sw_audit_verdict *ret)
{
    struct verifying verifying = {.store = store, .holds = holds, .verdict = ret};
    *ret = (struct sw_audit_verdict){0};
    int r = sw_store_begin_reading(store);
    if (r < 0)
        return r;
    r = read_ends(store, &verifying.ends);
    if (r >= 0) {
        ret->cut_key = ret->last_key = verifying.ends.cut_key;
        ret->cut_at_s = verifying.ends.cut_at_s;
        note_hash(&verifying, verifying.ends.cut_hash);
        r = verify_rows(&verifying);
    }
    sw_store_rollback(store);
    return r < 0 ? r : 0;
}
