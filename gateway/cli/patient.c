/* patient.c -- what the commands about patients share. */
#include "cli/patient.h"

#include <string.h>

#include "cli/actor.h"

int cli_patient_id(struct cli *cli, const char *word, struct sw_patient_id *ret)
{
    if (!sw_id_is_valid(word, strlen(word)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", word,
                         SW_ID_MAX);
    strcpy(ret->str, word);
    return CLI_OK;
}

int cli_show_patient(struct cli *cli, const char *word, struct sw_patient *ret)
{
    int code = cli_find_patient(cli, word, ret);
    if (code == CLI_OK)
        cli_look(cli, ret);
    return code;
}

int cli_find_patient(struct cli *cli, const char *word, struct sw_patient *ret)
{
    struct sw_patient_id id;
    if (cli_patient_id(cli, word, &id) != CLI_OK)
        return CLI_USAGE;
    int r = sw_store_find_patient(cli->store, id, ret);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no patient %s: see `stepward patient list`", word);
    return CLI_OK;
}
