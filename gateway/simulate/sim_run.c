/* sim_run.c -- send what the devices send, until it is done or somebody says stop.
 * Whom to simulate, and what to print in the end, is sim_command.c's business. */
#include "simulate/sim_run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "simulate/sim_session.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    TELL_MS = 5000,     /* between lines of progress */
    LIVE_LOOK_MS = 500, /* a minute that ended is sent this late at most */
    GOODBYE_MS = 3000,  /* for the last acknowledgements after a stop */
};

/* ---- sending ---- */

static size_t free_place(const struct sim_run *run)
{
    for (size_t i = 0; i < SIM_SENT_MAX; i++)
        if (run->sent[i].minutes == 0)
            return i;
    return SIM_SENT_MAX;
}

/* What the broker did not take comes first. */
static bool next_batch(struct sim_run *run, struct sim_batch *ret)
{
    int64_t until_s = run->life->anchor_s;
    if (run->n_again > 0) {
        *ret = run->again[--run->n_again];
        return true;
    }
    if (sim_feed_next(&run->feed, until_s, ret))
        return true;
    if (run->is_live && !run->is_past_sent)
        fprintf(run->cli->err, "simulate: the past is sent; now live, one reading a "
                               "minute for each patient (Ctrl-C ends it)\n");
    run->is_past_sent = true;
    return run->is_live && sim_feed_next(&run->feed, sw_clock_now_s(), ret);
}

static int sim_publish(struct sim_run *run, size_t place, const struct sim_batch *batch)
{
    char payload[SIM_PAYLOAD_MAX];
    sw_topic_text topic;
    size_t len = sim_batch_payload(run->life, batch, payload);
    sw_topic_steps(topic, run->cli->config.site, sim_patient_id(batch->patient));
    return sw_session_publish(run->session, topic, payload, len, false, 0, place + 1);
}

static void send_what_may_go(struct sim_run *run)
{
    struct sim_batch batch;
    size_t place;
    while (run->is_up && !run->is_stopped && (place = free_place(run)) < SIM_SENT_MAX) {
        bool is_over_rate = run->rate > 0 && run->budget < 1000;
        if (is_over_rate || !next_batch(run, &batch))
            return;
        if (sim_publish(run, place, &batch) < 0) {
            run->again[run->n_again++] = batch;
            return; /* an event comes when there is room */
        }
        run->sent[place] = batch;
        run->n_sent++;
        run->budget -= 1000;
    }
}

/* ---- what became of it ---- */

static void complete_batch(struct sim_run *run, uint64_t cookie, bool is_delivered)
{
    struct sim_batch *batch = &run->sent[cookie - 1];
    if (!is_delivered) {
        run->again[run->n_again++] = *batch;
    } else if (sim_tally_add(run->tally, run->life, batch) < 0) {
        run->is_stopped = true;
        run->code = cli_fail(run->cli, "out of memory");
    }
    batch->minutes = 0;
    run->n_sent--;
}

static void sim_on_event(struct sim_run *run, const struct sw_session_event *event)
{
    switch (event->kind) {
    case SW_SESSION_UP:
        run->is_up = run->was_up = true;
        break;
    case SW_SESSION_SUBSCRIBED:
        break;
    case SW_SESSION_DOWN:
        run->is_up = false;
        if (run->was_up) {
            fprintf(run->cli->err, "simulate: %s: %s; trying again\n",
                    run->cli->config.broker.uri, event->why);
        } else {
            run->is_stopped = true;
            run->code = sim_session_cannot(run->cli, event->why);
        }
        break;
    case SW_SESSION_DELIVERED:
    case SW_SESSION_FAILED:
        complete_batch(run, event->cookie, event->kind == SW_SESSION_DELIVERED);
        break;
    }
}

/* ---- the loop ---- */

static void stop(struct sim_run *run)
{
    if (!run->is_stopped)
        run->stopped_ms = run->now_ms;
    run->is_stopped = true;
}

static bool sim_is_over(const struct sim_run *run)
{
    bool is_settled = run->n_sent == 0 && run->n_again == 0;
    bool is_patience_over = run->now_ms - run->stopped_ms >= GOODBYE_MS || !run->is_up;
    if (run->is_stopped)
        return run->n_sent == 0 || is_patience_over;
    return run->is_past_sent && !run->is_live && is_settled;
}

static void take_time(struct sim_run *run)
{
    int64_t now_ms = sw_clock_monotonic_ms(), second = run->rate * 1000;
    run->budget += (now_ms - run->now_ms) * run->rate;
    if (run->budget > second)
        run->budget = second; /* what we missed while down does not come at once */
    run->now_ms = now_ms;
    if (run->for_ms > 0 && now_ms - run->began_ms >= run->for_ms)
        stop(run);
}

static void print_progress(struct sim_run *run)
{
    const struct sim_sum *total = &run->tally->total;
    if (run->now_ms - run->told_ms < TELL_MS)
        return;
    run->told_ms = run->now_ms;
    fprintf(run->cli->err,
            "simulate: %" PRId64 " message%s, %" PRId64 " reading%s, %" PRId64
            " step%s\n",
            total->messages, sw_plural(total->messages), total->readings,
            sw_plural(total->readings), total->steps, sw_plural(total->steps));
}

static void wait_for_something(struct sim_run *run, int wait_ms)
{
    struct pollfd fds[] = {{.fd = sw_session_fd(run->session), .events = POLLIN},
                           {.fd = run->signal_fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    bool is_paced = run->rate > 0 && run->is_up && !run->is_past_sent;
    int most_ms = is_paced ? 1 : LIVE_LOOK_MS;
    if (wait_ms < 0 || wait_ms > most_ms)
        wait_ms = most_ms;
    if (poll(fds, 2, wait_ms) > 0 && fds[1].revents &&
        read(run->signal_fd, &info, sizeof info) > 0)
        stop(run);
}

static void loop(struct sim_run *run)
{
    struct sw_session_event event;
    run->began_ms = run->told_ms = run->now_ms = sw_clock_monotonic_ms();
    run->budget = 1000;
    while (!sim_is_over(run)) {
        wait_for_something(run, sw_session_tick(run->session, run->now_ms));
        take_time(run);
        while (sw_session_next(run->session, &event))
            sim_on_event(run, &event);
        send_what_may_go(run);
        print_progress(run);
    }
    if (run->code == CLI_OK && run->n_sent + run->n_again > 0)
        run->code = cli_fail(run->cli, "the broker did not acknowledge %zu message%s",
                             run->n_sent + run->n_again,
                             sw_plural((int64_t)(run->n_sent + run->n_again)));
}

/* ---- before and after ---- */

int sim_run(struct sim_run *run, int64_t from_s)
{
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &before);
    run->signal_fd = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    if (run->signal_fd < 0)
        run->code = cli_fail(run->cli, "cannot watch signals: %s", strerror(errno));
    if (run->code == CLI_OK &&
        sim_feed_init(&run->feed, run->life, run->n_patients, from_s) < 0)
        run->code = cli_fail(run->cli, "out of memory");
    if (run->code == CLI_OK)
        run->code = sim_session_open(run->cli, "simulate", run->login, &run->session);
    if (run->code == CLI_OK)
        loop(run);
    sw_session_free(run->session, GOODBYE_MS);
    sim_feed_fini(&run->feed);
    if (run->signal_fd >= 0)
        close(run->signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return run->code;
}
