/* Section 4: addresses and routes. */
#include "wire.h"

#include <string.h>

enum { NAME_MAX_SIZE = 253, IPV4_SIZE = 4, IPV6_SIZE = 16 };

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* what an IPv4-mapped IPv6 address begins with */

static ockam_status read_host(ock_reader *r, ockam_address *a)
{
    ockam_status status = ock_byte(r, &a->host);
    if (status != OCKAM_OK)
        return status;
    if (a->host > OCKAM_NAME)
        return OCKAM_UNKNOWN_TYPE; /* WIRE-006 */
    a->size = a->host == OCKAM_IPV4 ? IPV4_SIZE : IPV6_SIZE;
    if (a->host == OCKAM_NAME) {
        status = ock_byte(r, &a->size);
        if (status == OCKAM_OK && (a->size == 0 || a->size > NAME_MAX_SIZE))
            status = OCKAM_LENGTH; /* WIRE-013 */
    }
    return status;
}

ockam_status ock_read_address(ock_reader *r, ockam_address *a)
{
    const uint8_t *bytes;
    ockam_status status = ock_byte(r, &a->type);
    a->host = 0;
    a->port = 0;
    if (status != OCKAM_OK)
        return status;
    if (a->type == OCKAM_LOCAL)
        status = ock_byte(r, &a->size);
    else
        status = a->type == OCKAM_TCP || a->type == OCKAM_UDP ? read_host(r, a) : OCKAM_UNKNOWN_TYPE; /* WIRE-006 */
    if (status == OCKAM_OK && a->size == 0)
        status = OCKAM_LENGTH; /* WIRE-012 */
    if (status == OCKAM_OK)
        status = ock_take(r, a->size, &bytes);
    if (status != OCKAM_OK)
        return status;
    memcpy(a->value, bytes, a->size);
    for (size_t i = 0; a->type != OCKAM_LOCAL && a->host == OCKAM_NAME && i < a->size; i++)
        if (bytes[i] > 0x7f)
            return OCKAM_FORM; /* names are ASCII */
    if (a->type != OCKAM_LOCAL) {
        status = ock_take(r, 2, &bytes);
        if (status == OCKAM_OK)
            a->port = (uint16_t)(bytes[0] | bytes[1] << 8); /* WIRE-007: little-endian */
    }
    return status;
}

ockam_status ockam_address_read(const uint8_t *data, size_t size, ockam_address *address, size_t *used)
{
    ock_reader r = {data, size};
    ockam_status status = ock_read_address(&r, address);
    *used = size - r.left;
    return status;
}

/* WIRE-015: whether the last label of a name is digits, or 0x and hex digits. */
static bool is_literal(const uint8_t *name, size_t size)
{
    size_t begin = size, decimal = 0, hex = 0;
    while (begin > 0 && name[begin - 1] != '.')
        begin--;
    bool prefixed = size - begin >= 2 && name[begin] == '0' && name[begin + 1] == 'x';
    for (size_t i = begin; i < size; i++) {
        bool digit = name[i] >= '0' && name[i] <= '9';
        decimal += digit;
        hex += i >= begin + 2 && (digit || (name[i] >= 'a' && name[i] <= 'f'));
    }
    return decimal == size - begin || (prefixed && hex == size - begin - 2);
}

static ockam_status canonical_name(ockam_address *a)
{
    if (a->size && a->value[a->size - 1] == '.')
        a->size--;
    if (a->size == 0 || a->size > NAME_MAX_SIZE)
        return OCKAM_LENGTH;
    for (size_t i = 0; i < a->size; i++) {
        uint8_t c = a->value[i];
        if (c >= 'A' && c <= 'Z')
            a->value[i] = (uint8_t)(c - 'A' + 'a');
        else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return OCKAM_FORM;
    }
    return is_literal(a->value, a->size) ? OCKAM_FORM : OCKAM_OK;
}

ockam_status ockam_address_canonical(const ockam_address *in, ockam_address *out)
{
    ockam_address a = *in;
    ockam_status status = a.size ? OCKAM_OK : OCKAM_LENGTH; /* WIRE-012 */
    if (a.type == OCKAM_LOCAL) {
        a.host = 0;
        a.port = 0;
    } else if (a.type > OCKAM_UDP || a.host > OCKAM_NAME) {
        status = OCKAM_UNKNOWN_TYPE;
    } else if (a.host == OCKAM_NAME) {
        status = canonical_name(&a);
    } else if (a.size != (a.host == OCKAM_IPV4 ? IPV4_SIZE : IPV6_SIZE)) {
        status = OCKAM_LENGTH;
    } else if (a.host == OCKAM_IPV6 && memcmp(a.value, mapped, sizeof mapped) == 0) { /* WIRE-013 */
        a.host = OCKAM_IPV4;
        a.size = IPV4_SIZE;
        memmove(a.value, a.value + sizeof mapped, IPV4_SIZE);
    }
    if (status == OCKAM_OK)
        *out = a;
    return status;
}

bool ockam_address_equal(const ockam_address *a, const ockam_address *b)
{
    ockam_address x, y;
    if (ockam_address_canonical(a, &x) != OCKAM_OK || ockam_address_canonical(b, &y) != OCKAM_OK)
        return false;
    return x.type == y.type && x.host == y.host && x.port == y.port && x.size == y.size && memcmp(x.value, y.value, x.size) == 0;
}

bool ockam_address_sendable(const ockam_address *address)
{
    static const uint8_t zeros[IPV6_SIZE];
    ockam_address a;
    if (ockam_address_canonical(address, &a) != OCKAM_OK || a.type == OCKAM_LOCAL || a.host == OCKAM_NAME || a.port == 0)
        return false;
    if (memcmp(a.value, zeros, a.size) == 0)
        return false;
    if (a.host == OCKAM_IPV4)
        return a.value[0] < 224 || (a.value[0] >= 240 && memcmp(a.value, (const uint8_t[]){255, 255, 255, 255}, IPV4_SIZE) != 0);
    return a.value[0] != 0xff && !(a.value[0] == 0xfe && (a.value[1] & 0xc0) == 0x80);
}
