/* try_reading.c -- `stepward try`: publish one reading as a device does, and say what
 * came of it.
 *
 * With a device's login it is published here. Otherwise the gateway publishes it from
 * its outbox, like a test alert, because nobody else may use the gateway's login (see
 * simulate.h). What the broker acknowledged is looked for in the database, where the
 * gateway puts it: this very reading, or this very message among the refused. If
 * neither comes, what the gateway says of itself shows why. */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/text.h"
#include "simulate/simulate.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    MINUTE_S = 60,
    MINUTES_BACK = 60,     /* one of them is not taken */
    BROKER_MS = 20 * 1000, /* to connect, and to acknowledge */
    GOODBYE_MS = 3000,
    GRACE_S = 60, /* for the gateway: until then the row is ours to take back */
    PAYLOAD_MAX_BYTES = 256,
};
#define ACL                                                                            \
    "the broker's access list, like /etc/mosquitto/stepward.acl (`sudo "               \
    "scripts/install` writes it)"

struct attempt {
    struct cli *cli;
    const struct cli_try *wishes;
    struct sw_reading reading;
    sw_topic_text topic;
    char payload[PAYLOAD_MAX_BYTES];
    bool is_sent;
    struct cli_try_rows rows; /* of the outbox */
    int64_t refused_before;   /* the newest refused message's number */
    bool is_refused;
    enum sw_refusal refusal;
    char why[SW_WHY_MAX];
};

/* ---- what is stored ---- */

/* Load the device's readings of [from_s, to_s) into the caller's set. 0 with *ret NULL
 * if it has none or the patient is not known. */
static int try_load(const struct attempt *attempt, int64_t from_s, int64_t to_s,
                    struct sw_day_set *set, const struct sw_device_set **ret)
{
    struct sw_store *store = attempt->cli->store;
    struct sw_patient patient;
    int64_t device_key;
    *ret = NULL;
    int r = sw_store_find_patient(store, attempt->wishes->patient, &patient);
    if (r == 0)
        r = sw_store_find_device(store, patient.key, &attempt->wishes->device,
                                 &device_key);
    if (r == 0)
        r = sw_store_load_day(store, patient.key, from_s, to_s, set);
    if (r == 0)
        *ret = sw_day_set_find(set, device_key);
    return r < 0 ? r : 0;
}

static bool says_of(const struct sw_device_set *device, int64_t start_s)
{
    for (size_t i = 0; device && i < device->n_readings; i++) {
        const struct sw_reading *reading = &device->readings[i];
        if (reading->start_s < start_s + MINUTE_S &&
            reading->start_s + reading->seconds > start_s)
            return true;
    }
    return false;
}

/* Choose the last ended minute of which the device has said nothing: what is found
 * there afterwards is this attempt's, not an earlier one's. */
static int choose_minute(struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    struct sw_day_set set = {0};
    const struct sw_device_set *device;
    int64_t end_s = cli->now_s - cli->now_s % MINUTE_S, start_s = end_s;
    int64_t first_s = end_s - MINUTES_BACK * MINUTE_S;
    int r = try_load(attempt, first_s, end_s, &set, &device);
    do
        start_s -= MINUTE_S;
    while (start_s > first_s && says_of(device, start_s));
    bool is_taken = says_of(device, start_s);
    sw_day_set_fini(&set);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (is_taken)
        return cli_fail(
            cli,
            "nothing sent: the device %s has already reported each of the last %d "
            "minutes: it works, or leave out --device",
            attempt->wishes->device.str, MINUTES_BACK);
    attempt->reading.start_s = start_s;
    return CLI_OK;
}

static int is_stored(const struct attempt *attempt, bool *ret)
{
    struct sw_day_set set = {0};
    const struct sw_device_set *device;
    int64_t start_s = attempt->reading.start_s;
    *ret = false;
    int r = try_load(attempt, start_s, start_s + MINUTE_S, &set, &device);
    for (size_t i = 0; device && i < device->n_readings; i++) {
        const struct sw_reading *reading = &device->readings[i];
        *ret |= reading->start_s == start_s &&
                reading->seconds == attempt->reading.seconds &&
                reading->steps == attempt->reading.steps &&
                reading->worn == attempt->reading.worn;
    }
    sw_day_set_fini(&set);
    return r;
}

