/* session_private.h -- the state of a session, between session.c and session_end.c. */
#ifndef MQTT_SESSION_PRIVATE_H
#define MQTT_SESSION_PRIVATE_H

#include "mqtt/paho_client.h"
#include "stepward/session.h"

enum sw_session_state {
    SW_SESSION_WAITING, /* until due_ms */
    SW_SESSION_ASKED,   /* the link to connect or subscribe, given up at due_ms */
    SW_SESSION_READY,
};

struct sw_session {
    struct sw_paho *link;
    enum sw_session_state state;
    bool linked;     /* connected, if not subscribed */
    bool closing;    /* linked, and asked to close */
    bool connecting; /* Paho has not said yet what became of an attempt */
    bool session_present;
    int64_t kept_s;       /* as of the event */
    int64_t ask_again_ms; /* what was refused of the filters; 0: nothing was */
    int64_t now_ms, due_ms, linked_at_ms;
    unsigned failures, flaps;
    uint64_t signs;   /* of life from the broker, as last looked at */
    int64_t moved_ms; /* ...and when they last moved */
    bool watch_anew;
    bool has_event; /* one at a time: nothing happens until it is read */
    struct sw_session_event event;
};

#endif
