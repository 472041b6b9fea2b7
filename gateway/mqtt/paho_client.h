/* paho_client.h -- one Paho client and the thread that calls into it: the link.
 *
 * Every call into Paho may block for as long as a message callback or a name lookup
 * takes, because these hold a lock that the call needs. The caller of sw_session_* also
 * empties what the message callback fills, so it must never wait for that lock. It
 * asks, and the link's own thread calls. When to ask for what is session.c's business.
 */
#ifndef MQTT_PAHO_CLIENT_H
#define MQTT_PAHO_CLIENT_H

#include <pthread.h>

#include "MQTTAsync.h"

#include "mqtt/publish_queue.h"
#include "stepward/session.h"

/* A broker has fewer messages under way to us at a time; mosquitto's default is 20. */
enum { SW_PAHO_TAKEN_MAX = 1024 };

enum sw_paho_task {
    SW_PAHO_NOTHING,
    SW_PAHO_CONNECT,
    SW_PAHO_SUBSCRIBE, /* all filters, after unsubscribing the stale ones */
    SW_PAHO_CLOSE,
    SW_PAHO_TRY_SIZE, /* the link gives itself this one: see packet_sizes.c */
    SW_PAHO_STOP,
};

/* What happened since the news were last taken, in this order. */
struct sw_paho_news {
    bool failed;     /* the connect attempt; why */
    bool connected;  /* session_present */
    bool subscribed; /* all filters, or some of them if refused is set, too */
    bool refused;    /* a filter, or all of them if not subscribed; why */
    bool lowered;    /* a filter was granted at QoS 0 alone; why */
    bool lost;       /* the connection, also by SW_PAHO_CLOSE; why, taken_over */
    bool session_present, taken_over;
    bool is_size;      /* the broker hung up on what tried its size; why */
    bool is_explained; /* the broker itself, or we, know why it was lost */
    bool is_stuck;     /* Paho sends again what is too large for the broker */
    int64_t kept_s;    /* how long the broker keeps the session; < 0: as asked */
    char why[SW_WHY_MAX];
};

/* What we know of the size of packet that the broker takes. */
struct sw_sizes {
    size_t max;          /* the broker takes no more; 0: no such limit is known */
    size_t taken;        /* the broker surely takes so much */
    size_t tried;        /* a message of this size is being tried; 0: none is */
    size_t suspect;      /* the broker hung up when this size was tried... */
    unsigned n_hang_ups; /* ...so often */
    int64_t since_ms;    /* when max first refused something, monotonic; 0: not yet */
    int64_t believed_ms; /* how long max is believed from then on */
    bool is_open;        /* the connection is open */
    unsigned epoch;      /* how many connections there were */
};

struct sw_fence {
    struct sw_paho *link;
    unsigned epoch;
};
enum { SW_FENCES = 4 }; /* Paho never holds those of more connections */

struct sw_paho {
    MQTTAsync client;
    struct sw_session_options options; /* our own copies, ... */
    void *options_memory;              /* ...which are in here */
    int event_fd;                      /* readable after news and completions */
    pthread_t thread;
    pthread_mutex_t lock; /* never held across a call into Paho; guards the rest */
    pthread_cond_t wake;
    enum sw_paho_task task;
    struct sw_paho_news news;
    struct sw_publish_queue queue;
    size_t window; /* publications the broker takes at a time */
    struct sw_sizes sizes;
    struct sw_fence fences[SW_FENCES];
    bool stale_removed;  /* the stale filters are unsubscribed */
    bool ended;          /* the thread is */
    bool abandoned;      /* nobody is left to keep messages, so take none */
    uint64_t n_received; /* messages taken so far */
    /* The last messages that were taken, by packet id and content. They show which ones
     * the broker sends again because our acknowledgement was lost. Only Paho's thread
     * touches them. */
    struct sw_taken {
        int packet_id;
        uint64_t fingerprint;
    } taken[SW_PAHO_TAKEN_MAX];
    size_t n_taken;
    char tls_why[SW_WHY_MAX];
};

int sw_paho_new(struct sw_paho **ret, const struct sw_session_options *options,
                char why[static SW_WHY_MAX]);
