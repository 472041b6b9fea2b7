/* cmd_device_assign.c -- a patient wears a device from now on, or since a time.
 * The gateway notices the change by itself. */
#include "cli/device.h"
#include "cli/patient.h"

const struct cli_option cmd_device_assign_options[] = {
    {"from", "TIME", "since when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {0},
};

static int assign(struct cli *cli, const struct sw_device_id *device, const char *word,
                  int64_t from_s)
{
    struct sw_patient patient;
    int code = cli_find_patient(cli, word, &patient);
    if (code == CLI_OK)
        code = cli_assign(cli, device, patient.key, from_s);
    if (code == CLI_OK)
        fprintf(cli->out, "assigned %s to %s\n", device->str, patient.id.str);
    return code;
}

int cmd_device_assign(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_device_id device;
    int64_t from_s = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    if (args.n_words != 2)
        return cli_usage(cli, "which device, and whose? stepward %s %s",
                         cli->command->name, cli->command->words);
    code = cli_device_id(cli, args.words[0], &device);
    if (code == CLI_OK)
        code = cli_since(cli, &args, "from", &from_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? assign(cli, &device, args.words[1], from_s) : code;
}
