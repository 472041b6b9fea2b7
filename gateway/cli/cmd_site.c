/* cmd_site.c -- the topics of the configured site, so that nobody copies another one's;
 * with --topic one of them alone, for a shell command.
 * With --rights, the broker's access list for this site.
 *
 * What a topic looks like is topic.c's business. The database, which need not exist,
 * provides therapists and, for --rights, the sites that were left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/typed.h"
#include "cli/window.h"
#include "records/site.h"
#include "stepward/wire.h"
#include "util/line.h"

const struct cli_option cmd_site_options[] = {
    {"topic", "NAME", "print this one alone: steps, pain, alerts, set..."},
    {"kind", "KIND", "of the alerts' topics: rest, silent..."},
    {"rights", NULL, "print the broker's access list for this site instead"},
    {"therapist", "ID", "in the list also one who has no patient yet; may be repeated"},
    CLI_FORMAT_OPTION,
    {0},
};

/* ---- the topics ---- */

enum topic {
    STEPS,
    PAIN,
    TODAY,
    NUDGE,
    ALERTS,
    SET,
    BOARD,
    PATIENTS,
    DIGEST,
    STATUS,
    HEALTH,
    N_TOPICS
};

static const struct {
    const char *name, *publisher, *what;
    bool needs_therapist;
} topics[N_TOPICS] = {
    [STEPS] = {"steps", "device", "readings", false},
    [PAIN] = {"pain", "app", "scores of pain", false},
    [TODAY] = {"today", "gateway", "day so far", false},
    [NUDGE] = {"nudge", "gateway", "long rest", false},
    [ALERTS] = {"alerts", "gateway", "alert's state", true},
    [SET] = {"set", "app", "ack, shelve", true},
    [BOARD] = {"board", "gateway", "patient in short", true},
    [PATIENTS] = {"patients", "gateway", "whose they are", true},
    [DIGEST] = {"digest", "gateway", "day in words", true},
    [STATUS] = {"status", "gateway", "online or not", false},
    [HEALTH] = {"health", "gateway", "counters", false},
};

/* Words may have placeholders for what is not known. */
static void put_topics(sw_topic_text out[static N_TOPICS], const char *site,
                       const struct sw_topic *words)
{
    sw_topic_steps(out[STEPS], site, words->patient);
    sw_topic_pain(out[PAIN], site, words->patient);
    sw_topic_today(out[TODAY], site, words->patient);
    sw_topic_nudge(out[NUDGE], site, words->patient);
    sw_topic_alert_words(out[ALERTS], site, words);
    sw_topic_set(out[SET], site, words);
    sw_topic_board(out[BOARD], site, &words->therapist, &words->patient);
    sw_topic_patients(out[PATIENTS], site, &words->therapist);
    sw_topic_digest(out[DIGEST], site, &words->therapist);
    sw_topic_gateway(out[STATUS], site, "status");
    sw_topic_gateway(out[HEALTH], site, "health");
}

/* ---- their words ---- */

/* The therapist of the patient's plan today. It stays unknown without a database, or in
 * one that does not know the patient. */
static int find_therapist(struct cli *cli, struct sw_topic *words, bool *ret_known)
{
    struct sw_patient patient;
    struct sw_plan plan;
    char why[SW_WHY_MAX];
    *ret_known = false;
    int r = cli_reach_store(cli, SW_STORE_READ, why);
    if (r < 0)
        return r == -ENOENT ? CLI_OK : cli_out_of_reach(cli, r, why);
    r = sw_store_find_patient(cli->store, words->patient, &patient);
    if (r == 0)
        r = sw_store_plan_on(cli->store, patient.key, cli_today(cli), &plan);
    if (r < 0)
        return cli_store_failed(cli, r);
    *ret_known = r == 0;
    if (*ret_known)
        words->therapist = plan.therapist;
    return CLI_OK;
}

