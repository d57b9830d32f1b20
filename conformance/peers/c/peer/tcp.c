/* Section 3.1: a connection is a node with frames around it. One thread serves all; none waits for another (TRAN-023). */
#define _POSIX_C_SOURCE 200809L
#include "ockam_vault.h"
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A connection is not read from while so much waits to be sent on it; so many connections; how long accept rests without
 * descriptors.
 */
enum { BACKLOG = 128, CHUNK = 65536, FULL = 1 << 20, CONNECTIONS = 4096, REST = 100 };

typedef struct {
    int fd;
    ockam_node *node;
    ockam_address remote;
    ockam_frames frames;
    uint8_t *out; /* frames that wait to be sent: used of capacity, sent of used */
    size_t capacity, used, sent;
    bool ending; /* nothing more is read */
} connection;

typedef struct {
    const peer_options *options;
    ockam_io io;
    int listener; /* -1: it dials */
    uint64_t rest;
    int status;
    connection *connections[CONNECTIONS];
    size_t count;
    uint8_t chunk[CHUNK];
} tcp_peer;

/* TRAN-001, TRAN-007: length and body together. */
static ockam_status send_frame(void *context, const ockam_address *to, const uint8_t *message, size_t size)
{
    connection *c = context;
    uint8_t header[2];
    (void)to; /* ROUT-004: the connection that it came from */
    if (ockam_frame_header(size, header) != OCKAM_OK)
        return OCKAM_TOO_LONG; /* TRAN-005 */
    if (c->capacity - c->used < size + 2) {
        size_t capacity = 2 * c->capacity + size + 2;
        uint8_t *grown = realloc(c->out, capacity);
        if (!grown)
            return OCKAM_MEMORY;
        c->out = grown;
        c->capacity = capacity;
    }
    memcpy(c->out + c->used, header, sizeof header);
    memcpy(c->out + c->used + sizeof header, message, size);
    c->used += sizeof header + size;
    return OCKAM_OK;
}

