/* store_pain.c -- scores of pain: a row an instant, the larger of two, and one more
 * where the time is another clock's. */
#include "store/store_private.h"

int sw_store_put_pain(struct sw_store *store, int64_t patient_key,
                      const struct sw_pain *pain)
{
    struct sw_query q = sw_query(store, SQL_PUT_PAIN);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, pain->at_s);
    sw_bind_real(&q, pain->score);
    sw_bind_int(&q, pain->flare);
    sw_bind_int(&q, sw_clock_of(store, pain->stamp));
    return sw_query_put(&q);
}

int sw_pain_add(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_pain pain = {
        .at_s = sw_column_int(q, 0),
        .score = sw_column_real(q, 1),
        .flare = sw_column_int(q, 2) != 0,
        .stamp = sw_stamp_of(sw_column_int(q, 3)),
    };
    return sw_day_set_add_pain(set, &pain);
}

int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set)
{
    struct sw_query q = sw_query(store, SQL_LAST_PAINS);
    int r;
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, SW_PAIN_PAST_S);
    sw_bind_int(&q, SW_STORE_PAINS_MAX);
    sw_bind_int(&q, store->newest_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = sw_pain_add(&q, set);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_load_pains(struct sw_store *store, int64_t patient_key, int64_t from_s,
                        int64_t to_s, struct sw_day_set *set)
{
    struct sw_query q = sw_query(store, SQL_LOAD_PAINS);
    int r;
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, from_s);
    sw_bind_int(&q, to_s);
    sw_bind_int(&q, store->newest_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = sw_pain_add(&q, set);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}
