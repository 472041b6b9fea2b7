/* cmd_contact.c -- contacts with patients: that somebody spoke with one, or looked into
 * it, and what came of it. */
#include <stdlib.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/contact.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"

enum { DEFAULT_DAYS = 28 };

const struct cli_option cmd_contact_options[] = {
    {"outcome", "WHAT", "what came of it: called, visit, plan, device or nothing"},
    {"alert", "ID", "the alert it was about"},
    {"note", "TEXT", "what colleagues should know"},
    {"at", "TIME", "when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {"by", "NAME", "who it was (default: your login name)"},
    {"list", NULL, "list what was noted instead, of one patient or of all"},
    {"days", "N", "of the list: the last N days (default 28)"},
    CLI_FORMAT_OPTION,
    {0},
};

void cli_contact_format(const struct cli *cli, const struct sw_contact *contact,
                        char out[static CLI_CONTACT_MAX])
{
    char at[CLI_WHEN_MAX];
    cli_when_format(&cli->zone, contact->at_s, cli->now_s, at);
    snprintf(out, CLI_CONTACT_MAX, "%s %s by %s%s%s%s%s", at,
             sw_contact_name(contact->outcome), contact->who,
             *contact->alert ? ", about " : "", contact->alert,
             *contact->note ? ": " : "", contact->note);
}

/* ---- one that is to be noted ---- */

struct noting {
    const char *word; /* whose */
    struct sw_contact contact;
};

/* The alert must be one of the patient's. */
static int check_alert(struct cli *cli, const struct sw_patient *patient,
                       const char *id)
{
    struct sw_alert alert;
    int64_t key = 0;
    int r = *id ? sw_store_find_alert(cli->store, id, &key, &alert) : 0;
    if (r < 0)
        return cli_store_failed(cli, r);
    if (*id && (r == SW_STORE_NONE || key != patient->key))
        return cli_fail(cli,
                        "%s has no alert %s: see `stepward alerts --all --patient "
                        "%s`",
                        patient->id.str, id, patient->id.str);
    return CLI_OK;
}

static int note_contact(struct cli *cli, void *ctx)
{
    struct noting *noting = ctx;
    const struct sw_contact *contact = &noting->contact;
    struct sw_patient patient;
    int code = cli_find_patient(cli, noting->word, &patient);
    if (code == CLI_OK)
        code = check_alert(cli, &patient, contact->alert);
    if (code != CLI_OK)
        return code;
    int r = sw_store_put_contact(cli->store, patient.key, contact);
    if (r < 0)
        return cli_store_failed(cli, r);
    return cli_audit(cli, SW_AUDIT_CONTACT, patient.id.str, "%s%s%s%s%s",
                     sw_contact_name(contact->outcome), *contact->alert ? ", " : "",
                     contact->alert, *contact->note ? ": " : "", contact->note);
}

static int read_contact(struct cli *cli, const struct cli_args *args,
                        struct sw_contact *ret)
{
    const char *outcome = cli_value(cli, args, "outcome");
    const char *by = cli_value(cli, args, "by"), *note = cli_value(cli, args, "note");
    const char *alert = cli_value(cli, args, "alert");
    by = by ? by : cli_actor(cli);
    note = note ? note : "";
    alert = alert ? alert : "";
    if (!outcome || !sw_contact_parse(outcome, &ret->outcome))
        return cli_usage(cli, "say what came of it: --outcome called, visit, plan, "
                              "device or nothing");
    if (!cli_text_is_fit(by, SW_ALERT_BY_MAX) || !*by)
        return cli_usage(cli, "--by: it is one line of UTF-8, 1 to %d bytes",
                         SW_ALERT_BY_MAX);
    if (!cli_text_is_fit(note, SW_ALERT_NOTE_MAX))
        return cli_usage(cli, "--note: it is one line of UTF-8, at most %d bytes",
                         SW_ALERT_NOTE_MAX);
    if (strlen(alert) > SW_ALERT_ID_MAX)
        return cli_usage(cli, "--alert: it is an id, as `stepward alerts` shows it");
    strcpy(ret->who, by);
    strcpy(ret->note, note);
    strcpy(ret->alert, alert);
    return cli_since(cli, args, "at", &ret->at_s);
}

static int note(struct cli *cli, const struct cli_args *args)
{
    struct noting noting = {.word = args->n_words == 1 ? args->words[0] : NULL};
    char text[CLI_CONTACT_MAX];
    if (!noting.word)
        return cli_usage(cli, "with whom? stepward contact PATIENT --outcome called");
    if (cli_value(cli, args, "days"))
        return cli_usage(cli, "--days is for --list");
    int code = read_contact(cli, args, &noting.contact);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, note_contact, &noting);
    if (code != CLI_OK)
        return code;
    cli_contact_format(cli, &noting.contact, text);
    fprintf(cli->out, "noted for %s: %s\n", noting.word, text);
    return CLI_OK;
}

/* ---- those that were noted ---- */

static const struct cli_column columns[] = {
    {"at", "at", CLI_TEXT, 0, 0},       {"patient", "patient", CLI_TEXT, 0, 0},
    {"who", "who", CLI_TEXT, 0, 0},     {"outcome", "outcome", CLI_TEXT, 0, 0},
    {"alert", "about", CLI_TEXT, 0, 2}, {"note", "note", CLI_WORDS, 0, 1},
};

static int print_contact(void *ctx, const struct sw_contact *contact)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, contact->at_s);
    cli_cell_text(table, contact->patient.str);
    cli_cell_text(table, contact->who);
    cli_cell_text(table, sw_contact_name(contact->outcome));
    cli_cell_text(table, contact->alert);
    cli_cell_text(table, contact->note);
    return 0;
}

static int list(struct cli *cli, const struct cli_args *args)
{
    static const char *const others[] = {"outcome", "alert", "note", "at", "by"};
    struct sw_patient patient = {.key = 0};
    struct cli_window window;
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cli_value(cli, args, others[i]))
            return cli_usage(cli, "--%s is not for --list", others[i]);
    if (args->n_words > 1)
        return cli_usage(cli, "of one patient, or of all: stepward contact [PATIENT] "
                              "--list");
    int code = cli_window(cli, args, DEFAULT_DAYS, &window);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK && args->n_words == 1)
        code = cli_show_patient(cli, args->words[0], &patient);
    if (code != CLI_OK)
        return code;
    sw_date_format(window.from_day, from);
    sw_date_format(window.to_day, to);
    cli_heading(cli, "%s to %s, %s", from, to, cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    struct sw_span span = {sw_day_begin(&cli->zone, window.from_day),
                           sw_day_begin(&cli->zone, window.to_day + 1)};
    int r = sw_store_each_contact(cli->store, patient.key, span, print_contact, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "no contact was noted");
}

int cmd_contact(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    return cli_value(cli, &args, "list") ? list(cli, &args) : note(cli, &args);
}
