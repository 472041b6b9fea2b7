/* test_status.c -- `status` says what keeps the gateway from its job; `rejected`. */
#include "cli_fixture.h"

#include <fcntl.h>
#include <sys/file.h>

#include "stepward/lock.h"

static const struct sw_health well = {
    .messages = 12,
    .readings = 345,
    .rejected = 1,
    .commits = 7,
    .uptime_s = 3600,
    .version = "0.1.0",
    .connected = true,
    .clock_trusted = true,
    .written_at_s = NOW_S - 30,
    .last_message_at_s = NOW_S - 40,
    .last_commit_at_s = NOW_S - 35,
};

/* A clinic with one patient, and the lock that a running gateway holds. */
struct gateway {
    struct clinic clinic;
    int lock_fd;
};

static int set_up(void **state)
{
    struct gateway *gateway = malloc(sizeof *gateway);
    char path[128];
    clinic_init(&gateway->clinic);
    assert_int_equal(RUN(&gateway->clinic, "patient", "add", "p1"), CLI_OK);
    clinic_path(&gateway->clinic, "gateway.lock", path);
    gateway->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(gateway->lock_fd >= 0);
    assert_int_equal(flock(gateway->lock_fd, LOCK_EX | LOCK_NB), 0);
    *state = gateway;
    return 0;
}

static int tear_down(void **state)
{
    struct gateway *gateway = *state;
    close(gateway->lock_fd);
    clinic_fini(&gateway->clinic);
    free(gateway);
    return 0;
}

static int status_of(struct gateway *gateway, const struct sw_health *health)
{
    assert_int_equal(sw_store_put_health(clinic_store(&gateway->clinic), health), 0);
    return RUN(&gateway->clinic, "status");
}

static void test_status__zero_while_the_gateway_does_its_job(void **state)
{
    struct gateway *gateway = *state;
    assert_int_equal(status_of(gateway, &well), CLI_OK);
    assert_says(gateway->clinic.out, "last_message_at  14:59\n");
    assert_says(gateway->clinic.out, " kB\n"); /* the database's size, for people */
    const char *room = strstr(gateway->clinic.out, "disk_free_bytes");
    assert_non_null(room);
    assert_int_equal(strchr(room, '\n')[-1], 'B');
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_OK);
    assert_says(gateway->clinic.out,
                "\"messages\":12,\"readings\":345,\"rejected\":1,");
    assert_says(gateway->clinic.out, "\"connected\":true,");
    assert_says(gateway->clinic.out,
                "\"last_message_at\":\"2026-10-25T14:59:20+01:00\"");
    assert_says(gateway->clinic.out, "\"db_bytes\":");
}

static void test_status__says_in_one_line_that_all_is_well(void **state)
{
    struct gateway *gateway = *state;
    assert_int_equal(status_of(gateway, &well), CLI_OK);
    const char *end = gateway->clinic.out + strlen(gateway->clinic.out);
    assert_string_equal(end - strlen("\nall is well\n"), "\nall is well\n");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "csv"), CLI_OK);
    assert_silent_about(gateway->clinic.out, "all is well");
}

static void test_status__a_gateway_without_its_lock_is_not_running(void **state)
{
    struct gateway *gateway = *state;
    flock(gateway->lock_fd, LOCK_UN);
    assert_int_equal(status_of(gateway, &well), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway is not running: start it");
    assert_says(gateway->clinic.err, "`journalctl -u stepward-gateway -n 20` says why");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_FAILED);
    assert_says(gateway->clinic.out, "\"running\":false,\"connected\":false,"
                                     "\"clock_trusted\":null");
    assert_says(gateway->clinic.out, "\"uptime_s\":null");
    assert_says(gateway->clinic.out,
                "\"problem\":\"the gateway is not running: start it: "
                "`sudo systemctl enable --now stepward-gateway`; ");
}

static void say_state(struct gateway *gateway, struct sw_lock_state state,
                      const char *problem)
{
    struct sw_lock_note note = {.pid = 4711, .commits = 7, .state = state};
    note.state.is_known = true;
    snprintf(note.problem, sizeof note.problem, "%s", problem);
    assert_int_equal(sw_lock_write(gateway->lock_fd, &note), 0);
}