static int add_steps(void *ctx, const struct sw_day_row *row)
{
    *(int64_t *)ctx += row->steps;
    return 0;
}

static int print_stored(const struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    const struct sw_reading *reading = &attempt->reading;
    const char *patient = attempt->wishes->patient.str;
    char when[CLI_WHEN_MAX], date[SW_DATE_LEN + 1];
    int32_t day = sw_day_of(&cli->zone, reading->start_s);
    int64_t steps = 0;
    int r = sw_store_each_day(cli->store, &attempt->wishes->patient, day, day,
                              add_steps, &steps);
    if (r < 0)
        return cli_store_failed(cli, r);
    cli_when_format(&cli->zone, reading->start_s, cli->now_s, when);
    sw_date_format(day, date);
    bool is_today = day == sw_day_of(&cli->zone, cli->now_s);
    if (reading->worn)
        fprintf(cli->out, "stored: %" PRId32 " step%s at %s, which stay\n",
                reading->steps, sw_plural(reading->steps), when);
    else
        fprintf(cli->out,
                "stored: \"not worn\" at %s, which changes no steps and no rest\n",
                when);
    fprintf(cli->out, "%s's steps %s are now %" PRId64 "\n", patient,
            is_today ? "today" : date, steps);
    return CLI_OK;
}

/* ---- what was refused ---- */

static int note_newest(void *ctx, const struct sw_rejected *rejected)
{
    *(int64_t *)ctx = rejected->id;
    return 1;
}

/* Not even the payload is kept of a patient who was erased. */
static int compare_refused(void *ctx, const struct sw_rejected *rejected)
{
    struct attempt *attempt = ctx;
    size_t topic_len = strlen(attempt->topic), len = strlen(attempt->payload);
    if (rejected->id <= attempt->refused_before)
        return 1;
    bool is_it = rejected->topic_len == topic_len &&
                 memcmp(rejected->topic, attempt->topic, topic_len) == 0 &&
                 (rejected->refusal == SW_REFUSED_ERASED ||
                  (rejected->payload_len == len &&
                   memcmp(rejected->payload, attempt->payload, len) == 0));
    if (!is_it)
        return 0;
    attempt->is_refused = true;
    attempt->refusal = rejected->refusal;
    snprintf(attempt->why, sizeof attempt->why, "%s", rejected->why);
    return 1;
}

/* ---- waiting for the gateway ---- */

static const char *user_of(const struct attempt *attempt)
{
    const char *user = attempt->wishes->user;
    user = user ? user : attempt->cli->config.broker.username;
    return *user ? user : "a client without a name";
}

static int print_nothing(const struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    char waited[SW_DURATION_TEXT_MAX], interval[SW_DURATION_TEXT_MAX];
    char why[SW_GATEWAY_WHY_MAX];
    bool is_well;
    sw_duration_format(attempt->wishes->wait_s, waited);
    sw_duration_format(cli->config.commit_interval_s, interval);
    int code = cli_try_inspect(cli, &is_well, why);
    if (code != CLI_OK)
        return code;
    if (is_well && attempt->wishes->wait_s <= cli->config.commit_interval_s)
        snprintf(why, sizeof why,
                 "the gateway stores within commit_interval, %s: wait longer",
                 interval);
    else if (is_well && cli->config.broker.protocol < 5) /* 5 would have said so */
        snprintf(why, sizeof why,
                 "allow %s to publish to this topic in " ACL
                 "; if it may, restart the gateway",
                 user_of(attempt));
    else if (is_well) /* but it does not say that it heard the reading */
        snprintf(why, sizeof why,
                 "allow the gateway to read this topic in " ACL
                 "; if it may, restart the gateway");
    return cli_fail(cli, "nothing came of it within %s: %s", waited, why);
}

