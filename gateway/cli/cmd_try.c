/* cmd_try.c -- the options of `try`: does a reading arrive, and does an alert?
 * The program that talks to the broker publishes the reading; the alert is
 * try_alert.c's business. */
#include <string.h>

#include "cli/helper.h"
#include "cli/patient.h"
#include "cli/try.h"

enum {
    WAIT_MORE_S = 20, /* on top of commit_interval, for delays on the way */
    WAIT_MAX_S = 2 * 3600,
    FOR_S = 30,
};
#define DEVICE "try"

const struct cli_option cmd_try_options[] = {
    {"steps", "N", "send steps, which stay in the day; else \"not worn\""},
    {"device", "ID", "the device that says so (default try)"},
    {"user", "NAME", "with a device's own login, which is pushed off for a moment"},
    {"password-file", "FILE", "of that login: its first line"},
    {"alert", NULL, "raise a test alert instead, then close and remove it"},
    {"for", "DURATION", "keep the alert open so long (default 30s)"},
    {"wait", "DURATION", "for what comes of it (default commit_interval + 20s)"},
    {0},
};

static int try_read_duration(struct cli *cli, const struct cli_args *args,
                             const char *name, int64_t max_s, int64_t *ret_s)
{
    const char *text = cli_value(cli, args, name);
    char max[SW_DURATION_TEXT_MAX];
    int64_t seconds;
    if (!text)
        return CLI_OK;
    sw_duration_format(max_s, max);
    if (!sw_duration_parse(text, &seconds) || seconds < 1 || seconds > max_s)
        return cli_usage(cli, "--%s %s: it is 1s to %s, like 30s or 2m", name, text,
                         max);
    *ret_s = seconds;
    return CLI_OK;
}

static int read_device(struct cli *cli, const struct cli_args *args,
                       struct sw_device_id *ret)
{
    const char *device = cli_value(cli, args, "device");
    if (!device)
        device = DEVICE;
    if (!sw_id_is_valid(device, strlen(device)))
        return cli_usage(cli, "--device %s: it is 1 to %d of A-Z a-z 0-9 _ . -", device,
                         SW_ID_MAX);
    strcpy(ret->str, device);
    return CLI_OK;
}

/* Some options are for readings, one is for alerts. */
static int check_together(struct cli *cli, const struct cli_args *args, bool is_alert)
{
    static const char *const of_readings[] = {"steps", "device", "user",
                                              "password-file"};
    for (size_t i = 0; is_alert && i < sizeof of_readings / sizeof *of_readings; i++)
        if (cli_value(cli, args, of_readings[i]))
            return cli_usage(cli, "--%s is for a reading, not for --alert",
                             of_readings[i]);
    if (!is_alert && cli_value(cli, args, "for"))
        return cli_usage(cli, "--for is for --alert, not for a reading");
    if (cli_value(cli, args, "password-file") && !cli_value(cli, args, "user"))
        return cli_usage(cli, "--password-file goes with --user NAME");
    return CLI_OK;
}

static int read_wishes(struct cli *cli, const struct cli_args *args,
                       struct cli_try *ret)
{
    const char *patient;
    int64_t steps = -1;
    *ret = (struct cli_try){
        .wait_s = cli->config.commit_interval_s + WAIT_MORE_S,
        .user = cli_value(cli, args, "user"),
        .password_file = cli_value(cli, args, "password-file"),
        .is_alert = cli_value(cli, args, "alert") != NULL,
        .for_s = FOR_S,
    };
    int code = cli_one_word(cli, args, &patient);
    if (code == CLI_OK)
        code = cli_patient_id(cli, patient, &ret->patient);
    if (code == CLI_OK)
        code = check_together(cli, args, ret->is_alert);
    if (code == CLI_OK)
        code = read_device(cli, args, &ret->device);
    if (code == CLI_OK)
        code = cli_number(cli, args, "steps", 0, SW_STEPS_PER_MIN_MAX, &steps);
    if (code == CLI_OK)
        code = try_read_duration(cli, args, "wait", WAIT_MAX_S, &ret->wait_s);
    if (code == CLI_OK)
        code = try_read_duration(cli, args, "for", SW_TEST_ALERT_MAX_S, &ret->for_s);
    ret->steps = (int32_t)steps;
    return code;
}

int cmd_try(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct cli_try wishes;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = read_wishes(cli, &args, &wishes);
    if (code != CLI_OK)
        return code;
    if (wishes.is_alert)
        return cli_try_alert(cli, &wishes);
    return cli->try_reading ? cli->try_reading(cli, &wishes) : cli_become_helper(cli);
}
