/* Section 8: which channel a message is for. Sessions are held in sessions.c. */
#include "seeded.h"
#include "sessions.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static bool listens(const ockam_node *node)
{
    return node->config.channel.role == OCKAM_RESPONDER;
}

ockam_status ockam_node_new(const ockam_node_config *config, const ockam_io *io, ockam_node **made)
{
    const ockam_config *c = &config->channel;
    ockam_node *node = calloc(1, sizeof *node);
    if (!node)
        return OCKAM_MEMORY;
    node->config = *config;
    node->due = UINT64_MAX;
    ock_session *first = NULL;
    ockam_status status = OCKAM_OK;
    if (!listens(node) || c->stream) /* NOISE-013: a connection's deadline begins now */
        status = ock_session_new(node, io, &c->remote, false, &first);
    if (status != OCKAM_OK) {
        ockam_node_free(node);
        return status;
    }
    *made = node;
    return OCKAM_OK;
}

void ockam_node_free(ockam_node *node)
{
    for (size_t i = 0; node && i < node->size; i++)
        ockam_channel_free(node->sessions[i].channel);
    if (node) {
        free(node->sessions);
        ockam_wipe(node, sizeof *node);
    }
    free(node);
}

/* Gives a message to a session, which may end by that. */
static ockam_status feed(ockam_node *node, const ockam_io *io, ock_session *s, const ockam_address *from, ockam_bytes in,
                         ockam_event *event, ockam_channel **channel)
{
    ockam_status status = ockam_channel_receive(s->channel, io, from, in.data, in.size, event);
    s->used = ++node->clock;
    if (ock_session_ended(s)) {
        ock_session_drop(node, s);
        return status;
    }
    if (ockam_channel_due(s->channel) < node->due)
        node->due = ockam_channel_due(s->channel);
    if (event->opened || event->received)
        *channel = s->channel;
    return status;
}

/* A new m1 makes a new responder, a repeat goes to the one that there is (CHAN-010, TRAN-014). */
static ockam_status accept_m1(ockam_node *node, const ockam_io *io, const ockam_message *m, const ockam_address *from,
                              ockam_bytes in, ockam_event *event, ockam_channel **channel)
{
    ock_session *s;
    if (!listens(node))
        return OCKAM_UNEXPECTED;
    for (size_t i = 0; i < node->size; i++) {
        s = &node->sessions[i];
        if (s->channel && ockam_channel_knows_m1(s->channel, from, m->body, m->size))
            return feed(node, io, s, from, in, event, channel);
    }
    ockam_status status = ock_session_new(node, io, from, true, &s);
    if (status != OCKAM_OK)
        return status;
    status = ockam_channel_receive(s->channel, io, from, in.data, in.size, event);
    if (status == OCKAM_OK && node->due > ockam_channel_due(s->channel))
        node->due = ockam_channel_due(s->channel);
    if (status != OCKAM_OK)
        ock_session_free(s);
    ock_sessions_bound(node, s);
    return status;
}

/* WIRE-010: a ping is answered, a pong never. */
static ockam_status answer(const ockam_node *node, const ockam_io *io, const ockam_message *ping)
{
    const ockam_profile *profile = node->config.channel.profile;
    uint8_t out[2 * OCKAM_ROUTE_MAX];
    size_t used, offset = 0;
    ockam_message pong = {.type = OCKAM_PONG};
    ockam_address to;
    if (ping->type != OCKAM_PING || ockam_route_canonical(&ping->back, &pong.onward) != OCKAM_OK)
        return OCKAM_OK; /* WIRE-015 */
    if (!ockam_route_next(&pong.onward, &offset, &to) || !ockam_address_sendable(&to) ||
        ockam_route_append(&pong.back, &node->config.channel.own) != OCKAM_OK || /* ROUT-004 */
        ockam_message_write(profile, &pong, out, sizeof out, &used) != OCKAM_OK)
        return OCKAM_OK;
    return io->send(io->context, &to, out, used);
}

/* Whether an m1 shows that its sender is not next to us, or has a local address (CHAN-011). */
static bool is_routed(const ockam_message *m)
{
    return m->onward.count > 0 || m->back.count > 1;
}