static void test_status__says_that_the_configuration_was_changed_since(void **state)
{
    struct gateway *gateway = *state;
    struct clinic *clinic = &gateway->clinic;
    struct sw_lock_note note = {.pid = 4711,
                                .commits = 7,
                                .state = {.is_known = true,
                                          .has_reported = true,
                                          .connected = true,
                                          .clock_trusted = true},
                                .config = sw_lock_config(clinic->config)};
    assert_int_equal(status_of(gateway, &well), CLI_OK);
    assert_int_equal(sw_lock_write(gateway->lock_fd, &note), 0);
    assert_int_equal(RUN(clinic, "status"), CLI_OK);
    assert_silent_about(clinic->out, "was changed");
    note.config.changed_ns--;
    assert_int_equal(sw_lock_write(gateway->lock_fd, &note), 0);
    assert_int_equal(RUN(clinic, "status"), CLI_OK);
    assert_says(clinic->out,
                "stepward.conf was changed, and the gateway runs with what it "
                "said before: `sudo scripts/install`, or ");
    note.config.path--; /* another file than that of who asks */
    assert_int_equal(sw_lock_write(gateway->lock_fd, &note), 0);
    assert_int_equal(RUN(clinic, "status"), CLI_OK);
    assert_silent_about(clinic->out, "was changed");
}

/* What no message says is not refused: it shows here, or nowhere. */
static void test_status__tells_what_sources_missed(void **state)
{
    struct gateway *gateway = *state;
    struct clinic *clinic = &gateway->clinic;
    struct sw_missed missed = {.source = "log",
                               .since_s = NOW_S - 7200,
                               .last_s = NOW_S - 60,
                               .n_missed = 3,
                               .n_seen = 12,
                               .example = "[3]: nothing at \"/qty\""};
    struct sw_missed old = {.source = "band",
                            .since_s = NOW_S - SW_MISSED_SHOWN_S - 2,
                            .last_s = NOW_S - SW_MISSED_SHOWN_S - 1,
                            .n_missed = 9,
                            .n_seen = 9};
    assert_int_equal(status_of(gateway, &well), CLI_OK);
    assert_int_equal(RUN(clinic, "status", "--format", "json"), CLI_OK);
    assert_says(clinic->out, "\"items_missed\":0,\"missed\":\"\"");
    assert_int_equal(sw_store_add_missed(clinic_store(clinic), &old), 0);
    assert_int_equal(sw_store_add_missed(clinic_store(clinic), &missed), 0);
    assert_int_equal(RUN(clinic, "status", "--format", "json"), CLI_OK);
    assert_says(clinic->out,
                "\"items_missed\":3,\"missed\":\"source log: 3 of 12 items since "
                "2026-10-25T12:00:00Z said nothing, the last at 2026-10-25T13:59:00Z: "
                "[3]: nothing at \\\"/qty\\\": see `stepward source try log < "
                "payload`\"");
    assert_int_equal(RUN(clinic, "status"), CLI_OK);
    assert_says(clinic->out, "items_missed     3\n");
    assert_says(clinic->out, "source log: 3 of 12 items since 13:00 said nothing");
}

/* What the run before stored was well. */
static void test_status__nothing_of_the_run_before_is_told_as_of_now(void **state)
{
    struct gateway *gateway = *state;
    say_state(gateway, (struct sw_lock_state){.is_starting = true}, "");
    assert_int_equal(status_of(gateway, &well), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway has been starting since ");
    say_state(gateway, (struct sw_lock_state){.clock_trusted = true},
              "cannot connect: no route to host");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_FAILED);
    assert_says(gateway->clinic.err, "not connected to the broker at ");
    assert_says(gateway->clinic.err, ": cannot connect: no route to host\n");
    assert_says(gateway->clinic.out, "\"running\":true,\"connected\":false,"
                                     "\"clock_trusted\":true");
    assert_says(gateway->clinic.out, "\"messages\":12,");
    assert_says(gateway->clinic.out, "\"inbox_pending\":null,");
    assert_says(gateway->clinic.out, "\"uptime_s\":null,");
    struct sw_lock_state up = {.connected = true, .clock_trusted = true};
    say_state(gateway, up, "");
    assert_int_equal(RUN(&gateway->clinic, "status"), CLI_FAILED);
    assert_says(gateway->clinic.err, "has not reported yet");
    up.has_reported = true;
    say_state(gateway, up, "");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_OK);
    assert_says(gateway->clinic.out, "\"uptime_s\":3600,");
}

