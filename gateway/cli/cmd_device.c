/* cmd_device.c -- who wears which device, from now on or since a time.
 * The gateway notices the change by itself. Stored data stay where they are, except
 * what a device reported since the time from which somebody else wears it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/actor.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "records/change.h"
#include "stepward/wire.h"

/* ---- device assign, device release ---- */

const struct cli_option cmd_device_assign_options[] = {
    {"from", "TIME", "since when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {0},
};
const struct cli_option cmd_device_release_options[] = {
    {"at", "TIME", "since when: a day, or 'YYYY-MM-DD HH:MM' (default now)"},
    {0},
};

/* What the command line asks for: patient_key 0: nobody wears it from then on. */
struct wearing {
    struct sw_device_id device;
    int64_t from_s;
    int64_t patient_key;
    const char *patient; /* who gets it, or had it */
};

static int device_id(struct cli *cli, const char *word, struct sw_device_id *ret)
{
    if (!sw_id_is_valid(word, strlen(word)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", word,
                         SW_ID_MAX);
    strcpy(ret->str, word);
    return CLI_OK;
}

/* ---- whether the actor may ---- */

struct holders {
    const struct cli *cli;
    const struct wearing *wearing;
};

/* A patient loses something if they wear the device then or later, or if something is
 * stored of them that the device sent since: that goes to the new wearer. */
static int check_holder(void *ctx, const struct sw_assignment *assignment)
{
    const struct holders *holders = ctx;
    const struct cli *cli = holders->cli;
    const struct wearing *wearing = holders->wearing;
    if (assignment->patient_key == 0)
        return 0;
    int r = cli->may_act(cli, assignment->patient.str);
    if (r != -ENOENT || assignment->to_s > wearing->from_s)
        return r;
    r = sw_store_has_sent(cli->store, &wearing->device, assignment->patient_key,
                          wearing->from_s, INT64_MAX);
    return r > 0 ? -ENOENT : r;
}

static int check_holders(struct cli *cli, const struct wearing *wearing)
{
    struct holders holders = {cli, wearing};
    int r = cli->may_act ? sw_store_each_assignment(cli->store, &wearing->device,
                                                    check_holder, &holders)
                         : 0;
    cli->is_barred = r == -ENOENT;
    if (cli->is_barred)
        return cli_fail(cli, "no device %s", wearing->device.str);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* ---- the work ---- */

static int store_wearing(struct cli *cli, void *ctx)
{
    const struct wearing *wearing = ctx;
    int code = check_holders(cli, wearing);
    if (code != CLI_OK)
        return code;
    int r = sw_records_assign(cli->store, &cli->zone, &wearing->device,
                              wearing->patient_key, wearing->from_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    char from[CLI_TIME_LEN + 1];
    cli_time_format(&cli->zone, wearing->from_s, from);
    return cli_audit(
        cli, wearing->patient_key ? SW_AUDIT_DEVICE_ASSIGNED : SW_AUDIT_DEVICE_RELEASED,
        wearing->patient, "%s from %s", wearing->device.str, from);
}

struct question {
    int64_t at_s;
    struct sw_assignment answer; /* of all that are, the one that holds then */
};

static int note_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct question *question = ctx;
    if (assignment->from_s <= question->at_s && question->at_s < assignment->to_s)
        question->answer = *assignment;
    return 0;
}

/* The assignment of the device that holds at that time; patient "": nobody wears it. */
static int find_wearer(struct cli *cli, const struct sw_device_id *device, int64_t at_s,
                       struct sw_assignment *ret)
{
    struct question question = {.at_s = at_s, .answer = {.to_s = INT64_MAX}};
    int r = sw_store_each_assignment(cli->store, device, note_assignment, &question);
    *ret = question.answer;
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* Prints "assigned D to p018 until 14:47, then p017": later assignments stay. */
int cmd_device_assign(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct wearing wearing;
    struct sw_patient patient;
    struct sw_assignment made, next;
    char until[CLI_WHEN_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    if (args.n_words != 2)
        return cli_usage(cli, "which device, and whose? stepward %s %s",
                         cli->command->name, cli->command->words);
    code = device_id(cli, args.words[0], &wearing.device);
    if (code == CLI_OK)
        code = cli_since(cli, &args, "from", &wearing.from_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_find_patient(cli, args.words[1], &patient);
    if (code != CLI_OK)
        return code;
    wearing.patient_key = patient.key;
    wearing.patient = patient.id.str;
    code = cli_at_once(cli, store_wearing, &wearing);
    if (code == CLI_OK)
        code = find_wearer(cli, &wearing.device, wearing.from_s, &made);
    if (code == CLI_OK)
        code = find_wearer(cli, &wearing.device, made.to_s, &next);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, "assigned %s to %s", wearing.device.str, patient.id.str);
    if (made.to_s != INT64_MAX) {
        cli_when_format(&cli->zone, made.to_s, cli->now_s, until);
        fprintf(cli->out, " until %s, then %s", until,
                *next.patient.str ? next.patient.str : "nobody");
    }
    fputc('\n', cli->out);
    return CLI_OK;
}

int cmd_device_release(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct wearing wearing = {.patient_key = 0};
    struct sw_assignment before;
    const char *word;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code == CLI_OK)
        code = device_id(cli, word, &wearing.device);
    if (code == CLI_OK)
        code = cli_since(cli, &args, "at", &wearing.from_s);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = find_wearer(cli, &wearing.device, wearing.from_s, &before);
    if (code != CLI_OK)
        return code;
    if (before.patient.str[0] == '\0')
        return cli_fail(
            cli, "nobody wears %s at that time: see `stepward device list --all`",
            word);
    wearing.patient = before.patient.str;
    code = cli_at_once(cli, store_wearing, &wearing);
    if (code == CLI_OK)
        fprintf(cli->out, "released %s from %s\n", word, before.patient.str);
    return code;
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
    cli_cell_time(list->table, is_open ? 0 : assignment->to_s);
    return 0;
}

/* ---- devices whose clocks are wrong, or disagree ---- */

struct clocks {
    struct cli *cli;
    int32_t day_number;
    struct sw_day *a, *b; /* two devices' days, each alone */
};

static int clocks_compute(struct clocks *clocks, const struct sw_plan *plan,
                          struct sw_device_set *device, struct sw_day *ret)
{
    const struct sw_day_set alone = {.devices = device, .n_devices = 1};
    return sw_day_compute(ret, &clocks->cli->zone, clocks->day_number, plan, &alone);
}

static const char *clocks_name(const struct sw_device_set *device)
{
    return *device->device.str ? device->device.str : "the device without an id";
}

/* Each device against the first, in order of their keys. */
static int clocks_compare(struct clocks *clocks, const struct sw_patient *patient,
                          struct sw_day_set *set)
{
    struct cli *cli = clocks->cli;
    struct sw_plan plan;
    char date[SW_DATE_LEN + 1];
    int r = sw_store_plan_on(cli->store, patient->key, clocks->day_number, &plan);
    if (r == 0)
        r = clocks_compute(clocks, &plan, &set->devices[0], clocks->a);
    sw_date_format(clocks->day_number, date);
    for (size_t i = 1; r == 0 && i < set->n_devices; i++) {
        r = clocks_compute(clocks, &plan, &set->devices[i], clocks->b);
        int32_t shift_min = r == 0 ? sw_day_shift_min(clocks->a, clocks->b) : 0;
        const struct sw_device_set *ahead = &set->devices[shift_min > 0 ? i : 0];
        const struct sw_device_set *behind = &set->devices[shift_min > 0 ? 0 : i];
        if (shift_min != 0)
            cli_heading(cli,
                        "%s: by their steps of %s the clock of %s is %d min ahead of "
                        "that of %s: set the one that is wrong (nothing is corrected)",
                        patient->id.str, date, clocks_name(ahead),
                        shift_min > 0 ? shift_min : -shift_min, clocks_name(behind));
    }
    return r;
}

/* Of a patient of whom nothing is taken now, by the newest message. */
static void print_fast(struct cli *cli, const struct sw_patient *patient)
{
    const struct sw_refusing *refusing = &patient->refusing;
    char apart[SW_APART_TEXT_MAX];
    sw_apart_format(refusing->fast_s, apart);
    if (refusing->n > 0 && refusing->fast_s != 0)
        cli_heading(
            cli,
            "%s: by the newest reading that was refused the clock of the device "
            "is %s %s: set it (see `stepward rejected --patient %s`)",
            patient->id.str, apart, refusing->fast_s > 0 ? "fast" : "slow",
            patient->id.str);
}

static int clocks_of_patient(void *ctx, const struct sw_patient *patient)
{
    struct clocks *clocks = ctx;
    const struct sw_zone *zone = &clocks->cli->zone;
    print_fast(clocks->cli, patient);
    struct sw_day_set set = {0};
    int r = sw_store_load_day(clocks->cli->store, patient->key,
                              sw_day_begin(zone, clocks->day_number),
                              sw_day_begin(zone, clocks->day_number + 1), &set);
    if (r == 0 && set.n_devices > 1)
        r = clocks_compare(clocks, patient, &set);
    sw_day_set_fini(&set);
    return r;
}

/* By what they counted yesterday, the last whole day. */
static int print_clocks(struct cli *cli)
{
    struct clocks clocks = {.cli = cli,
                            .day_number = sw_day_of(&cli->zone, cli->now_s) - 1,
                            .a = malloc(sizeof *clocks.a),
                            .b = malloc(sizeof *clocks.b)};
    int r = clocks.a && clocks.b
                ? sw_store_each_patient(cli->store, clocks_of_patient, &clocks)
                : -ENOMEM;
    free(clocks.a);
    free(clocks.b);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

int cmd_device_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int code = cli_parse(cli, argc, argv, &args);
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
    code = cli_table_end(list.table,
                         "no device is assigned: see `stepward device assign --help`");
    return code == CLI_OK && cli->format == CLI_TABLE ? print_clocks(cli) : code;
}
