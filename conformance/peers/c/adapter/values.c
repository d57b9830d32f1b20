/* Addresses and routes, section 3 of PROTOCOL.md. */
#include "values.h"

#include <string.h>

typedef struct {
    const char *name;
    uint8_t type, host;
} kind;

static const kind kinds[] = {
    {"local:", OCKAM_LOCAL, 0},       {"tcp4:", OCKAM_TCP, OCKAM_IPV4}, {"udp4:", OCKAM_UDP, OCKAM_IPV4},
    {"tcp6:", OCKAM_TCP, OCKAM_IPV6}, {"udp6:", OCKAM_UDP, OCKAM_IPV6}, {"tcpn:", OCKAM_TCP, OCKAM_NAME},
    {"udpn:", OCKAM_UDP, OCKAM_NAME},
};

/* The address of a text, which is taken apart. *size is how many bytes its value has, perhaps more than an address holds. */
static bool parse(char *text, ockam_address *a, size_t *size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].name);
        uint8_t *data;
        uint64_t port = 0;
        if (strncmp(text, kinds[i].name, n) != 0)
            continue;
        char *value = text + n, *colon = strchr(value, ':');
        if ((colon != NULL) == (kinds[i].type == OCKAM_LOCAL))
            return false;
        if (colon && !line_decimal(colon + 1, UINT16_MAX, &port))
            return false;
        if (colon)
            *colon = 0;
        if (!line_unhex(value, &data, size) || (kinds[i].host == OCKAM_IPV6 && *size != 16) ||
            (colon && kinds[i].host == OCKAM_IPV4 && *size != 4))
            return false;
        *a = (ockam_address){.type = kinds[i].type, .host = kinds[i].host, .port = (uint16_t)port};
        if (*size <= sizeof a->value) {
            memcpy(a->value, data, *size);
            a->size = (uint8_t)*size;
        }
        return true; /* of a value that is too long nothing is left: it has no form either */
    }
    return false;
}

bool value_address(line *l, const char *key, ockam_address *address)
{
    size_t size;
    char *text = line_get(l, key);
    if (text && !parse(text, address, &size))
        l->wrong = true;
    return text != NULL;
}

bool value_route(line *l, const char *key, ockam_route *route, ockam_status *status)
{
    char *text = line_get(l, key);
    ockam_address a;
    size_t size;
    for (char *rest = text, *next; rest && *text; rest = next) {
        next = strchr(rest, ',');
        if (next)
            *next++ = 0;
        if (!parse(rest, &a, &size)) {
            l->wrong = true;
            break;
        }
        if (*status == OCKAM_OK)
            *status = ockam_route_append(route, &a);
    }
    return text != NULL;
}

static void add(line *l, const ockam_address *a)
{
    char port[8];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == a->type && (a->type == OCKAM_LOCAL || kinds[i].host == a->host))
            line_add_text(l, kinds[i].name);
    line_add_bytes(l, a->value, a->size);
    if (a->type != OCKAM_LOCAL && snprintf(port, sizeof port, ":%u", a->port) > 0)
        line_add_text(l, port);
}

void value_put_address(line *l, const char *key, const ockam_address *address)
{
    line_put_text(l, key, "");
    add(l, address);
}

void value_put_route(line *l, const char *key, const ockam_route *route)
{
    ockam_address a;
    line_put_text(l, key, "");
    for (size_t offset = 0, n = 0; ockam_route_next(route, &offset, &a); n++) {
        if (n)
            line_add_text(l, ",");
        add(l, &a);
    }
}
