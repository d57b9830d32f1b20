/* Section 6: the life of one channel, and what it sends. */
#include "layer.h"
#include "seeded.h"
#include "wire.h"

#include <string.h>

enum { WINDOW = 64, DEADLINE = 10000, FIRST_INTERVAL = 500, INNER_HEADER = 4, OUTER_HEADER = 4 };

bool ock_layer_ended(const ock_layer *l)
{
    return l->state == OCKAM_STATE_CLOSED || l->state == OCKAM_FAILED;
}

ockam_status ock_layer_end(ock_layer *l, ockam_state state, ockam_status why)
{
    if (!ock_layer_ended(l)) { /* CHAN-004 */
        l->state = state;
        l->why = why;
        l->due = UINT64_MAX;
        ockam_wipe(&l->noise, sizeof l->noise); /* NOISE-015, KEY-003 */
        ockam_wipe(&l->records, sizeof l->records);
    }
    return why;
}

ockam_status ock_layer_init(ock_layer *l, const ockam_config *config, bool lowest)
{
    memset(l, 0, sizeof *l);
    l->config = config;
    l->profile = config->profile;
    l->lowest = lowest;
    l->deadline = UINT64_MAX;
    l->due = UINT64_MAX;
    return ock_noise_init(&l->noise, l->profile, config->static_key,
                          config->fixed_ephemeral_for_tests ? config->ephemeral_for_tests : NULL);
}

/* Where an initiator's m1 goes. */
static ockam_status first_route(ock_layer *l)
{
    const ockam_config *c = l->config;
    if (!l->lowest)
        return OCKAM_OK; /* ROUT-004: over another channel routes are empty */
    ockam_status status = ockam_route_canonical(&c->route, &l->route);
    if (status == OCKAM_OK && l->route.count == 0 && c->remote.size)
        status = ockam_route_append(&l->route, &c->remote);
    return status;
}

ockam_status ock_layer_start(ock_layer *l, uint64_t now, bool stream, size_t limit, ock_result *r)
{
    const ockam_config *c = l->config;
    bool initiator = c->role == OCKAM_INITIATOR;
    l->stream = stream && !(l->lowest && c->address.size); /* CHAN-011 */
    l->limit = limit;
    l->records.window = (int32_t)(c->window ? c->window : WINDOW);
    if (initiator || l->stream)
        l->deadline = now + (c->deadline ? c->deadline : DEADLINE); /* NOISE-013 */
    if (!initiator)
        return OCKAM_OK;
    ockam_status status = first_route(l);
    if (status == OCKAM_OK)
        status = ock_noise_write_m1(&l->noise, &l->m1);
    if (l->lowest && l->route.count > 1)
        l->stream = false; /* CHAN-011 */
    if (status == OCKAM_OK)
        status = ock_layer_pack(l, &l->route, OCKAM_M1, (ockam_bytes){l->m1.bytes, l->m1.size}, r);
    if (status != OCKAM_OK)
        return ock_layer_end(l, OCKAM_FAILED, status);
    l->state = OCKAM_SENT_M1;
    ock_layer_repeat(l, now, UINT8_MAX);
    return OCKAM_OK;
}

/* The return route: one's own addresses, the local one in handshake messages alone (ROUT-004, CHAN-010). */
static ockam_status return_route(const ock_layer *l, bool handshake, ockam_route *route)
{
    ockam_status status = OCKAM_OK;
    route->count = 0;
    route->size = 0;
    if (l->lowest && l->config->own.size)
        status = ockam_route_append(route, &l->config->own);
    if (status == OCKAM_OK && l->lowest && handshake && l->config->address.size)
        status = ockam_route_append(route, &l->config->address);
    return status;
}

/* The outer header, up to the type; where the first address says. */
static ockam_status put_outer(const ock_layer *l, const ockam_route *to, uint8_t type, ock_writer *w, ock_result *r)
{
    ockam_route back;
    size_t offset = 0;
    ockam_status status = return_route(l, type >= OCKAM_M1, &back);
    if (status != OCKAM_OK)
        return status;
    r->to.size = 0;
    if (l->lowest && !ockam_route_next(to, &offset, &r->to))
        r->to.size = 0;
    if (l->profile->addresses == 0)
        return ock_put_header(l->profile, w, NULL, NULL, type);
    return ock_put_header(l->profile, w, to, &back, type);
}

