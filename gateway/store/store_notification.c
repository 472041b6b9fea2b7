/* store_notification.c -- publications of alerts of which the clinic's own programs are
 * still to be told. Whom to tell, and when to try again, is daemon/notify.c's business. */
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

int sw_store_put_notification(struct sw_store *store, int64_t patient_key,
                              const struct sw_alert *alert, const char *words)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    return sw_run_with(store, SQL_PUT_NOTIFICATION, sw_int(patient_key), sw_text(id),
                       sw_int(alert->rev), sw_int(alert->updated_at_s),
                       sw_text(sw_alert_kind_name(alert->kind)),
                       sw_text(sw_alert_level_name(alert->level)),
                       sw_text(sw_alert_state_name(alert->state)),
                       sw_text(alert->therapist.str), sw_text(words));
}

int sw_store_each_notification(struct sw_store *store, int64_t after,
                               int (*each)(void *ctx,
                                           const struct sw_notification *notification),
                               void *ctx)
{
    struct sw_query q = sw_query_with(store, SQL_EACH_NOTIFICATION, sw_int(after));
    struct sw_notification row;
    int r = 0;
    while (sw_query_next(&q, &r)) {
        row = (struct sw_notification){.seq = sw_column_int(&q, 0),
                                       .at_s = sw_column_int(&q, 2)};
        sw_column_text(&q, 1, row.alert, sizeof row.alert);
        sw_column_text(&q, 3, row.told, sizeof row.told);
        r = each(ctx, &row);
    }
    return sw_query_end(&q, r);
}

int sw_store_find_notification(struct sw_store *store, int64_t seq,
                               struct sw_notification *ret)
{
    struct sw_query q = sw_query_with(store, SQL_FIND_NOTIFICATION, sw_int(seq));
    int r = sw_query_row(&q);
    if (r > 0) {
        char *words = strdup(sw_column_str(&q, 8));
        if (!words)
            return sw_query_end(&q, -ENOMEM);
        *ret = (struct sw_notification){.seq = seq,
                                        .rev = sw_column_int32(&q, 2),
                                        .at_s = sw_column_int(&q, 3),
                                        .words = words};
        sw_column_text(&q, 0, ret->patient.str, sizeof ret->patient.str);
        sw_column_text(&q, 1, ret->alert, sizeof ret->alert);
        sw_column_text(&q, 4, ret->kind, sizeof ret->kind);
        sw_column_text(&q, 5, ret->level, sizeof ret->level);
        sw_column_text(&q, 6, ret->state, sizeof ret->state);
        sw_column_text(&q, 7, ret->therapist.str, sizeof ret->therapist.str);
        sw_column_text(&q, 9, ret->told, sizeof ret->told);
        sw_column_text(&q, 10, ret->name, sizeof ret->name);
    }
    return sw_query_one(&q, r);
}

int sw_store_note_told(struct sw_store *store, int64_t seq, const char *told)
{
    return sw_run_with(store, SQL_NOTIFICATION_TOLD, sw_int(seq), sw_text(told));
}

int sw_store_drop_notification(struct sw_store *store, int64_t seq)
{
    return sw_run_with(store, SQL_DROP_NOTIFICATION, sw_int(seq));
}

int sw_store_count_notifications(struct sw_store *store, int64_t *ret_n,
                                 int64_t *ret_oldest_s)
{
    struct sw_query q = sw_query(store, SQL_COUNT_NOTIFICATIONS);
    int r = sw_query_row(&q);
    *ret_n = r > 0 ? sw_column_int(&q, 0) : 0;
    *ret_oldest_s = r > 0 ? sw_column_int(&q, 1) : 0;
    return sw_query_end(&q, r < 0 ? r : 0);
}
