/* sim_command.c -- `stepward simulate`: publish the days of made-up patients until all
 * is sent or somebody says stop, and list what the broker took.
 *
 * Patient i is a walker, a rester, one without the band, a silent one or an eager one
 * (i modulo 5), so that any five show every kind. The gateway must know them, by
 * auto_enroll or `stepward patient add`; else nothing is sent. */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "cli/table.h"
#include "simulate/sim_feed.h"
#include "simulate/simulate.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    DEFAULT_PATIENTS = 5,
    DEFAULT_DAYS = 7,
    PATIENTS_MAX = 10000, /* more than any clinic; the sums take 32 bytes a day each */
    RATE_MAX = 100000,
    DAY_S = 86400,
    SENT_MAX = SW_SESSION_IN_FLIGHT_MAX,
    PROGRESS_MS = 5000, /* between lines of progress */
    LIVE_LOOK_MS = 500, /* a minute that ended is sent this late at most */
    GOODBYE_MS = 3000,  /* for the last acknowledgements after a stop */
};

struct sim {
    struct cli *cli;
    /* what was asked for */
    int64_t n_patients, n_days, seed;
    int64_t rate;  /* messages a second; 0: as fast as the broker takes them */
    int64_t for_s; /* 0: no limit */
    bool is_live;  /* go on after the past is sent */
    bool is_listing;
    struct sim_login login;
    /* what is sent, and what the broker acknowledged of it */
    struct sim_life life;
    struct sim_feed feed;
    struct sim_tally tally;
    /* The batch under way with cookie i + 1; the place is free if it has 0 minutes. */
    struct sim_batch sent[SENT_MAX];
    size_t n_sent;
    /* Batches that the broker did not take. With those under way there are never more
     * than fit, for the feed gives one only when this is empty and a place is free. */
    struct sim_batch again[SENT_MAX];
    size_t n_again;
    /* the connection */
    struct sw_session *session;
    struct cli_stops stops;
    int64_t now_ms, began_ms, progress_ms, stopped_ms;
    int64_t budget; /* thousandths of a message, if there is a rate */
    bool is_up, was_up, is_past_sent, is_stopped;
    bool skips_scores; /* for the broker refuses them */
    int code;
};

static int read_options(struct sim *sim, const struct cli_args *args)
{
    struct cli *cli = sim->cli;
    /* a day less than max_age, whose first hours would be refused */
    int64_t days_max = cli->config.max_age_s / DAY_S - 1;
    const char *duration = cli_value(cli, args, "for");
    if (days_max < 0)
        days_max = 0;
    sim->n_patients = DEFAULT_PATIENTS;
    sim->n_days = DEFAULT_DAYS < days_max ? DEFAULT_DAYS : days_max;
    sim->seed = 1;
    sim->is_live = !cli_value(cli, args, "no-live");
    sim->is_listing = cli_value(cli, args, "format") != NULL;
    int code = cli_number(cli, args, "patients", 1, PATIENTS_MAX, &sim->n_patients);
    if (code == CLI_OK)
        code = cli_number(cli, args, "days", 0, days_max, &sim->n_days);
    if (code == CLI_OK)
        code = cli_number(cli, args, "rate", 0, RATE_MAX, &sim->rate);
    if (code == CLI_OK)
        code = cli_number(cli, args, "seed", 0, INT64_MAX, &sim->seed);
    if (code == CLI_OK && duration && !sw_duration_parse(duration, &sim->for_s))
        code = cli_usage(cli, "--for %s: it is a time like 90s, 15m or 2h", duration);
    if (code != CLI_OK)
        return code;
    const char *user = cli_value(cli, args, "user");
    const char *password_file = cli_value(cli, args, "password-file");
    if (password_file && !user)
        return cli_usage(cli, "--password-file goes with --user NAME");
    if (!user && (*cli->config.broker.username || *cli->config.broker.cert_file))
        return cli_fail(cli,
                        "nothing sent: as the gateway it would push the gateway off "
                        "the broker: name another login with --user and "
                        "--password-file, one that may write "
                        "clinic/%s/patient/+/steps and .../pain",
                        cli->config.site);
    return sim_login_read(cli, user, password_file, &sim->login);
}

