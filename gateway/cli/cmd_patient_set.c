/* cmd_patient_set.c -- changes a patient's name, or the plan from a day on.
 * The gateway notices the change by itself. */
#include <string.h>

#include "cli/actor.h"
#include "cli/patient.h"
#include "cli/plan_fields.h"
#include "cli/therapist.h"
#include "cli/window.h"
#include "records/names.h"
#include "records/plan_change.h"

const struct cli_option cmd_patient_set_options[] = {
    {"name", "NAME", "for your own listings; it is never published"},
    {"from", "DAY", "the plan changes from this day on (default today)"},
    {0},
};

struct change {
    struct sw_plan before, after; /* has_plan: the plan of from_day */
    const struct cli_args *args;
    const char *patient;
    int64_t patient_key;
    const char *name; /* NULL: unchanged */
    bool has_plan;
    int32_t from_day;
};

static int check_therapist(struct cli *cli, const struct sw_plan *plan)
{
    char why[SW_WHY_MAX];
    int r = sw_records_check_therapist_name(cli->store, &cli->config,
                                            plan->therapist.str, why);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r == 0 ? CLI_OK : cli_fail(cli, "%s", why);
}

static int change_plan(struct cli *cli, struct change *change,
                       const struct sw_patient *patient)
{
    struct sw_plan plan;
    int32_t from_day = change->from_day;
    int r = sw_store_plan_on(cli->store, patient->key, from_day, &plan);
    if (r == SW_STORE_NONE)
        plan = cli->config.plan;
    if (r < 0)
        return cli_store_failed(cli, r);
    change->before = plan;
    if (cli_plan_apply(cli, change->args, &plan) != CLI_OK)
        return CLI_USAGE;
    bool is_another = strcmp(change->before.therapist.str, plan.therapist.str) != 0;
    if (is_another && check_therapist(cli, &plan) != CLI_OK)
        return CLI_FAILED;
    change->after = plan;
    r = sw_records_change_plan(cli->store, &cli->zone, patient, from_day, &plan);
    if (r >= 0)
        r = sw_store_plan_on(cli->store, patient->key, cli_today(cli), &plan);
    if (r >= 0)
        r = sw_records_reassign(cli->store, cli->config.site, patient, &plan.therapist,
                                cli_actor(), cli->now_s);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

static int patient_set_apply(struct cli *cli, void *ctx)
{
    struct change *change = ctx;
    struct sw_patient patient;
    int code = cli_find_patient(cli, change->patient, &patient);
    if (code != CLI_OK)
        return code;
    change->patient_key = patient.key;
    int r = change->name
                ? sw_store_rename_patient(cli->store, patient.key, change->name)
                : 0;
    if (r < 0)
        return cli_store_failed(cli, r);
    if (!change->has_plan)
        return CLI_OK;
    return change_plan(cli, change, &patient);
}

static int read_change(struct cli *cli, const struct cli_args *args, struct change *ret)
{
    const char *from = cli_value(cli, args, "from");
    ret->has_plan = cli_plan_is_given(args);
    ret->from_day = cli_today(cli);
    if (cli_patient_name(cli, args, &ret->name) != CLI_OK)
        return CLI_USAGE;
    if (from && cli_day(cli, "from", from, &ret->from_day) != CLI_OK)
        return CLI_USAGE;
    if (from && !ret->has_plan)
        return cli_usage(cli, "--from needs a field of the plan to change");
    if (!ret->name && !ret->has_plan)
        return cli_usage(cli, "nothing to change: see `stepward patient set --help`");
    return CLI_OK;
}

/* The first later plan that has another value for a field. */
struct end_of_field {
    const struct sw_plan_field *field;
    const char *value;
    int32_t from_day, until_day; /* until_day 0: there is none */
    char then[SW_PLAN_TEXT_MAX];
};

static int note_end(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct end_of_field *end = ctx;
    char value[SW_PLAN_TEXT_MAX];
    bool is_later = from_day > end->from_day;
    if (!is_later || (end->until_day != 0 && from_day >= end->until_day))
        return 0;
    sw_plan_get(plan, end->field->key, value);
    if (strcmp(value, end->value) == 0)
        return 0;
    end->until_day = from_day;
    strcpy(end->then, value);
    return 0;
}

/* ", then 6000 by the plan of 2026-11-30"; "" if no later plan has another value. */
static int format_end(struct cli *cli, const struct change *change,
                      const struct sw_plan_field *field, const char *value,
                      char out[static SW_WHY_MAX])
{
    struct end_of_field end = {field, value, change->from_day, 0, ""};
    char until[SW_DATE_LEN + 1];
    out[0] = '\0';
    int r = sw_store_each_plan(cli->store, change->patient_key, note_end, &end);
    if (r < 0 || end.until_day == 0)
        return r;
    sw_date_format(end.until_day, until);
    snprintf(out, SW_WHY_MAX, ", then %s by the plan of %s", end.then, until);
    return 0;
}

/* "rest_limit 3h -> 2h", one line per field. */
static int print_plan_changes(struct cli *cli, const struct change *change)
{
    const struct sw_plan_field *field;
    char before[SW_PLAN_TEXT_MAX], after[SW_PLAN_TEXT_MAX], from[SW_DATE_LEN + 1];
    char until[SW_WHY_MAX];
    sw_date_format(change->from_day, from);
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        if (!change->args->plan[i])
            continue;
        sw_plan_get(&change->before, field->key, before);
        sw_plan_get(&change->after, field->key, after);
        int r = format_end(cli, change, field, after, until);
        if (r < 0)
            return cli_store_failed(cli, r);
        if (strcmp(before, after) == 0)
            fprintf(cli->out, "  %s was %s already%s\n", field->key, after, until);
        else
            fprintf(cli->out, "  %s %s -> %s, from %s%s\n", field->key, before, after,
                    from, until);
    }
    return CLI_OK;
}

static int print_changes(struct cli *cli, const struct change *change)
{
    char from[SW_DATE_LEN + 1];
    fprintf(cli->out, "changed %s\n", change->patient);
    if (change->name)
        fprintf(cli->out, *change->name ? "  name %s\n" : "  no name any more\n",
                change->name);
    if (!change->has_plan)
        return CLI_OK;
    int code = print_plan_changes(cli, change);
    /* a change in the past is a correction: print what becomes of the days it covers */
    if (code != CLI_OK || change->from_day >= cli_today(cli))
        return code;
    sw_date_format(change->from_day, from);
    fprintf(cli->out,
            "the days since %s are computed anew; alerts that are over stay as they "
            "were\n",
            from);
    return CLI_OK;
}

int cmd_patient_set(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct change change = {.args = &args};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &change.patient);
    if (code == CLI_OK)
        code = read_change(cli, &args, &change);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, patient_set_apply, &change);
    if (code == CLI_OK)
        code = print_changes(cli, &change);
    if (code == CLI_OK && change.has_plan)
        cli_rights_hint(cli, change.after.therapist.str);
    return code;
}