/* The words that were given, or that are known because of them. */
static int read_words(struct cli *cli, const struct cli_args *args,
                      bool needs_therapist, struct sw_topic *words, bool *ret_known)
{
    enum sw_alert_kind known;
    const char *word, *kind = cli_value(cli, args, "kind");
    int code = CLI_OK;
    *ret_known = true;
    if (kind && !sw_alert_kind_parse(kind, &known))
        return cli_usage(cli,
                         "--kind %s: there is no such kind; `stepward alerts --help` "
                         "lists them",
                         kind);
    if (kind)
        strcpy(words->word, kind);
    if (args->n_words == 0)
        return CLI_OK;
    code = cli_one_word(cli, args, &word);
    if (code == CLI_OK)
        code = cli_patient_id(cli, word, &words->patient);
    if (code == CLI_OK && needs_therapist)
        code = find_therapist(cli, words, ret_known);
    return code;
}

/* ---- one of them ---- */

/* + stands for what is not known: clients can subscribe to it, and a program that tries
 * to publish to it reports an error. */
static int print_one(struct cli *cli, const struct cli_args *args, const char *name)
{
    struct sw_topic words = {{"+"}, {"+"}, 0, "+"};
    sw_topic_text texts[N_TOPICS];
    char names[SW_WHY_MAX];
    struct sw_line line = sw_line(names, sizeof names);
    bool is_known;
    size_t i = 0;
    while (i < N_TOPICS && strcmp(topics[i].name, name) != 0) {
        sw_line_add(&line, "%s%s", i > 0 ? ", " : "", topics[i].name);
        i++;
    }
    if (i == N_TOPICS)
        return cli_usage(cli, "--topic %s: it is one of %s", name, names);
    if (cli_value(cli, args, "format"))
        return cli_usage(cli, "--format is for the listing, not for --topic");
    int code = read_words(cli, args, topics[i].needs_therapist, &words, &is_known);
    if (code != CLI_OK)
        return code;
    put_topics(texts, cli->config.site, &words);
    fprintf(cli->out, "%s\n", texts[i]);
    return CLI_OK;
}

/* ---- all of them ---- */

/* A table has no room for the name, which people see at the end of the topic. */
static const struct cli_column columns[] = {
    {"name", "name", CLI_TEXT, 0, 0},
    {"topic", "topic", CLI_TEXT, 0, 0},
    {"publisher", "from", CLI_TEXT, 0, 2},
    {"what", "what", CLI_TEXT, 0, 1},
};

static void print_topic(struct cli *cli, struct cli_table *table, const char *name,
                        const char *topic, const char *publisher, const char *what)
{
    if (cli->format != CLI_TABLE)
        cli_cell_text(table, name);
    cli_cell_text(table, topic);
    cli_cell_text(table, publisher);
    cli_cell_text(table, what);
}

/* The topics of the sources: in the table, or as the gateway's rights. The right to
 * write is for the probe, which checks that it would receive a device's messages. */
static int print_sources(struct cli *cli, struct cli_table *table, bool as_rights)
{
    struct sw_adapters *adapters;
    sw_topic_text filter;
    char what[SW_WHY_MAX];
    if (sw_adapters_new(&adapters, cli->config.sources, cli->config.n_sources) < 0)
        return cli_fail(cli, "out of memory");
    for (size_t i = 0; sw_adapters_filter(adapters, i, filter); i++) {
        const char *name = cli->config.sources[i].name;
        const char *asks = cli->config.sources[i].ask.topic;
        snprintf(what, sizeof what, "source %.100s", name);
        if (as_rights)
            fprintf(cli->out, "topic readwrite %s\n", filter);
        if (as_rights && *asks)
            fprintf(cli->out, "topic write %s\n", asks);
        if (!as_rights)
            print_topic(cli, table, name, filter, "device", what);
    }
    sw_adapters_free(adapters);
    return CLI_OK;
}

/* Below a table: that a patient is none yet, and where to publish, which is the next
 * question. */
