/* try_alert.c -- raises a test alert, so that it can be seen on a therapist's phone;
 * then closes it, and clears what the broker retains of it.
 *
 * It takes the way of every alert: a row in the outbox, which the running gateway
 * publishes. No table of alerts contains it. Closing and clearing are one transaction,
 * so no closed test alert stays behind. If the program is killed before that, the
 * gateway clears what is left: see daemon/shown_tests.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/gateway_state.h"
#include "cli/patient.h"
#include "cli/try.h"
#include "stepward/host.h"
#include "stepward/wire.h"

struct test {
    struct cli *cli;
    const struct cli_try *wishes;
    struct sw_alert alert;
    sw_topic_text topic;
    int64_t seq; /* of the newest row */
    int signal_fd;
    bool is_stopped; /* by a signal */
};

/* ---- the outbox ---- */

static int try_alert_put(struct test *test, const char *about, const char *payload)
{
    return sw_store_put_outbound(test->cli->store, test->topic, about, payload);
}

static int note_seq(void *ctx, int64_t seq, const char *topic)
{
    struct test *test = ctx;
    if (strcmp(topic, test->topic) == 0 && seq > test->seq)
        test->seq = seq;
    return 0;
}

static int try_alert_put_state(struct test *test)
{
    char id[SW_ALERT_ID_MAX + 1];
    char *payload = sw_encode_test_alert(test->cli->config.site, &test->alert);
    sw_test_alert_id_format(&test->alert, id);
    int r = payload ? try_alert_put(test, id, payload) : -ENOMEM;
    free(payload);
    return r;
}

