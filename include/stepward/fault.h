/* fault.h -- places where a test ends the gateway as a power cut or `kill -9` would.
 *
 *     FAULT_POINT(after_append);   // nothing at all, but in stepward-gateway-faults
 *
 *     STEPWARD_FAULT=after_append:3 stepward-gateway-faults -c FILE
 *
 * ends at the third pass of the point. That program is made of the gateway's sources
 * with STEPWARD_FAULTS defined, for the tests only; what its points do is the tests'
 * business.
 */
#ifndef STEPWARD_FAULT_H
#define STEPWARD_FAULT_H

#define SW_FAULT_POINTS(X)                                                             \
    X(after_append)     /* a message is in the inbox, not yet acknowledged */          \
    X(in_transaction)   /* everything is written, not yet committed */                 \
    X(after_commit)     /* committed, the inbox still holds it */                      \
    X(after_trim)       /* the inbox has forgotten it */                               \
    X(before_publish)   /* an alert is in the outbox, not yet handed to the session */ \
    X(after_publish)    /* handed to the session's thread */                           \
    X(after_send)       /* an alert was handed to the MQTT library */                  \
    X(before_delivered) /* the broker acknowledged an alert, the loop cannot know */   \
    X(after_delivered)  /* the loop knows it, the row is still in the outbox */        \
    X(before_notify)    /* a program is about to be told of an alert */                \
    X(in_notify)        /* it runs */                                                  \
    X(after_notify)     /* it has taken it, the row is still there */                  \
    X(before_compaction) /* the inbox's unread rest is copied, not yet renamed */      \
    X(after_compaction)  /* renamed */

#ifdef STEPWARD_FAULTS
#define SW_FAULT_POINT_ENUM(name) SW_FAULT_##name,
enum sw_fault_point { SW_FAULT_POINTS(SW_FAULT_POINT_ENUM) SW_FAULT_POINTS_N };
#undef SW_FAULT_POINT_ENUM

void sw_fault_pass(enum sw_fault_point point); /* any thread */
#define FAULT_POINT(name) sw_fault_pass(SW_FAULT_##name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
