/* cmd_site_rights.c -- the broker's access list for this site, its sources and its
 * therapists, in mosquitto's words.
 *
 * config/mosquitto/stepward.acl is what is printed for the site "main" with the
 * therapists anna and bob; a test compares them. Where the list is written, and that
 * what the clinic changed in it stays, is scripts/install's business. */
#include <errno.h>
#include <string.h>

#include "cli/cmd_site_rights.h"
#include "records/site.h"
#include "stepward/wire.h"

static const char head[] =
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
    "# anna-tablet beside the phone anna, gets three lines like anna's under its own\n"
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
    "# A therapist: their own alerts, acting on them, and the day's digest.\n";

static const char of_therapist[] = "user %s\n"
                                   "topic read clinic/%s/alerts/%s/#\n"
                                   "topic write clinic/%s/alerts/%s/+/+/set\n"
                                   "topic read clinic/%s/digest/%s\n"
                                   "\n";

/* The topic of mosquitto's counter is not a secret, and only the gateway needs it. */
static const char of_gateway[] =
    "# The gateway; the last line is how it knows that the broker drops messages.\n"
    "user %s\n"
    "topic readwrite clinic/%s/#\n"
    "topic read " SW_TOPIC_DROPPED "\n";

/* With MQTT 3.1.1 a broker would swallow the clearing, and not say so. */
static const char of_gateway_left[] =
    "# What is retained below the site that was left is cleared by it.\n"
    "topic write clinic/%s/#\n";

/* A plan that names no therapist says this. */
static const char nobody[] = "unassigned";

/* Root writes the list to a file of the broker's, and others than root may write to the
 * database: what would be more than a name there is left out. */
static int print_therapist(void *ctx, const char *therapist)
{
    struct cli *cli = ctx;
    const char *site = cli->config.site;
    bool is_name = sw_id_is_valid(therapist, strlen(therapist));
    if (is_name && strcmp(therapist, nobody) != 0)
        fprintf(cli->out, of_therapist, therapist, site, therapist, site, therapist,
                site, therapist);
    return 0;
}

/* To write there too is for the probe: the gateway sees whether it would hear a device. */
static int print_sources(struct cli *cli)
{
    struct sw_adapters *adapters;
    sw_topic_text filter;
    if (sw_adapters_new(&adapters, cli->config.sources, cli->config.n_sources) < 0)
        return cli_fail(cli, "out of memory");
    for (size_t i = 0; sw_adapters_filter(adapters, i, filter); i++)
        fprintf(cli->out, "topic readwrite %s\n", filter);
    sw_adapters_free(adapters);
    return CLI_OK;
}

static int print_left(void *ctx, const char *site)
{
    fprintf(((struct cli *)ctx)->out, of_gateway_left, site);
    return 0;
}

int cmd_site_rights(struct cli *cli)
{
    const char *site = cli->config.site, *gateway = cli->config.broker.username;
    char why[SW_WHY_MAX];
    /* Without a database there are no therapists yet. */
    int r = cli_reach_store(cli, SW_STORE_READ, why);
    if (r < 0 && r != -ENOENT)
        return cli_out_of_reach(cli, r, why);
    fprintf(cli->out, head, site, site, site, site);
    if (r >= 0)
        r = sw_store_each_therapist(cli->store, 0, print_therapist, cli);
    if (r < 0 && r != -ENOENT)
        return cli_store_failed(cli, r);
    fprintf(cli->out, of_gateway, *gateway ? gateway : "stepward-gateway", site);
    if (r >= 0)
        r = sw_records_each_left(cli->store, site, print_left, cli);
    if (r < 0 && r != -ENOENT)
        return cli_store_failed(cli, r);
    return print_sources(cli);
}
