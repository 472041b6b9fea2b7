/* watch.c -- a listing that stays on the terminal.
 * What it shows is its command's business; when to look at the database is partly
 * host/store_watch.c's: that of the gateway, which does not touch the file, is asked for
 * every second. */
#include "cli/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cli/table.h"
#include "stepward/host.h"
#include "stepward/store_watch.h"
#include "util/file.h"

enum { LOOK_MS = 1000, MINUTE_S = 60 };

#define OTHER_SCREEN "\033[?1049h\033[?25l" /* and no cursor */
#define BACK         "\033[?25h\033[?1049l"
#define HOME         "\033[H"
#define END_OF_LINE  "\033[K\n"
#define CLEAR_BELOW  "\033[J"

struct watch {
    struct cli *cli;
    FILE *terminal, *errors;
    char *complaint; /* of the last drawing: it would go with the other screen */
    struct termios before;
    bool has_keys; /* somebody sits before it */
    int rows;
    sigset_t signals, signals_before;
    int signal_fd;
    struct sw_store_watch store;
    uint64_t epoch;
    int64_t minute;
    bool is_over;
};

/* ---- the terminal ---- */

static void watch_measure(struct watch *watch)
{
    struct winsize size = {0};
    ioctl(fileno(watch->terminal), TIOCGWINSZ, &size);
    watch->cli->width = cli_terminal_width(true, size.ws_col, getenv("COLUMNS"));
    watch->rows = size.ws_row;
}

static void watch_begin(struct watch *watch)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    char path[SW_PATH_BYTES_MAX];
    sigemptyset(&watch->signals);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaddset(&watch->signals, ours[i]);
    sigprocmask(SIG_BLOCK, &watch->signals, &watch->signals_before);
    watch->signal_fd = signalfd(-1, &watch->signals, SFD_CLOEXEC | SFD_NONBLOCK);
    snprintf(path, sizeof path, "%s/stepward.db", watch->cli->config.data_dir);
    sw_store_watch_init(&watch->store, path); /* without it, each second must do */
    watch->has_keys = tcgetattr(STDIN_FILENO, &watch->before) == 0;
    if (watch->has_keys) {
        struct termios quiet = watch->before;
        quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        quiet.c_cc[VSUSP] =
            _POSIX_VDISABLE; /* it would leave the other screen behind */
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    }
    fputs(OTHER_SCREEN, watch->terminal);
    watch_measure(watch);
}

static void watch_end(struct watch *watch)
{
    fputs(BACK, watch->terminal);
    fflush(watch->terminal);
    if (watch->has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &watch->before);
    sw_store_watch_fini(&watch->store);
    if (watch->signal_fd >= 0)
        close(watch->signal_fd);
    sigprocmask(SIG_SETMASK, &watch->signals_before, NULL);
}

/* As much of the text as there are rows; a line that says so is the last. */
static void watch_show(const struct watch *watch, const char *text)
{
    int row = 0;
    fputs(HOME, watch->terminal);
    while (*text) {
        size_t len = strcspn(text, "\n");
        bool is_last_row = watch->rows > 0 && row == watch->rows - 1;
        if (is_last_row) {
            fputs("… more: a larger window shows it\033[K", watch->terminal);
            break;
        }
        fprintf(watch->terminal, "%.*s" END_OF_LINE, (int)len, text);
        text += len + (text[len] == '\n');
        row++;
    }
    fputs(CLEAR_BELOW, watch->terminal);
    fflush(watch->terminal);
}

/* ---- drawing ---- */

static int watch_draw(struct watch *watch, int (*draw)(struct cli *cli, void *ctx),
                      void *ctx)
{
    struct cli *cli = watch->cli;
    char *text = NULL;
    size_t size = 0, size_err = 0;
    free(watch->complaint);
    watch->complaint = NULL;
    cli->now_s = sw_clock_now_s();
    watch->minute = cli->now_s / MINUTE_S;
    sw_store_limit_newest(cli->store, cli->now_s + cli->config.max_future_s);
    cli->out = open_memstream(&text, &size);
    cli->err = open_memstream(&watch->complaint, &size_err);
    int code = cli->out && cli->err ? draw(cli, ctx) : CLI_FAILED;
    if ((cli->out && fclose(cli->out) != 0) || (cli->err && fclose(cli->err) != 0))
        code = CLI_FAILED;
    cli->out = watch->terminal;
    cli->err = watch->errors;
    if (code == CLI_OK)
        watch_show(watch, text);
    free(text);
    return code;
}

/* ---- waiting ---- */

static void watch_read_signals(struct watch *watch)
{
    struct signalfd_siginfo info;
    while (read(watch->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH) {
            watch_measure(watch);
            watch->minute = 0; /* draw it again */
        } else {
            watch->is_over = true;
        }
    }
}

static void watch_read_keys(struct watch *watch)
{
    char keys[64];
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
    if (n <= 0)
        watch->has_keys = false; /* the terminal is gone, and a signal will say so */
    if (n > 0 && memchr(keys, 'q', (size_t)n))
        watch->is_over = true;
}

/* Until there is something to draw, or it is over. */
static void watch_wait(struct watch *watch)
{
    bool is_due = false;
    while (!is_due && !watch->is_over) {
        struct pollfd fds[] = {
            {.fd = watch->signal_fd, .events = POLLIN},
            {.fd = watch->has_keys ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = sw_store_watch_fd(&watch->store), .events = POLLIN},
        };
        poll(fds, sizeof fds / sizeof *fds, LOOK_MS);
        if (fds[0].revents)
            watch_read_signals(watch);
        if (fds[1].revents)
            watch_read_keys(watch);
        sw_store_watch_is_due(&watch->store, sw_clock_monotonic_ms());
        uint64_t epoch = sw_store_poll(watch->cli->store);
        is_due = epoch != watch->epoch || sw_clock_now_s() / MINUTE_S != watch->minute;
        watch->epoch = epoch;
    }
}

int cli_watch(struct cli *cli, int (*draw)(struct cli *cli, void *ctx), void *ctx)
{
    struct watch watch = {
        .cli = cli, .terminal = cli->out, .errors = cli->err, .signal_fd = -1};
    int fd = fileno(cli->out);
    if (fd < 0 || !isatty(fd))
        return draw(cli, ctx);
    watch_begin(&watch);
    watch.epoch = sw_store_poll(cli->store);
    int code = watch_draw(&watch, draw, ctx);
    while (code == CLI_OK && !watch.is_over) {
        watch_wait(&watch);
        if (!watch.is_over)
            code = watch_draw(&watch, draw, ctx);
    }
    watch_end(&watch);
    if (code != CLI_OK && watch.complaint)
        fputs(watch.complaint, cli->err);
    free(watch.complaint);
    return code;
}
