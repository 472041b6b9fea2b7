/* password.c -- asks for a new password, so that it stands nowhere: not on the screen, not
 * in the list of processes, not in a shell's history. */
#include "cli/password.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/text.h"

/* A line of standard input, without its end; nothing behind it is read. -EINTR: a signal
 * came, one that the mask lets in while we wait; -ENODATA: there was none; -E2BIG: it is
 * too long. */
static int read_line(char *out, size_t size, const sigset_t *mask)
{
    struct pollfd waiting = {.fd = STDIN_FILENO, .events = POLLIN};
    size_t n = 0;
    for (;;) {
        char c;
        if (mask && ppoll(&waiting, 1, NULL, mask) < 0)
            return -errno;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0)
            return -errno;
        if (got == 0 && n == 0)
            return -ENODATA;
        if (got == 0 || c == '\n')
            break;
        if (n + 1 >= size)
            return -E2BIG;
        out[n++] = c;
    }
    if (n > 0 && out[n - 1] == '\r')
        n--;
    out[n] = '\0';
    return strlen(out) == n ? 0 : -EINVAL; /* a zero byte is in no password */
}

/* ---- a terminal that does not show what is typed ---- */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { N_SIGNALS = sizeof signals / sizeof *signals };
static volatile sig_atomic_t caught;

static void note_signal(int signal)
{
    caught = signal;
}

/* Ask once nothing is echoed any more, and what was typed before is gone. Signals end the
 * reading, and take effect when the terminal is as it was. */
static int ask(struct cli *cli, const char *question, const char *user, char *out)
{
    struct termios shown, hidden;
    struct sigaction before[N_SIGNALS], noting = {.sa_handler = note_signal};
    sigset_t held, mask;
    if (tcgetattr(STDIN_FILENO, &shown) < 0)
        return -errno;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    caught = 0;
    sigemptyset(&held);
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaddset(&held, signals[i]);
    /* they come in while we wait, and then only */
    sigprocmask(SIG_BLOCK, &held, &mask);
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaction(signals[i], &noting, &before[i]);
    int r = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0 ? -errno : 0;
    if (r == 0) {
        fprintf(cli->err, "%s%s: ", question, user);
        fflush(cli->err);
        r = read_line(out, CLI_PASSWORD_SIZE, &mask);
        fputc('\n', cli->err);
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (caught)
        raise(caught);
    return r;
}

static int ask_twice(struct cli *cli, const char *user,
                     char out[static CLI_PASSWORD_SIZE])
{
    char again[CLI_PASSWORD_SIZE];
    int code = CLI_OK;
    int r = ask(cli, "New password for ", user, out);
    const char *unfit = r == 0 ? sw_password_unfit(out) : NULL;
    if (r == 0 && !unfit)
        r = ask(cli, "Once more", "", again);
    if (r < 0)
        code = r == -EINTR ? cli_fail(cli, "nothing was changed")
                           : cli_fail(cli, "cannot read the password: %s",
                                      r == -ENODATA ? "the input ended" : strerror(-r));
    else if (!unfit && strcmp(out, again) != 0)
        code = cli_fail(cli, "the two are not the same: nothing was changed");
    explicit_bzero(again, sizeof again);
    return code;
}

int cli_ask_password(struct cli *cli, const char *user,
                     char out[static CLI_PASSWORD_SIZE])
{
    int code = CLI_OK, r = 0;
    if (isatty(STDIN_FILENO))
        code = ask_twice(cli, user, out);
    else
        r = read_line(out, CLI_PASSWORD_SIZE, NULL);
    if (r == -ENODATA)
        return cli_usage(cli, "the password is asked for on a terminal; without one it "
                              "is the first line of standard input");
    if (r == -E2BIG)
        return cli_usage(cli, "a password has at most 1,024 characters");
    if (r < 0 && r != -EINVAL)
        return cli_fail(cli, "cannot read the password: %s", strerror(-r));
    const char *unfit = code == CLI_OK && r == 0 ? sw_password_unfit(out) : NULL;
    if (unfit)
        return cli_usage(cli, "%s", unfit);
    if (code == CLI_OK && (r < 0 || !cli_text_is_fit(out, SW_PASSWORD_BYTES_MAX)))
        return cli_usage(cli, "a password is one line of UTF-8, without control "
                              "characters");
    return code;
}