static int put_open(struct cli *cli, void *ctx)
{
    struct test *test = ctx;
    int r = try_alert_put_state(test);
    if (r >= 0)
        r = sw_store_each_outbound(cli->store, note_seq, test);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* The empty payload has an empty `about`: a row of its own behind the closing one. */
static int put_end(struct cli *cli, void *ctx)
{
    struct test *test = ctx;
    int r = try_alert_put_state(test);
    if (r >= 0)
        r = try_alert_put(test, "", "");
    if (r >= 0)
        r = sw_store_each_outbound(cli->store, note_seq, test);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

static int is_it(void *ctx, int64_t seq, const char *topic)
{
    const struct test *test = ctx;
    return strcmp(topic, test->topic) == 0 && seq <= test->seq;
}

/* 1: rows up to test->seq wait; 0: the broker has them; or a negative errno. */
static int waits(struct test *test)
{
    return sw_store_each_outbound(test->cli->store, is_it, test);
}

/* ---- waiting, until a signal ---- */

/* Wait so long at most; true if a line was entered, where lines are read. */
static bool look_around(struct test *test, bool reads_lines, int wait_ms)
{
    struct signalfd_siginfo info;
    char line[256];
    struct pollfd fds[] = {
        {.fd = test->signal_fd, .events = POLLIN},
        {.fd = reads_lines ? STDIN_FILENO : -1, .events = POLLIN},
    };
    if (poll(fds, 2, wait_ms) <= 0)
        return false;
    if (fds[0].revents && read(test->signal_fd, &info, sizeof info) > 0)
        test->is_stopped = true;
    return fds[1].revents && read(STDIN_FILENO, line, sizeof line) >= 0;
}

/* *ret_taken: whether the broker has all that was put, in time. CLI_FAILED after
 * printing that the store failed. */
static int wait_for_broker(struct test *test, bool *ret_taken)
{
    int64_t until_ms = sw_clock_monotonic_ms() + test->wishes->wait_s * 1000;
    int r;
    while ((r = waits(test)) > 0 && !test->is_stopped &&
           sw_clock_monotonic_ms() < until_ms)
        look_around(test, false, CLI_TRY_LOOK_MS);
    *ret_taken = r == 0;
    return r < 0 ? cli_store_failed(test->cli, r) : CLI_OK;
}

static void hold(struct test *test)
{
    bool is_terminal = isatty(STDIN_FILENO) == 1, is_seen = false;
    int64_t until_ms = sw_clock_monotonic_ms() + test->wishes->for_s * 1000, left_ms;
    char length[SW_DURATION_TEXT_MAX];
    sw_duration_format(test->wishes->for_s, length);
    fprintf(test->cli->out, "it stays open for %s%s\n", length,
            is_terminal ? ", or until you press Enter" : "");
    fflush(test->cli->out);
    while (!test->is_stopped && !is_seen &&
           (left_ms = until_ms - sw_clock_monotonic_ms()) > 0)
        is_seen = look_around(test, is_terminal, (int)left_ms);
}

/* ---- if the broker does not get it ---- */

/* Print why, as the gateway knows it by now. */
static int print_why(struct test *test, const char *what)
{
    struct cli *cli = test->cli;
    struct cli_gateway gateway;
    char waited[SW_DURATION_TEXT_MAX], why[CLI_GATEWAY_WHY_MAX];
    cli->now_s = sw_clock_now_s();
    sw_duration_format(test->wishes->wait_s, waited);
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    if (test->is_stopped)
        return cli_fail(cli, "stopped: %s", what);
    if (cli_gateway_is_well(cli, &gateway, why))
        snprintf(why, sizeof why, "see `stepward status`");
    cli_gateway_local(cli, why);
    return cli_fail(cli, "the broker did not get it within %s, and %s: %s", waited,
                    what, why);
}

static int take_back(struct cli *cli, void *ctx)
{
    struct test *test = ctx;
    int r = sw_store_outbound_done(cli->store, test->seq);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* Take the alert back: the broker did not get it in time, or code is the error, already
 * printed, because of which that cannot be known. If it is on its way to the broker
 * just now, the gateway clears it later. */
static int withdraw(struct test *test, int code)
{
    int taken_back = cli_at_once(test->cli, take_back, test);
    if (code != CLI_OK || taken_back != CLI_OK)
        return code != CLI_OK ? code : taken_back;
    return print_why(test, "it was taken back");
}

/* ---- the three steps ---- */

static int raise_it(struct test *test)
{
    struct cli *cli = test->cli;
    bool is_taken = false;
    int code = cli_at_once(cli, put_open, test);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, "a test alert of %s for %s, on\n  %s\n", test->alert.patient.str,
            test->alert.therapist.str, test->topic);
    fflush(cli->out);
    code = wait_for_broker(test, &is_taken);
    if (!is_taken)
        return withdraw(test, code);
    fprintf(cli->out, "the broker has it: now it should be on the phone\n");
    return CLI_OK;
}

/* The signal that brought us here is handled. Another one ends the waiting, and the
 * gateway does the rest. */
static int end_it(struct test *test)
{
    struct cli *cli = test->cli;
    bool is_taken = false;
    test->is_stopped = false;
    test->alert.state = SW_STATE_CLOSED;
    test->alert.reason = SW_REASON_WITHDRAWN;
    test->alert.rev++;
    test->alert.updated_at_s = test->alert.closed_at_s = sw_clock_now_s();
    int code = cli_at_once(cli, put_end, test);
    if (code == CLI_OK)
        code = wait_for_broker(test, &is_taken);
    if (code == CLI_OK && !is_taken)
        return print_why(test, "the gateway closes and clears it as soon as it can");
    if (code == CLI_OK)
        fprintf(cli->out, "closed and cleared: nothing of it stays at the broker\n");
    return code;
}

static int try_alert_run(struct test *test)
{
    int code = raise_it(test);
    if (code != CLI_OK)
        return code;
    hold(test);
    return end_it(test);
}

/* Signals are read where they are waited for, so that the alert is closed first. */
static int run_with_signals(struct test *test)
{
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGHUP);
    sigaddset(&stops, SIGPIPE); /* the reader of our output is gone */
    sigprocmask(SIG_BLOCK, &stops, &before);
    test->signal_fd = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    int code = test->signal_fd >= 0
                   ? try_alert_run(test)
                   : cli_fail(test->cli, "cannot watch signals: %s", strerror(errno));
    if (test->signal_fd >= 0)
        close(test->signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}

static int address(struct test *test)
{
    struct cli *cli = test->cli;
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

int cli_try_alert(struct cli *cli, const struct cli_try *wishes)
{
    struct test test = {
        .cli = cli,
        .wishes = wishes,
        .alert = {.level = SW_LEVEL_LOW,
                  .state = SW_STATE_OPEN,
                  .rev = 1,
                  .opened_at_s = cli->now_s,
                  .updated_at_s = cli->now_s},
    };
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = address(&test);
    if (code == CLI_OK)
        code = cli_gateway_require(cli);
    return code == CLI_OK ? run_with_signals(&test) : code;
}
