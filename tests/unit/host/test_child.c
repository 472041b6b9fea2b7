/* test_child.c -- another program is run within bounds: its input, its files, its time and
 * what it prints. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stepward/child.h"
#include "stepward/host.h"

enum { LONG_MS = 60 * 1000 };

static void start(struct sw_child *child, const char *script, const char *input,
                  int64_t limit_ms)
{
    char shell[] = "/bin/sh", c[] = "-c", text[1024], path[] = "PATH=/usr/bin:/bin";
    char *argv[] = {shell, c, text, NULL}, *env[] = {path, NULL};
    snprintf(text, sizeof text, "%s", script);
    assert_int_equal(sw_child_start(child, shell, argv, env, input, strlen(input),
                                    sw_clock_monotonic_ms() + limit_ms),
                     0);
}

/* Turns until it has ended, as a loop takes them that polls. */
static void wait_for_end(struct sw_child *child)
{
    for (int64_t now_ms = sw_clock_monotonic_ms(); !sw_child_turn(child, now_ms);
         now_ms = sw_clock_monotonic_ms()) {
        bool is_loud = child->read_at_ms != 0;
        struct pollfd fds[] = {{child->exit_fd, POLLIN, 0},
                               {is_loud ? -1 : child->out_fd, POLLIN, 0}};
        int64_t wait_ms = sw_child_next_ms(child, now_ms) - now_ms;
        assert_true(wait_ms <= LONG_MS);
        poll(fds, 2, wait_ms > 0 ? (int)wait_ms : 0);
    }
}

static void check(const char *script, const char *input, const char *end,
                  const char *said)
{
    struct sw_child child;
    char how[SW_CHILD_END_MAX], line[100];
    start(&child, script, input, LONG_MS);
    wait_for_end(&child);
    sw_child_end(&child, how);
    sw_child_said(&child, line, sizeof line);
    assert_string_equal(how, end);
    assert_string_equal(line, said);
    assert_int_equal(child.pid, 0);
    assert_int_equal(child.out_fd, -1);
}

static void test_child__gets_its_input_and_says_how_it_ended(void **state)
{
    (void)state;
    check("cat", "one\ntwo\n", "", "two");
    check("true", "", "", "");
    check("echo no >&2; exit 3", "unread", "exit code 3", "no");
    check("kill -9 $$", "", "signal 9", "");
    check("pwd", "", "", "/");
    check("exec 1>&- 2>&-; sleep 0.2; exit 4", "", "exit code 4", "");
}

static void test_child__has_no_file_of_ours_and_the_signals_of_a_shell(void **state)
{
    (void)state;
    sigset_t term;
    int fds[2];
    assert_int_equal(pipe(fds), 0); /* without O_CLOEXEC */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    check("ls /proc/self/fd | tr '\\n' ' '", "", "", "0 1 2 3"); /* 3: ls's own */
    check("kill -TERM $$; echo still here", "", "signal 15", "");
    check("env -i sh -c 'kill -PIPE $$'; echo $?", "", "", "141");
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &term, NULL);
    close(fds[0]);
    close(fds[1]);
}

static void test_child__that_takes_too_long_is_ended_with_what_it_began(void **state)
{
    (void)state;
    struct sw_child child;
    char how[SW_CHILD_END_MAX], line[100];
    start(&child, "trap '' TERM; sleep 1000 & echo $!; wait", "", 300);
    wait_for_end(&child);
    sw_child_end(&child, how);
    assert_string_equal(how, "it took too long");
    sw_child_said(&child, line, sizeof line);
    pid_t began = (pid_t)strtol(line, NULL, 10);
    assert_true(began > 1);
    int64_t until_ms = sw_clock_monotonic_ms() + LONG_MS; /* init has to reap it */
    char stat[64], text[512] = "";
    snprintf(stat, sizeof stat, "/proc/%d/stat", (int)began);
    for (bool is_gone = false; !is_gone;) {
        FILE *file = fopen(stat, "r");
        is_gone = !file || !fgets(text, sizeof text, file) || strstr(text, ") Z ");
        if (file)
            fclose(file);
        assert_true(is_gone || sw_clock_monotonic_ms() < until_ms);
    }
}

static void test_child__what_it_prints_is_bounded(void **state)
{
    (void)state;
    struct sw_child child;
    char how[SW_CHILD_END_MAX];
    check("head -c 1000000 /dev/zero; echo; echo done", "", "", "done");
    start(&child, "exec cat /dev/zero", "", LONG_MS);
    wait_for_end(&child);
    sw_child_end(&child, how);
    assert_string_equal(how, "it printed more than 16 MiB");
    assert_true(child.n_read < SW_CHILD_BYTES_MAX + 4 * SW_CHILD_FREE_BYTES);
}

static void test_child__its_last_line_is_text_whatever_it_printed(void **state)
{
    (void)state;
    char line[8];
    struct sw_child child = {.n_tail = 0};
    check("printf 'a\\033[1mb\\001c\\n\\n  \\n'", "", "", "a [1mb c");
    child.n_tail = (size_t)snprintf(child.tail, sizeof child.tail,
                                    "\xbc x\xc3\xa9\xc3\xa9\xc3\xa9\n");
    sw_child_said(&child, line, sizeof line);
    assert_string_equal(line, " x\xc3\xa9\xc3\xa9");
}

/* Memcheck begins a child in a memory of its own, from which no errno comes back. */
static bool is_under_memcheck(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
}

static void check_refused(char *path, int error)
{
    char how[SW_CHILD_END_MAX];
    char *argv[] = {path, NULL}, *env[] = {NULL};
    struct sw_child child;
    int64_t end_by_ms = sw_clock_monotonic_ms() + LONG_MS;
    int r = sw_child_start(&child, path, argv, env, "", 0, end_by_ms);
    if (!is_under_memcheck()) {
        assert_int_equal(r, -error);
        return;
    }
    assert_int_equal(r, 0);
    wait_for_end(&child);
    sw_child_end(&child, how);
    assert_string_equal(how, "exit code 127");
}

static void test_child__what_cannot_be_run_is_an_errno(void **state)
{
    (void)state;
    char none[] = "/nonexistent", folder[] = "/tmp", big[SW_CHILD_INPUT_MAX + 1] = {0};
    char *argv[] = {none, NULL}, *env[] = {NULL};
    struct sw_child child;
    check_refused(none, ENOENT);
    check_refused(folder, EACCES);
    assert_int_equal(sw_child_start(&child, none, argv, env, big, sizeof big, 0),
                     -EMSGSIZE);
    assert_int_equal(child.pid, 0);
    sw_child_kill(&child);
    assert_false(sw_child_turn(&child, 0));
}

static void test_child__that_is_killed_is_gone(void **state)
{
    (void)state;
    struct sw_child child;
    start(&child, "sleep 1000", "", LONG_MS);
    pid_t pid = child.pid;
    sw_child_kill(&child);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_child__gets_its_input_and_says_how_it_ended),
        TEST(test_child__has_no_file_of_ours_and_the_signals_of_a_shell),
        TEST(test_child__that_takes_too_long_is_ended_with_what_it_began),
        TEST(test_child__what_it_prints_is_bounded),
        TEST(test_child__its_last_line_is_text_whatever_it_printed),
        TEST(test_child__what_cannot_be_run_is_an_errno),
        TEST(test_child__that_is_killed_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
