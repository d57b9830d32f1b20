/* Sections 6 and 7: layers inside each other (CHAN-008). What one sends is a payload of the one below. Loops, no recursion. */
#include "layer.h"

#include <stdlib.h>
#include <string.h>

enum { UDP_IPV4_LIMIT = 65507, UDP_IPV6_LIMIT = 65527, DEPTH_MAX = 2048, MAX_DEADLINE = 30000, MIN_WINDOW = 32 };

struct ockam_channel {
    ockam_config config;
    bool started;
    size_t depth;
    ock_layer layers[]; /* the lowest first */
};

struct ockam_work {
    uint8_t up[2][OCKAM_MESSAGE_MAX];   /* payloads: of every other layer */
    uint8_t down[2][OCKAM_MESSAGE_MAX]; /* messages */
    ock_result result, lower;
};

ockam_work *ockam_work_new(void)
{
    return calloc(1, sizeof(ockam_work));
}

void ockam_work_free(ockam_work *work)
{
    if (work)
        ockam_wipe(work, sizeof *work);
    free(work);
}

static bool is_usable(const ockam_config *c)
{
    return c->profile && c->policy && c->depth <= DEPTH_MAX && c->deadline <= MAX_DEADLINE &&
           (c->window == 0 || (c->window >= MIN_WINDOW && c->window <= OCKAM_WINDOW_MAX)) &&
           (c->own.size == 0) == (c->remote.size == 0) && (c->role == OCKAM_INITIATOR || c->role == OCKAM_RESPONDER);
}

ockam_status ockam_channel_new(const ockam_config *config, ockam_channel **channel)
{
    if (!is_usable(config))
        return OCKAM_ARGUMENT;
    size_t depth = config->depth ? config->depth : 1; /* at most DEPTH_MAX: the product does not overflow */
    ockam_channel *c = calloc(1, sizeof *c + depth * sizeof *c->layers);
    if (!c)
        return OCKAM_MEMORY;
    ockam_status status = OCKAM_OK;
    c->config = *config;
    for (c->depth = 0; status == OCKAM_OK && c->depth < depth; c->depth++)
        status = ock_layer_init(&c->layers[c->depth], &c->config, c->depth == 0);
    ockam_wipe(c->config.static_key, sizeof c->config.static_key); /* each layer has it until it is open */
    ockam_wipe(c->config.ephemeral_for_tests, sizeof c->config.ephemeral_for_tests);
    if (status == OCKAM_OK)
        *channel = c;
    else
        ockam_channel_free(c);
    return status;
}

void ockam_channel_free(ockam_channel *c)
{
    if (c)
        ockam_wipe(c, sizeof *c + c->depth * sizeof *c->layers);
    free(c);
}

static ock_layer *top(ockam_channel *c)
{
    return &c->layers[c->depth - 1];
}

/* All end together: each is the other's IO, or of no use without it. */
static ockam_status fail(ockam_channel *c, ockam_status why)
{
    for (size_t i = 0; i < c->depth; i++)
        (void)ock_layer_end(&c->layers[i], OCKAM_FAILED, why);
    return why;
}

/* Sends what a layer has put into work->result, as a payload of each layer below it. */
static ockam_status push(ockam_channel *c, const ockam_io *io, size_t level)
{
    ock_result *r = &io->work->result;
    if (r->out_size == 0)
        return OCKAM_OK;
    for (; level > 0; level--) {
        ock_result *lower = &io->work->lower;
        lower->out = r->out == io->work->down[0] ? io->work->down[1] : io->work->down[0];
        ockam_status status = ock_layer_write(&c->layers[level - 1], NULL, NULL, (ockam_bytes){r->out, r->out_size}, lower);
        if (status != OCKAM_OK)
            return status;
        r->out = lower->out;
        r->out_size = lower->out_size;
        r->to = lower->to;
    }
    bool sendable = !c->config.own.size || ockam_address_sendable(&r->to); /* WIRE-013 */
    ockam_status status = sendable ? io->send(io->context, r->to.size ? &r->to : NULL, r->out, r->out_size) : OCKAM_UNSENDABLE;
    return status != OCKAM_OK && c->layers[0].stream ? fail(c, status) : OCKAM_OK; /* REC-003; datagrams get lost */
}

static void clear(ockam_work *work)
{
    ock_result *r = &work->result;
    r->out = work->down[0];
    r->out_size = r->to.size = 0;
    r->opened = r->received = false;
}

static ockam_status start(ockam_channel *c, const ockam_io *io, size_t level)
{
    bool stream = level ? c->layers[level - 1].stream : c->config.stream; /* CHAN-011 */
    size_t limit = c->config.profile->message_limit, udp = c->config.own.host == OCKAM_IPV6 ? UDP_IPV6_LIMIT : UDP_IPV4_LIMIT;
    if (level && ock_layer_payload_limit(&c->layers[level - 1]) < limit)
        limit = ock_layer_payload_limit(&c->layers[level - 1]); /* CHAN-008 */
    if (!level && c->config.own.size && c->config.own.type == OCKAM_UDP && udp < limit)
        limit = udp; /* REC-010 */
    if (!level && c->config.limit && c->config.limit < limit)
        limit = c->config.limit;
    clear(io->work);
    ockam_status status = ock_layer_start(&c->layers[level], io->now, stream, limit, &io->work->result);
    return status == OCKAM_OK ? push(c, io, level) : fail(c, status);
}

