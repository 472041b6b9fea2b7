/* test_inbox_damage.c -- crashes and bad disks: what stands before the damage is read,
 * what does not is set aside, and nothing that was acknowledged is lost. */
#include "stepward/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAGIC = 16, HEAD = 24, ROOM = 1024 * 1024, FILE_MAX_LEN = 4096 };

static char folder[64], path[128], why[SW_WHY_MAX];

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

struct bytes {
    char data[FILE_MAX_LEN];
    size_t len;
};

static struct bytes read_file(const char *name)
{
    struct bytes bytes;
    int fd = open(name, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, bytes.data, sizeof(bytes.data));
    assert_true(n >= 0);
    bytes.len = (size_t)n;
    close(fd);
    return bytes;
}

static void write_file(const char *name, const char *data, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
}

static const char *aside(int n)
{
    static char name[160];
    snprintf(name, sizeof(name), "%s.damaged-%d", path, n);
    return name;
}

static int try_append(struct sw_inbox *inbox, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%08d", number);
    struct sw_inbox_record record = {
        .topic = "t", .topic_len = 1, .payload = text, .payload_len = 8};
    return sw_inbox_append(inbox, &record);
}

static void append_number(struct sw_inbox *inbox, int number)
{
    assert_int_equal(try_append(inbox, number), 0);
}
enum { RECORD = HEAD + 1 + 8 };

/* A sound inbox with records 0..n-1, closed. */
static struct bytes make_inbox(int n)
{
    struct sw_inbox *inbox;
    unlink(path);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    for (int i = 0; i < n; i++)
        append_number(inbox, i);
    sw_inbox_close(inbox);
    struct bytes bytes = read_file(path);
    assert_int_equal(bytes.len, MAGIC + n * RECORD);
    return bytes;
}

/* How many records 0, 1, 2… the inbox holds. */
static int count_records(struct sw_inbox *inbox)
{
    struct sw_inbox_record record;
    char text[16] = "";
    int n = 0, r;
    for (; (r = sw_inbox_read(inbox, &record)) == 1; n++) {
        assert_int_equal(record.payload_len, 8);
        memcpy(text, record.payload, 8);
        assert_int_equal(atoi(text), n);
    }
    assert_int_equal(r, 0);
    return n;
}

/* Open a file of these bytes; n records stand before the damage, nothing is lost, and
 * the inbox goes on working. */
static void check_recovers(const struct bytes *bytes, int n)
{
    struct sw_inbox *inbox;
    write_file(path, bytes->data, bytes->len);
    unlink(aside(1));
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    assert_string_not_equal(why, "");
    assert_int_equal(count_records(inbox), n);
    append_number(inbox, n);
    sw_inbox_close(inbox);

    size_t kept = n > 0 || memcmp(bytes->data, "STEPWARD-INBOX 1", MAGIC) == 0
                      ? (size_t)(MAGIC + n * RECORD)
                      : 0;
    struct bytes rest = read_file(aside(1));
    assert_int_equal(rest.len, bytes->len - kept);
    assert_memory_equal(rest.data, bytes->data + kept, rest.len);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    assert_string_equal(why, "");
    assert_int_equal(count_records(inbox), n + 1);
    sw_inbox_close(inbox);
}

static void test_inbox__torn_tail_of_any_length_costs_only_itself(void **state)
{
    (void)state;
    struct bytes whole = make_inbox(3);
    for (size_t len = MAGIC + 2 * RECORD + 1; len < whole.len; len++) {
        struct bytes torn = whole;
        torn.len = len;
        check_recovers(&torn, 2);
        write_file(path, torn.data, torn.len);
        struct sw_inbox *inbox;
        assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
        assert_non_null(
            strstr(why, "a record was torn, as a crash does, after 2 sound"));
        sw_inbox_close(inbox);
        unlink(aside(2));
    }
}

static void test_inbox__any_flipped_bit_is_found(void **state)
{
    (void)state;
    struct bytes whole = make_inbox(3);
    for (size_t at = MAGIC; at < whole.len; at++) {
        struct bytes flipped = whole;
        flipped.data[at] ^= (char)(1 << (at % 8));
        check_recovers(&flipped, (int)(at - MAGIC) / RECORD);
    }
}

static void test_inbox__a_file_that_is_no_inbox_is_set_aside_whole(void **state)
{
    (void)state;
    struct bytes other = {.len = 300};
    memset(other.data, 'x', other.len);
    check_recovers(&other, 0);
    memset(other.data, 0, other.len); /* as a power cut leaves it */
    check_recovers(&other, 0);
    other.len = 5;
    check_recovers(&other, 0);
}

static void test_inbox__zeros_at_the_end_are_set_aside(void **state)
{
    (void)state;
    struct bytes zeros = make_inbox(2);
    memset(zeros.data + zeros.len, 0, 1000);
    zeros.len += 1000;
    check_recovers(&zeros, 2);
}

static void test_inbox__damage_is_never_overwritten(void **state)
{
    (void)state;
    for (int i = 1; i <= 12; i++) {
        struct sw_inbox *inbox;
        char junk[24];
        snprintf(junk, sizeof(junk), "junk %d", i);
        write_file(path, junk, strlen(junk));
        assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
        assert_non_null(strstr(why, strrchr(aside(i), '/') + 1));
        sw_inbox_close(inbox);
    }
    assert_memory_equal(read_file(aside(1)).data, "junk 1", 6);
    assert_memory_equal(read_file(aside(12)).data, "junk 12", 7);
}