static void print_notes(struct cli *cli, const char *unknown)
{
    const char *uri = cli->config.broker.uri, *host = strstr(uri, "://");
    char line[SW_WHY_MAX];
    bool is_this_machine =
        host && (strncmp(host, "://localhost", 12) == 0 ||
                 strncmp(host, "://127.", 7) == 0 || strncmp(host, "://[::1]", 8) == 0);
    if (unknown) {
        snprintf(line, sizeof line, "%s is no patient yet: `stepward patient add %s`",
                 unknown, unknown);
        char *typed = cli_typed(cli, line);
        cli_print_wrapped(cli->out, typed ? typed : line, cli->width, 0);
        free(typed);
    }
    snprintf(line, sizeof line, "broker: %s%s", uri,
             is_this_machine ? " (for the network: this machine's address)" : "");
    cli_print_wrapped(cli->out, line, cli->width, 0);
}

static int print_all(struct cli *cli, const struct cli_args *args)
{
    struct sw_topic words = {{"<patient>"}, {"<therapist>"}, 0, "<kind>"};
    sw_topic_text texts[N_TOPICS];
    bool is_known, is_short = cli->format == CLI_TABLE;
    int code = read_words(cli, args, true, &words, &is_known);
    if (code != CLI_OK)
        return code;
    put_topics(texts, cli->config.site, &words);
    struct cli_table *table = cli_table_new(
        cli, columns + is_short, sizeof columns / sizeof *columns - (size_t)is_short);
    for (size_t i = 0; i < N_TOPICS; i++)
        print_topic(cli, table, topics[i].name, texts[i], topics[i].publisher,
                    topics[i].what);
    code = print_sources(cli, table, false);
    if (code != CLI_OK)
        return cli_table_drop(table, code);
    code = cli_table_end(table, "");
    if (is_short)
        print_notes(cli, is_known ? NULL : words.patient.str);
    return code;
}

/* ---- the access list, in mosquitto's words ---- */

/* config/mosquitto/stepward.acl is the output for the site "main" with the therapists
 * anna and bob; a test compares them. Where the list is written, and that the clinic's
 * own changes in it stay, is scripts/install's business. */

static const char rights_head[] =
    "# stepward.acl -- who may read and write what at the broker. What is not named "
    "here is\n"
    "# refused. %%u is the name that a client logged in with.\n"
    "#\n"
    "# This is what `stepward site --rights` prints: for the configured site, its "
    "sources and\n"
    "# the therapists in the database. scripts/install writes it anew; run it again "
    "when a\n"
    "# therapist is new.\n"
    "#\n"
    "# Each device logs in with a name of its own, which the broker takes for the "
    "client id\n"
    "# too: of two with the same name only the newer is connected. A therapist's "
    "tablet, say\n"
    "# anna-tablet beside the phone anna, gets five lines like anna's under its own\n"
    "# \"user anna-tablet\".\n"
    "\n"
    "# A patient's device or app (its name is the patient's id): its own readings and "
    "scores,\n"
    "# and what is said back to the wearer.\n"
    "pattern write clinic/%s/patient/%%u/steps\n"
    "pattern write clinic/%s/patient/%%u/pain\n"
    "pattern read clinic/%s/patient/%%u/nudge\n"
    "pattern read clinic/%s/patient/%%u/today\n"
    "\n"
    "# A therapist: their own alerts, acting on them, their patients in short, and the "
    "day's\n"
    "# digest.\n";

static const char of_therapist[] = "user %s\n"
                                   "topic read clinic/%s/alerts/%s/#\n"
                                   "topic write clinic/%s/alerts/%s/+/+/set\n"
                                   "topic read clinic/%s/board/%s/#\n"
                                   "topic read clinic/%s/patients/%s\n"
                                   "topic read clinic/%s/digest/%s/#\n"
                                   "\n";

