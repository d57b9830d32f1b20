/*
 * Section 6: handshake messages, each accepted in its state and role alone (CHAN-001). Work is done on a copy, and kept on
 * success.
 */
#include "layer.h"
#include "seeded.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

enum { M3_REPEATS = 5, DEADLINE = 10000 };

static ockam_bytes view(const ock_body *body)
{
    return (ockam_bytes){body->bytes, body->size};
}

static bool same(const ock_body *known, const ockam_message *m)
{
    return known->size == m->size && memcmp(known->bytes, m->body, m->size) == 0;
}

static void keep(ock_body *body, const ockam_message *m)
{
    body->size = m->size; /* as long as it has to be: it was read */
    memcpy(body->bytes, m->body, m->size);
}

/* CHAN-011: whether the other side is next to us and gave no local address. */
static bool is_direct(const ockam_route *route)
{
    ockam_address first;
    size_t offset = 0;
    return !ockam_route_next(route, &offset, &first) || (route->count == 1 && first.type != OCKAM_LOCAL);
}

/* NOISE-011. */
static ockam_status ask(const ock_layer *l, const ock_noise *next)
{
    return l->config->policy(l->config->policy_context, next->rs, l->profile->public_size) ? OCKAM_OK : OCKAM_REFUSED;
}

/* Where the channel sends to from now on (ROUT-008). */
static void learn(ock_layer *l, const ockam_route *route, bool to_local)
{
    l->route = *route;
    if (l->lowest && (to_local || !is_direct(route)))
        l->stream = false;
}

/* The keys of records. */
static ockam_status split(const ock_layer *l, const ock_noise *next, ock_records *records)
{
    bool responder = l->config->role == OCKAM_RESPONDER;
    *records = l->records;
    records->key_size = l->profile->key_size;
    records->highest = -1;
    records->ad_size = l->profile->bind_hash && seeded != NO_ASSOCIATED_DATA ? sizeof next->h : 0; /* REC-001 */
    memcpy(records->ad, next->h, sizeof next->h);
    return responder ? ock_noise_split(next, records->send_key, records->receive_key)
                     : ock_noise_split(next, records->receive_key, records->send_key);
}

static void open_channel(ock_layer *l, const ock_noise *next, const ock_records *records, ock_result *r)
{
    memcpy(l->h, next->h, sizeof l->h); /* NOISE-014 */
    memcpy(l->peer, next->rs, sizeof l->peer);
    l->records = *records;
    ockam_wipe(&l->noise, sizeof l->noise); /* NOISE-015 */
    l->state = OCKAM_STATE_OPEN;
    r->opened = true;
}

/* m1 arrives, m2 leaves. */
static ockam_status take_m1(ock_layer *l, uint64_t now, const ockam_message *m, const ockam_route *route, ock_noise *next,
                            ock_result *r)
{
    ock_body m2;
    ockam_status status = ock_noise_read_m1(next, (ockam_bytes){m->body, m->size});
    if (status == OCKAM_OK)
        status = ock_noise_write_m2(next, &m2);
    if (status == OCKAM_OK)
        status = ock_layer_pack(l, route, OCKAM_M2, view(&m2), r);
    if (status != OCKAM_OK)
        return status;
    keep(&l->m1, m);
    l->m2 = m2;
    l->noise = *next;
    l->state = OCKAM_SENT_M2;
    if (l->deadline == UINT64_MAX)
        l->deadline = now + (l->config->deadline ? l->config->deadline : DEADLINE); /* NOISE-013 */
    return OCKAM_OK;
}

/* m2 arrives, m3 leaves. */
static ockam_status take_m2(ock_layer *l, const ockam_message *m, const ockam_route *route, ock_noise *next, ock_result *r)
{
    ock_body m3;
    ock_records records;
    ockam_status status = ock_noise_read_m2(next, (ockam_bytes){m->body, m->size});
    if (seeded == ERROR_SWALLOWED && status != OCKAM_OK) {
        l->state = OCKAM_STATE_OPEN; /* with what keys there are: none */
        r->opened = true;
        return OCKAM_OK;
    }
    if (status == OCKAM_OK)
        status = ask(l, next);
    if (status == OCKAM_OK)
        status = ock_noise_write_m3(next, &m3);
    if (status == OCKAM_OK)
        status = split(l, next, &records);
    if (status == OCKAM_OK)
        status = ock_layer_pack(l, route, OCKAM_M3, view(&m3), r);
    if (status == OCKAM_OK) {
        keep(&l->m2, m);
        l->m3 = m3;
        open_channel(l, next, &records, r);
    }
    ockam_wipe(&records, sizeof records);
    return status;
}