/* ---- what the gateway refuses, as far as its database is here ---- */

/* A clinic does not want thousands of refusals, which would push out those that matter.
 * Where the database is not here, the gateway may be elsewhere and know the
 * patients. */
static int check_known(struct cli *cli, size_t n_patients)
{
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
        n, n_patients, sw_plural((int64_t)n_patients), sim_patient_id(0).str);
}

/* It counts what the gateway has committed. */
static int64_t refused_so_far(struct cli *cli)
{
    struct sw_health health = {0};
    if (!cli->store || sw_store_get_health(cli->store, &health) != 0)
        return 0;
    return health.rejected;
}

/* ---- sending ---- */

/* What the broker did not take comes first. */
static bool next_batch(struct sim *sim, struct sim_batch *ret)
{
    if (sim->n_again > 0) {
        *ret = sim->again[--sim->n_again];
        return true;
    }
    if (sim_feed_next(&sim->feed, sim->life.anchor_s, ret))
        return true;
    if (sim->is_live && !sim->is_past_sent)
        fprintf(sim->cli->err, "simulate: the past is sent; now live, one reading a "
                               "minute for each patient (Ctrl-C ends it)\n");
    sim->is_past_sent = true;
    return sim->is_live && sim_feed_next(&sim->feed, sw_clock_now_s(), ret);
}

static void send_what_may_go(struct sim *sim)
{
    char payload[SIM_PAYLOAD_MAX];
    sw_topic_text topic;
    struct sim_batch batch;
    while (sim->is_up && !sim->is_stopped && sim->n_sent < SENT_MAX) {
        bool is_over_rate = sim->rate > 0 && sim->budget < 1000;
        if (is_over_rate || !next_batch(sim, &batch))
            return;
        size_t place = 0;
        while (sim->sent[place].minutes != 0)
            place++;
        size_t len = sim_batch_payload(&sim->life, &batch, payload);
        if (batch.sender == SIM_APP)
            sw_topic_pain(topic, sim->cli->config.site, sim_patient_id(batch.patient));
        else
            sw_topic_steps(topic, sim->cli->config.site, sim_patient_id(batch.patient));
        if (sw_session_publish(sim->session, topic, payload, len, false, 0, place + 1) <
            0) {
            sim->again[sim->n_again++] = batch;
            return; /* an event comes when there is room */
        }
        sim->sent[place] = batch;
        sim->n_sent++;
        sim->budget -= 1000;
    }
}

/* ---- what became of it ---- */

/* A login may have the right to write steps alone. */
static void skip_score(struct sim *sim, const struct sw_session_event *event)
{
    if (!sim->skips_scores)
        fprintf(sim->cli->err, "simulate: no scores of pain: %s\n", event->why);
    sim->skips_scores = true;
}

static void complete_batch(struct sim *sim, const struct sw_session_event *event)
{
    struct sim_batch *batch = &sim->sent[event->cookie - 1];
    bool is_delivered = event->kind == SW_SESSION_DELIVERED;
    if (event->refused && batch->sender == SIM_APP) {
        skip_score(sim, event);
    } else if (!is_delivered) {
        sim->again[sim->n_again++] = *batch;
    } else if (sim_tally_add(&sim->tally, &sim->life, batch) < 0) {
        sim->is_stopped = true;
        sim->code = cli_fail(sim->cli, "out of memory");
    }
    batch->minutes = 0;
    sim->n_sent--;
}

