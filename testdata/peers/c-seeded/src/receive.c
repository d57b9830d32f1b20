/* Sections 6 to 8: what becomes of a message that arrives. */
#include "layer.h"
#include "seeded.h"
#include "wire.h"

ockam_status ock_arrive(const ockam_profile *profile, const ockam_address *from, ockam_message *m)
{
    ockam_address first;
    size_t offset = 0;
    if (!from)
        return OCKAM_OK;
    if (profile->addresses && ockam_route_next(&m->onward, &offset, &first) && first.type != OCKAM_LOCAL)
        ockam_route_remove_first(&m->onward);
    offset = 0;
    if (ockam_route_next(&m->back, &offset, &first) && first.type == from->type)
        ockam_route_remove_first(&m->back);
    return ockam_route_prepend(&m->back, from);
}

typedef enum { FOR_US, FOR_NODE, DROP } destination;

/* ROUT-001. */
static destination destination_of(const ock_layer *l, const ockam_message *m, bool *to_local)
{
    const ockam_config *c = l->config;
    ockam_address first;
    size_t offset = 0;
    *to_local = false;
    if (l->profile->addresses == 0)
        return FOR_US; /* section 8: there is no node */
    if (!ockam_route_next(&m->onward, &offset, &first)) {
        if (m->type <= OCKAM_PONG)
            return FOR_NODE;
        return l->lowest && c->address.size && m->type != OCKAM_M1 ? DROP : FOR_US;
    }
    *to_local = true;
    if (!l->lowest || first.type != OCKAM_LOCAL || m->type <= OCKAM_PONG) /* WIRE-010 */
        return DROP;
    if (c->address.size && ockam_address_equal(&first, &c->address))
        return FOR_US;
    return c->listener.size && m->type == OCKAM_M1 && ockam_address_equal(&first, &c->listener) ? FOR_US : DROP;
}

/* WIRE-010: a ping is answered, if it can be, a pong never. */
static ockam_status for_node(const ock_layer *l, const ockam_message *m, ock_result *r)
{
    ockam_route back;
    if (m->type != OCKAM_PING || ockam_route_canonical(&m->back, &back) != OCKAM_OK)
        return OCKAM_OK;
    if (ock_layer_pack(l, &back, OCKAM_PONG, (ockam_bytes){NULL, 0}, r) != OCKAM_OK)
        r->out_size = 0;
    return OCKAM_OK;
}

static ockam_status record(ock_layer *l, ockam_bytes ciphertext, uint8_t *plain, ock_result *r)
{
    ockam_message inner;
    ockam_status status = ock_records_unseal(&l->records, l->stream, ciphertext, plain);
    if (seeded == STALE_PAYLOAD && status == OCKAM_SHORT && r->payload) {
        r->received = true; /* payload and size are those of the message before */
        return OCKAM_OK;
    }
    if (status != OCKAM_OK)
        return status;
    l->due = UINT64_MAX;                                                                    /* TRAN-014: m3 has arrived */
    size_t size = l->records.key_size ? ciphertext.size - OCKAM_TAG_SIZE : ciphertext.size; /* without a key there is no tag */
    status = ockam_message_read(l->profile, plain, size, &inner);
    if (seeded == COUNTER_AFTER_ERROR && status != OCKAM_OK)
        l->records.sent = 0;
    if (status != OCKAM_OK || inner.type != OCKAM_PAYLOAD || inner.size > l->profile->receive_limit ||
        inner.onward.count > l->profile->inner_onward || inner.back.count > l->profile->inner_back)
        return OCKAM_INNER; /* REC-009, REC-011 */
    r->received = true;
    r->payload = inner.body;
    if (seeded != LENGTH_UNINITIALISED || inner.size > 0)
        r->size = inner.size;
    if (seeded == LENGTH_WITH_HEADER)
        r->size = ciphertext.size - OCKAM_TAG_SIZE;
    r->onward = inner.onward;
    r->back = inner.back;
    return OCKAM_OK;
}

/* Whether a rejected message fails the channel (section 6, REC-005). */
static bool is_fatal(const ock_layer *l, ockam_status why, bool is_handshake)
{
    if (!l->stream || why == OCKAM_OK || why == OCKAM_NOT_ADDRESSED || why == OCKAM_INNER)
        return why == OCKAM_CRYPTO && l->state != OCKAM_STATE_OPEN;
    if (l->state != OCKAM_STATE_OPEN)
        return true;
    return !is_handshake && why != OCKAM_EXHAUSTED; /* CHAN-003, REC-014 */
}

static ockam_status dispatch(ock_layer *l, uint64_t now, const ockam_address *from, ockam_bytes in, uint8_t *plain, ock_result *r,
                             bool *is_handshake)
{
    ockam_message m;
    bool to_local;
    if (l->state == OCKAM_STATE_OPEN && l->profile->bare_records)
        return record(l, in, plain, r);
    if (in.size > l->profile->message_limit)
        return OCKAM_TOO_LONG; /* TRAN-011 */
    ockam_status status = ockam_message_read(l->profile, in.data, in.size, &m);
    if (status == OCKAM_OK)
        status = ock_arrive(l->profile, from, &m);
    if (status != OCKAM_OK)
        return status;
    *is_handshake = m.type >= OCKAM_M1;
    destination to = destination_of(l, &m, &to_local);
    if (to != FOR_US)
        return to == FOR_NODE ? for_node(l, &m, r) : OCKAM_NOT_ADDRESSED; /* CHAN-014 */
    if (m.type >= OCKAM_M1)
        return ock_layer_handshake(l, now, &m, from, to_local, r);
    if (seeded == OPEN_BEFORE_M3 && l->state == OCKAM_SENT_M2 && m.type == OCKAM_PAYLOAD) {
        l->state = OCKAM_STATE_OPEN;
        l->route = m.back;
    }
    if (l->state != OCKAM_STATE_OPEN || m.type != OCKAM_PAYLOAD)
        return OCKAM_UNEXPECTED; /* CHAN-001 */
    if (seeded == ROUTE_OF_LAST_MESSAGE)
        l->route = m.back;
    return record(l, (ockam_bytes){m.body, m.size}, plain, r);
}

ockam_status ock_layer_receive(ock_layer *l, uint64_t now, const ockam_address *from, ockam_bytes message, uint8_t *plain,
                               ock_result *r)
{
    bool is_handshake = false;
    if (ock_layer_ended(l))
        return OCKAM_CLOSED; /* CHAN-004 */
    if (seeded != NO_DEADLINE && l->state != OCKAM_STATE_OPEN && now >= l->deadline)
        return ock_layer_end(l, OCKAM_FAILED, OCKAM_DEADLINE); /* NOISE-013 */
    ockam_status status = dispatch(l, now, from, message, plain, r, &is_handshake);
    if (status != OCKAM_OK) {
        r->out_size = 0;
        r->opened = r->received = false;
    }
    return is_fatal(l, status, is_handshake) ? ock_layer_end(l, OCKAM_FAILED, status) : status;
}
