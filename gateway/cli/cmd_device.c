/* cmd_device.c -- who wears which device, from now on or since a time.
 * The gateway notices the change by itself. Stored data stay where they are, except
 * what a device reported since the time from which somebody else wears it. */
#include <string.h>

#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "records/assign.h"

/* ---- ids, times, the transaction ---- */

static int device_id(struct cli *cli, const char *word, struct sw_device_id *ret)
{
    if (!sw_id_is_valid(word, strlen(word)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", word,
                         SW_ID_MAX);
    strcpy(ret->str, word);
    return CLI_OK;
}

/* "HH:MM" */
static bool parse_minute(const char *text, int32_t *ret)
{
    int64_t hour, minute;
    char hours[3] = "", minutes[3] = "";
    if (strlen(text) != SW_HHMM_LEN || text[2] != ':')
        return false;
    memcpy(hours, text, 2);
    memcpy(minutes, text + 3, 2);
    if (!sw_number_parse(hours, 0, 23, &hour) ||
        !sw_number_parse(minutes, 0, 59, &minute))
        return false;
    *ret = (int32_t)(hour * 60 + minute);
    return true;
}

static bool parse_local(const struct sw_zone *zone, const char *text, int64_t *ret_s)
{
    int32_t day, minute = 0;
    size_t len = strlen(text);
    bool has_time = len > SW_DATE_LEN;
    if (len < SW_DATE_LEN || !sw_date_parse(text, SW_DATE_LEN, &day))
        return false;
    if (has_time && ((text[SW_DATE_LEN] != ' ' && text[SW_DATE_LEN] != 'T') ||
                     !parse_minute(text + SW_DATE_LEN + 1, &minute)))
        return false;
    *ret_s = sw_minute_begin(zone, day, minute);
    return true;
}

/* The time given with --OPTION, which must not be in the future; now if it is not
 * given. It is YYYY-MM-DD for the day's beginning, YYYY-MM-DD HH:MM in the clinic's
 * time, or RFC 3339 with an offset. */
static int since(struct cli *cli, const struct cli_args *args, const char *option,
                 int64_t *ret_s)
{
    const char *text = cli_value(cli, args, option);
    int64_t at_s = cli->now_s;
    int32_t day;
    bool is_time = !text || parse_local(&cli->zone, text, &at_s) ||
                   sw_instant_parse(text, strlen(text), &at_s);
    if (!is_time && cli_is_shaped_as_day(text) &&
        !sw_date_parse(text, SW_DATE_LEN, &day))
        return cli_usage(cli, "--%s %s: there is no such day", option, text);
    if (!is_time)
        return cli_usage(cli, "--%s %s: it is YYYY-MM-DD or 'YYYY-MM-DD HH:MM'", option,
                         text);
    if (at_s > cli->now_s)
        return cli_usage(cli, "--%s %s: it lies in the future", option, text);
    *ret_s = at_s;
    return CLI_OK;
}

struct wearing {
    const struct sw_device_id *device;
    int64_t patient_key, from_s;
};

static int store_wearing(struct cli *cli, void *ctx)
{
    const struct wearing *wearing = ctx;
    int r = sw_records_assign(cli->store, &cli->zone, wearing->device,
                              wearing->patient_key, wearing->from_s);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* patient_key 0: nobody wears the device. */
static int assign_from(struct cli *cli, const struct sw_device_id *device,
                       int64_t patient_key, int64_t from_s)
{
    struct wearing wearing = {device, patient_key, from_s};
    return cli_at_once(cli, store_wearing, &wearing);
}

/* ---- device assign ---- */

const struct cli_option cmd_device_assign_options[] = {
    {"from", "TIME", "since when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {0},
};

/* The next assignment of a device that begins after from_s. */
struct successor {
    int64_t from_s;
    int64_t since_s;              /* INT64_MAX: there is none */
    struct sw_patient_id patient; /* "": nobody */
};

static int note_successor(void *ctx, const struct sw_assignment *assignment)
{
    struct successor *next = ctx;
    bool is_next =
        assignment->from_s > next->from_s && assignment->from_s < next->since_s;
    if (is_next) {
        next->since_s = assignment->from_s;
        next->patient = assignment->patient;
    }
    return 0;
}

/* "assigned D to p018 until 14:47, then p017": later assignments stay. */
static int print_assigned(struct cli *cli, const struct sw_device_id *device,
                          const struct sw_patient_id *patient, int64_t from_s)
{
    struct successor next = {from_s, INT64_MAX, {""}};
    char until[CLI_WHEN_MAX];
    int r = sw_store_each_assignment(cli->store, device, note_successor, &next);
    if (r < 0)
        return cli_store_failed(cli, r);
    fprintf(cli->out, "assigned %s to %s", device->str, patient->str);
    if (next.since_s != INT64_MAX) {
        cli_when_format(&cli->zone, next.since_s, cli->now_s, until);
        fprintf(cli->out, " until %s, then %s", until,
                *next.patient.str ? next.patient.str : "nobody");
    }
    fputc('\n', cli->out);
    return CLI_OK;
}

static int assign(struct cli *cli, const struct sw_device_id *device, const char *word,
                  int64_t from_s)
{
    struct sw_patient patient;
    int code = cli_find_patient(cli, word, &patient);
    if (code == CLI_OK)
        code = assign_from(cli, device, patient.key, from_s);
    return code == CLI_OK ? print_assigned(cli, device, &patient.id, from_s) : code;
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
    code = device_id(cli, args.words[0], &device);
    if (code == CLI_OK)
        code = since(cli, &args, "from", &from_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? assign(cli, &device, args.words[1], from_s) : code;
}

/* ---- device release ---- */

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
    int code = assign_from(cli, device, 0, at_s);
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
        code = device_id(cli, word, &device);
    if (code == CLI_OK)
        code = since(cli, &args, "at", &at_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? release(cli, &device, at_s) : code;
}

/* ---- device list ---- */

const struct cli_option cmd_device_list_options[] = {
    {"all", NULL, "also who wore them before"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"device", "device", CLI_TEXT, 0, 0},
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"from", "from", CLI_TEXT, 0, 0},
    {"to", "to", CLI_TEXT, 0, 0},
};

struct list {
    struct cli_table *table;
    bool all;
};

static int print_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct list *list = ctx;
    bool is_open = assignment->to_s == INT64_MAX;
    if (assignment->patient_key == 0 || (!is_open && !list->all))
        return 0;
    cli_cell_text(list->table, assignment->device.str);
    cli_cell_text(list->table, assignment->patient.str);
    cli_cell_time(list->table, assignment->from_s);
    if (is_open)
        cli_cell_none(list->table);
    else
        cli_cell_time(list->table, assignment->to_s);
    return 0;
}

int cmd_device_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    struct list list = {
        .table = cli_table_new(cli, columns, sizeof columns / sizeof *columns),
        .all = cli_value(cli, &args, "all"),
    };
    int r = sw_store_each_assignment(cli->store, NULL, print_assignment, &list);
    if (r < 0)
        return cli_table_drop(list.table, cli_store_failed(cli, r));
    return cli_table_end(list.table,
                         "no device is assigned: see `stepward device assign --help`");
}
