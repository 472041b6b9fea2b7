/* alert_words.c -- a publication of an alert in plain words, for a mail or a phone.
 * The sentence about the patient is alert_payload.c's, as in the payload. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stepward/civil.h"
#include "stepward/rule.h"
#include "stepward/wire.h"

/* What the line of subject says behind whom and what. */
static void print_state(FILE *out, const struct sw_alert *alert)
{
    const char *about = sw_rule(alert->kind)->words->about;
    if (alert->state == SW_STATE_ACKNOWLEDGED)
        fprintf(out, "%s, acknowledged", about);
    else if (alert->state != SW_STATE_CLOSED)
        fprintf(out, "%s (%s)", about, sw_alert_level_name(alert->level));
    else if (alert->reason == SW_REASON_WITHDRAWN)
        fprintf(out, "%s, withdrawn", about);
    else
        fprintf(out, "%s, over", about);
}

static void print_moment(FILE *out, const char *what, int64_t at_s)
{
    char at[SW_INSTANT_LEN + 1];
    sw_instant_format(at_s, at);
    fprintf(out, "%s %s", what, at);
}

/* A text that somebody typed stays on its line. */
static void print_typed(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
}

static void print_what_happened(FILE *out, const struct sw_alert *alert)
{
    print_moment(out, "Opened", alert->opened_at_s);
    fputs(".\n", out);
    if (alert->state == SW_STATE_CLOSED) {
        print_moment(out, "Over since", alert->closed_at_s);
        fprintf(out, " (%s).\n", sw_alert_reason_name(alert->reason));
    }
    if (alert->state != SW_STATE_ACKNOWLEDGED)
        return;
    print_moment(out, "Acknowledged", alert->updated_at_s);
    if (*alert->by) {
        fputs(" by ", out);
        print_typed(out, alert->by);
    }
    if (*alert->note) {
        fputs(": ", out);
        print_typed(out, alert->note);
    }
    fputs(".\n", out);
}

char *sw_alert_words(const struct sw_alert *alert, const char *name)
{
    char message[SW_MESSAGE_MAX], id[SW_ALERT_ID_MAX + 1], *text = NULL;
    struct sw_alert shown = *alert;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    if (name && *name) {
        print_typed(out, name);
        fprintf(out, " (%s): ", alert->patient.str);
    } else {
        fprintf(out, "%s: ", alert->patient.str);
    }
    print_state(out, alert);
    if (!name) /* the sentence names who acted, too */
        shown.by[0] = shown.note[0] = '\0';
    sw_alert_message(&shown, message);
    fprintf(out, "\n%s\n", message);
    print_what_happened(out, &shown);
    sw_alert_id_format(alert, id);
    fprintf(out, "Alert %s, revision %" PRId32 ", for %s.\n", id, alert->rev,
            alert->therapist.str);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
