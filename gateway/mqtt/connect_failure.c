/* connect_failure.c -- why a connection failed, and which key of the configuration that
 * is about.
 *
 * The reason is the broker's, OpenSSL's or Paho's word; the key is ours to know.
 * Nothing here waits or calls into Paho. */
#include <stdio.h>
#include <string.h>

#include "mqtt/paho_client.h"

/* Codes of CONNACK: first MQTT 3.1.1's return codes, then MQTT 5's reason codes. */
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

/* OpenSSL's line is THREAD:error:CODE:LIBRARY:FUNCTION:REASON:FILE:…, and only the
 * reason helps. */
static const char *tls_reason(const char *text, size_t *ret_len)
{
    enum { FIELDS_BEFORE = 5 };
    const char *reason = text;
    for (int i = 0; i < FIELDS_BEFORE && reason; i++) {
        reason = strchr(reason, ':');
        reason = reason ? reason + 1 : NULL;
    }
    if (!reason || *reason == ':')
        reason = text;
    *ret_len = strcspn(reason, reason == text ? "\n" : ":\n");
    return reason;
}

int sw_paho_on_tls_error(const char *text, size_t len, void *ctx)
{
    struct sw_paho *link = ctx;
    size_t reason_len;
    const char *reason = tls_reason(text, &reason_len);
    pthread_mutex_lock(&link->lock);
    snprintf(link->tls_why, SW_WHY_MAX, "TLS: %.*s", (int)reason_len, reason);
    pthread_mutex_unlock(&link->lock);
    (void)len;
    return 1;
}

static const char *connack_text(const struct sw_paho *link, int code)
{
    static const char *const texts3[] = {
        [1] = "protocol version not supported",
        [2] = "client id rejected",
        [3] = "broker unavailable",
        [4] = "bad user name or password",
        [5] = "not authorised",
    };
    if (link->options.protocol == 5 && code >= SW_PAHO_REFUSED_FROM)
        return MQTTReasonCode_toString((enum MQTTReasonCodes)code);
    if (code > 0 && code < (int)(sizeof texts3 / sizeof *texts3))
        return texts3[code];
    return NULL;
}

/* Paho has one or two texts for many causes, and not always the same one for a cause,
 * so we say what to look at. */
static const char *failure_text(const struct sw_paho *link, bool is_hang_up)
{
    static const char hung_up[] = "see its log. A port of TLS wants mqtts://, a broker "
                                  "without MQTT 5 `protocol = 4`";
    static const char plain[] = "is the broker running (`systemctl status mosquitto`), "
                                "and is the uri in the configuration right? A port of "
                                "TLS wants mqtts://";
    static const char tls[] = "if the broker runs (`systemctl status mosquitto`): does "
                              "its certificate name this host, and does it want one of "
                              "ours (cert_file)? A port without TLS wants mqtt://";
    if (*link->tls_why)
        return link->tls_why;
    if (is_hang_up && !sw_uri_is_tls(link->options.uri))
        return hung_up;
    return sw_uri_is_tls(link->options.uri) ? tls : plain;
}

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

/* TLS has these words for a certificate of ours that the broker refuses. */
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

static const char *connect_remedy_of(const struct sw_session_options *options, int code)
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

void sw_paho_explain_failure(const struct sw_paho *link, int code, const char *message,
                             char why[static SW_WHY_MAX])
{
    const struct sw_session_options *options = &link->options;
    /* the library's words for what ends a connection before CONNACK */
    bool is_hang_up = message && strcmp(message, "TCP connect completion failure") == 0;
    const char *refusal = connack_text(link, code);
    const char *what = refusal ? "the broker refused the connection"
                       : is_hang_up && !*link->tls_why ? "it hung up before it answered"
                                                       : "cannot connect";
    const char *remedy = *link->tls_why ? tls_remedy(options, link->tls_why)
                                        : connect_remedy_of(options, code);
    int room = SW_WHY_MAX - 1 - (int)strlen(": ") - (int)strlen(what);
    int n = snprintf(why, SW_WHY_MAX, "%s: %.*s", what, room,
                     refusal ? refusal : failure_text(link, is_hang_up));
    if (remedy && !options->has_own_remedy)
        snprintf(why + n, SW_WHY_MAX - (size_t)n, ": %s", remedy);
}
