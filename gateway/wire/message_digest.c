/* message_digest.c -- a therapist's day in a few calm lines.
 * What is in it, and in which order, is the book's business. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stepward/wire.h"

enum { NAMES_MAX = 10 }; /* in a line; the rest are counted, and stand in the fields */

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

static void print_alerts_of_day(FILE *out, const struct sw_digest *digest)
{
    fprintf(out,
            "\nAlerts of the day: %" PRId32 " raised, %" PRId32
            " acknowledged, %" PRId32 " closed, %" PRId32 " withdrawn.",
            digest->raised, digest->acknowledged, digest->closed, digest->withdrawn);
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
    print_alerts_of_day(out, digest);
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
