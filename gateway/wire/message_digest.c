/* message_digest.c -- a therapist's day in a few calm lines.
 * What is in it, and in which order, is the book's business. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stepward/wire.h"

enum { NAMES_MAX = 10 }; /* in a line; the rest are counted, and stand in the fields */

const char *sw_alert_words(enum sw_alert_kind kind)
{
    static const char *const words[SW_ALERT_KINDS] = {
        [SW_ALERT_PAIN] = "pain",
        [SW_ALERT_REST] = "resting",
        [SW_ALERT_LOW] = "days under the floor",
        [SW_ALERT_OVER] = "over the ceiling",
        [SW_ALERT_SILENT] = "device silent",
        [SW_ALERT_UNWORN] = "device not worn",
        [SW_ALERT_BATTERY] = "battery low",
    };
    return words[kind];
}

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

/* Who the message is for: a patient by the id alone, or with a name behind it. */
struct telling {
    FILE *out;
    const char *(*name)(void *ctx, const struct sw_patient_id *id); /* NULL: no names */
    void *ctx;
};

static void say_patient(const struct telling *telling, const struct sw_patient_id *id)
{
    const char *name = telling->name ? telling->name(telling->ctx, id) : "";
    fputs(id->str, telling->out);
    if (*name)
        fprintf(telling->out, " (%s)", name);
}

static void say_attention(const struct telling *telling, const struct sw_digest *digest)
{
    FILE *out = telling->out;
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
        say_patient(telling, &alert->patient);
        fprintf(out, " %s since %s (%s%s)", sw_alert_words(alert->kind), alert->since,
                sw_alert_level_name(alert->level),
                alert->acknowledged ? ", acknowledged" : "");
    }
    end_list(out, digest->n_attention);
}

static void say_alerts(FILE *out, const struct sw_digest *digest)
{
    fprintf(out,
            "\nAlerts of the day: %" PRId32 " raised, %" PRId32
            " acknowledged, %" PRId32 " closed, %" PRId32 " withdrawn.",
            digest->raised, digest->acknowledged, digest->closed, digest->withdrawn);
}

static void say_over(const struct telling *telling, const struct sw_digest *digest)
{
    FILE *out = telling->out;
    if (digest->over_budget == 0)
        return;
    fprintf(out, "\nOver the budget, and not published one by one: %" PRId32 " alert%s",
            digest->over_budget, sw_plural(digest->over_budget));
    for (int32_t i = 0; i < named(digest->n_over); i++) {
        fputs(i > 0 ? ", " : ": ", out);
        say_patient(telling, &digest->over[i].patient);
        fprintf(out, " %" PRId32, digest->over[i].n);
    }
    end_list(out, digest->n_over);
}

static void say_ids(const struct telling *telling, const char *what,
                    const struct sw_digest_ids *list)
{
    if (list->n == 0)
        return;
    fprintf(telling->out, "\n%s", what);
    for (int32_t i = 0; i < named(list->n); i++) {
        fputs(i > 0 ? ", " : " ", telling->out);
        say_patient(telling, &list->ids[i]);
    }
    end_list(telling->out, list->n);
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
    struct telling telling = {out, name, ctx};
    say_attention(&telling, digest);
    say_alerts(out, digest);
    say_over(&telling, digest);
    say_ids(&telling, "No data:", &digest->no_data);
    say_ids(&telling, "Goal met:", &digest->goal_met);
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