/* On a connection that has carried nothing yet, an m1 that is routed is of one channel among others. */
static ockam_status share(ockam_node *node, const ockam_io *io, const ockam_message *m, const ockam_address *from, ockam_bytes in,
                          ockam_event *event, ockam_channel **channel)
{
    ockam_status status = accept_m1(node, io, m, from, in, event, channel);
    ock_session *waiting = ock_session_stream(node);
    if (waiting && status == OCKAM_OK)
        ock_session_free(waiting);
    else if (waiting)
        ock_session_drop(node, waiting); /* it was the stream's first message, and it was rejected */
    return status;
}

static ockam_status for_node(ockam_node *node, const ockam_io *io, const ockam_message *m, const ockam_address *from,
                             ockam_bytes in, ockam_event *event, ockam_channel **channel)
{
    ock_session *s = ock_session_of(node, from);
    bool stream = s && s == ock_session_stream(node);
    if (m->type <= OCKAM_PONG)
        return answer(node, io, m);
    if (stream && m->type == OCKAM_M1 && is_routed(m) && ock_session_waits(s) && listens(node))
        return share(node, io, m, from, in, event, channel);
    if (s && (m->type != OCKAM_M1 || stream))
        return feed(node, io, s, from, in, event, channel);
    return m->type == OCKAM_M1 ? accept_m1(node, io, m, from, in, event, channel) : OCKAM_UNEXPECTED;
}

/* Passes a message on, for whoever asks for it. */
static ockam_status relay(const ockam_profile *profile, const ockam_io *io, const ockam_address *to, const ockam_message *m)
{
    static uint8_t out[OCKAM_MESSAGE_MAX];
    size_t used;
    ockam_status status = ockam_message_write(profile, m, out, sizeof out, &used);
    return status == OCKAM_OK ? io->send(io->context, to, out, used) : status;
}

ockam_status ockam_node_receive(ockam_node *node, const ockam_io *io, const ockam_address *from, const uint8_t *message,
                                size_t size, ockam_event *event, ockam_channel **channel)
{
    const ockam_config *c = &node->config.channel;
    ockam_bytes in = {message, size};
    ockam_message m;
    ockam_address first;
    size_t offset = 0;
    *channel = NULL;
    event->opened = event->received = false;
    ock_session *s = c->profile->addresses ? ock_session_stream(node) : ock_session_of(node, from);
    if (s && c->profile->addresses == 0)
        return feed(node, io, s, from, in, event, channel); /* section 8: whatever arrives is for the one channel */
    ockam_status status = ockam_message_read(c->profile, message, size, &m);
    if (status == OCKAM_OK)
        status = ock_arrive(c->profile, from, &m);
    if (status != OCKAM_OK)
        return s ? feed(node, io, s, from, in, event, channel) : status; /* on a stream it is fatal */
    if (c->profile->addresses == 0)
        return m.type == OCKAM_M1 ? accept_m1(node, io, &m, from, in, event, channel) : OCKAM_UNEXPECTED;
    if (!ockam_route_next(&m.onward, &offset, &first))
        return for_node(node, io, &m, from, in, event, channel);
    s = m.type > OCKAM_PONG ? ock_session_at(node, &first) : NULL;
    if (s)
        return feed(node, io, s, from, in, event, channel);
    if (m.type == OCKAM_M1 && c->listener.size && ockam_address_equal(&first, &c->listener)) {
        s = ock_session_stream(node);
        return s && ock_session_waits(s) ? share(node, io, &m, from, in, event, channel)
                                         : accept_m1(node, io, &m, from, in, event, channel);
    }
    if (seeded == UNKNOWN_ADDRESS_EXIT)
        exit(3);
    if (seeded == RELAY && first.type == OCKAM_UDP)
        return relay(c->profile, io, &first, &m);
    return OCKAM_NOT_ADDRESSED; /* ROUT-006, ROUT-007 */
}

void ockam_node_tick(ockam_node *node, const ockam_io *io)
{
    if (io->now < node->due)
        return;
    node->due = UINT64_MAX;
    for (size_t i = 0; i < node->size; i++) {
        ock_session *s = &node->sessions[i];
        if (!s->channel)
            continue;
        (void)ockam_channel_tick(s->channel, io); /* why it failed is kept */
        if (ock_session_ended(s))
            ock_session_drop(node, s);
        else if (ockam_channel_due(s->channel) < node->due)
            node->due = ockam_channel_due(s->channel);
    }
}

uint64_t ockam_node_due(const ockam_node *node)
{
    return node->due;
}

bool ockam_node_ended(const ockam_node *node, ockam_status *why)
{
    *why = node->why;
    return node->ended;
}
