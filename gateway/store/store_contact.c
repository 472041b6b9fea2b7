/* store_contact.c -- contacts with patients, and the audit of who acted or looked. What
 * is to be put when is the business of whoever acts. */
#include "store/store_private.h"

#include <stdio.h>
#include <string.h>

/* ---- contacts ---- */

static const char *const outcomes[] = {
#define X(name, word) [SW_CONTACT_##name] = word,
    SW_CONTACT_OUTCOMES(X)
#undef X
};

const char *sw_contact_name(enum sw_contact_outcome outcome)
{
    return outcomes[outcome];
}

bool sw_contact_parse(const char *name, enum sw_contact_outcome *ret)
{
    for (int outcome = 0; outcome < SW_CONTACTS; outcome++) {
        if (strcmp(outcomes[outcome], name) != 0)
            continue;
        *ret = (enum sw_contact_outcome)outcome;
        return true;
    }
    return false;
}

int sw_store_put_contact(struct sw_store *store, int64_t patient_key,
                         const struct sw_contact *contact)
{
    return sw_run_with(store, SQL_PUT_CONTACT, sw_int(patient_key),
                       sw_int(contact->at_s), sw_text(contact->who),
                       sw_text(outcomes[contact->outcome]), sw_text(contact->alert),
                       sw_text(contact->note));
}

/* A word that came with a later version is not damage: -EPROTO. */
static int read_contact(const struct sw_query *q, struct sw_contact *ret)
{
    *ret = (struct sw_contact){.at_s = sw_column_int(q, 1)};
    sw_column_text(q, 0, ret->patient.str, sizeof ret->patient.str);
    sw_column_text(q, 2, ret->who, sizeof ret->who);
    sw_column_text(q, 4, ret->alert, sizeof ret->alert);
    sw_column_text(q, 5, ret->note, sizeof ret->note);
    if (sw_contact_parse(sw_column_str(q, 3), &ret->outcome))
        return 0;
    snprintf(q->store->error, sizeof q->store->error,
             "a contact with %s has an outcome that this version does not know",
             ret->patient.str);
    q->store->error_r = -EPROTO;
    return -EPROTO;
}

int sw_store_last_contact(struct sw_store *store, int64_t patient_key,
                          struct sw_contact *ret)
{
    struct sw_query q = sw_query_with(store, SQL_LAST_CONTACT, sw_int(patient_key));
    int r = sw_query_row(&q);
    if (r <= 0)
        return sw_query_one(&q, r);
    return sw_query_end(&q, read_contact(&q, ret));
}

int sw_store_each_contact(struct sw_store *store, int64_t patient_key,
                          struct sw_span span,
                          int (*each)(void *ctx, const struct sw_contact *contact),
                          void *ctx)
{
    struct sw_value from = sw_int(span.from_s), to = sw_int(span.to_s);
    struct sw_query q =
        patient_key == 0
            ? sw_query_with(store, SQL_EVERY_CONTACT, from, to)
            : sw_query_with(store, SQL_EACH_CONTACT, sw_int(patient_key), from, to);
    struct sw_contact contact;
    int r = 0;
    while (sw_query_next(&q, &r)) {
        r = read_contact(&q, &contact);
        if (r == 0)
            r = each(ctx, &contact);
    }
    return sw_query_end(&q, r);
}

/* ---- audit ---- */

const char *sw_audit_name(enum sw_audit_act act)
{
    static const char *const names[] = {
#define X(name, word) [SW_AUDIT_##name] = word,
        SW_AUDIT_ACTS(X)
#undef X
    };
    return names[act];
}

int sw_store_put_audit(struct sw_store *store, const struct sw_audit *audit)
{
    const char *patient = audit->patient ? audit->patient : "";
    const char *detail = audit->detail ? audit->detail : "";
    return sw_run_with(store, SQL_PUT_AUDIT, sw_int(audit->at_s), sw_text(audit->who),
                       sw_text(audit->how), sw_text(sw_audit_name(audit->act)),
                       sw_text(patient), sw_text(detail));
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
