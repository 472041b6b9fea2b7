/* session_options.c -- the session's own copy of its options. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/paho_client.h"

/* NULL stays NULL; *r remembers the first failure. */
static const char *copy_text(const char *text, int *r)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        *r = -ENOMEM;
    return copy;
}

static const char *const *copy_texts(const char *const *texts, size_t n, int *r)
{
    const char **copies = calloc(n + 1, sizeof *copies);
    if (!copies) {
        *r = -ENOMEM;
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        copies[i] = copy_text(texts[i], r);
    return copies;
}

static const bool *copy_flags(const bool *flags, size_t n, int *r)
{
    bool *copies = flags ? calloc(n + 1, sizeof *copies) : NULL;
    if (flags && !copies)
        *r = -ENOMEM;
    if (copies)
        memcpy(copies, flags, n * sizeof *copies);
    return copies;
}

/* The copies are ours: const only for those who read them. */
static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_texts(const char *const *texts, size_t n)
{
    for (size_t i = 0; texts && i < n; i++)
        free_text(texts[i]);
    free((void *)(uintptr_t)texts);
}

int sw_options_copy(struct sw_session_options *ret,
                    const struct sw_session_options *options)
{
    int r = 0;
    *ret = *options;
    ret->uri = copy_text(options->uri, &r);
    ret->client_id = copy_text(options->client_id, &r);
    ret->username = copy_text(options->username, &r);
    ret->password = copy_text(options->password, &r);
    ret->ca_file = copy_text(options->ca_file, &r);
    ret->cert_file = copy_text(options->cert_file, &r);
    ret->key_file = copy_text(options->key_file, &r);
    ret->will_topic = copy_text(options->will_topic, &r);
    ret->size_topic = copy_text(options->size_topic, &r);
    ret->filters = copy_texts(options->filters, options->n_filters, &r);
    ret->filters_live = copy_flags(options->filters_live, options->n_filters, &r);
    ret->stale_filters =
        copy_texts(options->stale_filters, options->n_stale_filters, &r);
    return r;
}

void sw_options_fini(struct sw_session_options *options)
{
    free_text(options->uri);
    free_text(options->client_id);
    free_text(options->username);
    free_text(options->password);
    free_text(options->ca_file);
    free_text(options->cert_file);
    free_text(options->key_file);
    free_text(options->will_topic);
    free_text(options->size_topic);
    free_texts(options->filters, options->n_filters);
    free((void *)(uintptr_t)options->filters_live);
    free_texts(options->stale_filters, options->n_stale_filters);
    *options = (struct sw_session_options){0};
}

uint32_t sw_options_expiry_s(const struct sw_session_options *options)
{
    if (options->clean || options->session_expiry_s < 0)
        return 0;
    /* the largest means "never" */
    return options->session_expiry_s > UINT32_MAX ? UINT32_MAX
                                                  : (uint32_t)options->session_expiry_s;
}

bool sw_uri_is_tls(const char *uri)
{
    return strncmp(uri, "mqtts:", 6) == 0 || strncmp(uri, "ssl:", 4) == 0;
}

char *sw_options_paho_uri(const char *uri)
{
    static const struct {
        const char *ours, *theirs;
    } schemes[] = {
        {"mqtt://", "tcp://"},
        {"tcp://", "tcp://"},
        {"mqtts://", "ssl://"},
        {"ssl://", "ssl://"},
    };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].ours);
        char *paho_uri;
        if (strncmp(uri, schemes[i].ours, n) != 0 || uri[n] == '\0')
            continue;
        if (asprintf(&paho_uri, "%s%s", schemes[i].theirs, uri + n) < 0)
            return NULL;
        return paho_uri;
    }
    return NULL;
}