static void test_status__a_gateway_that_hangs_is_told(void **state)
{
    struct gateway *gateway = *state;
    int64_t now_ms = sw_clock_monotonic_ms();
    struct sw_lock_state up = {
        .has_reported = true, .connected = true, .clock_trusted = true};
    say_state(gateway, up, "");
    sw_lock_beat(gateway->lock_fd, now_ms - 45 * 1000);
    assert_int_equal(status_of(gateway, &well), CLI_OK);
    sw_lock_beat(gateway->lock_fd, now_ms);
    sw_lock_beat(gateway->lock_fd, now_ms - 90 * 1000); /* who looks sees the oldest */
    assert_int_equal(status_of(gateway, &well), CLI_FAILED);
    assert_says(gateway->clinic.err,
                "the gateway hangs: it has done nothing since 14:58: restart it: "
                "`sudo systemctl restart stepward-gateway`");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_FAILED);
    assert_says(gateway->clinic.out, "\"running\":true,\"connected\":false,"
                                     "\"clock_trusted\":null");
    assert_says(gateway->clinic.out, "done nothing since 2026-10-25T13:5");
}

/* It waited for the disk, and checks all of the database now: a restart would begin
 * that anew. */
static void test_status__a_gateway_that_starts_for_minutes_does_not_hang(void **state)
{
    struct gateway *gateway = *state;
    say_state(gateway, (struct sw_lock_state){.is_starting = true}, "");
    sw_lock_beat(gateway->lock_fd, sw_clock_monotonic_ms() - 10 * 60 * 1000);
    assert_int_equal(status_of(gateway, &well), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway has been starting since ");
    assert_silent_about(gateway->clinic.err, "hangs");
    assert_int_equal(RUN(&gateway->clinic, "alerts"), CLI_OK);
    assert_silent_about(gateway->clinic.err, "hangs");
    assert_silent_about(gateway->clinic.out, "hangs");
}

static void test_status__two_who_ask_do_not_mistake_each_other(void **state)
{
    struct gateway *gateway = *state;
    char path[128];
    flock(gateway->lock_fd, LOCK_UN);
    clinic_path(&gateway->clinic, "gateway.lock", path);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_SH | LOCK_NB), 0);
    assert_int_equal(status_of(gateway, &well), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway is not running");
    close(other);
}

static void test_status__a_gateway_that_never_ran(void **state)
{
    struct gateway *gateway = *state;
    assert_int_equal(RUN(&gateway->clinic, "status"), CLI_FAILED);
    assert_says(gateway->clinic.err, "has not reported yet");
    flock(gateway->lock_fd, LOCK_UN);
    assert_int_equal(RUN(&gateway->clinic, "status"), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway has never run");
}

static void test_status__each_trouble_is_named(void **state)
{
    struct gateway *gateway = *state;
    struct sw_health health = well;
    health.connected = false;
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "not connected to the broker at ");
    health = well;
    health.clock_trusted = false;
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "the clock is not trusted");
    health = well;
    strcpy(health.problem, "the disk is full");
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "stepward: the disk is full\n");
}

static void say_in_lock(struct gateway *gateway, const char *problem)
{
    struct sw_lock_note note = {.pid = 4711, .commits = 7};
    snprintf(note.problem, sizeof note.problem, "%s", problem);
    assert_int_equal(sw_lock_write(gateway->lock_fd, &note), 0);
}

