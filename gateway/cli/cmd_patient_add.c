/* cmd_patient_add.c -- adds a patient; it works before the gateway has ever run. */
#include <string.h>

#include "cli/patient.h"
#include "cli/plan_fields.h"
#include "cli/therapist.h"
#include "records/names.h"

const struct cli_option cmd_patient_add_options[] = {
    {"name", "NAME", "for your own listings; it is never published"},
    {0},
};

struct addition {
    const struct sw_patient *patient;
    const struct sw_plan *plan;
};

/* The devices of an erased patient may still send, and must not be taken for another
 * person's. */
static int refuse_erased(struct cli *cli, const struct sw_patient *patient)
{
    int64_t at_s;
    char date[SW_DATE_LEN + 1];
    int r = sw_store_find_tombstone(cli->store, patient->id, &at_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return CLI_OK;
    sw_date_format(sw_day_of(&cli->zone, at_s), date);
    return cli_fail(cli,
                    "%s was erased on %s, and its devices may still send: choose a new "
                    "id",
                    patient->id.str, date);
}

static int refuse_names(struct cli *cli, const struct addition *addition)
{
    const char *id = addition->patient->id.str,
               *therapist = addition->plan->therapist.str;
    char why[SW_WHY_MAX];
    if (strcmp(id, therapist) == 0)
        return cli_fail(cli,
                        "%s cannot be a patient and their own therapist: choose "
                        "another id for one of them",
                        id);
    int r = sw_records_check_patient_name(cli->store, &cli->config, id, why);
    if (r == 0)
        r = sw_records_check_therapist_name(cli->store, &cli->config, therapist, why);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r == 0 ? CLI_OK : cli_fail(cli, "%s", why);
}

static int patient_add_row(struct cli *cli, void *ctx)
{
    const struct addition *addition = ctx;
    const struct sw_patient *patient = addition->patient;
    int64_t key;
    const char *id = patient->id.str;
    if (refuse_erased(cli, patient) != CLI_OK)
        return CLI_FAILED;
    struct sw_patient stored;
    bool is_new = sw_store_find_patient(cli->store, patient->id, &stored) != 0;
    if (is_new && refuse_names(cli, addition) != CLI_OK)
        return CLI_FAILED;
    int r = sw_store_add_patient(cli->store, patient, addition->plan, &key);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_EXISTS)
        return cli_fail(cli, "%s exists already: see `stepward patient set %s --help`",
                        id, id);
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
    struct addition addition = {&patient, &plan};
    code = cli_at_once(cli, patient_add_row, &addition);
    if (code == CLI_OK)
        fprintf(cli->out, "added %s\n", patient.id.str);
    if (code == CLI_OK)
        cli_rights_hint(cli, plan.therapist.str);
    return code;
}
