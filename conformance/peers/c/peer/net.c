/* Addresses of sockets, and time. */
#define _POSIX_C_SOURCE 200809L
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t peer_now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* it cannot fail */
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t peer_gives_up(const peer_options *options)
{
    return options->give_up ? peer_now() + options->give_up : UINT64_MAX;
}

int peer_wait(uint64_t due, uint64_t now)
{
    if (due == UINT64_MAX)
        return -1;
    uint64_t left = due > now ? due - now : 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

int peer_fail(const char *what)
{
    fprintf(stderr, "ockam-peer: %s: %s\n", what, strerror(errno));
    return 1;
}

bool peer_resolve(const char *text, bool udp, peer_socket *socket)
{
    char host[256];
    struct addrinfo hints = {.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    const char *colon = strrchr(text, ':'), *begin = text;
    if (!colon)
        return false;
    size_t size = (size_t)(colon - text);
    if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
        begin++;
        size -= 2;
    }
    if (size >= sizeof host)
        return false;
    memcpy(host, begin, size);
    host[size] = 0;
    if (getaddrinfo(size ? host : NULL, colon + 1, &hints, &found) != 0)
        return false;
    bool ok = found->ai_addrlen <= sizeof socket->address;
    if (ok) {
        memcpy(&socket->address, found->ai_addr, found->ai_addrlen);
        socket->size = found->ai_addrlen;
    }
    freeaddrinfo(found);
    return ok;
}

bool peer_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

ockam_address peer_address(const peer_socket *socket, bool udp)
{
    ockam_address a = {.type = udp ? OCKAM_UDP : OCKAM_TCP};
    if (socket->address.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &socket->address, sizeof in6);
        a.host = OCKAM_IPV6;
        a.size = sizeof in6.sin6_addr;
        a.port = ntohs(in6.sin6_port);
        memcpy(a.value, &in6.sin6_addr, sizeof in6.sin6_addr);
    } else {
        struct sockaddr_in in;
        memcpy(&in, &socket->address, sizeof in);
        a.host = OCKAM_IPV4;
        a.size = sizeof in.sin_addr;
        a.port = ntohs(in.sin_port);
        memcpy(a.value, &in.sin_addr, sizeof in.sin_addr);
    }
    return a;
}

bool peer_socket_of(const ockam_address *a, peer_socket *socket)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
    if (a->type == OCKAM_LOCAL || a->host == OCKAM_NAME)
        return false;
    memset(socket, 0, sizeof *socket);
    if (a->host == OCKAM_IPV4) {
        memcpy(&in.sin_addr, a->value, sizeof in.sin_addr);
        memcpy(&socket->address, &in, sizeof in);
        socket->size = sizeof in;
    } else {
        memcpy(&in6.sin6_addr, a->value, sizeof in6.sin6_addr);
        memcpy(&socket->address, &in6, sizeof in6);
        socket->size = sizeof in6;
    }
    return true;
}

bool peer_local(int fd, peer_socket *socket)
{
    socket->size = sizeof socket->address;
    return getsockname(fd, (struct sockaddr *)&socket->address, &socket->size) == 0;
}

void peer_announce(const peer_socket *socket)
{
    char text[INET6_ADDRSTRLEN];
    ockam_address a = peer_address(socket, true);
    bool six = a.host == OCKAM_IPV6;
    if (inet_ntop(six ? AF_INET6 : AF_INET, a.value, text, sizeof text))
        printf(six ? "listening [%s]:%u\n" : "listening %s:%u\n", text, a.port);
    (void)fflush(stdout);
}
