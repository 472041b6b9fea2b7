/* test_inbox.c -- what was appended is read, once it was appended, whatever happens.
 * Damage and crashes are in test_inbox_damage.c. */
#include "stepward/inbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 1024 * 1024, SMALL_RECORD = 24 + 5 + 8 };

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/stepward-inbox-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/inbox", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static struct sw_inbox *open_limited(int64_t limit)
{
    char why[SW_WHY_MAX];
    struct sw_inbox *inbox = NULL;
    int r = sw_inbox_open(&inbox, path, limit, false, why);
    assert_string_equal(why, "");
    assert_int_equal(r, 0);
    return inbox;
}

static struct sw_inbox *open_inbox(void)
{
    return open_limited(ROOM);
}

static int append(struct sw_inbox *inbox, const char *topic, size_t topic_len,
                  const char *payload, size_t payload_len)
{
    struct sw_inbox_record record = {
        .received_at_s = 1774779300,
        .topic = topic,
        .topic_len = topic_len,
        .payload = payload,
        .payload_len = payload_len,
    };
    return sw_inbox_append(inbox, &record);
}

static int append_number(struct sw_inbox *inbox, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%08d", number);
    return append(inbox, "topic", 5, text, 8);
}

/* The next record's number; -1 if there is none. */
static int read_number(struct sw_inbox *inbox)
{
    struct sw_inbox_record record;
    char text[16] = "";
    int r = sw_inbox_read(inbox, &record);
    assert_in_range(r, 0, 1);
    if (r == 0)
        return -1;
    assert_int_equal(record.payload_len, 8);
    memcpy(text, record.payload, 8);
    return atoi(text);
}

