/* login.h -- a login at the broker, of a patient's device or of a therapist's app: made
 * by /usr/lib/stepward/setup, which root runs, and shown here, once. */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include "cli/cli.h"

enum { LOGIN_TEXT_MAX = 512, LOGIN_URI_MAX = 900, LOGIN_TOPICS = 4 };

struct cli_login {
    bool is_therapist;
    bool has_tls;
    char user[SW_ID_MAX + 1];
    char host[256], port[8], password[64];
    char ca[LOGIN_TEXT_MAX]; /* the file of who vouches for the broker */
    char fingerprint[100];   /* of it: SHA-256, with colons */
};

/* What the QR code holds, and an app that scans it needs:
 *     mqtts://USER:PASSWORD@HOST:PORT/TOPIC?ca=sha256:FINGERPRINT
 * TOPIC is the first one, with # as %23. Without TLS it is mqtt:// and ends with the topic.
 * False if it would be cut. */
bool cli_login_uri(const struct cli_login *login, const char *topic,
                   char ret[static LOGIN_URI_MAX]);
/* Take NAME=VALUE of the helper's output; false if it is none that we know, or too long. */
bool cli_login_take(struct cli_login *login, const char *line);

/* Replace this program by the helper with these words, which end with NULL: returns only
 * if it cannot be run, CLI_FAILED. */
int cli_become_setup(struct cli *cli, const char *const *words);

#endif