static void sim_on_event(struct sim *sim, const struct sw_session_event *event)
{
    const char *uri = sim->cli->config.broker.uri;
    switch (event->kind) {
    case SW_SESSION_UP:
        sim->is_up = sim->was_up = true;
        break;
    case SW_SESSION_SUBSCRIBED:
        break;
    case SW_SESSION_DOWN:
        sim->is_up = false;
        if (sim->was_up) {
            fprintf(sim->cli->err, "simulate: %s: %s; trying again\n", uri, event->why);
            break;
        }
        sim->is_stopped = true;
        sim->code = cli_fail(sim->cli,
                             "%s: %s: start the broker, or mend broker.uri, username "
                             "and password_file in %s",
                             uri, event->why, sim->cli->config.path);
        break;
    case SW_SESSION_DELIVERED:
    case SW_SESSION_FAILED:
        complete_batch(sim, event);
        break;
    }
}

/* ---- the loop ---- */

static void stop(struct sim *sim)
{
    if (!sim->is_stopped)
        sim->stopped_ms = sim->now_ms;
    sim->is_stopped = true;
}

/* After a stop the last acknowledgements are waited for, but not for ever. */
static bool sim_is_over(const struct sim *sim)
{
    if (sim->is_stopped)
        return sim->n_sent == 0 || !sim->is_up ||
               sim->now_ms - sim->stopped_ms >= GOODBYE_MS;
    return sim->is_past_sent && !sim->is_live && sim->n_sent + sim->n_again == 0;
}

static void take_time(struct sim *sim)
{
    int64_t now_ms = sw_clock_monotonic_ms(), second = sim->rate * 1000;
    sim->budget += (now_ms - sim->now_ms) * sim->rate;
    if (sim->budget > second)
        sim->budget = second; /* what we missed while down does not come at once */
    sim->now_ms = now_ms;
    if (sim->for_s > 0 && now_ms - sim->began_ms >= sim->for_s * 1000)
        stop(sim);
}

static void print_progress(struct sim *sim)
{
    const struct sim_sum *total = &sim->tally.total;
    if (sim->now_ms - sim->progress_ms < PROGRESS_MS)
        return;
    sim->progress_ms = sim->now_ms;
    fprintf(sim->cli->err,
            "simulate: %" PRId64 " message%s, %" PRId64 " reading%s, %" PRId64
            " step%s\n",
            total->messages, sw_plural(total->messages), total->readings,
            sw_plural(total->readings), total->steps, sw_plural(total->steps));
}

static void wait_for_something(struct sim *sim)
{
    struct pollfd fds[] = {{.fd = sw_session_fd(sim->session), .events = POLLIN},
                           {.fd = sim->stops.fd, .events = POLLIN}};
    bool is_paced = sim->rate > 0 && sim->is_up && !sim->is_past_sent;
    int wait_ms = sw_session_tick(sim->session, sim->now_ms);
    int most_ms = is_paced ? 1 : LIVE_LOOK_MS;
    if (wait_ms < 0 || wait_ms > most_ms)
        wait_ms = most_ms;
    if (poll(fds, 2, wait_ms) > 0 && fds[1].revents && cli_stops_came(&sim->stops, 0))
        stop(sim);
}

static void loop(struct sim *sim)
{
    struct sw_session_event event;
    sim->began_ms = sim->progress_ms = sim->now_ms = sw_clock_monotonic_ms();
    sim->budget = 1000;
    while (!sim_is_over(sim)) {
        wait_for_something(sim);
        take_time(sim);
        while (sw_session_next(sim->session, &event))
            sim_on_event(sim, &event);
        send_what_may_go(sim);
        print_progress(sim);
    }
    size_t n_left = sim->n_sent + sim->n_again;
    if (sim->code == CLI_OK && n_left > 0)
        sim->code = cli_fail(sim->cli, "the broker did not acknowledge %zu message%s",
                             n_left, sw_plural((int64_t)n_left));
}

/* Connect, send, wait, disconnect. */
static void sim_run(struct sim *sim)
{
    int64_t from_s = sw_day_begin(sim->life.zone, sim->tally.first_day);
    sim->code = cli_stops_begin(sim->cli, &sim->stops);
    if (sim->code != CLI_OK)
        return;
    if (sim_feed_init(&sim->feed, &sim->life, sim->tally.n_patients, from_s) < 0)
        sim->code = cli_fail(sim->cli, "out of memory");
    if (sim->code == CLI_OK)
        sim->code = sim_session_open(sim->cli, "simulate", &sim->login, &sim->session);
    if (sim->code == CLI_OK)
        loop(sim);
    sw_session_free(sim->session, GOODBYE_MS);
    sim_feed_fini(&sim->feed);
    cli_stops_end(&sim->stops);
}

