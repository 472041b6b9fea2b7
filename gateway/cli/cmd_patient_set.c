/* cmd_patient_set.c -- adds a patient, or changes their name, or the plan from a day on.
 * Adding works before the gateway has ever run; it notices each change by itself. */
#include <string.h>

#include "cli/actor.h"
#include "cli/patient.h"
#include "cli/text.h"
#include "cli/therapist.h"
#include "cli/window.h"
#include "records/change.h"
#include "records/records.h"
#include "util/line.h"

const struct cli_option cmd_patient_add_options[] = {
    {"name", "NAME", "for your own listings; it is never published"},
    {0},
};
const struct cli_option cmd_patient_set_options[] = {
    {"name", "NAME", "for your own listings; it is never published"},
    {"from", "DAY", "the plan changes from this day on (default today)"},
    {0},
};

/* The value of --name, which must be fit; *ret is NULL if it was not given. */
static int read_name(struct cli *cli, const struct cli_args *args, const char **ret)
{
    *ret = cli_value(cli, args, "name");
    if (*ret && !cli_text_is_fit(*ret, SW_NAME_MAX))
        return cli_usage(cli, "--name: it is one line of UTF-8, at most %d bytes",
                         SW_NAME_MAX);
    return CLI_OK;
}

/* Set the fields of the plan that were given. */
static int apply_plan(struct cli *cli, const struct cli_args *args,
                      struct sw_plan *plan)
{
    const struct sw_plan_field *field;
    char name[CLI_PLAN_NAME_MAX], why[SW_WHY_MAX];
    bool was_sound = !sw_plan_contradiction(plan, why); /* an old plan may not be */
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        if (!args->plan[i] || sw_plan_set(plan, field->key, args->plan[i], why))
            continue;
        cli_plan_option_name(field, name);
        return cli_usage(cli, "--%s %s: %s", name, args->plan[i], why);
    }
    const char *key = sw_plan_contradiction(plan, why);
    if (key && was_sound)
        return cli_usage(cli,
                         "the plan would not fit together: %s %s: change both, or set "
                         "one to 0 for none",
                         key, why);
    return CLI_OK;
}

/* A word that is a patient's id already cannot become a therapist's. */
static int check_therapist(struct cli *cli, const struct sw_plan *plan)
{
    char why[SW_WHY_MAX];
    int r = sw_records_check_therapist_name(cli->store, &cli->config,
                                            plan->therapist.str, why);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r == 0 ? CLI_OK : cli_fail(cli, "%s", why);
}

/* ---- patient add ---- */

struct addition {
    struct sw_patient patient;
    struct sw_plan plan;
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

static int check_names(struct cli *cli, const struct addition *addition)
{
    const char *id = addition->patient.id.str;
    char why[SW_WHY_MAX];
    if (strcmp(id, addition->plan.therapist.str) == 0)
        return cli_fail(cli,
                        "%s cannot be a patient and their own therapist: choose "
                        "another id for one of them",
                        id);
    int r = sw_records_check_patient_name(cli->store, &cli->config, id, why);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r == 0 ? check_therapist(cli, &addition->plan) : cli_fail(cli, "%s", why);
}

static int add_patient(struct cli *cli, void *ctx)
{
    const struct addition *addition = ctx;
    const struct sw_patient *patient = &addition->patient;
    const char *id = patient->id.str;
    struct sw_patient stored;
    int64_t key;
    if (refuse_erased(cli, patient) != CLI_OK)
        return CLI_FAILED;
    bool is_new = sw_store_find_patient(cli->store, patient->id, &stored) != 0;
    if (is_new && check_names(cli, addition) != CLI_OK)
        return CLI_FAILED;
    int r = sw_store_add_patient(cli->store, patient, &addition->plan, &key);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_EXISTS)
        return cli_fail(cli, "%s exists already: see `stepward patient set %s --help`",
                        id, id);
    return cli_audit(cli, SW_AUDIT_PATIENT_ADDED, id, "therapist %s",
                     addition->plan.therapist.str);
}

int cmd_patient_add(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    const char *name;
    struct addition addition = {.patient = {.added_at_s = cli->now_s},
                                .plan = cli->config.plan};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_patient_id(cli, args.words[0], &addition.patient.id);
    if (code == CLI_OK)
        code = read_name(cli, &args, &name);
    if (code == CLI_OK)
        code = apply_plan(cli, &args, &addition.plan);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_WRITE);
    if (code != CLI_OK)
        return code;
    strcpy(addition.patient.name, name ? name : "");
    code = cli_at_once(cli, add_patient, &addition);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, "added %s\n", addition.patient.id.str);
    cli_rights_hint(cli, addition.plan.therapist.str);
    return CLI_OK;
}

/* ---- patient set ---- */

struct change {
    struct cli_args args;
    const char *name; /* NULL: unchanged */
    bool has_plan;    /* the plan changes, from this day on */
    int32_t from_day;
    struct sw_plan before, after; /* of from_day */
    int64_t patient_key;
};

