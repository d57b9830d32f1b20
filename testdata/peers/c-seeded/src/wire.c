/* Section 4: wire messages. Every count and length is checked against the bytes that are there before it is used (WIRE-005). */
#include "wire.h"
#include "seeded.h"

#include <string.h>

ockam_status ock_take(ock_reader *r, size_t size, const uint8_t **bytes)
{
    if (size > r->left && seeded != HEADER_OVERREAD)
        return OCKAM_TRUNCATED; /* WIRE-005 */
    *bytes = r->at;
    r->at += size;
    r->left -= size;
    return OCKAM_OK;
}

ockam_status ock_byte(ock_reader *r, uint8_t *value)
{
    const uint8_t *byte;
    ockam_status status = ock_take(r, 1, &byte);
    if (status == OCKAM_OK)
        *value = *byte;
    return status;
}

ockam_status ock_put(ock_writer *w, const void *bytes, size_t size)
{
    if (size > w->capacity - w->used)
        return OCKAM_MEMORY;
    if (size)
        memcpy(w->data + w->used, bytes, size);
    w->used += size;
    return OCKAM_OK;
}

static ockam_status read_u2le(ock_reader *r, uint16_t *value)
{
    uint8_t low, high;
    ockam_status status = ock_byte(r, &low);
    if (status != OCKAM_OK || low < 0x80) {
        if (status == OCKAM_OK)
            *value = low;
        return status;
    }
    status = ock_byte(r, &high);
    if (status != OCKAM_OK)
        return status;
    if (high == 0 || high > 0x7f) /* WIRE-003, WIRE-004 */
        return OCKAM_NUMBER;
    *value = (uint16_t)((low & 0x7f) | high << 7);
    return OCKAM_OK;
}

ockam_status ockam_u2le_read(const uint8_t *data, size_t size, uint16_t *value, size_t *used)
{
    ock_reader r = {data, size};
    ockam_status status = read_u2le(&r, value);
    *used = size - r.left;
    return status;
}

ockam_status ockam_u2le_write(uint32_t value, uint8_t *out, size_t capacity, size_t *used)
{
    if (value > 16383) /* WIRE-002 */
        return OCKAM_NUMBER;
    const uint8_t bytes[2] = {(uint8_t)(value < 0x80 ? value : 0x80 | (value & 0x7f)), (uint8_t)(value >> 7)};
    ock_writer w = {out, capacity, 0};
    ockam_status status = ock_put(&w, bytes, value < 0x80 ? 1 : 2);
    *used = w.used;
    return status;
}

static ockam_status read_route(const ockam_profile *profile, ock_reader *r, ockam_route *route)
{
    ockam_address address;
    ockam_status status = ock_byte(r, &route->count);
    if (status == OCKAM_OK && route->count > profile->addresses)
        status = OCKAM_TOO_MANY; /* WIRE-008 */
    const uint8_t *begin = r->at;
    for (uint8_t i = 0; status == OCKAM_OK && i < route->count; i++)
        status = ock_read_address(r, &address);
    if (status != OCKAM_OK)
        return status;
    size_t size = (size_t)(r->at - begin);
    if (size > sizeof route->bytes)
        return OCKAM_TOO_MANY;
    memcpy(route->bytes, begin, size);
    route->size = (uint16_t)size;
    return OCKAM_OK;
}

ockam_status ockam_route_read(const ockam_profile *profile, const uint8_t *data, size_t size, ockam_route *route, size_t *used)
{
    ock_reader r = {data, size};
    ockam_status status = read_route(profile, &r, route);
    *used = size - r.left;
    return status;
}

ockam_status ockam_message_read(const ockam_profile *profile, const uint8_t *data, size_t size, ockam_message *message)
{
    ock_reader r = {data, size};
    uint16_t version = 0;
    ockam_status status = read_u2le(&r, &version);
    if (status == OCKAM_OK && version != 1 && seeded != VERSION_IGNORED)
        status = OCKAM_WIRE_VERSION; /* WIRE-001 */
    if (status == OCKAM_OK)
        status = read_route(profile, &r, &message->onward);
    if (status == OCKAM_OK)
        status = read_route(profile, &r, &message->back);
    if (status == OCKAM_OK)
        status = ock_byte(&r, &message->type);
    if (status != OCKAM_OK)
        return status;
    if (message->type > OCKAM_M3)
        return OCKAM_UNKNOWN_TYPE; /* WIRE-006 */
    if (message->type <= OCKAM_PONG && r.left)
        return OCKAM_BODY; /* WIRE-009 */
    message->body = r.at;
    message->size = r.left;
    return OCKAM_OK;
}

static ockam_status put_route(const ockam_profile *profile, ock_writer *w, const ockam_route *route)
{
    static const uint8_t none = 0;
    if (!route)
        return ock_put(w, &none, 1);
    if (route->count > profile->addresses)
        return OCKAM_TOO_MANY;
    ockam_status status = ock_put(w, &route->count, 1);
    return status == OCKAM_OK ? ock_put(w, route->bytes, route->size) : status;
}

ockam_status ockam_route_write(const ockam_profile *profile, const ockam_route *route, uint8_t *out, size_t capacity,
                               size_t *used)
{
    ock_writer w = {out, capacity, 0};
    ockam_status status = put_route(profile, &w, route);
    *used = w.used;
    return status;
}

ockam_status ock_put_header(const ockam_profile *profile, ock_writer *w, const ockam_route *onward, const ockam_route *back,
                            uint8_t type)
{
    static const uint8_t version = 1; /* WIRE-002: in its shortest form */
    ockam_status status = type > OCKAM_M3 ? OCKAM_UNKNOWN_TYPE : ock_put(w, &version, 1);
    if (status == OCKAM_OK)
        status = put_route(profile, w, onward);
    if (status == OCKAM_OK)
        status = put_route(profile, w, back);
    return status == OCKAM_OK ? ock_put(w, &type, 1) : status;
}

ockam_status ockam_message_write(const ockam_profile *profile, const ockam_message *message, uint8_t *out, size_t capacity,
                                 size_t *used)
{
    ock_writer w = {out, capacity, 0};
    if (message->type <= OCKAM_PONG && message->size)
        return OCKAM_BODY; /* WIRE-009 */
    ockam_status status = ock_put_header(profile, &w, &message->onward, &message->back, message->type);
    if (status == OCKAM_OK)
        status = ock_put(&w, message->body, message->size);
    *used = w.used;
    return status;
}