/* CLI_OK: it is stored. */
static int try_watch(struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    int64_t until_ms = sw_clock_monotonic_ms() + attempt->wishes->wait_s * 1000;
    for (;;) {
        uint64_t epoch = sw_store_poll(cli->store);
        bool is_over = sw_clock_monotonic_ms() >= until_ms, is_there = false;
        int r = sw_store_each_rejected(cli->store, SW_REJECTED_MAX, compare_refused,
                                       attempt);
        if (r >= 0 && !attempt->is_refused)
            r = is_stored(attempt, &is_there);
        if (r < 0)
            return cli_store_failed(cli, r);
        if (attempt->is_refused) {
            bool names_patient = attempt->refusal == SW_REFUSED_PATIENT;
            char remedy[SW_WHY_MAX];
            cli_fill(sw_refusal_remedy(attempt->refusal), "ID",
                     names_patient ? attempt->wishes->patient.str : "", remedy);
            return cli_fail(cli, "refused: %s: %s", attempt->why, remedy);
        }
        if (is_there)
            return print_stored(attempt);
        if (is_over)
            return print_nothing(attempt);
        while (sw_store_poll(cli->store) == epoch && sw_clock_monotonic_ms() < until_ms)
            poll(NULL, 0, CLI_TRY_LOOK_MS);
    }
}

/* ---- publishing, as the gateway ---- */