/* One row for the plan: "from 2026-04-01: goal 5000 -> 6000, floor 0 -> 3000". */
static int audit_plan(struct cli *cli, const struct change *change, const char *patient)
{
    const struct sw_plan_field *field;
    char text[SW_AUDIT_DETAIL_MAX], from[SW_DATE_LEN + 1];
    char before[SW_PLAN_TEXT_MAX], after[SW_PLAN_TEXT_MAX];
    const char *between = ":";
    struct sw_line line = sw_line(text, sizeof text);
    sw_date_format(change->from_day, from);
    sw_line_add(&line, "from %s", from);
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        sw_plan_get(&change->before, field->key, before);
        sw_plan_get(&change->after, field->key, after);
        if (strcmp(before, after) == 0)
            continue;
        sw_line_add(&line, "%s %s %s -> %s", between, field->key, before, after);
        between = ",";
    }
    return cli_audit(cli, SW_AUDIT_PLAN, patient, "%s", text);
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
    if (apply_plan(cli, &change->args, &plan) != CLI_OK)
        return CLI_USAGE;
    bool is_another = strcmp(change->before.therapist.str, plan.therapist.str) != 0;
    if (is_another && check_therapist(cli, &plan) != CLI_OK)
        return CLI_FAILED;
    change->after = plan;
    r = sw_records_change_plan(cli->store, &cli->zone, patient, from_day, &plan);
    if (r >= 0)
        r = sw_store_plan_on(cli->store, patient->key, cli_today(cli), &plan);
    if (r >= 0)
        r = sw_records_reassign(cli->store, &cli->config, patient, &plan.therapist,
                                cli_actor(cli), cli->now_s);
    return r < 0 ? cli_store_failed(cli, r) : audit_plan(cli, change, patient->id.str);
}

static int change_patient(struct cli *cli, void *ctx)
{
    struct change *change = ctx;
    struct sw_patient patient;
    int code = cli_find_patient(cli, change->args.words[0], &patient);
    if (code != CLI_OK)
        return code;
    change->patient_key = patient.key;
    int r = change->name
                ? sw_store_rename_patient(cli->store, patient.key, change->name)
                : 0;
    if (r < 0)
        return cli_store_failed(cli, r);
    if (change->name)
        code = cli_audit(cli, SW_AUDIT_PATIENT_RENAMED, patient.id.str, NULL);
    return code == CLI_OK && change->has_plan ? change_plan(cli, change, &patient)
                                              : code;
}

static int read_change(struct cli *cli, struct change *change)
{
    const char *from = cli_value(cli, &change->args, "from");
    change->from_day = cli_today(cli);
    for (size_t i = 0; sw_plan_field(i); i++)
        change->has_plan = change->has_plan || change->args.plan[i];
    if (read_name(cli, &change->args, &change->name) != CLI_OK)
        return CLI_USAGE;
    if (from && cli_day(cli, "from", from, &change->from_day) != CLI_OK)
        return CLI_USAGE;
    if (from && !change->has_plan)
        return cli_usage(cli, "--from needs a field of the plan to change");
    if (!change->name && !change->has_plan)
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

/* The plans come in the order of their days. */
static int note_end(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct end_of_field *end = ctx;
    if (from_day <= end->from_day)
        return 0;
    sw_plan_get(plan, end->field->key, end->then);
    if (strcmp(end->then, end->value) == 0)
        return 0;
    end->until_day = from_day;
    return 1;
}

/* "rest_limit 3h -> 2h, from 2026-11-02", one line per field; ", then 6000 by the plan
 * of 2026-11-30" behind it where a later plan has another value. */
static int print_plan_changes(struct cli *cli, const struct change *change)
{
    const struct sw_plan_field *field;
    char before[SW_PLAN_TEXT_MAX], after[SW_PLAN_TEXT_MAX];
    char from[SW_DATE_LEN + 1], until[SW_DATE_LEN + 1], then[SW_WHY_MAX];
    sw_date_format(change->from_day, from);
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        struct end_of_field end = {field, after, change->from_day, 0, ""};
        if (!change->args.plan[i])
            continue;
        sw_plan_get(&change->before, field->key, before);
        sw_plan_get(&change->after, field->key, after);
        int r = sw_store_each_plan(cli->store, change->patient_key, note_end, &end);
        if (r < 0)
            return cli_store_failed(cli, r);
        sw_date_format(end.until_day, until);
        snprintf(then, sizeof then, ", then %s by the plan of %s", end.then, until);
        if (strcmp(before, after) == 0)
            fprintf(cli->out, "  %s was %s already", field->key, after);
        else
            fprintf(cli->out, "  %s %s -> %s, from %s", field->key, before, after,
                    from);
        fprintf(cli->out, "%s\n", end.until_day != 0 ? then : "");
    }
    return CLI_OK;
}

static int print_changes(struct cli *cli, const struct change *change)
{
    char from[SW_DATE_LEN + 1];
    fprintf(cli->out, "changed %s\n", change->args.words[0]);
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
    struct change change = {.has_plan = false};
    int code = cli_parse(cli, argc, argv, &change.args);
    if (code == CLI_OK)
        code = read_change(cli, &change);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_at_once(cli, change_patient, &change);
    if (code == CLI_OK)
        code = print_changes(cli, &change);
    if (code == CLI_OK && change.has_plan)
        cli_rights_hint(cli, change.after.therapist.str);
    return code;
}