/* The topic of mosquitto's counter is no secret, but only the gateway needs it. */
static const char of_gateway[] =
    "# The gateway; the last line is how it knows that the broker drops messages.\n"
    "user %s\n"
    "topic readwrite clinic/%s/#\n"
    "topic read " SW_TOPIC_DROPPED "\n";

/* With MQTT 3.1.1 a broker would drop the clearing without reporting it. */
static const char of_gateway_left[] =
    "# What is retained below the site that was left is cleared by it.\n"
    "topic write clinic/%s/#\n";

struct rights {
    struct cli *cli;
    const struct cli_args *args;
};

/* Root writes the list to a file of the broker's, and others than root may write to the
 * database, so anything there that is more than a name is left out. */
static int print_therapist(void *ctx, const char *therapist)
{
    const struct rights *rights = ctx;
    struct cli *cli = rights->cli;
    const char *site = cli->config.site;
    bool is_name = sw_id_is_valid(therapist, strlen(therapist));
    if (is_name && strcmp(therapist, "unassigned") != 0)
        fprintf(cli->out, of_therapist, therapist, site, therapist, site, therapist,
                site, therapist, site, therapist, site, therapist);
    return 0;
}

/* Those that the command line names, each once, unless the database did. */
static int print_named_therapists(struct rights *rights)
{
    struct sw_store *store = rights->cli->store;
    for (size_t i = 0; i < rights->args->n_repeated; i++) {
        const char *id = rights->args->repeated[i];
        bool is_double = false;
        if (!sw_id_is_valid(id, strlen(id)))
            return cli_usage(rights->cli,
                             "--therapist %s: 1 to %d of A-Z a-z 0-9 _ . -", id,
                             SW_ID_MAX);
        for (size_t j = 0; j < i; j++)
            is_double |= strcmp(rights->args->repeated[j], id) == 0;
        int r = store ? sw_store_find_therapist(store, id) : SW_STORE_NONE;
        if (r < 0)
            return cli_store_failed(rights->cli, r);
        if (r == SW_STORE_NONE && !is_double)
            print_therapist(rights, id);
    }
    return CLI_OK;
}

static int print_left(void *ctx, const char *site)
{
    fprintf(((struct cli *)ctx)->out, of_gateway_left, site);
    return 0;
}

static int print_rights(struct cli *cli, const struct cli_args *args)
{
    struct rights rights = {cli, args};
    const char *site = cli->config.site, *gateway = cli->config.broker.username;
    char why[SW_WHY_MAX];
    int r = cli_reach_store(cli, SW_STORE_READ, why);
    bool has_store = r != -ENOENT; /* without one there are no therapists yet */
    if (has_store && r < 0)
        return cli_out_of_reach(cli, r, why);
    fprintf(cli->out, rights_head, site, site, site, site);
    r = has_store ? sw_store_each_therapist(cli->store, 0, print_therapist, &rights)
                  : 0;
    if (r < 0)
        return cli_store_failed(cli, r);
    int code = print_named_therapists(&rights);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, of_gateway, *gateway ? gateway : "stepward-gateway", site);
    r = has_store ? sw_records_each_left(cli->store, site, print_left, cli) : 0;
    if (r < 0)
        return cli_store_failed(cli, r);
    return print_sources(cli, NULL, true);
}

/* ---- which of these ---- */

int cmd_site(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    const char *name = cli_value(cli, &args, "topic");
    if (args.n_repeated > 0 && !cli_value(cli, &args, "rights"))
        return cli_usage(cli, "--therapist goes with --rights");
    if (cli_value(cli, &args, "rights")) {
        bool is_alone = !name && args.n_words == 0 && !cli_value(cli, &args, "kind") &&
                        !cli_value(cli, &args, "format");
        return is_alone ? print_rights(cli, &args)
                        : cli_usage(cli, "--rights stands alone: it is of all topics");
    }
    return name ? print_one(cli, &args, name) : print_all(cli, &args);
}
