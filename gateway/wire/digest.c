/* digest.c -- a therapist's day: as a few calm lines, and as payload.
 * What is in it, and in which order, is the records' business. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"

enum {
    NAMES_MAX = 10, /* in a line; the others are counted, and stand in the fields */
    PAYLOAD_VERSION = 1,
};

static int32_t named(int32_t n)
{
    return n < NAMES_MAX ? n : NAMES_MAX;
}

static void end_list(FILE *out, int32_t n)
{
    if (n > NAMES_MAX)
        fprintf(out, " and %" PRId32 " more", n - NAMES_MAX);
    fputc('.', out);
}

/* How the message names a patient: by the id alone, or with a name behind it. */
struct digest_text {
    FILE *out;
    const char *(*name)(void *ctx, const struct sw_patient_id *id); /* NULL: no names */
    void *ctx;
};

static void print_patient_name(const struct digest_text *digest_text,
                               const struct sw_patient_id *id)
{
    const char *name = digest_text->name ? digest_text->name(digest_text->ctx, id) : "";
    fputs(id->str, digest_text->out);
    if (*name)
        fprintf(digest_text->out, " (%s)", name);
}

static void print_attention(const struct digest_text *digest_text,
                            const struct sw_digest *digest)
{
    FILE *out = digest_text->out;
    fprintf(out, "%" PRId32 " patient%s. ", digest->patients,
            sw_plural(digest->patients));
    if (digest->n_attention == 0) {
        fputs("No open alerts.", out);
        return;
    }
    fputs("Attention: ", out);
    for (int32_t i = 0; i < named(digest->n_attention); i++) {
        const struct sw_digest_alert *alert = &digest->attention[i];
        fputs(i > 0 ? "; " : "", out);
        print_patient_name(digest_text, &alert->patient);
        fprintf(out, " %s since %s (%s%s)", sw_rule(alert->kind)->words->about,
                alert->since, sw_alert_level_name(alert->level),
                alert->acknowledged ? ", acknowledged" : "");
    }
    end_list(out, digest->n_attention);
}

static void print_over_budget(const struct digest_text *digest_text,
                              const struct sw_digest *digest)
{
    FILE *out = digest_text->out;
    if (digest->over_budget == 0)
        return;
    fprintf(out, "\nOver the budget, and not published one by one: %" PRId32 " alert%s",
            digest->over_budget, sw_plural(digest->over_budget));
    for (int32_t i = 0; i < named(digest->n_over); i++) {
        fputs(i > 0 ? ", " : ": ", out);
        print_patient_name(digest_text, &digest->over[i].patient);
        fprintf(out, " %" PRId32, digest->over[i].n);
    }
    end_list(out, digest->n_over);
}

static void print_ids(const struct digest_text *digest_text, const char *what,
                      const struct sw_digest_ids *list)
{
    if (list->n == 0)
        return;
    fprintf(digest_text->out, "\n%s", what);
    for (int32_t i = 0; i < named(list->n); i++) {
        fputs(i > 0 ? ", " : " ", digest_text->out);
        print_patient_name(digest_text, &list->ids[i]);
    }
    end_list(digest_text->out, list->n);
}

char *sw_digest_message_named(const struct sw_digest *digest,
                              const char *(*name)(void *ctx,
                                                  const struct sw_patient_id *id),
                              void *ctx)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    struct digest_text digest_text = {out, name, ctx};
    print_attention(&digest_text, digest);
    fprintf(out,
            "\nAlerts of the day: %" PRId32 " raised, %" PRId32
            " acknowledged, %" PRId32 " closed, %" PRId32 " withdrawn.",
            digest->raised, digest->acknowledged, digest->closed, digest->withdrawn);
    print_over_budget(&digest_text, digest);
    print_ids(&digest_text, "No data:", &digest->no_data);
    print_ids(&digest_text, "Goal met:", &digest->goal_met);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

