/*
 * Section 8: the channels of one socket or connection. A node hands each message to its channel, makes a responder for each new
 * m1, answers pings, forwards nothing, and bounds what it holds. Without IO and without a clock, as channels are.
 */
#ifndef OCKAM_NODE_H
#define OCKAM_NODE_H

#include "ockam.h"

typedef struct ockam_node ockam_node;

typedef struct ockam_node_config {
    /*
     * For each of its channels. Stream: the node is on a connection, else on a datagram socket. Own: the address of the socket or
     * of this end. Remote: of a connection, the other end. Static_key: not used where the profile has a new one for each
     * handshake.
     */
    ockam_config channel;
    size_t half_open; /* handshakes at once (CHAN-012); 0 means 1,024 */
    size_t open;      /* open channels at once, of which the one unused for longest gives way; 0 means 4,096 */
} ockam_node_config;

/* A node that listens has responders, else one initiator, which starts at once. */
ockam_status ockam_node_new(const ockam_node_config *config, const ockam_io *io, ockam_node **node);
void ockam_node_free(ockam_node *node); /* NULL is none */
/* Takes a message. *channel is whose the event is, NULL if there is none; it is the node's, until the next call. */
ockam_status ockam_node_receive(ockam_node *node, const ockam_io *io, const ockam_address *from, const uint8_t *message,
                                size_t size, ockam_event *event, ockam_channel **channel);
void ockam_node_tick(ockam_node *node, const ockam_io *io);
uint64_t ockam_node_due(const ockam_node *node); /* when tick is to be called next */
/*
 * The connection is to be closed, or the initiator is gone. *Why it failed, if it has. A node on datagrams that listens never
 * ends.
 */
bool ockam_node_ended(const ockam_node *node, ockam_status *why);

#endif
