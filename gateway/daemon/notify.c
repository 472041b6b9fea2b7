/* notify.c -- run the clinic's programs for each publication of an alert, until each has
 * taken it. Which programs may be run is host/programs.c's business, and how host/child.c's;
 * the words are wire/alert_words.c's. */
#include "daemon/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "stepward/fault.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/file.h"
#include "util/fingerprint.h"
#include "util/line.h"

enum {
    TEXT_MAX = 160, /* of a variable of the environment: an id, a word, a zone */
    STORE_RETRY_MS = 1000,
    FAILURES_MAX = 100, /* counted so far: the pause does not grow any more */
};

int notify_init(struct notify *notify, const struct sw_config *config,
                const struct sw_zone *zone, struct sw_store *store,
                struct incidents *incidents)
{
    *notify = (struct notify){.config = config,
                              .zone = zone,
                              .store = store,
                              .incidents = incidents,
                              .epoll_fd = -1,
                              .maybe_more = true,
                              .next_ms = INT64_MAX};
    if (!sw_config_notifies(config))
        return 0;
    notify->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return notify->epoll_fd < 0 ? -errno : 0;
}

int notify_fd(const struct notify *notify)
{
    return notify->epoll_fd;
}

/* ---- the rows, in memory ---- */

static void notify_forget(struct notify *notify)
{
    for (size_t i = 0; i < notify->n; i++)
        free(notify->jobs[i].unstored);
    notify->n = 0;
    notify->loaded_to = 0;
    notify->maybe_more = true;
}

void notify_fini(struct notify *notify)
{
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++)
        sw_child_kill(&notify->runs[i].child);
    notify_forget(notify);
    free(notify->jobs);
    notify->jobs = NULL;
    notify->cap = 0;
    if (notify->epoll_fd >= 0)
        close(notify->epoll_fd);
    notify->epoll_fd = -1;
}

/* The place of the job, or where it would be: they are in order of seq. */
static size_t notify_place(const struct notify *notify, int64_t seq)
{
    size_t from = 0, to = notify->n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (notify->jobs[middle].seq < seq)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct notify_job *notify_find(const struct notify *notify, int64_t seq)
{
    size_t i = notify_place(notify, seq);
    return i < notify->n && notify->jobs[i].seq == seq ? &notify->jobs[i] : NULL;
}

static void notify_remove(struct notify *notify, size_t i)
{
    free(notify->jobs[i].unstored);
    notify->n--;
    memmove(&notify->jobs[i], &notify->jobs[i + 1],
            (notify->n - i) * sizeof *notify->jobs);
}

/* "mail/ntfy/" holds "ntfy". */
static bool has_told(const char *told, const char *program)
{
    size_t len = strlen(program);
    for (const char *at = told; *at; at += strcspn(at, "/") + 1) {
        if (strncmp(at, program, len) == 0 && at[len] == '/')
            return true;
        if (!strchr(at, '/'))
            break;
    }
    return false;
}

static uint8_t told_bits(const struct notify *notify, const char *told)
{
    uint8_t bits = 0;
    for (size_t i = 0; i < notify->programs.n; i++)
        if (has_told(told, notify->programs.items[i].name))
            bits |= (uint8_t)(1U << i);
    return bits;
}

static int notify_load_row(void *ctx, const struct sw_notification *row)
{
    struct notify *notify = ctx;
    struct notify_job job = {.seq = row->seq,
                             .at_s = row->at_s,
                             .alert =
                                 sw_fingerprint(row->alert, strlen(row->alert), "", 0),
                             .told = told_bits(notify, row->told)};
    int r = GROW(notify->jobs, notify->n, notify->cap);
    if (r < 0)
        return r;
    for (size_t i = notify->n; i > 0 && job.before == 0; i--)
        if (notify->jobs[i - 1].alert == job.alert)
            job.before = notify->jobs[i - 1].seq;
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++)
        for (size_t p = 0; p < notify->programs.n; p++)
            if (notify->runs[i].child.pid != 0 && notify->runs[i].seq == job.seq &&
                strcmp(notify->runs[i].program, notify->programs.items[p].name) == 0)
                job.running |= (uint8_t)(1U << p);
    notify->jobs[notify->n++] = job;
    notify->loaded_to = job.seq;
    return notify->n >= (size_t)NOTIFY_ROWS_MAX * 2; /* the rest comes next */
}

