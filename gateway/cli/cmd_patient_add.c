/* cmd_patient_add.c -- a new patient; works before the gateway ever ran. */
#include <string.h>

#include "cli/patient.h"
#include "cli/plan_options.h"

const struct cli_option cmd_patient_add_options[] = {
    {"name", "NAME", "for your own listings; it is never published"},
    {0},
};

static int add(struct cli *cli, const struct sw_patient *patient,
               const struct sw_plan *plan)
{
    int64_t key;
    const char *id = patient->id.str;
    int r = sw_store_add_patient(cli->store, patient, plan, &key);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_EXISTS)
        return cli_fail(cli, "%s exists already: see `stepward patient set %s --help`",
                        id, id);
    fprintf(cli->out, "added %s\n", id);
    return CLI_OK;
}

int cmd_patient_add(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    const char *word, *name;
    struct sw_patient patient = {.added_at_s = cli->now_s};
    struct sw_plan plan = cli->config.plan;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code == CLI_OK)
        code = cli_patient_id(cli, word, &patient.id);
    if (code == CLI_OK)
        code = cli_patient_name(cli, &args, &name);
    if (code == CLI_OK)
        code = cli_plan_apply(cli, &args, &plan);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_WRITE);
    if (code != CLI_OK)
        return code;
    strcpy(patient.name, name ? name : "");
    return add(cli, &patient, &plan);
}
