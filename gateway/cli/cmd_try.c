/* cmd_try.c -- `try`: does a reading arrive, and does an alert?
 *
 * Readings are simulate/try_reading.c's business. A test alert is raised here, so that
 * it can be seen on a therapist's phone; then it is closed, and what the broker retains
 * of it is cleared. It takes the way of every alert: a row in the outbox, which the
 * running gateway publishes. No table of alerts contains it. Closing and clearing are
 * one transaction, so no closed test alert stays behind. If the program is killed before
 * that, the gateway clears what is left: see daemon/reconcile.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/patient.h"
#include "cli/try.h"
#include "stepward/host.h"
#include "stepward/wire.h"

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
    int64_t steps = -1;
    *ret = (struct cli_try){
        .wait_s = cli->config.commit_interval_s + WAIT_MORE_S,
        .user = cli_value(cli, args, "user"),
        .password_file = cli_value(cli, args, "password-file"),
        .is_alert = cli_value(cli, args, "alert") != NULL,
        .for_s = FOR_S,
    };
    int code = cli_patient_id(cli, args->words[0], &ret->patient);
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

/* ---- rows of the outbox ---- */

static int try_note_newest(void *ctx, int64_t seq, const char *topic)
{
    struct cli_try_rows *rows = ctx;
    if (strcmp(topic, rows->topic) == 0 && seq > rows->last)
        rows->last = seq;
    return 0;
}

int cli_try_put(struct cli_try_rows *rows, const char *about, const char *payload)
{
    struct sw_store *store = rows->cli->store;
    int r = sw_store_put_outbound(store, rows->topic, about, payload);
    if (r >= 0)
        r = sw_store_each_outbound(store, try_note_newest, rows);
    if (rows->first == 0)
        rows->first = rows->last;
    return r;
}

static int try_is_waiting(void *ctx, int64_t seq, const char *topic)
{
    const struct cli_try_rows *rows = ctx;
    return strcmp(topic, rows->topic) == 0 && seq >= rows->first && seq <= rows->last;
}

int cli_try_wait(struct cli_try_rows *rows, bool *ret_taken)
{
    int64_t until_ms = sw_clock_monotonic_ms() + rows->wait_s * 1000;
    int r;
    while ((r = sw_store_each_outbound(rows->cli->store, try_is_waiting, rows)) > 0 &&
           !rows->is_stopped && sw_clock_monotonic_ms() < until_ms)
        rows->is_stopped = cli_stops_came(&rows->stops, CLI_TRY_LOOK_MS);
    *ret_taken = r == 0;
    return r < 0 ? cli_store_failed(rows->cli, r) : CLI_OK;
}