/* Every second row of very many is dropped at once, below; the others come by then. */
static int notify_load(struct notify *notify)
{
    if (notify->epoch != sw_store_epoch(notify->store)) {
        notify->epoch = sw_store_epoch(notify->store);
        notify->maybe_more = true; /* an acknowledgement at the command line */
    }
    if (!notify->maybe_more)
        return 0;
    int r = sw_store_each_notification(notify->store, notify->loaded_to,
                                       notify_load_row, notify);
    notify->maybe_more = r != 0;
    return r < 0 ? r : 0;
}

/* The oldest are what nobody needs any more. One that runs is told, perhaps. */
static int notify_drop_old(struct notify *notify, int64_t now_s, bool clock_trusted)
{
    size_t n = 0, n_old = 0;
    int r = 0;
    for (size_t i = 0; i < notify->n; i++) {
        bool is_old = clock_trusted && now_s - notify->jobs[i].at_s > NOTIFY_KEPT_S;
        bool is_too_many = notify->n - i > NOTIFY_ROWS_MAX;
        if (!is_old && !is_too_many)
            break;
        n++;
        n_old += is_old;
    }
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = sw_store_drop_notification(notify->store, notify->jobs[i].seq);
    if (r < 0 || n == 0)
        return r;
    for (size_t i = 0; i < n; i++)
        free(notify->jobs[i].unstored);
    notify->n -= n;
    memmove(notify->jobs, notify->jobs + n, notify->n * sizeof *notify->jobs);
    incidents_note(notify->incidents, SW_INCIDENT_NOTIFY_DROPPED, now_s,
                   "%zu publication%s of alerts %s not told by the programs in %.80s: "
                   "%s",
                   n, sw_plural((int64_t)n), n == 1 ? "was" : "were",
                   notify->config->notify.run,
                   n_old > 0 ? "after a day they are dropped" : "too many waited");
    return 0;
}

/* ---- the folder ---- */

/* Other programs than before: what each row still waits for is found anew. */
static void notify_look(struct notify *notify, int64_t now_ms)
{
    struct sw_programs found;
    bool is_same;
    if (notify->looked_ms != 0 && now_ms - notify->looked_ms < NOTIFY_LOOK_MS)
        return;
    notify->looked_ms = now_ms;
    sw_programs_find(notify->config, &found);
    is_same = found.n == notify->programs.n;
    for (size_t i = 0; is_same && i < found.n; i++)
        is_same = strcmp(found.items[i].name, notify->programs.items[i].name) == 0;
    notify->programs = found;
    if (is_same)
        return;
    memset(notify->troubles, 0, sizeof notify->troubles);
    notify_forget(notify);
}

/* What is wrong with the folder lasts until it is right; what a program did, until it does
 * better or nothing waits for it any more. */
static void notify_report(struct notify *notify, int64_t now_s)
{
    const char *fault = sw_programs_fault(&notify->programs);
    for (size_t i = 0; *fault == '\0' && notify->n > 0 && i < notify->programs.n; i++)
        fault = notify->troubles[i].why;
    if (*fault)
        incidents_begin(notify->incidents, SW_INCIDENT_NOTIFY_FAILED, now_s,
                        "notify: %s", fault);
    else
        incidents_end(notify->incidents, SW_INCIDENT_NOTIFY_FAILED, now_s,
                      "the programs in %s take what they are told again",
                      notify->config->notify.run);
}

/* ---- running one ---- */

