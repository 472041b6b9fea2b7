/* session_remedy.c -- why a broker refuses a connection is its own word; which key of
 * the configuration that is about is ours. */
#include <stdio.h>
#include <string.h>

#include "mqtt/paho_client.h"

/* Of CONNACK: MQTT 3.1.1's return codes, MQTT 5's reason codes. */
enum {
    OLD_VERSION = 1,
    OLD_CLIENT_ID = 2,
    OLD_BAD_LOGIN = 4,
    OLD_NOT_AUTHORISED = 5,
    VERSION = 0x84,
    CLIENT_ID = 0x85,
    BAD_LOGIN = 0x86,
    NOT_AUTHORISED = 0x87,
    BAD_METHOD = 0x8c,
};

static bool is_set(const char *text)
{
    return text && *text;
}

static const char *login_remedy(const struct sw_session_options *options)
{
    if (!is_set(options->username))
        return "it wants a name and a password: set username and password_file";
    if (!is_set(options->password))
        return "set password_file, and check username";
    return "check username and password_file";
}

/* A certificate that the broker refuses, as TLS calls that. */
static bool is_about_our_certificate(const char *reason)
{
    static const char *const words[] = {"certificate required", "bad certificate",
                                        "unknown ca",           "handshake failure",
                                        "certificate unknown",  "certificate expired"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(reason, words[i]))
            return true;
    return false;
}

static const char *tls_remedy(const struct sw_session_options *options,
                              const char *reason)
{
    if (strstr(reason, "certificate verify failed"))
        return is_set(options->ca_file)
                   ? "ca_file must hold the authority that signed its certificate"
                   : "set ca_file to the authority that signed its certificate";
    if (is_about_our_certificate(reason))
        return "check cert_file and key_file";
    return NULL;
}

static const char *remedy_of(const struct sw_session_options *options, int code)
{
    switch (code) {
    case OLD_VERSION:
    case VERSION:
        return options->protocol == 5 ? "set protocol = 4" : "set protocol = 5";
    case OLD_CLIENT_ID:
    case CLIENT_ID:
        return "change client_id";
    case OLD_BAD_LOGIN:
    case OLD_NOT_AUTHORISED:
    case BAD_LOGIN:
    case NOT_AUTHORISED:
    case BAD_METHOD:
        return login_remedy(options);
    default:
        return NULL;
    }
}

void sw_paho_add_remedy(const struct sw_paho *link, int code,
                        char why[static SW_WHY_MAX])
{
    const struct sw_session_options *options = &link->options;
    const char *remedy =
        *link->tls_why ? tls_remedy(options, link->tls_why) : remedy_of(options, code);
    size_t n = strlen(why);
    if (remedy && !options->has_own_remedy)
        snprintf(why + n, SW_WHY_MAX - n, ": %s", remedy);
}
