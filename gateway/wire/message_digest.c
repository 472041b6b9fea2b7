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
        [SW_ALERT_REST] = "resting too long",
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

static void say_attention(FILE *out, const struct sw_digest *digest)
{
    fprintf(out, "%" PRId32 " patient%s. ", digest->patients,
            sw_plural(digest->patients));
    if (digest->n_attention == 0) {
        fputs("No open alerts.", out);
        return;
    }
    fputs("Attention: ", out);
    for (int32_t i = 0; i < named(digest->n_attention); i++) {
        const struct sw_digest_alert *alert = &digest->attention[i];
        fprintf(out, "%s%s %s since %s (%s%s)", i > 0 ? "; " : "", alert->patient.str,
                sw_alert_words(alert->kind), alert->since,
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

static void say_over(FILE *out, const struct sw_digest *digest)
{
    if (digest->over_budget == 0)
        return;
    fprintf(out, "\nOver the budget, and not published one by one: %" PRId32 " alert%s",
            digest->over_budget, sw_plural(digest->over_budget));
    for (int32_t i = 0; i < named(digest->n_over); i++)
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : ": ", digest->over[i].patient.str,
                digest->over[i].n);
    end_list(out, digest->n_over);
}

static void say_ids(FILE *out, const char *what, const struct sw_digest_ids *list)
{
    if (list->n == 0)
        return;
    fprintf(out, "\n%s", what);
    for (int32_t i = 0; i < named(list->n); i++)
        fprintf(out, "%s%s", i > 0 ? ", " : " ", list->ids[i].str);
    end_list(out, list->n);
}

char *sw_digest_message(const struct sw_digest *digest)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    say_attention(out, digest);
    say_alerts(out, digest);
    say_over(out, digest);
    say_ids(out, "No data:", &digest->no_data);
    say_ids(out, "Goal met:", &digest->goal_met);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
