/* Section 3.2: one socket, one node. */
#define _POSIX_C_SOURCE 200809L
#include "ockam_vault.h"
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 64, IDLE = 60000, RECEIVE_BUFFER = 4 << 20 }; /* milliseconds until an initiator gives up, for nothing tells the end */

typedef struct {
    const peer_options *options;
    int fd;
    ockam_node *node;
    ockam_io io;
    uint64_t heard;
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
    ockam_status why;
    while (!ockam_node_ended(p->node, &why)) {
        uint64_t now = peer_now(), due = ockam_node_due(p->node);
        if (dials && now >= p->heard + IDLE)
            return 0;
        if (dials && due > p->heard + IDLE)
            due = p->heard + IDLE;
        struct pollfd poller = {.fd = p->fd, .events = POLLIN};
        if (poll(&poller, 1, peer_wait(due, now)) < 0 && errno != EINTR)
            return peer_fail("poll");
        p->io.now = peer_now();
        ockam_node_tick(p->node, &p->io);
        if (poller.revents)
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

static int serve(udp_peer *p, const peer_socket *there)
{
    bool dials = p->options->role == OCKAM_INITIATOR;
    peer_socket here = *there;
    int size = RECEIVE_BUFFER;
    ockam_node_config config;
    if (dials && !local_for(there, &here))
        return peer_fail("connect");
    if (!peer_nonblocking(p->fd) || bind(p->fd, (const struct sockaddr *)&here.address, here.size) != 0 || !peer_local(p->fd, &here))
        return peer_fail("bind");
    (void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); /* a small one works, too */
    peer_configure(p->options, &config);
    config.channel.own = peer_address(&here, true);
    config.channel.remote = peer_address(there, true);
    p->heard = p->io.now = peer_now();
    ockam_status status = ockam_node_new(&config, &p->io, &p->node);
    ockam_wipe(&config, sizeof config);
    if (status != OCKAM_OK) {
        fprintf(stderr, "ockam-peer: %s\n", ockam_status_name(status));
        return 1;
    }
    if (!dials)
        peer_announce(&here);
    return loop(p);
}

int peer_udp(const peer_options *options)
{
    udp_peer p = {.options = options};
    peer_socket there;
    if (!peer_resolve(options->address, true, &there))
        return peer_fail("address");
    p.fd = socket(there.address.ss_family, SOCK_DGRAM, 0);
    if (p.fd < 0)
        return peer_fail("socket");
    p.io = (ockam_io){.work = ockam_work_new(), .send = send_datagram, .context = &p};
    int status = p.io.work ? serve(&p, &there) : peer_fail("memory");
    ockam_node_free(p.node);
    ockam_work_free(p.io.work);
    (void)close(p.fd);
    return status;
}
