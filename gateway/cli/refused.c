/* refused.c -- which of the refused messages are meant: by reason, by patient. */
#include "cli/refused.h"

#include <string.h>

#include "cli/patient.h"
#include "records/erase.h"

static bool is_reason(const char *code)
{
    static const char *const codes[] = {
#define X(name, code, remedy) code,
        SW_REFUSALS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

int cli_refused_init(struct cli *cli, const struct cli_args *args,
                     struct cli_refused *ret)
{
    const char *patient = cli_value(cli, args, "patient");
    *ret = (struct cli_refused){.cli = cli, .reason = cli_value(cli, args, "reason")};
    if (ret->reason && !is_reason(ret->reason))
        return cli_usage(cli,
                         "--reason %s: there is no such reason; `stepward rejected` "
                         "shows those there are",
                         ret->reason);
    if (patient && cli_patient_id(cli, patient, &ret->patient) != CLI_OK)
        return CLI_USAGE;
    return sw_adapters_new(&ret->adapters, cli->config.sources, cli->config.n_sources) <
                   0
               ? cli_fail(cli, "out of memory")
               : CLI_OK;
}

void cli_refused_fini(struct cli_refused *refused)
{
    sw_adapters_free(refused->adapters);
    refused->adapters = NULL;
}

static bool is_of_patient(const struct cli_refused *refused,
                          const struct sw_rejected *rejected)
{
    return sw_records_is_rejected_of(refused->cli->store, refused->adapters,
                                     refused->patient, rejected);
}

bool cli_refused_is_meant(const struct cli_refused *refused,
                          const struct sw_rejected *rejected)
{
    bool has_reason = !refused->reason ||
                      strcmp(refused->reason, sw_refusal_code(rejected->refusal)) == 0;
    bool asks_patient = refused->patient.str[0] != '\0';
    return has_reason && (!asks_patient || is_of_patient(refused, rejected));
}

/* On a source's topic, where something stands for an id that is none. */
static bool is_stray_id(const struct cli_refused *refused,
                        const struct sw_rejected *rejected)
{
    struct sw_topic topic;
    struct sw_origin origin;
    return sw_topic_parse(refused->cli->config.site, rejected->topic,
                          rejected->topic_len, &topic) == SW_TOPIC_OTHER &&
           sw_adapters_match(refused->adapters, rejected->topic, rejected->topic_len,
                             &origin) == SW_MATCH_SOURCE &&
           origin.invalid;
}

/* On the topics of alerts: what a therapist's app asks, with an id that is none. */
static bool is_stray_set(const struct cli_refused *refused,
                         const struct sw_rejected *rejected)
{
    char root[SW_ID_MAX + sizeof "clinic//alerts/"];
    int n = snprintf(root, sizeof root, "clinic/%s/alerts/", refused->cli->config.site);
    return rejected->topic_len >= (size_t)n &&
           memcmp(rejected->topic, root, (size_t)n) == 0;
}

const char *cli_refused_remedy(const struct cli_refused *refused,
                               const struct sw_rejected *rejected)
{
    if (rejected->refusal != SW_REFUSED_TOPIC)
        return sw_refusal_remedy(rejected->refusal);
    if (is_stray_id(refused, rejected))
        return "have the device publish to the source's topic with an id, 1 to 36 of "
               "A-Z a-z 0-9 _ . -, or change the source's topic";
    if (is_stray_set(refused, rejected))
        return "have the app publish to the alert's own topic with /set behind it: "
               ".../alerts/THERAPIST/PATIENT/KIND/set, ids as in the alert";
    return sw_refusal_remedy(rejected->refusal);
}