static void test_inbox__newer_version_s_file_is_left_alone(void **state)
{
    (void)state;
    struct bytes newer = make_inbox(1);
    struct sw_inbox *inbox = NULL;
    newer.data[MAGIC - 1] = '2';
    write_file(path, newer.data, newer.len);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), -EPROTO);
    assert_non_null(strstr(why, "newer version"));
    assert_null(inbox);
    struct bytes after = read_file(path);
    assert_int_equal(after.len, newer.len);
    assert_memory_equal(after.data, newer.data, newer.len);
}

static void test_inbox__a_change_under_a_running_gateway_is_noticed(void **state)
{
    (void)state;
    struct sw_inbox *inbox;
    struct sw_inbox_record record;
    make_inbox(3);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    assert_int_equal(truncate(path, MAGIC + RECORD + 5), 0);
    assert_int_equal(sw_inbox_read(inbox, &record), 1);
    assert_int_equal(sw_inbox_read(inbox, &record), -EUCLEAN);
    sw_inbox_close(inbox);

    struct bytes whole = make_inbox(3);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    whole.data[MAGIC + RECORD + HEAD]++;
    write_file(path, whole.data, whole.len);
    assert_int_equal(sw_inbox_read(inbox, &record), 1);
    assert_int_equal(sw_inbox_read(inbox, &record), -EUCLEAN);
    sw_inbox_close(inbox);
}

static void test_inbox__unfinished_copy_of_a_killed_gateway_is_removed(void **state)
{
    (void)state;
    struct sw_inbox *inbox;
    char name[160];
    make_inbox(3);
    snprintf(name, sizeof(name), "%s.new", path);
    write_file(name, "STEPWARD-INB", 12);
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, false, why), 0);
    assert_string_equal(why, "");
    assert_int_equal(count_records(inbox), 3);
    assert_int_equal(access(name, F_OK), -1);
    sw_inbox_close(inbox);
}

/* ---- kill -9 ---- */

/* What the killed process had promised, in memory that outlives it. */
struct promises {
    _Atomic int acknowledged; /* append returned for all below */
    _Atomic int stored;       /* trim may forget all below */
};

static int number_of(const struct sw_inbox_record *record)
{
    char text[16] = "";
    memcpy(text, record->payload, 8);
    return atoi(text);
}

/* Records may come again, but none may be left out. */
static bool store(struct promises *promises, int number)
{
    int stored = atomic_load(&promises->stored);
    if (number == stored)
        atomic_store(&promises->stored, stored + 1);
    return number <= stored;
}

/* Append and trim without end, as fast as it goes. It is another process: it exits
 * where a test would fail. */
static void work_until_killed(struct promises *promises, int next)
{
    enum { BATCH = 7, BEHIND = 30 }; /* never quite drained: the file is compacted */
    struct sw_inbox *inbox;
    struct sw_inbox_record record;
    if (sw_inbox_open(&inbox, path, 8192, false, why) < 0)
        _exit(1);
    while (sw_inbox_pending(inbox) < BEHIND && try_append(inbox, next) == 0)
        atomic_store(&promises->acknowledged, ++next);
    for (;;) {
        int r = 0;
        for (int i = 0; i < BATCH && (r = try_append(inbox, next)) == 0; i++)
            atomic_store(&promises->acknowledged, ++next);
        if (r < 0)
            _exit(2);
        for (int i = 0; i < BATCH && sw_inbox_read(inbox, &record) == 1; i++)
            if (!store(promises, number_of(&record)))
                _exit(4);
        if (sw_inbox_trim(inbox) < 0)
            _exit(3);
    }
}

/* Kill it once it has acknowledged so many more. */
static void run_and_kill(struct promises *promises, int more)
{
    int first = atomic_load(&promises->acknowledged);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        work_until_killed(promises, first);
    int status = 0;
    while (atomic_load(&promises->acknowledged) < first + more)
        assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* still at work */
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* Every acknowledged number that was not stored is still in the file, in order. */
static int read_all_from(int stored, int acknowledged)
{
    struct sw_inbox *inbox;
    struct sw_inbox_record record;
    int last = -1;
    assert_int_equal(sw_inbox_open(&inbox, path, 8192, false, why), 0);
    while (sw_inbox_read(inbox, &record) == 1) {
        int number = number_of(&record);
        assert_true(last < 0 ? number <= stored : number == last + 1);
        last = number;
    }
    assert_true(last >= acknowledged - 1 || stored >= acknowledged);
    sw_inbox_close(inbox);
    return last;
}

static void test_inbox__kill_at_any_moment_loses_nothing(void **state)
{
    (void)state;
    struct promises *promises = mmap(NULL, sizeof(*promises), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(promises != MAP_FAILED);
    srand(7);
    for (int i = 0; i < 60; i++) {
        run_and_kill(promises, 1 + rand() % 900);
        int last = read_all_from(atomic_load(&promises->stored),
                                 atomic_load(&promises->acknowledged));
        if (last >= atomic_load(&promises->acknowledged)) /* appended, not yet said */
            atomic_store(&promises->acknowledged, last + 1);
    }
    munmap(promises, sizeof(*promises));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_inbox__torn_tail_of_any_length_costs_only_itself),
        TEST(test_inbox__any_flipped_bit_is_found),
        TEST(test_inbox__a_file_that_is_no_inbox_is_set_aside_whole),
        TEST(test_inbox__zeros_at_the_end_are_set_aside),
        TEST(test_inbox__damage_is_never_overwritten),
        TEST(test_inbox__newer_version_s_file_is_left_alone),
        TEST(test_inbox__a_change_under_a_running_gateway_is_noticed),
        TEST(test_inbox__unfinished_copy_of_a_killed_gateway_is_removed),
        TEST(test_inbox__kill_at_any_moment_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
