/* shutdown.c -- how the gateway ends: on request, because of damage, or because it
 * must.
 *
 * Detecting these cases is left to other files. By then, everything that was
 * acknowledged is in the inbox or in the store, so that no such end can lose it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/gateway.h"

enum { GOODBYE_MS = 2000 };

void gateway_give_up(const char *what, int r)
{
    sw_log(SW_LOG_ERROR,
           "%s: %s: stopping, so that the broker keeps what was not acknowledged", what,
           strerror(-r));
    _exit(1);
}

void gateway_stop_as_damaged(struct gateway *gateway, const char *how)
{
    sw_log(SW_LOG_ERROR,
           "the database is damaged (%s): stopping, the next start moves it aside",
           how);
    struct sw_lock_note *note = &gateway->data.note;
    note->suspect = true; /* the next start checks all of it */
    snprintf(note->problem, sizeof note->problem, "%s",
             "the database is damaged: `sudo systemctl restart stepward-gateway`");
    sw_lock_write(gateway->data.lock_fd, note);
    _exit(1);
}

void gateway_stop_if_damaged(struct gateway *gateway, int r)
{
    if (r == -EUCLEAN)
        gateway_stop_as_damaged(gateway, sw_store_why(gateway->data.store, r));
}

/* The session stays until the process ends, and its threads still use the inbox and all
 * of the receiver, so freeing these is left to the kernel. */
static void end_now(struct gateway *gateway, int code)
{
    sw_log(SW_LOG_NOTICE, "%s did not answer the goodbye: ending without",
           gateway->config->broker.uri);
    sw_store_close(gateway->data.store);
    _exit(code);
}

void gateway_close(struct gateway *gateway, int code)
{
    bool is_open = gateway->session != NULL;
    if (!sw_session_free(gateway->session, GOODBYE_MS))
        end_now(gateway, code);
    if (is_open)
        gateway_note_mark(gateway);
    subscriptions_fini(&gateway->subscriptions);
    reconcile_fini(&gateway->reconcile);
    receiver_fini(&gateway->receiver);
    commit_fini(&gateway->commit);
    ingest_fini(&gateway->ingest);
    patients_fini(&gateway->patients);
    data_close(&gateway->data);
    sw_adapters_free(gateway->adapters);
    sw_zone_fini(&gateway->zone);
    sw_store_watch_fini(&gateway->store_watch);
    if (gateway->clock_fd >= 0)
        close(gateway->clock_fd);
    if (gateway->signal_fd >= 0)
        close(gateway->signal_fd);
}