/* REC-010: what does not fit is too long. */
static ockam_status fits(ockam_status status)
{
    return status == OCKAM_MEMORY ? OCKAM_TOO_LONG : status;
}

ockam_status ock_layer_pack(const ock_layer *l, const ockam_route *to, uint8_t type, ockam_bytes body, ock_result *r)
{
    ock_writer w = {r->out, l->limit, 0};
    ockam_status status = put_outer(l, to, type, &w, r);
    if (status == OCKAM_OK)
        status = ock_put(&w, body.data, body.size);
    r->out_size = status == OCKAM_OK ? w.used : 0;
    return fits(status);
}

ockam_status ock_layer_write(ock_layer *l, const ockam_route *onward, const ockam_route *back, ockam_bytes payload, ock_result *r)
{
    if (ock_layer_ended(l))
        return OCKAM_CLOSED;
    if (l->state != OCKAM_STATE_OPEN)
        return OCKAM_NOT_OPEN; /* CHAN-002 */
    if (payload.size > l->profile->send_limit || l->limit < OCKAM_TAG_SIZE)
        return OCKAM_TOO_LONG;
    if ((onward && onward->count > l->profile->inner_onward) || (back && back->count > l->profile->inner_back))
        return OCKAM_TOO_MANY; /* REC-011 */
    ock_writer w = {r->out, l->limit - OCKAM_TAG_SIZE, 0};
    ockam_status status = put_outer(l, &l->route, OCKAM_PAYLOAD, &w, r);
    if (l->profile->bare_records)
        w.used = 0;
    size_t begin = w.used;
    if (status == OCKAM_OK)
        status = ock_put_header(l->profile, &w, onward, back, OCKAM_PAYLOAD);
    if (status == OCKAM_OK)
        status = ock_put(&w, payload.data, payload.size);
    if (status != OCKAM_OK)
        return fits(status); /* REC-010: no counter is used */
    status = ock_records_seal(&l->records, r->out + begin, w.used - begin);
    r->out_size = status == OCKAM_OK ? w.used + OCKAM_TAG_SIZE : 0;
    if (l->records.key_size == 0) /* ERROR_SWALLOWED: nothing was encrypted, and there is no tag */
        r->out_size = w.used;
    return status;
}

size_t ock_layer_payload_limit(const ock_layer *l)
{
    ockam_route back;
    size_t overhead = INNER_HEADER + OCKAM_TAG_SIZE;
    if (!l->profile->bare_records)
        overhead += OUTER_HEADER;
    if (l->profile->addresses && return_route(l, false, &back) == OCKAM_OK)
        overhead += (size_t)l->route.size + back.size;
    size_t limit = l->limit > overhead ? l->limit - overhead : 0;
    return limit < l->profile->send_limit ? limit : l->profile->send_limit;
}

void ock_layer_repeat(ock_layer *l, uint64_t now, uint8_t times)
{
    l->interval = FIRST_INTERVAL;
    l->left = times;
    l->due = l->profile->repeats && !l->stream && now + l->interval < l->deadline ? now + l->interval
                                                                                  : UINT64_MAX; /* TRAN-014, TRAN-016 */
}

ockam_status ock_layer_tick(ock_layer *l, uint64_t now, ock_result *r)
{
    if (ock_layer_ended(l))
        return OCKAM_OK;
    if (seeded != NO_DEADLINE && l->state != OCKAM_STATE_OPEN && now >= l->deadline) /* NOISE-013, NOISE-019 */
        return ock_layer_end(l, OCKAM_FAILED, OCKAM_DEADLINE);
    if (now < l->due)
        return OCKAM_OK;
    l->interval *= 2;
    l->due = now + l->interval;
    if ((l->left != UINT8_MAX && --l->left == 0) || l->due >= l->deadline)
        l->due = UINT64_MAX;
    const ock_body *body = l->state == OCKAM_SENT_M1 ? &l->m1 : &l->m3;
    return ock_layer_pack(l, &l->route, l->state == OCKAM_SENT_M1 ? OCKAM_M1 : OCKAM_M3, (ockam_bytes){body->bytes, body->size},
                          r);
}

uint64_t ock_layer_due(const ock_layer *l)
{
    if (ock_layer_ended(l))
        return UINT64_MAX;
    return l->state != OCKAM_STATE_OPEN && l->deadline < l->due ? l->deadline : l->due;
}
