/* The adapter's listeners and connections: echo peers, each in a thread (PROTOCOL.md, section 8). */
#include "adapter.h"

#include <string.h>

/* Starts a peer over sockets; at is the field with its address. */
static const char *start(adapter *a, ockam_role role, const char *at)
{
    line *l = &a->l;
    peer_options o = {.role = role, .profile = profile_of(a), .depth = 1};
    ockam_address address = {0};
    uint64_t deadline = 0, buffer = 0, give_up = 0;
    uint8_t *peer;
    peer_socket here;
    ockam_status status = OCKAM_OK;
    if (!o.profile)
        return "unsupported";
    bool present = value_address(l, at, &address) && line_exactly(l, "static", o.key, sizeof o.key);
    (void)line_number(l, "deadline", 30000, &deadline);
    (void)line_number(l, "buffer", INT32_MAX, &buffer);
    (void)line_number(l, "giveup", INT32_MAX, &give_up);
    (void)value_address(l, "address", &o.listener);
    (void)value_route(l, "route", &o.route, &status);
    (void)value_route(l, "service", &o.service, &status);
    if (line_bytes(l, "peer", &peer, &o.peer_key_size) && o.peer_key_size <= sizeof o.peer_key)
        memcpy(o.peer_key, peer, o.peer_key_size);
    if (!present || l->wrong || o.peer_key_size > sizeof o.peer_key || !peer_socket_of(&address, &o.at))
        return "argument";
    o.timeout = (uint32_t)deadline;
    o.buffer = buffer;
    o.give_up = (uint32_t)give_up;
    o.udp = address.type == OCKAM_UDP;
    if (status != OCKAM_OK || (!o.udp && !o.profile->tcp))
        return status != OCKAM_OK ? class_of(status) : "unsupported";
    if (a->running == SERVICES)
        return "busy";
    a->services[a->running] = peer_start(&o, &here);
    if (!a->services[a->running])
        return "internal";
    a->running++;
    address = peer_address(&here, o.udp);
    if (role == OCKAM_RESPONDER)
        value_put_address(l, "at", &address);
    return NULL;
}

const char *listen_on(adapter *a)
{
    return start(a, OCKAM_RESPONDER, "on");
}

const char *connect_to(adapter *a)
{
    return start(a, OCKAM_INITIATOR, "to");
}
