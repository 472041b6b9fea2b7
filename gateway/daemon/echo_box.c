/* echo_box.c -- a queue with a lock, and a descriptor to wait for. */
#include "daemon/echo_box.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int echo_box_init(struct echo_box *box)
{
    *box = (struct echo_box){.fd = -1, .last = &box->first};
    pthread_mutex_init(&box->lock, NULL);
    box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return box->fd < 0 ? -errno : 0;
}

static struct echo_word *new_word(enum echo_kind kind, const char *payload, size_t len)
{
    struct echo_word *word = malloc(sizeof *word + len);
    if (!word)
        return NULL;
    word->next = NULL;
    word->kind = kind;
    word->len = len;
    memcpy(word->payload, payload, len);
    return word;
}

static void poke(struct echo_box *box)
{
    uint64_t one = 1;
    /* the counter would have to overflow for this to fail, and is then readable */
    ssize_t n = write(box->fd, &one, sizeof one);
    (void)n;
}

bool echo_box_put(struct echo_box *box, enum echo_kind kind, const char *payload,
                  size_t len)
{
    if (len == 0 || len > ECHO_WORD_MAX)
        return true;
    struct echo_word *word = new_word(kind, payload, len);
    pthread_mutex_lock(&box->lock);
    bool has_room = word && box->n < ECHO_BOX_MAX;
    if (has_room) {
        *box->last = word;
        box->last = &word->next;
        box->n++;
    }
    pthread_mutex_unlock(&box->lock);
    if (has_room)
        poke(box);
    else
        free(word);
    return has_room;
}

struct echo_word *echo_box_take(struct echo_box *box)
{
    uint64_t pokes;
    pthread_mutex_lock(&box->lock);
    struct echo_word *word = box->first;
    if (word) {
        box->first = word->next;
        box->n--;
    }
    if (!box->first) {
        box->last = &box->first;
        ssize_t n = read(box->fd, &pokes, sizeof pokes);
        (void)n;
    }
    pthread_mutex_unlock(&box->lock);
    return word;
}

void echo_box_clear(struct echo_box *box)
{
    struct echo_word *word;
    while ((word = echo_box_take(box)))
        free(word);
}

void echo_box_fini(struct echo_box *box)
{
    echo_box_clear(box);
    if (box->fd >= 0)
        close(box->fd);
    pthread_mutex_destroy(&box->lock);
}
