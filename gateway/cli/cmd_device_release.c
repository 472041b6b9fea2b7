/* cmd_device_release.c -- nobody wears a device from now on, or since a time.
 * What it said since then and was stored stays where it is. */
#include "cli/device.h"

#include <string.h>

const struct cli_option cmd_device_release_options[] = {
    {"at", "TIME", "since when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {0},
};

struct question {
    int64_t at_s;
    struct sw_patient_id assignment; /* "": nobody */
};

static int note_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct question *question = ctx;
    if (assignment->from_s <= question->at_s && question->at_s < assignment->to_s)
        question->assignment = assignment->patient;
    return 0;
}

static int release(struct cli *cli, const struct sw_device_id *device, int64_t at_s)
{
    struct question question = {.at_s = at_s};
    int r = sw_store_each_assignment(cli->store, device, note_assignment, &question);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (question.assignment.str[0] == '\0')
        return cli_fail(cli, "nobody wears %s then: see `stepward device list --all`",
                        device->str);
    int code = cli_assign(cli, device, 0, at_s);
    if (code == CLI_OK)
        fprintf(cli->out, "released %s from %s\n", device->str,
                question.assignment.str);
    return code;
}

int cmd_device_release(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_device_id device;
    const char *word;
    int64_t at_s = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code == CLI_OK)
        code = cli_device_id(cli, word, &device);
    if (code == CLI_OK)
        code = cli_since(cli, &args, "at", &at_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? release(cli, &device, at_s) : code;
}