/* ---- what was sent ---- */

static const struct cli_column columns[] = {{"patient", "patient", CLI_TEXT, 0, 0},
                                            {"kind", "kind", CLI_TEXT, 0, 0},
                                            {"day", "day", CLI_TEXT, 0, 0},
                                            {"messages", "messages", CLI_NUMBER, 0, 0},
                                            {"readings", "readings", CLI_NUMBER, 0, 0},
                                            {"steps", "steps", CLI_NUMBER, 0, 0},
                                            {"scores", "scores", CLI_NUMBER, 0, 0}};

static int print_listing(struct cli *cli, const struct sim_tally *tally)
{
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    for (size_t patient = 0; patient < tally->n_patients; patient++)
        for (size_t i = 0; i < tally->n_days; i++) {
            int32_t day = tally->first_day + (int32_t)i;
            const struct sim_sum *sum = sim_tally_get(tally, patient, day);
            char date[SW_DATE_LEN + 1];
            if (sum->messages == 0)
                continue;
            sw_date_format(day, date);
            cli_cell_text(table, sim_patient_id(patient).str);
            cli_cell_text(table, sim_kind_name(sim_kind(patient)));
            cli_cell_text(table, date);
            cli_cell_number(table, sum->messages);
            cli_cell_number(table, sum->readings);
            cli_cell_number(table, sum->steps);
            cli_cell_number(table, sum->scores);
        }
    return cli_table_end(table, "nothing was sent");
}

/* With a listing the line goes to stderr, for a program may read the listing. */
static void print_total(struct cli *cli, const struct sim_tally *tally, bool is_listing)
{
    const struct sim_sum *total = &tally->total;
    fprintf(is_listing ? cli->err : cli->out,
            "sent %" PRId64 " message%s with %" PRId64 " reading%s and %" PRId64
            " step%s, and %" PRId64 " score%s of pain, of %zu patient%s\n",
            total->messages, sw_plural(total->messages), total->readings,
            sw_plural(total->readings), total->steps, sw_plural(total->steps),
            total->scores, sw_plural(total->scores), tally->n_patients,
            sw_plural((int64_t)tally->n_patients));
}

static int send_and_print(struct sim *sim)
{
    struct cli *cli = sim->cli;
    char why[SW_WHY_MAX];
    cli_reach_store(cli, SW_STORE_READ, why); /* or the gateway is elsewhere */
    int64_t refused_before = refused_so_far(cli);
    if (check_known(cli, (size_t)sim->n_patients) != CLI_OK)
        return CLI_FAILED;
    sim->life =
        sim_life_new((uint64_t)sim->seed, &cli->zone, &cli->config.plan, cli->now_s);
    sim->tally = (struct sim_tally){.n_patients = (size_t)sim->n_patients,
                                    .first_day = sw_day_of(&cli->zone, cli->now_s) -
                                                 (int32_t)sim->n_days};
    sim_run(sim);
    if (sim->was_up)
        print_total(cli, &sim->tally, sim->is_listing);
    int64_t n_refused = refused_so_far(cli) - refused_before;
    if (n_refused > 0)
        fprintf(cli->err,
                "simulate: the gateway refused %" PRId64
                " meanwhile: see `stepward rejected`\n",
                n_refused);
    if (sim->is_listing && print_listing(cli, &sim->tally) != CLI_OK)
        sim->code = CLI_FAILED;
    sim_tally_fini(&sim->tally);
    return sim->code;
}

int sim_command(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sim sim = {.cli = cli};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = read_options(&sim, &args);
    if (code == CLI_OK)
        code = send_and_print(&sim);
    free(sim.login.password);
    return code;
}
