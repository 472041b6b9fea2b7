/* session_options.c -- the session's own copy of its options. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/paho_client.h"

/* One piece of memory for all copies; without memory they are only counted. */
struct block {
    char *begin;
    size_t n;
};

static void *copy_bytes(struct block *block, const void *bytes, size_t n)
{
    void *copy = block->begin ? block->begin + block->n : NULL;
    if (copy && n > 0)
        memcpy(copy, bytes, n);
    block->n +=
        (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    return copy;
}

/* NULL stays NULL. */
static const char *copy_text(struct block *block, const char *text)
{
    return text ? copy_bytes(block, text, strlen(text) + 1) : NULL;
}

static const char *const *copy_texts(struct block *block, const char *const *texts,
                                     size_t n)
{
    const char **copies = copy_bytes(block, texts, n * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        const char *copy = copy_text(block, texts[i]);
        if (copies)
            copies[i] = copy;
    }
    return copies;
}

static void copy_options(struct block *block, struct sw_session_options *ret,
                         const struct sw_session_options *options)
{
    *ret = *options;
    ret->uri = copy_text(block, options->uri);
    ret->client_id = copy_text(block, options->client_id);
    ret->username = copy_text(block, options->username);
    ret->password = copy_text(block, options->password);
    ret->ca_file = copy_text(block, options->ca_file);
    ret->cert_file = copy_text(block, options->cert_file);
    ret->key_file = copy_text(block, options->key_file);
    ret->will_topic = copy_text(block, options->will_topic);
    ret->size_topic = copy_text(block, options->size_topic);
    ret->filters = copy_texts(block, options->filters, options->n_filters);
    if (options->filters_live)
        ret->filters_live =
            copy_bytes(block, options->filters_live, options->n_filters * sizeof(bool));
    ret->stale_filters =
        copy_texts(block, options->stale_filters, options->n_stale_filters);
}

int sw_options_copy(struct sw_session_options *ret, void **ret_memory,
                    const struct sw_session_options *options)
{
    struct block block = {.begin = NULL};
    copy_options(&block, ret, options);
    block.begin = malloc(block.n);
    block.n = 0;
    if (!block.begin)
        return -ENOMEM;
    copy_options(&block, ret, options);
    *ret_memory = block.begin;
    return 0;
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