static int try_take_back(struct cli *cli, void *ctx)
{
    const struct cli_try_rows *rows = ctx;
    int r = sw_store_outbound_done(cli->store, rows->last);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

int cli_try_take_back(struct cli_try_rows *rows)
{
    return cli_at_once(rows->cli, try_take_back, rows);
}

int cli_try_inspect(struct cli *cli, bool *ret_well,
                    char why[static SW_GATEWAY_WHY_MAX])
{
    struct sw_gateway_state gateway;
    cli->now_s = sw_clock_now_s(); /* what is fresh is judged by it */
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    *ret_well = sw_gateway_is_well(&gateway, why);
    cli_gateway_local(cli, why);
    return CLI_OK;
}

/* ---- the test alert ---- */

struct test {
    const struct cli_try *wishes;
    struct sw_alert alert;
    sw_topic_text topic;
    struct cli_try_rows rows;
};

/* Put the alert as it is now. Behind a closed one the empty payload, which clears it,
 * has an empty `about`: a row of its own. */
static int try_put_alert(struct cli *cli, void *ctx)
{
    struct test *test = ctx;
    char id[SW_ALERT_ID_MAX + 1];
    char *payload = sw_encode_test_alert(cli->config.site, &test->alert);
    sw_test_alert_id_format(&test->alert, id);
    test->rows.first = 0;
    int r = payload ? cli_try_put(&test->rows, id, payload) : -ENOMEM;
    if (r >= 0 && test->alert.state == SW_STATE_CLOSED)
        r = cli_try_put(&test->rows, "", "");
    free(payload);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* Print why the broker does not have it. */
static int try_print_why(struct test *test, const char *what)
{
    struct cli *cli = test->rows.cli;
    char waited[SW_DURATION_TEXT_MAX], why[SW_GATEWAY_WHY_MAX];
    bool is_well;
    sw_duration_format(test->wishes->wait_s, waited);
    int code = cli_try_inspect(cli, &is_well, why);
    if (code != CLI_OK)
        return code;
    if (test->rows.is_stopped)
        return cli_fail(cli, "stopped: %s", what);
    return cli_fail(cli, "the broker did not get it within %s, and %s: %s", waited,
                    what, is_well ? "see `stepward status`" : why);
}

/* If the broker did not get it in time, or if the store failed and that cannot be known,
 * it is taken back. If it is on its way to the broker just then, the gateway clears it
 * later. */
static int try_raise(struct test *test)
{
    struct cli *cli = test->rows.cli;
    bool is_taken = false;
    int code = cli_at_once(cli, try_put_alert, test);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, "a test alert of %s for %s, on\n  %s\n", test->alert.patient.str,
            test->alert.therapist.str, test->topic);
    code = cli_try_wait(&test->rows, &is_taken);
    if (is_taken) {
        fprintf(cli->out, "the broker has it: now it should be on the phone\n");
        return CLI_OK;
    }
    int taken_back = cli_try_take_back(&test->rows);
    if (code != CLI_OK || taken_back != CLI_OK)
        return CLI_FAILED;
    return try_print_why(test, "it was taken back");
}

/* Until the time is up, a signal comes, or somebody at a terminal presses Enter. */
static void try_hold(struct test *test)
{
    struct cli_try_rows *rows = &test->rows;
    bool is_terminal = isatty(STDIN_FILENO) == 1, is_seen = false;
    int64_t until_ms = sw_clock_monotonic_ms() + test->wishes->for_s * 1000, left_ms;
    char length[SW_DURATION_TEXT_MAX], line[256];
    struct pollfd fds[] = {
        {.fd = rows->stops.fd, .events = POLLIN},
        {.fd = is_terminal ? STDIN_FILENO : -1, .events = POLLIN},
    };
    sw_duration_format(test->wishes->for_s, length);
    fprintf(rows->cli->out, "it stays open for %s%s\n", length,
            is_terminal ? ", or until you press Enter" : "");
    while (!rows->is_stopped && !is_seen &&
           (left_ms = until_ms - sw_clock_monotonic_ms()) > 0) {
        if (poll(fds, 2, (int)left_ms) <= 0)
            continue;
        rows->is_stopped = cli_stops_came(&rows->stops, 0);
        is_seen = fds[1].revents && read(STDIN_FILENO, line, sizeof line) >= 0;
    }
}

/* The signal that brought us here is handled. Another one ends the waiting, and the
 * gateway does the rest. */
static int try_close(struct test *test)
{
    struct cli *cli = test->rows.cli;
    bool is_taken = false;
    test->rows.is_stopped = false;
    test->alert.state = SW_STATE_CLOSED;
    test->alert.reason = SW_REASON_WITHDRAWN;
    test->alert.rev++;
    test->alert.updated_at_s = test->alert.closed_at_s = sw_clock_now_s();
    int code = cli_at_once(cli, try_put_alert, test);
    if (code == CLI_OK)
        code = cli_try_wait(&test->rows, &is_taken);
    if (code == CLI_OK && !is_taken)
        return try_print_why(test,
                             "the gateway closes and clears it as soon as it can");
    if (code == CLI_OK)
        fprintf(cli->out, "closed and cleared: nothing of it stays at the broker\n");
    return code;
}

/* The alert goes to the therapist of the patient's plan of today. */
static int try_address(struct cli *cli, struct test *test)
{
    struct sw_patient patient;
    struct sw_plan plan;
    struct sw_topic words = {.word = SW_ALERT_TEST};
    int32_t today = sw_day_of(&cli->zone, cli->now_s);
    int code = cli_find_patient(cli, test->wishes->patient.str, &patient);
    if (code != CLI_OK)
        return code;
    int r = sw_store_plan_on(cli->store, patient.key, today, &plan);
    if (r != 0)
        return cli_store_failed(cli, r);
    test->alert.patient = words.patient = patient.id;
    test->alert.therapist = words.therapist = plan.therapist;
    sw_topic_alert_words(test->topic, cli->config.site, &words);
    return CLI_OK;
}

static int try_alert(struct cli *cli, const struct cli_try *wishes)
{
    struct test test = {
        .wishes = wishes,
        .alert = {.level = SW_LEVEL_LOW,
                  .state = SW_STATE_OPEN,
                  .rev = 1,
                  .opened_at_s = cli->now_s,
                  .updated_at_s = cli->now_s},
        .rows = {.cli = cli, .topic = test.topic, .wait_s = wishes->wait_s},
    };
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = try_address(cli, &test);
    if (code == CLI_OK)
        code = cli_gateway_require(cli);
    if (code == CLI_OK)
        code = cli_stops_begin(cli, &test.rows.stops);
    if (code != CLI_OK)
        return code;
    code = try_raise(&test);
    if (code == CLI_OK) {
        try_hold(&test);
        code = try_close(&test);
    }
    cli_stops_end(&test.rows.stops);
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
    setvbuf(cli->out, NULL, _IOLBF, 0); /* somebody watches */
    if (wishes.is_alert)
        return try_alert(cli, &wishes);
    return cli->try_reading ? cli->try_reading(cli, &wishes) : cli_become_helper(cli);
}
