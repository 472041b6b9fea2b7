/* sim_command.c -- `stepward simulate`: publish the days of made-up patients.
 *
 * Patient i is a walker, a rester, one without the band, a silent one or an eager one
 * (i modulo 5), so that any five show every kind. The gateway must know them, by
 * auto_enroll or `stepward patient add`; else nothing is sent. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "simulate/commands.h"
#include "simulate/sim_run.h"
#include "simulate/sim_session.h"

enum {
    DEFAULT_PATIENTS = 5,
    DEFAULT_DAYS = 7,
    PATIENTS_MAX = 10000, /* more than any clinic; the sums take 24 bytes a day each */
    RATE_MAX = 100000,
    DAY_S = 86400,
};

struct wishes {
    int64_t patients, days, rate, seed, for_s;
    bool is_live, is_listing;
};

static int sim_read_wishes(struct cli *cli, const struct cli_args *args,
                           struct wishes *ret)
{
    /* a day less than max_age, whose first hours would be refused */
    int64_t days_max = cli->config.max_age_s / DAY_S - 1;
    const char *duration = cli_value(cli, args, "for");
    int code = cli_no_words(cli, args);
    *ret = (struct wishes){
        .patients = DEFAULT_PATIENTS, .days = DEFAULT_DAYS, .rate = 0, .seed = 1};
    if (days_max < 0)
        days_max = 0;
    if (ret->days > days_max)
        ret->days = days_max;
    ret->is_live = !cli_value(cli, args, "no-live");
    ret->is_listing = cli_value(cli, args, "format") != NULL;
    if (code == CLI_OK)
        code = cli_number(cli, args, "patients", 1, PATIENTS_MAX, &ret->patients);
    if (code == CLI_OK)
        code = cli_number(cli, args, "days", 0, days_max, &ret->days);
    if (code == CLI_OK)
        code = cli_number(cli, args, "rate", 0, RATE_MAX, &ret->rate);
    if (code == CLI_OK)
        code = cli_number(cli, args, "seed", 0, INT64_MAX, &ret->seed);
    if (code == CLI_OK && duration && !sw_duration_parse(duration, &ret->for_s))
        code = cli_usage(cli, "--for %s: it is a time like 90s, 15m or 2h", duration);
    return code;
}

static const struct cli_column columns[] = {{"patient", "patient", CLI_TEXT, 0, 0},
                                            {"kind", "kind", CLI_TEXT, 0, 0},
                                            {"day", "day", CLI_TEXT, 0, 0},
                                            {"messages", "messages", CLI_NUMBER, 0, 0},
                                            {"readings", "readings", CLI_NUMBER, 0, 0},
                                            {"steps", "steps", CLI_NUMBER, 0, 0}};

static void sim_print_row(struct cli_table *table, size_t patient, int32_t day,
                          const struct sim_sum *sum)
{
    char date[SW_DATE_LEN + 1];
    sw_date_format(day, date);
    cli_cell_text(table, sim_patient_id(patient).str);
    cli_cell_text(table, sim_kind_name(sim_kind(patient)));
    cli_cell_text(table, date);
    cli_cell_number(table, sum->messages);
    cli_cell_number(table, sum->readings);
    cli_cell_number(table, sum->steps);
}

static int print_listing(struct cli *cli, const struct sim_tally *tally)
{
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    for (size_t patient = 0; patient < tally->n_patients; patient++)
        for (size_t i = 0; i < tally->n_days; i++) {
            int32_t day = tally->first_day + (int32_t)i;
            const struct sim_sum *sum = sim_tally_get(tally, patient, day);
            if (sum->readings > 0)
                sim_print_row(table, patient, day, sum);
        }
    return cli_table_end(table, "nothing was sent");
}

/* With a listing the line goes to stderr, for a program may read the listing. */
static void print_total(struct cli *cli, const struct sim_tally *tally, bool is_listing)
{
    const struct sim_sum *total = &tally->total;
    fprintf(is_listing ? cli->err : cli->out,
            "sent %" PRId64 " message%s with %" PRId64 " reading%s and %" PRId64
            " step%s of %zu patient%s\n",
            total->messages, sw_plural(total->messages), total->readings,
            sw_plural(total->readings), total->steps, sw_plural(total->steps),
            tally->n_patients, sw_plural((int64_t)tally->n_patients));
}