void sw_paho_ask(struct sw_paho *link, enum sw_paho_task task); /* the last one holds */
void sw_paho_take_news(struct sw_paho *link, struct sw_paho_news *ret);
/* How many publications are queued or under way, and how often anything came from the
 * broker so far: a message, or the completion of a publication. */
size_t sw_paho_outstanding(struct sw_paho *link, uint64_t *ret_signs);
bool sw_paho_ended(struct sw_paho *link); /* after SW_PAHO_STOP */
/* Call it only after the thread ended, while Paho is neither connected nor
 * connecting. */
void sw_paho_free(struct sw_paho *link);
/* Leave it to the end of the process. No message is taken, so none is acknowledged. */
void sw_paho_abandon(struct sw_paho *link);

/* The link's own parts wake whoever polls, with or without the lock. */
void sw_paho_poke(struct sw_paho *link);

/* packet_sizes.c: what is known of the broker's limit. Call these with the lock
 * held. */
void sw_sizes_connected(struct sw_paho *link, size_t told); /* 0: not told */
/* True if the broker hung up on what was tried; why says so. */
bool sw_sizes_lost(struct sw_paho *link, char why[static SW_WHY_MAX]);
/* The fence came back. A fence that still waited when its connection broke is sent in
 * the next one, where it says nothing. */
void sw_sizes_fenced(struct sw_paho *link, unsigned epoch, bool is_taken);
/* True: something waits for its size to be tried, and nothing else is being tried. */
bool sw_sizes_begin(struct sw_paho *link);
/* Refuse a publication that the broker does not take, unless that is in doubt by
 * now. */
void sw_sizes_judge(struct sw_paho *link, struct sw_publish *publication,
                    int64_t now_ms);
/* Afterwards, without the lock: send the message that tries the size, and the fence. */
void sw_sizes_try(struct sw_paho *link);

/* lost_writes.c: before the first client, so that Paho is not told of a write that
 * failed. */
void sw_paho_hide_lost_writes(void);

/* paho_calls.c: the calls. Each returns Paho's code. */
int sw_paho_create_client(struct sw_paho *link);
int sw_paho_connect(struct sw_paho *link);
/* How many filters the first of two SUBSCRIBEs has, whose answer is waited for. */
size_t sw_paho_first_filters(const struct sw_session_options *options);
int sw_paho_subscribe(struct sw_paho *link);
int sw_paho_close(struct sw_paho *link);
int sw_paho_send(struct sw_paho *link, struct sw_publish *entry);
int sw_paho_send_and_forget(struct sw_paho *link, const char *topic,
                            const char *payload, size_t len);
int sw_paho_send_fence(struct sw_paho *link, unsigned epoch);

/* How long the broker is asked to keep the session. */
uint32_t sw_paho_expiry_s(const struct sw_session_options *options);

/* paho_callbacks.c: what Paho calls. */
void sw_paho_set_callbacks(struct sw_paho *link);
void sw_paho_on_connect(MQTTAsync_connectOptions *options, struct sw_paho *link);
void sw_paho_on_subscribe(MQTTAsync_responseOptions *options, struct sw_paho *link);
void sw_paho_on_unsubscribe(MQTTAsync_responseOptions *options, struct sw_paho *link);
void sw_paho_on_fence(MQTTAsync_responseOptions *options, struct sw_fence *fence);
void sw_paho_on_close(MQTTAsync_disconnectOptions *options, struct sw_paho *link);
void sw_paho_on_send(MQTTAsync_responseOptions *options, struct sw_publish *entry);

/* connect_failure.c, with the link's lock held: why the connection failed, by Paho's
 * code and message, and what in the configuration can mend it. */
enum { SW_PAHO_REFUSED_FROM = 0x80 }; /* of reason codes, and of 3.1.1's SUBACK */
void sw_paho_explain_failure(const struct sw_paho *link, int code, const char *message,
                             char why[static SW_WHY_MAX]);
/* Keep OpenSSL's reason for that. */
int sw_paho_on_tls_error(const char *text, size_t len, void *ctx);

#endif
