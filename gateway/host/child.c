/* child.c -- run another program beside this one, within bounds. What it is for, and what
 * becomes of one that fails, is the caller's business. */
#include "stepward/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LOOK_MS = 50, /* where the kernel cannot tell when it ends */
    FIRST_OWN_FD = 3,
};

/* ---- begin ---- */

/* The reading end of a pipe that holds the input, and no more. */
static int open_input(const char *input, size_t len, int *ret_fd)
{
    int fds[2];
    if (len > SW_CHILD_INPUT_MAX)
        return -EMSGSIZE;
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    ssize_t n = write(fds[1], input, len);
    int r = n < 0 ? -errno : (size_t)n < len ? -EAGAIN : 0;
    close(fds[1]);
    if (r == 0 && fcntl(fds[0], F_SETFL, 0) < 0)
        r = -errno;
    if (r < 0)
        close(fds[0]);
    else
        *ret_fd = fds[0];
    return r;
}

/* Signals are as a program finds them that a shell begins. */
static int spawn(pid_t *ret_pid, const char *path, char *const argv[],
                 char *const env[], int in_fd, int out_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0)
        return -r;
    r = posix_spawnattr_init(&attr);
    if (r != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -r;
    }
    r = posix_spawn_file_actions_addchdir_np(&actions, "/");
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, out_fd, STDERR_FILENO);
    if (r == 0) /* libraries open some without O_CLOEXEC */
        r = posix_spawn_file_actions_addclosefrom_np(&actions, FIRST_OWN_FD);
    if (r == 0)
        r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
                                                POSIX_SPAWN_SETSIGMASK |
                                                POSIX_SPAWN_SETSIGDEF);
    if (r == 0)
        r = posix_spawnattr_setpgroup(&attr, 0);
    if (r == 0)
        r = posix_spawnattr_setsigmask(&attr, &none);
    if (r == 0)
        r = posix_spawnattr_setsigdefault(&attr, &all);
    if (r == 0)
        r = posix_spawn(ret_pid, path, &actions, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

int sw_child_start(struct sw_child *child, const char *path, char *const argv[],
                   char *const env[], const char *input, size_t len, int64_t end_by_ms)
{
    int in_fd = -1, out[2] = {-1, -1};
    *child = (struct sw_child){.exit_fd = -1, .out_fd = -1, .end_by_ms = end_by_ms};
    int r = open_input(input, len, &in_fd);
    if (r < 0)
        return r;
    if (pipe2(out, O_CLOEXEC) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0)
        r = -errno;
    if (r == 0)
        r = spawn(&child->pid, path, argv, env, in_fd, out[1]);
    close(in_fd);
    if (out[1] >= 0)
        close(out[1]);
    if (r < 0) {
        if (out[0] >= 0)
            close(out[0]);
        child->pid = 0;
        return r;
    }
    child->out_fd = out[0];
    child->exit_fd = pidfd_open(child->pid, 0);
    return 0;
}

/* ---- what it prints ---- */

static void keep_tail(struct sw_child *child, const char *bytes, size_t n)
{
    if (n >= SW_CHILD_TAIL_MAX) {
        memcpy(child->tail, bytes + n - SW_CHILD_TAIL_MAX, SW_CHILD_TAIL_MAX);
        child->n_tail = SW_CHILD_TAIL_MAX;
        return;
    }
    size_t kept = child->n_tail;
    if (kept + n > SW_CHILD_TAIL_MAX)
        kept = SW_CHILD_TAIL_MAX - n;
    memmove(child->tail, child->tail + child->n_tail - kept, kept);
    memcpy(child->tail + kept, bytes, n);
    child->n_tail = kept + n;
}

/* At most as much as a pipe holds, so that nobody keeps us here. */
static void read_output(struct sw_child *child)
{
    char bytes[4096];
    for (size_t i = 0; child->out_fd >= 0 && i < SW_CHILD_FREE_BYTES / sizeof bytes;
         i++) {
        ssize_t n = read(child->out_fd, bytes, sizeof bytes);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (n <= 0) {
            close(child->out_fd);
            child->out_fd = -1;
            return;
        }
        child->n_read += n;
        keep_tail(child, bytes, (size_t)n);
    }
}

void sw_child_said(const struct sw_child *child, char *out, size_t size)
{
    const char *tail = child->tail;
    size_t end = child->n_tail, n = 0;
    while (end > 0 && (unsigned char)tail[end - 1] <= ' ')
        end--;
    size_t from = end;
    while (from > 0 && tail[from - 1] != '\n')
        from--;
    while (from < end && ((unsigned char)tail[from] & 0xc0) == 0x80) /* cut in two */
        from++;
    for (; from < end && n + 1 < size; from++) {
        unsigned char c = (unsigned char)tail[from];
        out[n++] = c < ' ' || c == 0x7f ? ' ' : (char)c;
    }
    while (from < end && n > 0 && ((unsigned char)out[n - 1] & 0x80)) {
        bool is_first = ((unsigned char)out[n - 1] & 0xc0) == 0xc0;
        n--;
        if (is_first)
            break;
    }
    out[n] = '\0';
}

/* ---- its end ---- */

/* The group goes while the leader is not reaped: its number is still nobody else's. */
static void bury(struct sw_child *child)
{
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
        ;
    read_output(child);
    if (child->out_fd >= 0)
        close(child->out_fd);
    if (child->exit_fd >= 0)
        close(child->exit_fd);
    child->out_fd = child->exit_fd = -1;
    child->pid = 0;
}

static bool has_ended(const struct sw_child *child)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child->pid;
}

bool sw_child_turn(struct sw_child *child, int64_t now_ms)
{
    if (child->pid == 0)
        return false;
    bool was_running = !has_ended(child); /* asked first: then all it said is there */
    if (now_ms >= child->read_at_ms)
        read_output(child);
    if (child->n_read > SW_CHILD_FREE_BYTES)
        child->read_at_ms = now_ms + SW_CHILD_SLOW_MS;
    child->is_loud = was_running && child->n_read > SW_CHILD_BYTES_MAX;
    child->is_late = was_running && now_ms >= child->end_by_ms;
    if (was_running && !child->is_late && !child->is_loud)
        return false;
    bury(child);
    return true;
}

int64_t sw_child_next_ms(const struct sw_child *child, int64_t now_ms)
{
    int64_t next_ms = child->end_by_ms;
    if (child->read_at_ms != 0 && child->out_fd >= 0 && child->read_at_ms < next_ms)
        next_ms = child->read_at_ms;
    if (child->exit_fd < 0 && now_ms + LOOK_MS < next_ms)
        next_ms = now_ms + LOOK_MS;
    return next_ms;
}

void sw_child_kill(struct sw_child *child)
{
    if (child->pid != 0)
        bury(child);
}

void sw_child_end(const struct sw_child *child, char out[static SW_CHILD_END_MAX])
{
    int status = child->status;
    if (child->is_late)
        snprintf(out, SW_CHILD_END_MAX, "it took too long");
    else if (child->is_loud)
        snprintf(out, SW_CHILD_END_MAX, "it printed more than 16 MiB");
    else if (WIFSIGNALED(status))
        snprintf(out, SW_CHILD_END_MAX, "signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        snprintf(out, SW_CHILD_END_MAX, "exit code %d", WEXITSTATUS(status));
    else
        out[0] = '\0';
}