/* ---- what the gateway refuses, as far as its database is here ---- */

/* A clinic does not want thousands of refusals, which would push out those that matter.
 * Where the database is not here, the gateway may be elsewhere and know the
 * patients. */
static int check_known(struct cli *cli, size_t n_patients)
{
    const char *first = sim_patient_id(0).str;
    if (cli->config.auto_enroll)
        return CLI_OK;
    if (!cli->store) {
        fprintf(
            cli->err,
            "simulate: no database here to look at: the gateway will refuse patients "
            "that it does not know, unless it has auto_enroll = true\n");
        return CLI_OK;
    }
    struct sw_patient patient;
    size_t n = 0;
    for (size_t i = 0; i < n_patients; i++)
        n += sw_store_find_patient(cli->store, sim_patient_id(i), &patient) != 0;
    if (n == 0)
        return CLI_OK;
    return cli_fail(
        cli,
        "nothing sent: the gateway would refuse it, for it does not know %zu "
        "of the %zu patient%s. Set auto_enroll = true, on a site for tests, "
        "and restart the gateway; or `stepward patient add %s` and so on",
        n, n_patients, sw_plural((int64_t)n_patients), first);
}

static int64_t refused_so_far(struct cli *cli)
{
    struct sw_health health = {0};
    if (!cli->store || sw_store_get_health(cli->store, &health) != 0)
        return 0;
    return health.rejected;
}

/* It counts what the gateway has committed. */
static void print_refused(struct cli *cli, int64_t before)
{
    int64_t n = refused_so_far(cli) - before;
    if (n > 0)
        fprintf(cli->err,
                "simulate: the gateway refused %" PRId64
                " meanwhile: see `stepward rejected`\n",
                n);
}

static int check_login(struct cli *cli, const struct cli_args *args, const char *user)
{
    if (cli_value(cli, args, "password-file") && !user)
        return cli_usage(cli, "--password-file goes with --user NAME");
    if (!user && sim_gateway_has_login(cli))
        return cli_fail(cli,
                        "nothing sent: as the gateway it would push the gateway off "
                        "the broker: name another login with --user and "
                        "--password-file, one that may write clinic/%s/patient/+/steps",
                        cli->config.site);
    return CLI_OK;
}

int sim_command(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct wishes wishes;
    struct sim_tally tally;
    struct sim_login login;
    char *password = NULL;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = sim_read_wishes(cli, &args, &wishes);
    const char *user = code == CLI_OK ? cli_value(cli, &args, "user") : NULL;
    if (code == CLI_OK)
        code = check_login(cli, &args, user);
    if (code == CLI_OK)
        code = sim_login_read(cli, user, cli_value(cli, &args, "password-file"), &login,
                              &password);
    if (code != CLI_OK)
        return code;
    struct sw_plan *plan = &cli->config.plan;
    struct sim_life life =
        sim_life_new((uint64_t)wishes.seed, &cli->zone, plan, cli->now_s);
    int32_t first_day = sw_day_of(&cli->zone, cli->now_s) - (int32_t)wishes.days;
    struct sim_run run = {.cli = cli,
                          .life = &life,
                          .tally = &tally,
                          .n_patients = (size_t)wishes.patients,
                          .rate = wishes.rate,
                          .for_ms = wishes.for_s * 1000,
                          .is_live = wishes.is_live,
                          .login = user ? &login : NULL};
    char why[SW_WHY_MAX];
    cli_reach_store(cli, SW_STORE_READ, why); /* or the gateway is elsewhere */
    int64_t refused_before = refused_so_far(cli);
    code = check_known(cli, run.n_patients);
    if (code != CLI_OK) {
        free(password);
        return code;
    }
    sim_tally_init(&tally, run.n_patients, first_day);
    code = sim_run(&run, sw_day_begin(&cli->zone, first_day));
    if (run.was_up)
        print_total(cli, &tally, wishes.is_listing);
    print_refused(cli, refused_before);
    if (wishes.is_listing && print_listing(cli, &tally) != CLI_OK)
        code = CLI_FAILED;
    sim_tally_fini(&tally);
    free(password);
    return code;
}