struct notify_environment {
    char texts[12][TEXT_MAX];
    char *items[13];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void
add_variable(struct notify_environment *env, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(env->texts[env->n], TEXT_MAX, format, args);
    va_end(args);
    env->items[env->n] = env->texts[env->n];
    env->n++;
}

static void make_environment(struct notify_environment *env,
                             const struct sw_config *config,
                             const struct sw_notification *row)
{
    *env = (struct notify_environment){.n = 0};
    add_variable(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
                      "/bin");
    add_variable(env, "LANG=C.UTF-8");
    add_variable(env, "TZ=%s", config->timezone);
    add_variable(env, "STEPWARD_SITE=%s", config->site);
    add_variable(env, "STEPWARD_ALERT_ID=%s", row->alert);
    add_variable(env, "STEPWARD_ALERT_REV=%" PRId32, row->rev);
    add_variable(env, "STEPWARD_ALERT_KIND=%s", row->kind);
    add_variable(env, "STEPWARD_ALERT_LEVEL=%s", row->level);
    add_variable(env, "STEPWARD_ALERT_STATE=%s", row->state);
    add_variable(env, "STEPWARD_ALERT_PATIENT=%s", row->patient.str);
    add_variable(env, "STEPWARD_ALERT_THERAPIST=%s", row->therapist.str);
}

static void notify_watch(const struct notify *notify, const struct notify_run *run)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (run->child.exit_fd >= 0)
        epoll_ctl(notify->epoll_fd, EPOLL_CTL_ADD, run->child.exit_fd, &event);
    epoll_ctl(notify->epoll_fd, EPOLL_CTL_ADD, run->child.out_fd, &event);
}

/* Its descriptors leave the epoll as they are closed. One that prints much is not waited
 * for any more, but looked at now and then. */
static void notify_unwatch_loud(const struct notify *notify,
                                const struct notify_run *run)
{
    if (run->child.read_at_ms != 0 && run->child.out_fd >= 0)
        epoll_ctl(notify->epoll_fd, EPOLL_CTL_DEL, run->child.out_fd, NULL);
}

static int start_program(struct notify *notify, struct notify_run *run,
                         const struct sw_notification *row, struct instant now)
{
    struct notify_environment env;
    char path[SW_PATH_BYTES_MAX];
    char *argv[] = {run->program, NULL};
    char *words = sw_local_times(notify->zone, row->words, now.now_s);
    if (!words)
        return -ENOMEM;
    snprintf(path, sizeof path, "%s/%s", notify->config->notify.run, run->program);
    argv[0] = path; /* as a script sees it in $0, and finds its settings beside it */
    make_environment(&env, notify->config, row);
    int r = sw_child_start(&run->child, path, argv, env.items, words, strlen(words),
                           now.now_ms + NOTIFY_LIMIT_MS);
    free(words);
    return r;
}

/* What it printed may name whom it was about, and incidents are kept for long. */
static void hide(char *text, const char *word)
{
    size_t len = strlen(word);
    for (char *at = text; len > 0 && (at = strstr(at, word)); at += len)
        memset(at, '*', len);
}

static void notify_fail(struct notify *notify, const struct notify_run *run, size_t p,
                        const char *how, const char *said, int64_t now_ms)
{
    struct notify_trouble *trouble = &notify->troubles[p];
    struct notify_job *job = notify_find(notify, run->seq);
    int64_t wait_ms = NOTIFY_RETRY_MS;
    char line[SW_WHY_MAX];
    snprintf(line, sizeof line, "%s", said);
    hide(line, run->name);
    hide(line, run->patient);
    for (int i = 0; i < trouble->n_failed && wait_ms < NOTIFY_RETRY_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > NOTIFY_RETRY_MAX_MS)
        wait_ms = NOTIFY_RETRY_MAX_MS;
    trouble->n_failed += trouble->n_failed < FAILURES_MAX;
    trouble->retry_ms = now_ms + wait_ms;
    snprintf(trouble->why, sizeof trouble->why, "%.40s failed: %s%s%.100s",
             run->program, how, *line ? ": " : "", line);
    if (job && job->tries[p] < UINT8_MAX)
        job->tries[p]++;
}

/* ---- what became of it ---- */

/* Everybody who is there was told, or was told already when they were other programs. */
static bool is_told_by_all(const struct notify *notify, const struct notify_job *job)
{
    return notify->programs.n > 0 &&
           job->told == (uint8_t)((1U << notify->programs.n) - 1);
}

