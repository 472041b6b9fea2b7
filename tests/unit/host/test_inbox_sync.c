/* test_inbox_sync.c -- when the inbox asks the disk to keep something, and what it does
 * when the disk refuses. That this is enough, the power-cut test shows.
 *
 * The calls to the disk are written down, a letter each: F a file is synced, D a
 * folder, R a file takes another's name. */
#include "stepward/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 4096, LETTERS_MAX = 64 };

static char folder[64], path[128];
static char asked[LETTERS_MAX];
static char refused; /* the letter that fails; 0: none */

static int ask(char letter)
{
    size_t n = strlen(asked);
    assert_true(n + 1 < sizeof(asked));
    asked[n] = letter;
    errno = EIO;
    return letter == refused ? -1 : 0;
}

/* In place of the C library's. */
int fsync(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return ask(S_ISDIR(st.st_mode) ? 'D' : 'F');
}

int fdatasync(int fd)
{
    return fsync(fd);
}

int rename(const char *from, const char *to)
{
    if (ask('R') < 0)
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* What was asked since the last time. */
static const char *was_asked(void)
{
    static char copy[LETTERS_MAX];
    memcpy(copy, asked, sizeof(copy));
    memset(asked, 0, sizeof(asked));
    return copy;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/stepward-inbox-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/inbox", folder);
    memset(asked, 0, sizeof(asked));
    refused = 0;
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct sw_inbox *open_inbox(bool sync)
{
    char why[SW_WHY_MAX];
    struct sw_inbox *inbox = NULL;
    assert_int_equal(sw_inbox_open(&inbox, path, ROOM, sync, why), 0);
    assert_string_equal(why, "");
    return inbox;
}

static int append(struct sw_inbox *inbox)
{
    static const char payload[256];
    struct sw_inbox_record record = {
        .topic = "topic", .topic_len = 5, .payload = payload, .payload_len = 256};
    return sw_inbox_append(inbox, &record);
}

static void append_many(struct sw_inbox *inbox, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(append(inbox), 0);
}

static void read_many(struct sw_inbox *inbox, int n)
{
    struct sw_inbox_record record;
    for (int i = 0; i < n; i++)
        assert_int_equal(sw_inbox_read(inbox, &record), 1);
}

/* So that the next trim replaces the file: more than a quarter is forgotten, and less
 * is left. */
static void prepare_compaction(struct sw_inbox *inbox)
{
    append_many(inbox, 8);
    read_many(inbox, 6);
    was_asked();
}

static void test_inbox_sync__name_and_leftovers_are_kept_at_every_opening(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct sw_inbox *inbox = open_inbox(false);
        assert_string_equal(was_asked(), "FD");
        append_many(inbox, 1);
        sw_inbox_close(inbox);
    }
}

static void test_inbox_sync__an_append_syncs_only_where_it_must(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(false);
    was_asked();
    append_many(inbox, 3);
    read_many(inbox, 3);
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_string_equal(was_asked(), ""); /* kind to an SD card */
    sw_inbox_close(inbox);

    inbox = open_inbox(true);
    was_asked();
    append_many(inbox, 3);
    assert_string_equal(was_asked(), "FFF");
    sw_inbox_close(inbox);
}

static void test_inbox_sync__what_waits_is_synced_once(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(false);
    was_asked();
    append_many(inbox, 2);
    assert_int_equal(sw_inbox_sync(inbox), 0);
    assert_int_equal(sw_inbox_sync(inbox), 0);
    assert_string_equal(was_asked(), "F");
    append_many(inbox, 1);
    assert_int_equal(sw_inbox_sync(inbox), 0);
    assert_string_equal(was_asked(), "F");
    sw_inbox_close(inbox);
}

static void test_inbox_sync__a_refused_sync_is_tried_again(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(false);
    append_many(inbox, 1);
    refused = 'F';
    assert_int_equal(sw_inbox_sync(inbox), -EIO);
    refused = 0;
    was_asked();
    assert_int_equal(sw_inbox_sync(inbox), 0);
    assert_string_equal(was_asked(), "F");
    sw_inbox_close(inbox);
}

static void test_inbox_sync__an_append_that_was_not_synced_is_none(void **state)
{
    (void)state;
    struct sw_inbox_record record;
    struct sw_inbox *inbox = open_inbox(true);
    refused = 'F';
    assert_int_equal(append(inbox), -EIO);
    assert_int_equal(sw_inbox_read(inbox, &record), 0);
    refused = 0;
    append_many(inbox, 1);
    read_many(inbox, 1);
    sw_inbox_close(inbox);
}

static void
test_inbox_sync__what_was_synced_is_so_before_its_file_is_replaced(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(false);
    prepare_compaction(inbox);
    assert_int_equal(sw_inbox_sync(inbox), 0);
    was_asked();
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_string_equal(was_asked(), "FRFD");
    read_many(inbox, 2);
    sw_inbox_close(inbox);
}

static void test_inbox_sync__what_was_not_waits_for_its_sync(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(false);
    prepare_compaction(inbox);
    assert_int_equal(sw_inbox_trim(inbox), 0);
    assert_string_equal(was_asked(), "R");
    assert_int_equal(sw_inbox_sync(inbox), 0);
    assert_string_equal(was_asked(), "FD"); /* under its new name */
    read_many(inbox, 2);
    sw_inbox_close(inbox);
}

static void test_inbox_sync__nothing_is_safe_under_a_name_that_is_not(void **state)
{
    (void)state;
    struct sw_inbox *inbox = open_inbox(true);
    prepare_compaction(inbox);
    refused = 'D';
    assert_int_equal(sw_inbox_trim(inbox), -EIO);
    assert_int_equal(append(inbox), -EIO);
    refused = 0;
    was_asked();
    append_many(inbox, 2);
    assert_string_equal(was_asked(), "FDF");
    read_many(inbox, 4);
    sw_inbox_close(inbox);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_inbox_sync__name_and_leftovers_are_kept_at_every_opening),
        TEST(test_inbox_sync__an_append_syncs_only_where_it_must),
        TEST(test_inbox_sync__what_waits_is_synced_once),
        TEST(test_inbox_sync__a_refused_sync_is_tried_again),
        TEST(test_inbox_sync__an_append_that_was_not_synced_is_none),
        TEST(test_inbox_sync__what_was_synced_is_so_before_its_file_is_replaced),
        TEST(test_inbox_sync__what_was_not_waits_for_its_sync),
        TEST(test_inbox_sync__nothing_is_safe_under_a_name_that_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
