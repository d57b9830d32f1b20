/* Section 3.2: one socket, one node. */
#define _POSIX_C_SOURCE 200809L
#include "ockam_vault.h"
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BATCH = 64,
    IDLE = 60000,
    RECEIVE_BUFFER = 4 << 20
}; /* milliseconds until an initiator gives up, for nothing tells the end */

typedef struct {
    const peer_options *options;
    int fd;
    ockam_node *node;
    ockam_io io;
    uint64_t heard;
    int told; /* see peer_options.heard */
    uint8_t buffer[OCKAM_MESSAGE_MAX + 1];
} udp_peer;

/* Datagrams get lost: what cannot be sent is. */
static ockam_status send_datagram(void *context, const ockam_address *to, const uint8_t *message, size_t size)
{
    const udp_peer *p = context;
    peer_socket s;
    if (to && peer_socket_of(to, &s))
        (void)sendto(p->fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&s.address, s.size);
    return OCKAM_OK;
}

/* Takes some of the datagrams that wait. */
static void receive(udp_peer *p)
{
    for (int i = 0; i < BATCH; i++) {
        peer_socket s = {.size = sizeof s.address};
        ockam_event event;
        ockam_channel *channel;
        ssize_t n = recvfrom(p->fd, p->buffer, sizeof p->buffer, MSG_DONTWAIT, (struct sockaddr *)&s.address, &s.size);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n < 0 || n > OCKAM_MESSAGE_MAX) /* it tells of an earlier datagram; TRAN-011 */
            continue;
        p->heard = p->io.now = peer_now();
        if (p->told > 0)
            (void)close(p->told);
        p->told = 0;
        const ockam_address from = peer_address(&s, true);
        /* A rejected datagram changes nothing, whatever the reason. */
        (void)ockam_node_receive(p->node, &p->io, &from, p->buffer, (size_t)n, &event, &channel);
        if (channel)
            peer_echo(p->options, channel, &p->io, &event);
    }
}

static int loop(udp_peer *p)
{
    bool dials = p->options->role == OCKAM_INITIATOR;
    uint64_t gives_up = peer_gives_up(p->options);
    ockam_status why;
    while (!ockam_node_ended(p->node, &why)) {
        uint64_t now = peer_now(), due = ockam_node_due(p->node);
        if (now >= gives_up)
            return PEER_GAVE_UP;
        if (gives_up < due)
            due = gives_up;
        if (dials && now >= p->heard + IDLE)
            return 0;
        if (dials && due > p->heard + IDLE)
            due = p->heard + IDLE;
        struct pollfd pollers[2] = {{.fd = p->fd, .events = POLLIN}, {.fd = p->options->stop, .events = POLLIN}};
        if (poll(pollers, 2, peer_wait(due, now)) < 0 && errno != EINTR)
            return peer_fail("poll");
        if (pollers[1].revents)
            return 0;
        p->io.now = peer_now();
        ockam_node_tick(p->node, &p->io);
        if (pollers[0].revents)
            receive(p);
    }
    fprintf(stderr, "ockam-peer: %s\n", ockam_status_name(why));
    return 1;
}

/* The address from which an initiator's datagrams leave. */
static bool local_for(const peer_socket *remote, peer_socket *local)
{
    int fd = socket(remote->address.ss_family, SOCK_DGRAM, 0);
    bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)&remote->address, remote->size) == 0 && peer_local(fd, local);
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

int peer_udp_open(const peer_options *options)
{
    peer_socket here = options->at;
    int size = RECEIVE_BUFFER, yes = 1, fd = socket(here.address.ss_family, SOCK_DGRAM, 0);
    if (fd < 0)
        return fd;
    if (here.address.ss_family ==
        AF_INET6) /* else IPv4 sources had addresses that cannot be sent to as they are written (WIRE-013) */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if ((options->role == OCKAM_INITIATOR && !local_for(&options->at, &here)) || !peer_nonblocking(fd) ||
        bind(fd, (const struct sockaddr *)&here.address, here.size) != 0) {
        (void)close(fd);
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); /* a small one works, too */
    return fd;
}

static int serve(udp_peer *p)
{
    ockam_node_config config;
    peer_socket here;
    if (!peer_local(p->fd, &here))
        return peer_fail("socket");
    peer_configure(p->options, &config);
    config.channel.own = peer_address(&here, true);
    config.channel.remote = peer_address(&p->options->at, true);
    p->heard = p->io.now = peer_now();
    ockam_status status = ockam_node_new(&config, &p->io, &p->node);
    ockam_wipe(&config, sizeof config);
    if (status == OCKAM_OK) {
        int ended;
        while ((ended = loop(p)) == PEER_GAVE_UP)
            ;
        return ended;
    }
    fprintf(stderr, "ockam-peer: %s\n", ockam_status_name(status));
    return 1;
}

int peer_udp_run(const peer_options *options, int fd)
{
    int status = 1;
    udp_peer *p = calloc(1, sizeof *p);
    if (p) {
        *p = (udp_peer){.options = options,
                        .fd = fd,
                        .told = options->heard,
                        .io = {.work = ockam_work_new(), .send = send_datagram, .context = p}};
        status = p->io.work ? serve(p) : peer_fail("memory");
        ockam_node_free(p->node);
        ockam_work_free(p->io.work);
    }
    free(p);
    return status;
}