static int notify_store_told(struct notify *notify, size_t i)
{
    struct notify_job *job = &notify->jobs[i];
    int r;
    if (is_told_by_all(notify, job)) {
        r = sw_store_drop_notification(notify->store, job->seq);
        if (r >= 0)
            notify_remove(notify, i);
        return r;
    }
    r = sw_store_note_told(notify->store, job->seq, job->unstored);
    if (r >= 0) {
        free(job->unstored);
        job->unstored = NULL;
    }
    return r;
}

static int notify_store_all(struct notify *notify)
{
    int r = 0;
    for (size_t i = notify->n; r >= 0 && i-- > 0;)
        if (notify->jobs[i].unstored || is_told_by_all(notify, &notify->jobs[i]))
            r = notify_store_told(notify, i);
    return r;
}

static int notify_succeed(struct notify *notify, const struct notify_run *run, size_t p)
{
    struct notify_job *job = notify_find(notify, run->seq);
    struct notify_trouble *trouble = &notify->troubles[p];
    struct sw_line line;
    char told[SW_TOLD_MAX];
    *trouble = (struct notify_trouble){.n_failed = 0};
    if (!job) /* it was dropped, or its patient erased */
        return 0;
    job->told |= (uint8_t)(1U << p);
    line = sw_line(told, sizeof told);
    for (size_t i = 0; i < notify->programs.n; i++)
        if (job->told & (1U << i))
            sw_line_add(&line, "%s/", notify->programs.items[i].name);
    char *text = strdup(told);
    if (!text)
        return -ENOMEM;
    free(job->unstored);
    job->unstored = text;
    return 0;
}

/* The program's place now; false: it is gone. */
static bool notify_program(const struct notify *notify, const char *name, size_t *ret)
{
    for (*ret = 0; *ret < notify->programs.n; ++*ret)
        if (strcmp(notify->programs.items[*ret].name, name) == 0)
            return true;
    return false;
}

static int notify_collect(struct notify *notify, struct instant now)
{
    char how[SW_CHILD_END_MAX], said[SW_WHY_MAX];
    int r = 0;
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++) {
        struct notify_run *run = &notify->runs[i];
        size_t p;
        if (run->child.pid == 0)
            continue;
        if (!sw_child_turn(&run->child, now.now_ms)) {
            notify_unwatch_loud(notify, run);
            continue;
        }
        struct notify_job *job = notify_find(notify, run->seq);
        if (!notify_program(notify, run->program, &p))
            continue;
        if (job)
            job->running &= (uint8_t) ~(1U << p);
        sw_child_end(&run->child, how);
        sw_child_said(&run->child, said, sizeof said);
        if (*how) {
            notify_fail(notify, run, p, how, said, now.now_ms);
            continue;
        }
        FAULT_POINT(after_notify);
        int failed = notify_succeed(notify, run, p);
        r = r < 0 ? r : failed;
    }
    return r;
}

/* ---- what is next ---- */

static int n_running_of(const struct notify *notify, size_t p)
{
    int n = 0;
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++)
        n += notify->runs[i].child.pid != 0 &&
             strcmp(notify->runs[i].program, notify->programs.items[p].name) == 0;
    return n;
}

static bool is_startable(const struct notify *notify, const struct notify_job *job,
                         size_t p, int64_t now_ms)
{
    const struct notify_job *before =
        job->before ? notify_find(notify, job->before) : NULL;
    uint8_t bit = (uint8_t)(1U << p);
    if ((job->told | job->running) & bit)
        return false;
    if (before && !(before->told & bit))
        return false;
    return job->tries[p] == 0 || now_ms >= notify->troubles[p].retry_ms;
}

/* What was never tried goes first, for one that always fails must not keep the others;
 * then what was tried least often, the oldest first. One retry at a time shows whether
 * there is reason for more. */
static struct notify_job *notify_choose(const struct notify *notify, size_t p,
                                        int64_t now_ms)
{
    struct notify_job *best = NULL;
    bool fails = notify->troubles[p].n_failed > 0;
    int n_running = n_running_of(notify, p);
    if (notify->programs.items[p].why[0] || n_running >= NOTIFY_AT_ONCE_OF_ONE)
        return NULL;
    for (size_t i = 0; i < notify->n; i++) {
        struct notify_job *job = &notify->jobs[i];
        if (is_startable(notify, job, p, now_ms) &&
            (!best || job->tries[p] < best->tries[p]))
            best = job;
    }
    return best && best->tries[p] > 0 && fails && n_running > 0 ? NULL : best;
}