/* Two people who try at once have a row each. */
static int put_row(struct cli *cli, void *ctx)
{
    struct attempt *attempt = ctx;
    char about[SW_ALERT_ID_MAX + 1];
    int64_t now_s = sw_clock_now_s();
    sw_try_about(about, (int)getpid(), now_s + attempt->wishes->wait_s + GRACE_S);
    int r = cli_try_put(&attempt->rows, about, attempt->payload);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* CLI_OK: the broker has it. The row is taken back on failure, for a gateway that
 * connects hours later would publish it. */
static int publish_row(struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    struct cli_try_rows *rows = &attempt->rows;
    bool is_taken;
    int code = cli_at_once(cli, put_row, attempt);
    if (code != CLI_OK)
        return code;
    fprintf(cli->out, "publishing to %s:\n  %s\n", attempt->topic, attempt->payload);
    code = cli_try_wait(rows, &is_taken);
    if (is_taken) {
        fprintf(cli->out, "the broker acknowledged it\n");
        return rows->is_stopped ? cli_fail(cli, "stopped: the gateway stores it")
                                : CLI_OK;
    }
    int taken_back = cli_try_take_back(rows);
    if (code != CLI_OK || taken_back != CLI_OK)
        return CLI_FAILED;
    if (rows->is_stopped)
        return cli_fail(cli, "stopped: the reading was taken back, unless the gateway "
                             "sent it just now");
    return print_nothing(attempt);
}

/* A stop must find us where the row can be taken back. */
static int publish_by_gateway(struct attempt *attempt)
{
    int code = cli_stops_begin(attempt->cli, &attempt->rows.stops);
    if (code != CLI_OK)
        return code;
    code = publish_row(attempt);
    cli_stops_end(&attempt->rows.stops);
    return code;
}

/* ---- publishing, as the device ---- */

/* CLI_OK: the broker has it; < 0: it is not known yet. */
static int try_on_event(struct attempt *attempt, struct sw_session *session,
                        const struct sw_session_event *event)
{
    struct cli *cli = attempt->cli;
    switch (event->kind) {
    case SW_SESSION_UP:
        attempt->is_sent = true;
        fprintf(
            cli->out,
            "logged in as %s: who was connected by that name, and the broker takes it "
            "for the client id, connects anew\n",
            attempt->wishes->user);
        fprintf(cli->out, "publishing to %s:\n  %s\n", attempt->topic,
                attempt->payload);
        sw_session_publish(session, attempt->topic, attempt->payload,
                           strlen(attempt->payload), false, 0, 1);
        return -1;
    case SW_SESSION_SUBSCRIBED:
        return -1;
    case SW_SESSION_DOWN:
        if (attempt->is_sent)
            break;
        return cli_fail(
            cli,
            "%s: %s: if `stepward status` is well, mend --user and "
            "--password-file, or the broker's password_file: one that is new "
            "works after `sudo systemctl reload mosquitto`",
            cli->config.broker.uri, event->why);
    case SW_SESSION_DELIVERED:
        fprintf(cli->out, "the broker acknowledged it\n");
        return CLI_OK;
    case SW_SESSION_FAILED:
        break;
    }
    if (event->refused)
        return cli_fail(cli, "%s: allow %s to publish to this topic in " ACL,
                        event->why, user_of(attempt));
    return cli_fail(cli,
                    "%s: the connection broke before the broker acknowledged it%s%s",
                    cli->config.broker.uri, *event->why ? ": " : "", event->why);
}

static int try_publish(struct attempt *attempt, struct sw_session *session)
{
    struct sw_session_event event;
    int64_t now_ms = sw_clock_monotonic_ms(), until_ms = now_ms + BROKER_MS;
    int code = -1;
    for (; now_ms < until_ms; now_ms = sw_clock_monotonic_ms()) {
        struct pollfd fd = {.fd = sw_session_fd(session), .events = POLLIN};
        int wait_ms = sw_session_tick(session, now_ms);
        bool is_long = wait_ms < 0 || wait_ms > until_ms - now_ms;
        poll(&fd, 1, is_long ? (int)(until_ms - now_ms) : wait_ms);
        while (code < 0 && sw_session_next(session, &event))
            code = try_on_event(attempt, session, &event);
        if (code >= 0)
            return code;
    }
    return cli_fail(attempt->cli, "%s: the broker did not answer within %d s",
                    attempt->cli->config.broker.uri, BROKER_MS / 1000);
}

/* The gateway would refuse it; one who was erased it refuses in words of its own. */
static int require_patient(const struct attempt *attempt)
{
    struct cli *cli = attempt->cli;
    const struct sw_patient_id *id = &attempt->wishes->patient;
    struct sw_patient patient;
    int64_t erased_at_s;
    if (cli->config.auto_enroll)
        return CLI_OK;
    int r = sw_store_find_patient(cli->store, *id, &patient);
    if (r == SW_STORE_NONE)
        r = sw_store_find_tombstone(cli->store, *id, &erased_at_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r != SW_STORE_NONE
               ? CLI_OK
               : cli_fail(cli, "nothing sent: no patient %s: `stepward patient add %s`",
                          id->str, id->str);
}

static int try_run(struct attempt *attempt, const struct sim_login *login)
{
    struct cli *cli = attempt->cli;
    char wait[SW_DURATION_TEXT_MAX];
    int code =
        login->username ? cli_open_store(cli, SW_STORE_READ) : cli_open_existing(cli);
    if (code == CLI_OK)
        code = require_patient(attempt);
    if (code == CLI_OK)
        code = cli_gateway_require(cli);
    if (code == CLI_OK)
        code = choose_minute(attempt);
    if (code != CLI_OK)
        return code;
    const struct sw_reading *reading = &attempt->reading;
    sw_topic_steps(attempt->topic, cli->config.site, attempt->wishes->patient);
    snprintf(attempt->payload, sizeof attempt->payload,
             "{\"device\":\"%s\",\"start\":%" PRId64 ",\"seconds\":%" PRId32
             ",\"steps\":%" PRId32 "%s}",
             attempt->wishes->device.str, reading->start_s, reading->seconds,
             reading->steps, reading->worn ? "" : ",\"worn\":false");
    int r =
        sw_store_each_rejected(cli->store, 1, note_newest, &attempt->refused_before);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (login->username) {
        struct sw_session *session = NULL;
        code = sim_session_open(cli, "try", login, &session);
        if (code == CLI_OK)
            code = try_publish(attempt, session);
        sw_session_free(session, GOODBYE_MS);
    } else {
        code = publish_by_gateway(attempt);
    }
    if (code != CLI_OK)
        return code;
    sw_duration_format(attempt->wishes->wait_s, wait);
    fprintf(cli->out, "waiting for the gateway to store it, up to %s\n", wait);
    return try_watch(attempt);
}

int try_reading(struct cli *cli, const struct cli_try *wishes)
{
    struct attempt attempt = {
        .cli = cli,
        .wishes = wishes,
        .rows = {.cli = cli, .topic = attempt.topic, .wait_s = wishes->wait_s},
        .reading = {.seconds = MINUTE_S,
                    .steps = wishes->steps > 0 ? wishes->steps : 0,
                    .worn = wishes->steps >= 0},
    };
    struct sim_login login;
    int code = sim_login_read(cli, wishes->user, wishes->password_file, &login);
    if (code == CLI_OK)
        code = try_run(&attempt, &login);
    free(login.password);
    return code;
}