char *sw_digest_message(const struct sw_digest *digest)
{
    return sw_digest_message_named(digest, NULL, NULL);
}

char *sw_digest_text(const struct sw_digest *digest)
{
    char date[SW_DATE_LEN + 1], *text = NULL;
    char *message = sw_digest_message(digest);
    sw_date_format(digest->day, date);
    if (message && asprintf(&text, "%s\n%s\n", date, message) < 0)
        text = NULL;
    free(message);
    return text;
}

/* ---- the payload ---- */

static void put_attention(struct sw_json_object *object, const struct sw_digest *digest)
{
    cJSON *array = sw_json_array(object, "attention");
    char since[SW_INSTANT_LEN + 1];
    for (int32_t i = 0; i < sw_digest_named(digest->n_attention); i++) {
        const struct sw_digest_alert *alert = &digest->attention[i];
        struct sw_json_object item = sw_json_object();
        sw_instant_format(alert->opened_at_s, since);
        sw_json_text(&item, "patient", alert->patient.str);
        sw_json_text(&item, "kind", sw_alert_kind_name(alert->kind));
        sw_json_text(&item, "level", sw_alert_level_name(alert->level));
        sw_json_text(&item, "state",
                     sw_alert_state_name(alert->acknowledged ? SW_STATE_ACKNOWLEDGED
                                                             : SW_STATE_OPEN));
        sw_json_raw(&item, "over_budget", alert->over_budget ? "true" : "false");
        sw_json_text(&item, "opened_at", since);
        sw_json_item(object, array, &item);
    }
}

static void put_over(struct sw_json_object *object, const struct sw_digest *digest)
{
    cJSON *array = sw_json_array(object, "over_budget_patients");
    for (int32_t i = 0; i < sw_digest_named(digest->n_over); i++) {
        struct sw_json_object item = sw_json_object();
        sw_json_text(&item, "patient", digest->over[i].patient.str);
        sw_json_number(&item, "alerts", digest->over[i].n);
        sw_json_item(object, array, &item);
    }
}

static void put_ids(struct sw_json_object *object, const char *key,
                    const struct sw_digest_ids *list)
{
    cJSON *array = sw_json_array(object, key);
    for (int32_t i = 0; i < sw_digest_named(list->n); i++) {
        struct sw_json_object item = {.json = cJSON_CreateString(list->ids[i].str)};
        sw_json_item(object, array, &item);
    }
}

static void put_counts(struct sw_json_object *object, const struct sw_digest *digest)
{
    sw_json_number(object, "patients", digest->patients);
    sw_json_number(object, "raised", digest->raised);
    sw_json_number(object, "acknowledged", digest->acknowledged);
    sw_json_number(object, "closed", digest->closed);
    sw_json_number(object, "withdrawn", digest->withdrawn);
    sw_json_number(object, "budget", digest->budget);
    sw_json_number(object, "over_budget", digest->over_budget);
    sw_json_number(object, "open", digest->n_attention);
    sw_json_number(object, "no_data_patients", digest->no_data.n);
    sw_json_number(object, "goal_met_patients", digest->goal_met.n);
}

char *sw_encode_digest(const char *site, const struct sw_digest *digest)
{
    struct sw_json_object object = sw_json_object();
    char date[SW_DATE_LEN + 1], at[SW_INSTANT_LEN + 1];
    char *message = sw_digest_message(digest);
    sw_date_format(digest->day, date);
    sw_instant_format(digest->at_s, at);
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "site", site);
    sw_json_text(&object, "therapist", digest->therapist.str);
    sw_json_text(&object, "day", date);
    sw_json_text(&object, "at", at);
    sw_json_text(&object, "message", message ? message : "");
    object.failed |= !message;
    put_counts(&object, digest);
    put_attention(&object, digest);
    put_over(&object, digest);
    put_ids(&object, "no_data", &digest->no_data);
    put_ids(&object, "goal_met", &digest->goal_met);
    free(message);
    return sw_json_finish(&object);
}
