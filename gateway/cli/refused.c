/* refused.c -- which of the refused messages are meant: by reason, by patient. */
#include "cli/refused.h"

#include <string.h>

#include "cli/patient.h"

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
    if (!patient)
        return CLI_OK;
    if (cli_patient_id(cli, patient, &ret->patient) != CLI_OK)
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

struct wearing {
    struct sw_patient_id patient;
    int64_t at_s;
    bool found;
};

static int look_at_wearer(void *ctx, const struct sw_wearer *wearer)
{
    struct wearing *wearing = ctx;
    bool is_then = wearer->from_s <= wearing->at_s && wearing->at_s < wearer->to_s;
    wearing->found = wearing->found || (is_then && strcmp(wearer->patient.str,
                                                          wearing->patient.str) == 0);
    return 0;
}

static bool came_from_device_of(const struct cli_refused *refused,
                                const struct sw_device_id *device, int64_t at_s)
{
    struct wearing wearing = {refused->patient, at_s, false};
    int r = sw_store_each_wearer(refused->cli->store, device, look_at_wearer, &wearing);
    return r >= 0 && wearing.found;
}

static bool is_of_patient(const struct cli_refused *refused,
                          const struct sw_rejected *rejected)
{
    struct sw_topic topic;
    struct sw_origin origin;
    const char *patient = refused->patient.str;
    if (sw_topic_parse(refused->cli->config.site, rejected->topic, rejected->topic_len,
                       &topic) != SW_TOPIC_OTHER)
        return strcmp(topic.patient.str, patient) == 0;
    if (sw_adapters_match(refused->adapters, rejected->topic, rejected->topic_len,
                          &origin) != SW_MATCH_SOURCE ||
        origin.invalid)
        return false;
    if (origin.patient.str[0] != '\0')
        return strcmp(origin.patient.str, patient) == 0;
    return came_from_device_of(refused, &origin.device, rejected->at_s);
}

bool cli_refused_is_meant(const struct cli_refused *refused,
                          const struct sw_rejected *rejected)
{
    bool has_reason = !refused->reason ||
                      strcmp(refused->reason, sw_refusal_code(rejected->refusal)) == 0;
    bool asks_patient = refused->patient.str[0] != '\0';
    return has_reason && (!asks_patient || is_of_patient(refused, rejected));
}
