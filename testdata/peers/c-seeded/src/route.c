/* Section 4: routes, kept as they are on the wire. */
#include "wire.h"

#include <string.h>

/* The canonical bytes of an address: at most 258. */
static ockam_status encode(const ockam_address *address, ock_writer *w)
{
    ockam_address a;
    ockam_status status = ockam_address_canonical(address, &a);
    if (status == OCKAM_OK)
        status = ock_put(w, &a.type, 1);
    if (status == OCKAM_OK && a.type != OCKAM_LOCAL)
        status = ock_put(w, &a.host, 1);
    if (status == OCKAM_OK && (a.type == OCKAM_LOCAL || a.host == OCKAM_NAME))
        status = ock_put(w, &a.size, 1);
    if (status == OCKAM_OK)
        status = ock_put(w, a.value, a.size);
    if (status == OCKAM_OK && a.type != OCKAM_LOCAL)
        status = ock_put(w, (const uint8_t[]){(uint8_t)a.port, (uint8_t)(a.port >> 8)}, 2); /* WIRE-007 */
    return status;
}

static ockam_status insert(ockam_route *route, size_t at, const ockam_address *address)
{
    uint8_t bytes[264];
    ock_writer w = {bytes, sizeof bytes, 0};
    ockam_status status = encode(address, &w);
    if (status != OCKAM_OK)
        return status;
    if (route->count == UINT8_MAX || w.used > sizeof route->bytes - route->size)
        return OCKAM_TOO_MANY; /* WIRE-008 */
    memmove(route->bytes + at + w.used, route->bytes + at, route->size - at);
    memcpy(route->bytes + at, bytes, w.used);
    route->size = (uint16_t)(route->size + w.used);
    route->count++;
    return OCKAM_OK;
}

ockam_status ockam_route_append(ockam_route *route, const ockam_address *address)
{
    return insert(route, route->size, address);
}

ockam_status ockam_route_prepend(ockam_route *route, const ockam_address *address)
{
    return insert(route, 0, address);
}

bool ockam_route_next(const ockam_route *route, size_t *offset, ockam_address *address)
{
    if (*offset >= route->size)
        return false;
    ock_reader r = {route->bytes + *offset, route->size - *offset};
    bool ok = ock_read_address(&r, address) == OCKAM_OK;
    *offset = route->size - r.left;
    return ok;
}

void ockam_route_remove_first(ockam_route *route)
{
    ockam_address first;
    size_t offset = 0;
    if (!ockam_route_next(route, &offset, &first))
        return;
    memmove(route->bytes, route->bytes + offset, route->size - offset);
    route->size = (uint16_t)(route->size - offset);
    route->count--;
}

ockam_status ockam_route_canonical(const ockam_route *in, ockam_route *out)
{
    ockam_address address;
    ockam_status status = OCKAM_OK;
    out->count = 0;
    out->size = 0;
    for (size_t offset = 0; status == OCKAM_OK && ockam_route_next(in, &offset, &address);)
        status = ockam_route_append(out, &address);
    return status;
}
