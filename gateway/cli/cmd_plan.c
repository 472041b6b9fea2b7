/* cmd_plan.c -- the next week's goal for a patient: suggested, and accepted if a
 * therapist wants it. What is suggested is core's business. */
#include "cli/actor.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/window.h"
#include "records/change.h"
#include "records/suggest.h"
#include "stepward/wire.h"

const struct cli_option cmd_plan_suggest_options[] = {CLI_FORMAT_OPTION, {0}};
const struct cli_option cmd_plan_accept_options[] = {
    {"from", "DAY",
     "the first day with the new goal, today or later (default tomorrow)"},
    {0},
};

static int suggest(struct cli *cli, const struct sw_patient *patient,
                   struct sw_suggestion *ret)
{
    int r = sw_records_suggest(cli->store, &cli->config, &cli->zone, patient,
                               cli->now_s, ret);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* ---- plan suggest ---- */

static const struct cli_column columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"suggestion", "suggestion", CLI_TEXT, 0, 0},
    {"goal", "goal", CLI_NUMBER, 0, 0},
    {"floor", "floor", CLI_NUMBER, 0, 1},
    {"ceiling", "ceiling", CLI_NUMBER, 0, 2},
    {"why", "why", CLI_WORDS, 0, 0},
};

static int plan_print(struct cli *cli, const struct sw_patient *patient,
                      const struct sw_suggestion *suggestion)
{
    char why[SW_MESSAGE_MAX], from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    sw_date_format(cli_today(cli) - SW_PROGRESS_DAYS, from);
    sw_date_format(cli_today(cli) - 1, to);
    cli_heading(cli, "from the days %s to %s, %s", from, to, cli->config.timezone);
    sw_suggestion_message(suggestion, why);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    cli_cell_text(table, patient->id.str);
    cli_cell_text(table, sw_suggestion_name(suggestion->kind));
    cli_cell_number(table, suggestion->goal);
    cli_cell_number(table, suggestion->floor);
    cli_cell_number(table, suggestion->ceiling);
    cli_cell_text(table, why);
    return cli_table_end(table, "");
}

int cmd_plan_suggest(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient patient;
    struct sw_suggestion suggestion;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_find_patient(cli, args.words[0], &patient);
    if (code == CLI_OK)
        code = suggest(cli, &patient, &suggestion);
    return code == CLI_OK ? plan_print(cli, &patient, &suggestion) : code;
}

/* ---- plan accept ---- */

struct acceptance {
    const char *word;
    int32_t from_day;
};

static int accept(struct cli *cli, void *ctx)
{
    const struct acceptance *acceptance = ctx;
    struct sw_patient patient;
    struct sw_suggestion suggestion;
    struct sw_plan plan;
    char from[SW_DATE_LEN + 1], why[SW_MESSAGE_MAX];
    int code = cli_find_patient(cli, acceptance->word, &patient);
    if (code == CLI_OK)
        code = suggest(cli, &patient, &suggestion);
    if (code != CLI_OK)
        return code;
    sw_suggestion_message(&suggestion, why);
    if (suggestion.kind == SW_SUGGEST_NOTHING || suggestion.kind == SW_SUGGEST_KEEP)
        return cli_fail(cli, "%s: nothing to accept. %s", patient.id.str, why);
    int r = sw_store_plan_on(cli->store, patient.key, acceptance->from_day, &plan);
    if (r == SW_STORE_NONE)
        plan = cli->config.plan;
    plan.goal = suggestion.goal;
    plan.floor = suggestion.floor;
    plan.ceiling = suggestion.ceiling;
    if (r >= 0)
        r = sw_records_change_plan(cli->store, &cli->zone, &patient,
                                   acceptance->from_day, &plan);
    if (r < 0)
        return cli_store_failed(cli, r);
    sw_date_format(acceptance->from_day, from);
    if (cli_audit(cli, SW_AUDIT_PLAN, patient.id.str,
                  "from %s: suggestion accepted, goal %d, floor %d, ceiling %d", from,
                  plan.goal, plan.floor, plan.ceiling) != CLI_OK)
        return CLI_FAILED;
    fprintf(cli->out, "%s from %s: goal %d, floor %d, ceiling %d. %s\n", patient.id.str,
            from, plan.goal, plan.floor, plan.ceiling, why);
    return CLI_OK;
}

int cmd_plan_accept(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct acceptance acceptance = {.from_day = cli_today(cli) + 1};
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    acceptance.word = args.words[0];
    const char *from = cli_value(cli, &args, "from");
    if (from)
        code = cli_day(cli, "from", from, &acceptance.from_day);
    /* A suggestion is for days to come. Today is one only if it is asked for, because a
     * patient who has already walked more than the new ceiling would be over it at once.
     * A past day is refused: the week for which the goal must be tried would seem
     * over. */
    if (code == CLI_OK && acceptance.from_day < cli_today(cli))
        return cli_usage(
            cli,
            "--from %s: that day is past; a suggestion holds from today or "
            "later. To correct a past plan: `stepward patient set %s --from "
            "%s`",
            from, acceptance.word, from);
    if (code == CLI_OK)
        code = cli_open_existing(cli);
    return code == CLI_OK ? cli_at_once(cli, accept, &acceptance) : code;
}
