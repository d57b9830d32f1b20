/* The channels of a node, in a table that grows up to a bound. */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

enum { HALF_OPEN = 1024, OPEN = 4096, FIRST_SIZE = 4, PLACE_BYTES = 3, RANDOM_BYTES = 8 };

bool ock_session_ended(const ock_session *s)
{
    ockam_state state = ockam_channel_state(s->channel);
    return state == OCKAM_FAILED || state == OCKAM_STATE_CLOSED;
}

bool ock_session_waits(const ock_session *s)
{
    return ockam_channel_state(s->channel) == OCKAM_START;
}

void ock_session_free(ock_session *s)
{
    ockam_channel_free(s->channel);
    s->channel = NULL;
    s->address.size = 0;
}

void ock_session_drop(ockam_node *node, ock_session *s)
{
    ockam_claims claims;
    if (ockam_channel_is_on_stream(s->channel) || node->config.channel.role == OCKAM_INITIATOR) {
        ockam_channel_claims(s->channel, &claims);
        node->ended = true;
        node->why = claims.why;
    }
    ock_session_free(s);
}

ock_session *ock_session_stream(const ockam_node *node)
{
    for (size_t i = 0; node->config.channel.stream && i < node->size; i++)
        if (node->sessions[i].channel && node->sessions[i].address.size == 0 &&
            ockam_channel_is_on_stream(node->sessions[i].channel))
            return &node->sessions[i];
    return NULL;
}

ock_session *ock_session_of(const ockam_node *node, const ockam_address *source)
{
    bool any = node->config.channel.stream || node->config.channel.role == OCKAM_INITIATOR;
    for (size_t i = 0; i < node->size; i++) {
        ock_session *s = &node->sessions[i];
        if (s->channel && s->address.size == 0 && (any || ockam_address_equal(&s->source, source)))
            return s;
    }
    return NULL;
}

ock_session *ock_session_at(const ockam_node *node, const ockam_address *address)
{
    size_t place = 0;
    if (address->type != OCKAM_LOCAL || address->size != PLACE_BYTES + RANDOM_BYTES)
        return NULL;
    for (size_t i = 0; i < PLACE_BYTES; i++) /* the address begins with the place in the table */
        place = place << 8 | address->value[i];
    if (place >= node->size || !node->sessions[place].channel || !ockam_address_equal(address, &node->sessions[place].address))
        return NULL;
    return &node->sessions[place];
}

/* CHAN-010: more than 4 random bytes, and unused, for it begins with the place. */
static ockam_status draw_address(size_t place, ockam_address *address)
{
    *address = (ockam_address){.type = OCKAM_LOCAL, .size = PLACE_BYTES + RANDOM_BYTES};
    for (size_t i = PLACE_BYTES; i > 0; place >>= 8)
        address->value[--i] = (uint8_t)place;
    return ockam_random(address->value + PLACE_BYTES, RANDOM_BYTES);
}

/* A free place; the table grows up to the bounds and one more. */
static ockam_status find_place(ockam_node *node, size_t *place)
{
    for (*place = 0; *place < node->size; ++*place)
        if (!node->sessions[*place].channel)
            return OCKAM_OK;
    size_t size = node->size ? 2 * node->size : FIRST_SIZE;
    ock_session *grown = size > 1u << (8 * PLACE_BYTES) ? NULL : realloc(node->sessions, size * sizeof *grown);
    if (!grown)
        return OCKAM_MEMORY;
    memset(grown + node->size, 0, (size - node->size) * sizeof *grown);
    node->sessions = grown;
    node->size = size;
    return OCKAM_OK;
}

ockam_status ock_session_new(ockam_node *node, const ockam_io *io, const ockam_address *remote, bool shared,
                             ock_session **session)
{
    ockam_config config = node->config.channel;
    ock_session made = {.source = *remote, .used = ++node->clock};
    size_t place;
    ockam_status status = find_place(node, &place);
    if (status == OCKAM_OK && shared && config.profile->addresses)
        status = draw_address(place, &made.address);
    if (status == OCKAM_OK && config.profile->fresh_static) /* section 11 */
        status = ockam_generate(config.profile->p256, config.static_key);
    config.address = made.address;
    config.remote = *remote;
    if (status == OCKAM_OK)
        status = ockam_channel_new(&config, &made.channel);
    if (status == OCKAM_OK)
        status = ockam_channel_start(made.channel, io);
    ockam_wipe(config.static_key, sizeof config.static_key);
    if (status != OCKAM_OK) {
        ockam_channel_free(made.channel);
        return status;
    }
    if (ockam_channel_due(made.channel) < node->due)
        node->due = ockam_channel_due(made.channel);
    node->sessions[place] = made;
    *session = &node->sessions[place];
    return OCKAM_OK;
}

void ock_sessions_bound(ockam_node *node, const ock_session *last)
{
    const size_t bounds[2] = {node->config.half_open ? node->config.half_open : HALF_OPEN,
                              node->config.open ? node->config.open : OPEN};
    size_t counts[2] = {0, 0};
    ock_session *oldest[2] = {NULL, NULL};
    for (size_t i = 0; i < node->size; i++) {
        ock_session *s = &node->sessions[i];
        if (!s->channel)
            continue;
        bool open = ockam_channel_state(s->channel) == OCKAM_STATE_OPEN;
        counts[open]++;
        if (s != last && (!oldest[open] || s->used < oldest[open]->used))
            oldest[open] = s;
    }
    for (size_t kind = 0; kind < 2; kind++)
        if (counts[kind] > bounds[kind] && oldest[kind])
            ock_session_free(oldest[kind]); /* CHAN-012: the oldest gives way */
}
