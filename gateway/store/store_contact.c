/* store_contact.c -- contacts with patients. What is to be put when is the business of
 * whoever acts. */
#include "store/store_private.h"

#include <stdio.h>
#include <string.h>

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