static void test_status__a_gateway_that_cannot_write_says_so_in_its_lock(void **state)
{
    struct gateway *gateway = *state;
    struct sw_health health = well;
    say_in_lock(gateway, "cannot write the database: free space on its disk");
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "stepward: cannot write the database: free");
    health.written_at_s = NOW_S - 3600; /* the report is old for that very reason */
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "stepward: cannot write the database: free");
    say_in_lock(gateway, "");
    strcpy(health.problem, "of before");
    health.written_at_s = NOW_S - 30;
    assert_int_equal(status_of(gateway, &health), CLI_OK);
    say_in_lock(gateway, "of the last run");
    flock(gateway->lock_fd, LOCK_UN);
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "the gateway is not running");
}

static void test_status__of_a_damaged_database_is_what_the_gateway_says(void **state)
{
    struct gateway *gateway = *state;
    char path[128];
    clinic_path(&gateway->clinic, "stepward.db", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("no database any more, only words of some length", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(RUN(&gateway->clinic, "status"), CLI_FAILED);
    assert_says(gateway->clinic.err, "damaged");
    say_in_lock(gateway, "waiting for the disk");
    assert_int_equal(RUN(&gateway->clinic, "status"), CLI_FAILED);
    assert_string_equal(gateway->clinic.err, "stepward: waiting for the disk\n");
}

static void test_status__an_old_report_is_no_report(void **state)
{
    struct gateway *gateway = *state;
    struct sw_health health = well;
    health.written_at_s = NOW_S - 180;
    assert_int_equal(status_of(gateway, &health), CLI_OK);
    health.written_at_s = NOW_S - 181;
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.err, "has not reported since 14:56");
}

static void test_status__what_happened_is_shown_and_is_no_failure(void **state)
{
    struct gateway *gateway = *state;
    struct sw_health health = well;
    strcpy(health.incident, "2026-10-24T10:00:00Z the database was damaged");
    assert_int_equal(status_of(gateway, &health), CLI_OK);
    assert_says(gateway->clinic.out, "the database was damaged");
}

/* Told in UTC, which programs go on reading; for people as all other times. */
static void test_status__shows_the_clinics_time(void **state)
{
    struct gateway *gateway = *state;
    struct sw_health health = well;
    strcpy(health.incident, "2026-10-25T10:00:00Z messages sent from "
                            "2026-10-24T12:30:00Z on may be missing");
    strcpy(health.problem, "nothing was stored since 2026-10-25T10:00:00Z");
    assert_int_equal(status_of(gateway, &health), CLI_FAILED);
    assert_says(gateway->clinic.out,
                "11:00 messages sent from 2026-10-24 14:30 on may be missing\n");
    assert_says(gateway->clinic.out, "nothing was stored since 11:00\n");
    assert_string_equal(gateway->clinic.err,
                        "stepward: nothing was stored since 11:00\n");
    assert_int_equal(RUN(&gateway->clinic, "status", "--format", "json"), CLI_FAILED);
    assert_says(gateway->clinic.out, "\"2026-10-25T10:00:00Z messages sent from");
}

static void test_incidents__since_when_and_whether_it_is_over(void **state)
{
    struct clinic *clinic = &((struct gateway *)*state)->clinic;
    struct sw_incident full = {SW_INCIDENT_CANNOT_STORE, NOW_S - 600, 0, "disk full"};
    struct sw_incident damage = {
        SW_INCIDENT_DATABASE_DAMAGED, NOW_S - 40 * 86400, NOW_S - 40 * 86400,
        "the database was damaged and moved to stepward.db.damaged-20260915T140000Z; "
        "the "
        "backup of 2026-09-15T01:30:00Z was restored: what came since may be missing"};
    assert_int_equal(RUN(clinic, "incidents"), CLI_OK);
    assert_says(clinic->out, "nothing happened\n");
    assert_int_equal(sw_store_put_incident(clinic_store(clinic), &full), 0);
    assert_int_equal(sw_store_put_incident(clinic_store(clinic), &damage), 0);
    assert_int_equal(RUN(clinic, "incidents", "--format", "json"), CLI_OK);
    assert_says(clinic->out, "\"over_at\":null,\"what\":\"cannot_store\","
                             "\"text\":\"disk full\",\"remedy\":\"free space");
    assert_silent_about(clinic->out, "damaged");
    full.over_at_s = NOW_S - 300;
    assert_int_equal(sw_store_put_incident(clinic_store(clinic), &full), 0);
    assert_int_equal(RUN(clinic, "incidents", "--days", "60"), CLI_OK);
    assert_says(clinic->out, "14:55");
    assert_says(clinic->out, "database_damaged");
    assert_says(clinic->out, "backup of 2026-09-15 03:30 was restored: what came since "
                             "may be missing");
    assert_int_equal(RUN(clinic, "incidents", "--days", "60", "--format", "csv"),
                     CLI_OK);
    assert_says(clinic->out, "backup of 2026-09-15T01:30:00Z was restored");
}

static void put_rejected(struct clinic *clinic, const char *payload, size_t len)
{
    struct sw_rejected rejected = {
        .at_s = NOW_S - 60,
        .refusal = SW_REFUSED_JSON,
        .why = "position 0: no value",
        .topic = "clinic/main/patient/p1/steps",
        .payload = payload,
        .payload_len = len,
    };
    assert_int_equal(
        sw_store_put_rejected(clinic_store(clinic), &rejected, strlen(rejected.topic)),
        0);
}

static void test_rejected__hostile_payloads_are_shown_harmless(void **state)
{
    struct clinic *clinic = &((struct gateway *)*state)->clinic;
    char payload[200] = "\033[2J\"\0\xff,";
    memset(payload + 8, 'x', sizeof payload - 8);
    put_rejected(clinic, payload, sizeof payload);
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_says(clinic->out, "\\x1b[2J\"\\x00\xef\xbf\xbd,xxx");
    assert_says(clinic->out, "…");
    assert_silent_about(clinic->out, "\033");
    assert_int_equal(RUN(clinic, "rejected", "--format", "json"), CLI_OK);
    assert_says(clinic->out, "\"reason\":\"json\",\"why\":\"position 0: no value\"");
    assert_says(clinic->out, "\\u001b[2J\\\"\xef\xbf\xbd\xef\xbf\xbd,xxx");
    assert_silent_about(clinic->out, "…");
    assert_silent_about(clinic->out, "\033");
    assert_int_equal(RUN(clinic, "rejected", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "\033");
}

static void test_rejected__limit_takes_the_newest(void **state)
{
    struct clinic *clinic = &((struct gateway *)*state)->clinic;
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_string_equal(clinic->out, "no message was refused; what is refused shows "
                                     "here within commit_interval (10s)\n");
    put_rejected(clinic, "first", 5);
    put_rejected(clinic, "second", 6);
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, "second");
    assert_silent_about(clinic->out, "first");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "0"), CLI_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_status__zero_while_the_gateway_does_its_job),
        TEST(test_status__says_in_one_line_that_all_is_well),
        TEST(test_status__tells_what_sources_missed),
        TEST(test_status__nothing_of_the_run_before_is_told_as_of_now),
        TEST(test_status__a_gateway_that_hangs_is_told),
        TEST(test_status__a_gateway_without_its_lock_is_not_running),
        TEST(test_status__a_gateway_that_starts_for_minutes_does_not_hang),
        TEST(test_status__two_who_ask_do_not_mistake_each_other),
        TEST(test_status__a_gateway_that_never_ran),
        TEST(test_status__each_trouble_is_named),
        TEST(test_status__a_gateway_that_cannot_write_says_so_in_its_lock),
        TEST(test_status__of_a_damaged_database_is_what_the_gateway_says),
        TEST(test_status__an_old_report_is_no_report),
        TEST(test_status__what_happened_is_shown_and_is_no_failure),
        TEST(test_status__shows_the_clinics_time),
        TEST(test_status__says_that_the_configuration_was_changed_since),
        TEST(test_incidents__since_when_and_whether_it_is_over),
        TEST(test_rejected__hostile_payloads_are_shown_harmless),
        TEST(test_rejected__limit_takes_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
