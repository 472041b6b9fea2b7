/* cmd_minutes.c -- each minute of a patient's day: its steps, its class and its device.
 * The day is computed anew from the readings; who won a minute is core's business. */
#include <stdlib.h>

#include "cli/gateway_state.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/window.h"
#include "records/records.h"

const struct cli_option cmd_minutes_options[] = {
    {"day", "DAY", "YYYY-MM-DD, today (the default) or yesterday"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"minute", "minute", CLI_TEXT, 0, 0},
    {"steps", "steps", CLI_NUMBER, 0, 0},
    {"class", "class", CLI_TEXT, 0, 0},
    {"device", "steps by", CLI_TEXT, 0, 0},
};

static void device_cell(struct cli_table *table, const struct sw_day_devices *devices,
                        int32_t minute)
{
    int32_t block = minute / SW_BLOCK_MIN;
    if (devices->blocks[block].is_known)
        cli_cell_text(table, devices->blocks[block].device.str);
    else
        cli_cell_none(table);
}

/* People read whose steps they are if it could be another's. */
static int print_minutes(struct cli *cli, const struct sw_day *day,
                         const struct sw_day_devices *devices)
{
    bool with_device = cli->format != CLI_TABLE || devices->n > 1;
    struct cli_table *table = cli_table_new(
        cli, columns, sizeof columns / sizeof *columns - (with_device ? 0 : 1));
    for (int32_t i = 0; day->touched && i < day->n_minutes; i++) {
        const struct sw_minute *minute = &day->minutes[i];
        char hhmm[SW_HHMM_LEN + 1];
        sw_hhmm_format(sw_local_minute(&cli->zone, day->begin_s + 60 * (int64_t)i),
                       hhmm);
        cli_cell_text(table, hhmm);
        bool is_known = minute->class != SW_MINUTE_UNKNOWN || minute->steps > 0;
        if (is_known || cli->format != CLI_TABLE)
            cli_cell_number(table, minute->steps);
        else
            cli_cell_none(table);
        cli_cell_text(table, sw_minute_class_name((enum sw_minute_class)minute->class));
        if (with_device)
            device_cell(table, devices, i);
    }
    return cli_table_end(table, "no readings and no scores that day");
}

static int compute_and_print(struct cli *cli, const struct sw_patient *patient,
                             int32_t day_number)
{
    char date[SW_DATE_LEN + 1];
    struct sw_day_devices devices;
    struct sw_day *day = malloc(sizeof *day);
    if (!day)
        return cli_fail(cli, "out of memory");
    int r = sw_records_day_devices(cli->store, &cli->zone, patient->key, day_number,
                                   day, &devices);
    sw_date_format(day_number, date);
    if (r >= 0)
        cli_heading(cli, "%s, %s, %s", patient->id.str, date, cli->config.timezone);
    int code = r < 0 ? cli_store_failed(cli, r) : print_minutes(cli, day, &devices);
    free(day);
    return code;
}

int cmd_minutes(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient patient;
    int32_t day;
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    const char *value = cli_value(cli, &args, "day");
    code = cli_day(cli, "day", value ? value : "today", &day);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_show_patient(cli, args.words[0], &patient);
    if (code == CLI_OK)
        code = cli_print_freshness(cli, cli_end_of_day(cli, day));
    return code == CLI_OK ? compute_and_print(cli, &patient, day) : code;
}