static struct notify_run *free_run(struct notify *notify)
{
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++)
        if (notify->runs[i].child.pid == 0)
            return &notify->runs[i];
    return NULL;
}

static int notify_start(struct notify *notify, struct notify_run *run,
                        struct notify_job *job, size_t p, struct instant now)
{
    struct sw_notification row;
    int r = sw_store_find_notification(notify->store, job->seq, &row);
    if (r == SW_STORE_NONE) { /* the patient was erased meanwhile */
        notify_remove(notify, (size_t)(job - notify->jobs));
        return 0;
    }
    if (r < 0)
        return r;
    *run = (struct notify_run){.seq = job->seq};
    strcpy(run->program, notify->programs.items[p].name);
    strcpy(run->patient, row.patient.str);
    strcpy(run->name, row.name);
    FAULT_POINT(before_notify);
    r = start_program(notify, run, &row, now);
    free(row.words);
    if (r < 0) {
        notify_fail(notify, run, p, "it cannot be run", strerror(-r), now.now_ms);
        return 0;
    }
    FAULT_POINT(in_notify);
    job->running |= (uint8_t)(1U << p);
    notify_watch(notify, run);
    return 0;
}

static int notify_start_all(struct notify *notify, struct instant now)
{
    int r = 0;
    for (size_t p = 0; r >= 0 && p < notify->programs.n; p++)
        for (struct notify_run *run; r >= 0 && (run = free_run(notify));) {
            struct notify_job *job = notify_choose(notify, p, now.now_ms);
            if (!job)
                break;
            r = notify_start(notify, run, job, p, now);
        }
    return r;
}

static int64_t notify_when(const struct notify *notify, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX, at_ms;
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++) {
        if (notify->runs[i].child.pid == 0)
            continue;
        at_ms = sw_child_next_ms(&notify->runs[i].child, now_ms);
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    for (size_t p = 0; notify->n > 0 && p < notify->programs.n; p++) {
        at_ms = notify->troubles[p].retry_ms;
        if (at_ms > now_ms && at_ms < next_ms)
            next_ms = at_ms;
    }
    at_ms = notify->looked_ms + NOTIFY_LOOK_MS;
    bool looks_on = notify->n > 0 || *sw_programs_fault(&notify->programs);
    return looks_on && at_ms < next_ms ? at_ms : next_ms;
}

/* Only what was published since, or a program that printed or ended, or the time, gives
 * work. */
static bool notify_is_idle(const struct notify *notify, int64_t now_ms)
{
    struct epoll_event event;
    for (size_t i = 0; i < NOTIFY_AT_ONCE;
         i++) /* a kernel that cannot say when it ends */
        if (notify->runs[i].child.pid != 0 && notify->runs[i].child.exit_fd < 0)
            return false;
    return now_ms < notify->next_ms && notify->looked_ms != 0 && !notify->maybe_more &&
           notify->epoch == sw_store_epoch(notify->store) &&
           epoll_wait(notify->epoll_fd, &event, 1, 0) == 0;
}

int notify_turn(struct notify *notify, struct instant now, bool clock_trusted)
{
    if (notify->epoll_fd < 0 || notify_is_idle(notify, now.now_ms))
        return 0;
    int r = notify_collect(notify, now);
    if (r >= 0) /* before another set of programs makes them all be loaded anew */
        r = notify_store_all(notify);
    if (r >= 0)
        notify_look(notify, now.now_ms);
    if (r >= 0)
        r = notify_load(notify);
    if (r >= 0)
        r = notify_store_all(notify);
    if (r >= 0)
        r = notify_drop_old(notify, now.now_s, clock_trusted);
    if (r >= 0)
        r = notify_start_all(notify, now);
    notify_report(notify, now.now_s);
    notify->next_ms =
        r < 0 ? now.now_ms + STORE_RETRY_MS : notify_when(notify, now.now_ms);
    return r;
}