static bool is_readable(const struct sw_inbox *inbox)
{
    struct pollfd fd = {.fd = sw_inbox_fd(inbox), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static int64_t file_size(void)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void test_inbox__any_bytes_come_back_as_they_were(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    struct sw_inbox_record in = {.received_at_s = -7,
                                 .retained = true,
                                 .topic = "a\0/\xff",
                                 .topic_len = 4,
                                 .payload = "\0SWR1",
                                 .payload_len = 5},
                           out;
    assert_int_equal(sw_inbox_append(inbox, &in), 0);
    assert_int_equal(append(inbox, NULL, 0, NULL, 0), 0);

    assert_int_equal(sw_inbox_read(inbox, &out), 1);
    assert_int_equal(out.received_at_s, -7);
    assert_true(out.retained);
    assert_int_equal(out.topic_len, 4);
    assert_memory_equal(out.topic, in.topic, 4);
    assert_int_equal(out.payload_len, 5);
    assert_memory_equal(out.payload, in.payload, 5);
    assert_int_equal(sw_inbox_read(inbox, &out), 1);
    assert_false(out.retained);
    assert_int_equal(out.topic_len + out.payload_len, 0);
    assert_int_equal(sw_inbox_read(inbox, &out), 0);
    sw_inbox_close(inbox);
}

static void test_inbox__dated_record_keeps_its_uptime_too(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    struct sw_inbox_record record = {.received_at_s = INT64_C(1) << 40,
                                     .uptime_s = 4000000000,
                                     .boot = UINT32_MAX,
                                     .retained = true,
                                     .topic = "t",
                                     .topic_len = 1};
    assert_int_equal(sw_inbox_append(inbox, &record), 0);
    record.boot = 0; /* as an earlier version wrote it */
    assert_int_equal(sw_inbox_append(inbox, &record), 0);
    assert_int_equal(sw_inbox_unread_bytes(inbox), 33 + 25);
    sw_inbox_close(inbox);
    inbox = open_inbox();
    assert_int_equal(sw_inbox_read(inbox, &record), 1);
    assert_int_equal(record.received_at_s, INT64_C(1) << 40);
    assert_int_equal(record.uptime_s, 4000000000);
    assert_int_equal(record.boot, UINT32_MAX);
    assert_true(record.retained);
    assert_int_equal(record.topic_len, 1);
    assert_int_equal(sw_inbox_read(inbox, &record), 1);
    assert_int_equal(record.received_at_s, INT64_C(1) << 40);
    assert_int_equal(record.boot, 0);
    sw_inbox_close(inbox);
}

static void test_inbox__undated_record_keeps_its_boot_and_survives_a_sync(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    struct sw_inbox_record record = {
        .uptime_s = 4000000000, .boot = UINT32_MAX, .topic = "t", .topic_len = 1};
    assert_int_equal(sw_inbox_append(inbox, &record), 0);
    assert_int_equal(sw_inbox_unread_bytes(inbox), 25);
    assert_int_equal(sw_inbox_sync(inbox), 0);
    sw_inbox_close(inbox);
    inbox = open_inbox();
    assert_int_equal(sw_inbox_unread_bytes(inbox), 25);
    assert_int_equal(sw_inbox_read(inbox, &record), 1);
    assert_int_equal(sw_inbox_unread_bytes(inbox), 0);
    assert_int_equal(record.received_at_s, 0);
    assert_int_equal(record.uptime_s, 4000000000);
    assert_int_equal(record.boot, UINT32_MAX);
    assert_false(record.retained);
    sw_inbox_close(inbox);
}

static void test_inbox__longer_payload_is_cut_to_be_refused(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    struct sw_inbox_record out;
    char *bytes = malloc(300000);
    assert_non_null(bytes);
    memset(bytes, 'x', 300000);
    for (int i = 0; i < 3; i++) /* the largest record there is, more than one buffer */
        assert_int_equal(append(inbox, bytes, 65535, bytes, 300000), 0);
    assert_int_equal(append(inbox, bytes, 65536, bytes, 1), -EMSGSIZE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sw_inbox_read(inbox, &out), 1);
        assert_int_equal(out.topic_len, 65535);
        assert_int_equal(out.payload_len, SW_INBOX_PAYLOAD_MAX);
        assert_memory_equal(out.payload, bytes, SW_INBOX_PAYLOAD_MAX);
    }
    assert_int_equal(sw_inbox_read(inbox, &out), 0);
    free(bytes);
    sw_inbox_close(inbox);
}

static void test_inbox__what_was_not_trimmed_is_read_again(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    for (int i = 0; i < 10; i++)
        assert_int_equal(append_number(inbox, i), 0);
    assert_int_equal(read_number(inbox), 0);
    sw_inbox_close(inbox); /* read, but nobody said it is safe elsewhere */

    inbox = open_inbox();
    assert_int_equal(sw_inbox_pending(inbox), 10);
    assert_true(is_readable(inbox));
    for (int i = 0; i < 10; i++)
        assert_int_equal(read_number(inbox), i);
    assert_int_equal(read_number(inbox), -1);
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_int_equal(sw_inbox_pending(inbox), 0);
    sw_inbox_close(inbox);

    inbox = open_inbox();
    assert_int_equal(read_number(inbox), -1);
    sw_inbox_close(inbox);
}

static void test_inbox__trim_forgets_only_what_was_read(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    for (int i = 0; i < 3; i++)
        assert_int_equal(append_number(inbox, i), 0);
    assert_int_equal(read_number(inbox), 0);
    assert_int_equal(read_number(inbox), 1);
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_int_equal(sw_inbox_pending(inbox), 1);
    assert_int_equal(append_number(inbox, 3), 0);
    assert_int_equal(read_number(inbox), 2);
    assert_int_equal(read_number(inbox), 3);
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_int_equal(file_size(), 16);
    assert_int_equal(append_number(inbox, 4), 0); /* and it goes on from the front */
    assert_int_equal(read_number(inbox), 4);
    sw_inbox_close(inbox);
}

static void test_inbox__fd_is_readable_while_records_wait(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox();
    assert_false(is_readable(inbox));
    append_number(inbox, 1);
    append_number(inbox, 2);
    assert_true(is_readable(inbox));
    assert_int_equal(read_number(inbox), 1);
    assert_true(is_readable(inbox));
    assert_int_equal(read_number(inbox), 2);
    assert_int_equal(read_number(inbox), -1);
    assert_false(is_readable(inbox));
    assert_int_equal(sw_inbox_trim(inbox), 0);
    append_number(inbox, 3);
    assert_true(is_readable(inbox));
    sw_inbox_close(inbox);
}

static void test_inbox__full_until_it_is_trimmed(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_limited(16 + 3 * SMALL_RECORD);
    for (int i = 0; i < 3; i++)
        assert_int_equal(append_number(inbox, i), 0);
    assert_int_equal(append_number(inbox, 3), SW_INBOX_FULL);
    assert_int_equal(sw_inbox_wait_space(inbox, 1), -ETIMEDOUT);
    assert_int_equal(file_size(), 16 + 3 * SMALL_RECORD);
    for (int i = 0; i < 3; i++)
        assert_int_equal(read_number(inbox), i);
    assert_int_equal(append_number(inbox, 3), SW_INBOX_FULL); /* read is not stored */
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_int_equal(sw_inbox_wait_space(inbox, 0), 0);
    assert_int_equal(append_number(inbox, 3), 0);
    sw_inbox_close(inbox);
}

static void test_inbox__full_and_waited_for_gives_back_what_was_read(void **state)
{
    (void)state;
    enum { FITS = 160 };
    struct sw_inbox *inbox = open_limited(16 + FITS * SMALL_RECORD);
    for (int i = 0; i < FITS; i++)
        assert_int_equal(append_number(inbox, i), 0);
    for (int i = 0; i < FITS / 10; i++) /* far from half of it */
        assert_int_equal(read_number(inbox), i);
    sw_inbox_trim(inbox);
    assert_int_equal(file_size(), 16 + FITS * SMALL_RECORD); /* nobody waits */
    assert_int_equal(append_number(inbox, FITS), SW_INBOX_FULL);
    sw_inbox_trim(inbox);
    assert_int_equal(append_number(inbox, FITS), 0);
    for (int i = FITS / 10; i <= FITS; i++)
        assert_int_equal(read_number(inbox), i);
    sw_inbox_close(inbox);
}

static void test_inbox__a_record_alone_always_fits(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_limited(1);
    assert_int_equal(append_number(inbox, 1), 0);
    assert_int_equal(append_number(inbox, 2), SW_INBOX_FULL);
    sw_inbox_close(inbox);
}

static void test_inbox__flood_that_never_pauses_stays_within_the_limit(void **state)
{
    (void)state;
    enum { LIMIT = 64 * 1024, RECORDS = 50000, AHEAD = 20 };
    struct sw_inbox *inbox = open_limited(LIMIT);
    int next = 0;
    for (int i = 0; i < RECORDS; i++) {
        assert_int_equal(append_number(inbox, i), 0); /* and is never full */
        if (i < AHEAD)
            continue;
        assert_int_equal(read_number(inbox), next++);
        if (i % 50 == 0)
            assert_int_equal(sw_inbox_trim(inbox), 0);
        assert_true(file_size() <= LIMIT);
    }
    assert_int_equal(sw_inbox_trim(inbox), 0);
    sw_inbox_close(inbox);

    inbox = open_limited(LIMIT); /* some are read again, and none is missing */
    int first = read_number(inbox);
    assert_in_range(first, RECORDS - LIMIT / SMALL_RECORD, next);
    for (int i = first + 1; i < RECORDS; i++)
        assert_int_equal(read_number(inbox), i);
    assert_int_equal(read_number(inbox), -1);
    sw_inbox_close(inbox);
}

static void
test_inbox__reader_that_lags_gets_a_full_inbox_and_loses_nothing(void **state)
{
    (void)state;
    enum { LIMIT = 16 * 1024, RECORDS = 5000 };
    struct sw_inbox *inbox = open_limited(LIMIT);
    int next = 0, fulls = 0;
    for (int i = 0; i < RECORDS;) {
        int r = append_number(inbox, i);
        assert_true(file_size() <= LIMIT);
        if (r == 0) {
            i++;
            continue;
        }
        assert_int_equal(r, SW_INBOX_FULL);
        fulls++;
        for (int k = 0; k < 100; k++)
            assert_int_equal(read_number(inbox), next++);
        assert_int_equal(sw_inbox_trim(inbox), 0);
    }
    while (next < RECORDS)
        assert_int_equal(read_number(inbox), next++);
    assert_true(fulls > 10);
    sw_inbox_close(inbox);
}

static void test_inbox__a_write_cut_short_is_undone(void **state)
{
    (void)state;
    struct rlimit old, tight = {.rlim_cur = 16 + 2 * SMALL_RECORD + 10};
    struct sw_inbox *inbox = open_inbox();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(append_number(inbox, 0), 0);
    assert_int_equal(append_number(inbox, 1), 0);
    assert_int_equal(read_number(inbox), 0);
    assert_int_equal(read_number(inbox), 1);
    assert_int_equal(read_number(inbox), -1);
    assert_false(is_readable(inbox));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int cut_short = append_number(inbox, 2);
    int64_t size = file_size();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(cut_short, -ENOSPC);
    assert_int_equal(size, 16 + 2 * SMALL_RECORD);
    assert_int_equal(sw_inbox_pending(inbox), 2);
    assert_true(is_readable(inbox)); /* that it failed is news */
    assert_int_equal(read_number(inbox), -1);
    assert_false(is_readable(inbox));
    assert_int_equal(append_number(inbox, 2), 0);
    assert_int_equal(read_number(inbox), 2);
    assert_int_equal(read_number(inbox), -1);
    sw_inbox_close(inbox);
}

static void test_inbox__a_probe_tells_whether_a_record_would_fit(void **state)
{
    (void)state;
    struct rlimit old, tight = {.rlim_cur = 4096};
    struct sw_inbox *inbox = open_inbox();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(append_number(inbox, 0), 0);
    int64_t size = file_size();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int without_room = sw_inbox_probe(inbox);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(without_room, -EFBIG);
    assert_int_equal(sw_inbox_probe(inbox), 0);
    assert_int_equal(file_size(), size); /* the inbox itself is as it was */
    assert_int_equal(read_number(inbox), 0);
    assert_int_equal(read_number(inbox), -1);
    sw_inbox_close(inbox);
}

static void test_inbox__synced_appends_and_trims_work_alike(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    struct sw_inbox *inbox;
    assert_int_equal(sw_inbox_open(&inbox, path, 2048, true, why), 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(append_number(inbox, i), 0);
        if (i < 4)
            continue;
        assert_int_equal(read_number(inbox), i - 4);
        assert_int_equal(sw_inbox_trim(inbox), 0);
    }
    assert_int_equal(sw_inbox_pending(inbox), 4);
    sw_inbox_close(inbox);
}

enum { THREADED = 20000 };

static void *append_all(void *arg)
{
    struct sw_inbox *inbox = arg;
    for (int i = 0; i < THREADED;) {
        int r = append_number(inbox, i);
        if (r == 0)
            i++;
        else if (r != SW_INBOX_FULL || sw_inbox_wait_space(inbox, 60000) < 0)
            return arg; /* the reader will miss it */
    }
    return NULL;
}

static void test_inbox__one_thread_appends_and_one_reads(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_limited(32 * 1024);
    pthread_t appender;
    void *failed = NULL;
    assert_int_equal(pthread_create(&appender, NULL, append_all, inbox), 0);
    for (int next = 0; next < THREADED;) {
        struct pollfd fd = {.fd = sw_inbox_fd(inbox), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 60000), 1);
        int number, batch = 0;
        while (batch++ < 300 && (number = read_number(inbox)) >= 0)
            assert_int_equal(number, next++);
        assert_int_equal(sw_inbox_trim(inbox), 0);
    }
    assert_int_equal(pthread_join(appender, &failed), 0);
    assert_null(failed);
    assert_int_equal(read_number(inbox), -1);
    assert_int_equal(sw_inbox_pending(inbox), 0);
    sw_inbox_close(inbox);
}