ockam_status ockam_channel_start(ockam_channel *c, const ockam_io *io)
{
    if (c->started)
        return OCKAM_UNEXPECTED;
    c->started = true;
    return ock_layer_ended(top(c)) ? OCKAM_CLOSED : start(c, io, 0);
}

ockam_status ockam_channel_receive(ockam_channel *c, const ockam_io *io, const ockam_address *from, const uint8_t *message,
                                   size_t size, ockam_event *event)
{
    ock_result *r = &io->work->result;
    ockam_bytes in = {message, size};
    event->opened = event->received = false;
    if (!c->started)
        return OCKAM_UNEXPECTED;
    if (!from && c->config.remote.size)
        from = &c->config.remote;
    for (size_t i = 0; i < c->depth; i++, in = (ockam_bytes){r->payload, r->size}) {
        clear(io->work);
        ockam_status status = ock_layer_receive(&c->layers[i], io->now, i ? NULL : from, in, io->work->up[i % 2], r);
        if (status != OCKAM_OK)
            return ock_layer_ended(&c->layers[i]) ? fail(c, status) : status;
        bool opened = r->opened, received = r->received;
        status = push(c, io, i);
        if (status == OCKAM_OK && opened && i + 1 < c->depth)
            status = start(c, io, i + 1);
        event->opened = status == OCKAM_OK && opened && i + 1 == c->depth;
        if (status != OCKAM_OK || !received)
            return status;
    }
    event->received = true;
    event->payload = r->payload;
    event->size = r->size;
    event->onward = r->onward;
    event->back = r->back;
    return OCKAM_OK;
}

ockam_status ockam_channel_write(ockam_channel *c, const ockam_io *io, const ockam_route *onward, const ockam_route *back,
                                 const uint8_t *payload, size_t size)
{
    clear(io->work);
    ockam_status status = ock_layer_write(top(c), onward, back, (ockam_bytes){payload, size}, &io->work->result);
    if (status == OCKAM_CRYPTO && c->layers[0].stream)
        return fail(c, status); /* REC-003: its counter is spent */
    return status == OCKAM_OK ? push(c, io, c->depth - 1) : status;
}

ockam_status ockam_channel_tick(ockam_channel *c, const ockam_io *io)
{
    for (size_t i = 0; c->started && i < c->depth; i++) {
        clear(io->work);
        ockam_status status = ock_layer_tick(&c->layers[i], io->now, &io->work->result);
        if (ock_layer_ended(&c->layers[i]))
            return status == OCKAM_OK ? OCKAM_OK : fail(c, status);
        if (status == OCKAM_OK)
            status = push(c, io, i);
        if (status != OCKAM_OK)
            return status;
    }
    return OCKAM_OK;
}

uint64_t ockam_channel_due(const ockam_channel *c)
{
    uint64_t due = UINT64_MAX;
    for (size_t i = 0; i < c->depth; i++)
        if (ock_layer_due(&c->layers[i]) < due)
            due = ock_layer_due(&c->layers[i]);
    return due;
}

void ockam_channel_end(ockam_channel *c, ockam_status why)
{
    (void)fail(c, why);
}

void ockam_channel_close(ockam_channel *c)
{
    for (size_t i = 0; i < c->depth; i++)
        (void)ock_layer_end(&c->layers[i], OCKAM_STATE_CLOSED, OCKAM_OK);
}

ockam_state ockam_channel_state(const ockam_channel *c)
{
    return c->layers[c->depth - 1].state;
}

bool ockam_channel_is_on_stream(const ockam_channel *c)
{
    return c->layers[0].stream;
}

void ockam_channel_claims(const ockam_channel *c, ockam_claims *claims)
{
    const ock_layer *l = &c->layers[c->depth - 1];
    memset(claims, 0, sizeof *claims);
    claims->state = l->state;
    claims->why = l->why;
    claims->proven = l->state == OCKAM_STATE_OPEN;
    if (!claims->proven)
        return;
    memcpy(claims->h, l->h, sizeof claims->h);
    memcpy(claims->peer, l->peer, sizeof claims->peer);
    claims->peer_size = l->profile->public_size;
    claims->sent = l->records.sent;
    claims->received = (uint32_t)(l->records.highest + 1);
    claims->limit = ock_layer_payload_limit(l);
}

bool ockam_channel_knows_m1(const ockam_channel *c, const ockam_address *from, const uint8_t *m1, size_t size)
{
    const ock_layer *l = &c->layers[0];
    if (c->config.role != OCKAM_RESPONDER || l->m1.size == 0 || l->m1.size != size || memcmp(l->m1.bytes, m1, size) != 0)
        return false;
    return from ? ockam_address_equal(from, &l->source) : l->source.size == 0;
}
