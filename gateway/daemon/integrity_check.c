/* integrity_check.c -- a thread that reads all of the database, and its result. What to
 * do about damage is the business of shutdown.c and recovery.c. */
#include "daemon/integrity_check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/disk_monitor.h"
#include "stepward/host.h"

enum {
    RETRY_MS = 5000, /* after it could not be done */
    STOP_MS = 10,    /* between interrupts: the first may come too early */
};

void check_want(struct check *check, const char *path, struct incidents *incidents)
{
    snprintf(check->path, sizeof check->path, "%s", path);
    check->incidents = incidents;
    check->is_awaited = true;
}

bool check_is_awaited(const struct check *check)
{
    return check->is_awaited;
}

int check_fd(const struct check *check)
{
    return check->store ? check->event_fd : -1;
}

/* ---- its thread ---- */

static void *integrity_check_run(void *arg)
{
    struct check *check = arg;
    check->r = sw_store_check(check->store, check->path, check->why);
    atomic_store(&check->has_ended, true);
    eventfd_write(check->event_fd, 1);
    return NULL;
}

static int start_thread(struct check *check)
{
    check->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (check->event_fd < 0)
        return -errno;
    atomic_store(&check->has_ended, false);
    int r = -pthread_create(&check->thread, NULL, integrity_check_run, check);
    if (r < 0)
        close(check->event_fd);
    return r;
}

static void integrity_check_close_store(struct check *check)
{
    sw_store_close(check->store);
    check->store = NULL;
}

static void join(struct check *check)
{
    pthread_join(check->thread, NULL);
    close(check->event_fd);
    integrity_check_close_store(check);
}

/* ---- the loop's side ---- */

static void log_result(struct check *check, const char *what)
{
    static const char remedy[] = "messages wait in the inbox until it is sound";
    int room = SW_WHY_MAX - 2 - (int)sizeof remedy;
    snprintf(check->incidents->checking, sizeof check->incidents->checking, "%.*s: %s",
             room, what, remedy);
}

static void log_begun(struct check *check, int64_t now_ms)
{
    bool is_again = check->began_ms != 0;
    log_result(check, "the database is being checked");
    check->began_ms = now_ms;
    if (!is_again)
        sw_log(SW_LOG_NOTICE, "%s", check->incidents->checking);
}

/* Disk errors come and go, and none of them is damage. */
static int try_later(struct check *check, int r, int64_t now_ms)
{
    char what[SW_WHY_MAX];
    if (r == -EUCLEAN)
        return r;
    snprintf(what, sizeof what, "cannot check the database (%.80s, %s)", check->why,
             disk_remedy(r));
    log_result(check, what);
    sw_log(SW_LOG_ERROR, "%s", check->incidents->checking);
    check->begin_at_ms = now_ms + RETRY_MS;
    return 0;
}

static int integrity_check_begin(struct check *check, int64_t now_ms)
{
    int r = sw_store_open(&check->store, check->path, SW_STORE_READ, check->why);
    if (r == 0) {
        r = start_thread(check);
        if (r < 0) {
            snprintf(check->why, sizeof check->why, "%s", strerror(-r));
            integrity_check_close_store(check);
        }
    }
    if (r < 0)
        return try_later(check, r, now_ms);
    log_begun(check, now_ms);
    return 0;
}

static int end(struct check *check, int64_t now_ms)
{
    join(check);
    if (check->r < 0)
        return try_later(check, check->r, now_ms);
    check->incidents->checking[0] = '\0';
    check->is_awaited = false;
    sw_log(SW_LOG_NOTICE, "the database is sound: checked in %lld s",
           (long long)(now_ms - check->began_ms) / 1000);
    return CHECK_SOUND;
}

int check_tick(struct check *check, int64_t now_ms)
{
    if (!check_is_awaited(check))
        return 0;
    if (check->store)
        return atomic_load(&check->has_ended) ? end(check, now_ms) : 0;
    return now_ms >= check->begin_at_ms ? integrity_check_begin(check, now_ms) : 0;
}

void check_stop(struct check *check)
{
    if (!check->store)
        return;
    while (!atomic_load(&check->has_ended)) {
        sw_store_interrupt(check->store);
        poll(NULL, 0, STOP_MS);
    }
    join(check);
}