static void test_inbox__second_gateway_is_turned_away(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    struct sw_inbox *inbox = open_limited(4096), *second = NULL;
    assert_int_equal(sw_inbox_open(&second, path, ROOM, false, why), -EBUSY);
    assert_non_null(strstr(why, "in use by another gateway"));
    assert_null(second);
    for (int i = 0; i < 500; i++) { /* also after the file was replaced */
        assert_int_equal(append_number(inbox, i), 0);
        if (i >= 4)
            assert_int_equal(read_number(inbox), i - 4);
        assert_int_equal(sw_inbox_trim(inbox), 0);
    }
    assert_int_equal(sw_inbox_open(&second, path, ROOM, false, why), -EBUSY);
    sw_inbox_close(inbox);
}

static void test_inbox__what_cannot_be_an_inbox_says_why(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    struct sw_inbox *inbox = NULL;
    assert_int_equal(sw_inbox_open(&inbox, folder, ROOM, false, why), -EISDIR);
    assert_non_null(strstr(why, folder));
    assert_int_equal(sw_inbox_open(&inbox, "/nonexistent/inbox", ROOM, false, why),
                     -ENOENT);
    assert_int_equal(sw_inbox_open(&inbox, "/dev/null", ROOM, false, why), -EINVAL);
    assert_null(inbox);
    sw_inbox_close(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_inbox__any_bytes_come_back_as_they_were),
        TEST(test_inbox__dated_record_keeps_its_uptime_too),
        TEST(test_inbox__undated_record_keeps_its_boot_and_survives_a_sync),
        TEST(test_inbox__longer_payload_is_cut_to_be_refused),
        TEST(test_inbox__what_was_not_trimmed_is_read_again),
        TEST(test_inbox__trim_forgets_only_what_was_read),
        TEST(test_inbox__fd_is_readable_while_records_wait),
        TEST(test_inbox__full_until_it_is_trimmed),
        TEST(test_inbox__full_and_waited_for_gives_back_what_was_read),
        TEST(test_inbox__a_record_alone_always_fits),
        TEST(test_inbox__flood_that_never_pauses_stays_within_the_limit),
        TEST(test_inbox__reader_that_lags_gets_a_full_inbox_and_loses_nothing),
        TEST(test_inbox__a_write_cut_short_is_undone),
        TEST(test_inbox__a_probe_tells_whether_a_record_would_fit),
        TEST(test_inbox__synced_appends_and_trims_work_alike),
        TEST(test_inbox__one_thread_appends_and_one_reads),
        TEST(test_inbox__second_gateway_is_turned_away),
        TEST(test_inbox__what_cannot_be_an_inbox_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
