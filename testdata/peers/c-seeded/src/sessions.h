/* Inside the library: the channels that a node holds. */
#ifndef OCK_SESSIONS_H
#define OCK_SESSIONS_H

#include "layer.h"
#include "ockam_node.h"

/* One channel of a node; a place without a channel is free. */
typedef struct ock_session {
    ockam_channel *channel;
    ockam_address address; /* its local address, if it has one */
    ockam_address source;  /* else messages for the node from here are for it */
    uint64_t used;         /* when, by the node's own clock */
} ock_session;

struct ockam_node {
    ockam_node_config config;
    ock_session *sessions;
    size_t size;    /* places */
    uint64_t clock; /* counts what sessions do */
    uint64_t due;
    bool ended;
    ockam_status why;
};

/*
 * A new channel, started; a responder for the m1 of a source, with a local address if it is not to have the connection for
 * itself.
 */
ockam_status ock_session_new(ockam_node *node, const ockam_io *io, const ockam_address *remote, bool shared,
                             ock_session **session);
/* Frees a session that has ended, and with it a connection that was its own, or the node of an initiator. */
void ock_session_drop(ockam_node *node, ock_session *session);
void ock_session_free(ock_session *session);
/* Makes room (CHAN-012), but not of the one that has come last. */
void ock_sessions_bound(ockam_node *node, const ock_session *last);

bool ock_session_ended(const ock_session *session);
bool ock_session_waits(const ock_session *session); /* for m1 */

/* The one that has the connection for itself (CHAN-011). */
ock_session *ock_session_stream(const ockam_node *node);
/* The one without a local address that messages for the node from a source are for. */
ock_session *ock_session_of(const ockam_node *node, const ockam_address *source);
/* The one with a local address. */
ock_session *ock_session_at(const ockam_node *node, const ockam_address *address);

#endif