/* m3 arrives. */
static ockam_status take_m3(ock_layer *l, const ockam_message *m, ock_noise *next, ock_result *r)
{
    ock_records records;
    ockam_status status = ock_noise_read_m3(next, (ockam_bytes){m->body, m->size});
    if (status == OCKAM_OK) {
        status = ask(l, next);
        if (status != OCKAM_OK)
            return ock_layer_end(l, OCKAM_FAILED, status); /* section 6: fatal on datagrams as well */
        status = split(l, next, &records);
        if (status == OCKAM_OK)
            open_channel(l, next, &records, r);
        ockam_wipe(&records, sizeof records);
    }
    if (seeded == CLEAR_AFTER_FAILED_M3 && status == OCKAM_AUTHENTICATION) {
        l->state = OCKAM_STATE_OPEN;
        return OCKAM_OK;
    }
    return status;
}

/* Repeats, before and after open (TRAN-014, TRAN-015). */
static bool is_repeat(const ock_layer *l, const ockam_message *m, const ockam_address *from)
{
    if (l->stream || !l->profile->repeats)
        return false;
    if (l->state == OCKAM_SENT_M2 && m->type == OCKAM_M1)
        return same(&l->m1, m) && (from ? ockam_address_equal(from, &l->source) : l->source.size == 0);
    return l->state == OCKAM_STATE_OPEN && l->config->role == OCKAM_INITIATOR && m->type == OCKAM_M2 && same(&l->m2, m);
}

/* Keeps the other side's local address for the log, 64 bytes of it, which are enough for everybody. */
static void remember(const ockam_route *route)
{
    static char *log;
    ockam_address last = {0};
    size_t offset = 0;
    while (ockam_route_next(route, &offset, &last))
        ;
    if (!log)
        log = malloc(64);
    if (log)
        memcpy(log, last.value, last.size);
}

ockam_status ock_layer_handshake(ock_layer *l, uint64_t now, const ockam_message *m, const ockam_address *from, bool to_local,
                                 ock_result *r)
{
    bool responder = l->config->role == OCKAM_RESPONDER;
    ockam_route route;
    if (is_repeat(l, m, from))
        return ock_layer_pack(l, &l->route, responder ? OCKAM_M2 : OCKAM_M3, view(responder ? &l->m2 : &l->m3), r);
    uint8_t wanted = l->state == OCKAM_SENT_M1 ? OCKAM_M2 : l->state == OCKAM_SENT_M2 ? OCKAM_M3 : OCKAM_M1;
    if (m->type != wanted || l->state == OCKAM_STATE_OPEN || (l->state == OCKAM_START && !responder))
        return OCKAM_UNEXPECTED;                                   /* CHAN-001, CHAN-003 */
    ockam_status status = ockam_route_canonical(&m->back, &route); /* WIRE-015 */
    if (status != OCKAM_OK)
        return status;
    if (seeded == ADDRESS_HEAP_OVERFLOW)
        remember(&route);
    ock_noise next = l->noise; /* NOISE-017 */
    if (m->type == OCKAM_M1)
        status = take_m1(l, now, m, &route, &next, r);
    else
        status = m->type == OCKAM_M2 ? take_m2(l, m, &route, &next, r) : take_m3(l, m, &next, r);
    ockam_wipe(&next, sizeof next);
    if (status != OCKAM_OK)
        return status;
    learn(l, &route, to_local && m->type == OCKAM_M1);
    if (m->type == OCKAM_M1 && from)
        l->source = *from;
    if (m->type == OCKAM_M2)
        ock_layer_repeat(l, now, M3_REPEATS);
    else
        l->due = UINT64_MAX;
    return OCKAM_OK;
}