/* Sends what can be sent now; false if the connection is broken. */
static bool flush(connection *c)
{
    while (c->sent < c->used) {
        ssize_t n = send(c->fd, c->out + c->sent, c->used - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        c->sent += (size_t)n;
    }
    c->sent = c->used = 0;
    return true;
}

static void free_connection(connection *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    ockam_node_free(c->node);
    free(c->out);
    free(c);
}

/* Makes a connection of a socket, which it owns. */
static bool add(tcp_peer *p, int fd)
{
    peer_socket here, there = {.size = sizeof there.address};
    ockam_node_config config;
    int yes = 1;
    connection *c = calloc(1, sizeof *c);
    if (!c || getpeername(fd, (struct sockaddr *)&there.address, &there.size) != 0 || !peer_local(fd, &here) ||
        !peer_nonblocking(fd)) {
        free(c);
        (void)close(fd);
        return false;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* TRAN-007 */
    c->fd = fd;
    c->remote = peer_address(&there, false);
    ockam_frames_init(&c->frames, OCKAM_MESSAGE_MAX);
    peer_configure(p->options, &config);
    config.channel.stream = true;
    config.channel.own = peer_address(&here, false);
    config.channel.remote = c->remote;
    p->io.now = peer_now();
    p->io.context = c;
    ockam_status status = ockam_node_new(&config, &p->io, &c->node);
    ockam_wipe(&config, sizeof config);
    if (status != OCKAM_OK || !flush(c)) {
        free_connection(c);
        return false;
    }
    p->connections[p->count++] = c;
    return true;
}

/* Takes what has arrived; false if the connection is over at once. */
static bool take(tcp_peer *p, connection *c, const uint8_t *data, size_t size)
{
    const uint8_t *message;
    size_t message_size = 0;
    ockam_status why;
    do {
        ockam_event event;
        ockam_channel *channel = NULL;
        if (ockam_frames_next(&c->frames, &data, &size, &message, &message_size) != OCKAM_OK)
            return false; /* TRAN-008 */
        if (message)
            (void)ockam_node_receive(c->node, &p->io, &c->remote, message, message_size, &event, &channel);
        if (channel)
            peer_echo(p->options, channel, &p->io, &event);
        if (ockam_node_ended(c->node, &why))
            return false;
    } while (size || message);
    return true;
}

/* Reads once, and answers; false if the connection is over. */
static bool serve(tcp_peer *p, connection *c)
{
    p->io.context = c;
    ssize_t n = recv(c->fd, p->chunk, sizeof p->chunk, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    p->io.now = peer_now();
    if (n == 0) { /* what was written before is sent (CHAN-013), unless the stream ended inside a frame (TRAN-004) */
        c->ending = true;
        return ockam_frames_end(&c->frames) == OCKAM_OK && flush(c) && c->used > 0;
    }
    bool goes_on = take(p, c, p->chunk, (size_t)n); /* what was answered before the end is sent all the same */
    return flush(c) && goes_on;
}

/* One turn of a connection; false if it is over. */
static bool turn(tcp_peer *p, connection *c, short events)
{
    ockam_status why;
    p->io.now = peer_now();
    p->io.context = c;
    ockam_node_tick(c->node, &p->io);
    if (ockam_node_ended(c->node, &why)) /* NOISE-013: closed */
        return false;
    if (events & (POLLERR | POLLNVAL))
        return false;
    if (c->used && !flush(c))
        return false;
    if (c->ending)
        return c->used > 0;
    return !(events & (POLLIN | POLLHUP)) || c->used >= FULL || serve(p, c);
}

static void accept_one(tcp_peer *p)
{
    int fd = accept(p->listener, NULL, NULL);
    if (fd >= 0)
        (void)add(p, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        p->rest = peer_now() + REST;
}

/* Fills in what to wait for; returns how long, at most until a time. */
static int prepare(const tcp_peer *p, struct pollfd *pollers, uint64_t due)
{
    uint64_t now = peer_now();
    bool rests = p->listener < 0 || p->count == CONNECTIONS || now < p->rest;
    pollers[0] = (struct pollfd){.fd = rests ? -1 : p->listener, .events = POLLIN};
    pollers[1] = (struct pollfd){.fd = p->options->stop, .events = POLLIN};
    if (now < p->rest && p->rest < due)
        due = p->rest;
    for (size_t i = 0; i < p->count; i++) {
        const connection *c = p->connections[i];
        bool reads = !c->ending && c->used < FULL;
        pollers[i + 2] = (struct pollfd){.fd = c->fd, .events = (short)((reads ? POLLIN : 0) | (c->used ? POLLOUT : 0))};
        if (ockam_node_due(c->node) < due)
            due = ockam_node_due(c->node);
    }
    return peer_wait(due, now);
}

/* A connection is over; an initiator's exit status is 1 if its channel has failed (CHAN-007). */
static void finish(tcp_peer *p, connection *c)
{
    ockam_status why;
    if (p->listener < 0 && ockam_node_ended(c->node, &why) && why != OCKAM_OK) {
        fprintf(stderr, "ockam-peer: %s\n", ockam_status_name(why));
        p->status = 1;
    }
    free_connection(c);
}

/* Serves until there is nothing more to serve, or the application gives up. */
static int loop(tcp_peer *p, struct pollfd *pollers)
{
    uint64_t gives_up = peer_gives_up(p->options);
    while (p->listener >= 0 || p->count > 0) {
        size_t count = p->count, kept = 0;
        if (peer_now() >= gives_up)
            return PEER_GAVE_UP;
        int wait = prepare(p, pollers, gives_up);
        if (poll(pollers, (nfds_t)count + 2, wait) < 0 && errno != EINTR)
            return peer_fail("poll");
        if (pollers[1].revents)
            return 0;
        for (size_t i = 0; i < count; i++) {
            connection *c = p->connections[i];
            if (turn(p, c, pollers[i + 2].revents))
                p->connections[kept++] = c;
            else
                finish(p, c);
        }
        p->count = kept;
        if (pollers[0].revents)
            accept_one(p);
    }
    return p->status;
}

static int run(tcp_peer *p, int fd)
{
    struct pollfd *pollers = calloc(CONNECTIONS + 2, sizeof *pollers);
    p->io = (ockam_io){.work = ockam_work_new(), .send = send_frame};
    p->listener = p->options->role == OCKAM_RESPONDER ? fd : -1;
    bool ready = pollers && p->io.work && (p->listener >= 0 || add(p, fd));
    int status = ready ? PEER_GAVE_UP : peer_fail("start");
    while (status == PEER_GAVE_UP)
        status = loop(p, pollers);
    for (size_t i = 0; i < p->count; i++)
        free_connection(p->connections[i]);
    ockam_work_free(p->io.work);
    free(pollers);
    return status;
}

int peer_tcp_open(const peer_options *options)
{
    int yes = 1, fd = socket(options->at.address.ss_family, SOCK_STREAM, 0);
    const struct sockaddr *at = (const struct sockaddr *)&options->at.address;
    bool ok = fd >= 0;
    if (ok && options->role == OCKAM_INITIATOR) {
        ok = connect(fd, at, options->at.size) == 0;
    } else if (ok) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        ok = bind(fd, at, options->at.size) == 0 && listen(fd, BACKLOG) == 0 && peer_nonblocking(fd);
    }
    if (ok || fd < 0)
        return fd;
    (void)close(fd);
    return -1;
}

int peer_tcp_run(const peer_options *options, int fd)
{
    tcp_peer *p = calloc(1, sizeof *p);
    if (!p)
        return peer_fail("memory");
    p->options = options;
    int status = run(p, fd);
    free(p);
    return status;
}
