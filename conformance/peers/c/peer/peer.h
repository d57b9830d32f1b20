/* An echo peer over sockets: a poll loop around nodes, in one thread. */
#ifndef PEER_H
#define PEER_H

#include "ockam_node.h"

#include <sys/socket.h>

typedef struct peer_options {
    ockam_role role;
    bool udp;
    const char *address; /* HOST:PORT */
    const ockam_profile *profile;
    uint32_t timeout; /* milliseconds; 0: the default */
    size_t depth;
    uint8_t key[OCKAM_PRIVATE_SIZE];
    uint8_t peer_key[OCKAM_PUBLIC_MAX]; /* the one key that is accepted, if it has a size */
    size_t peer_key_size;
} peer_options;

typedef struct peer_socket {
    struct sockaddr_storage address;
    socklen_t size;
} peer_socket;

/* Each returns an exit status when there is nothing left to do. */
int peer_tcp_listen(const peer_options *options);
int peer_tcp_dial(const peer_options *options);
int peer_udp(const peer_options *options);

/* The part of a node's configuration that the command line has told. */
void peer_configure(const peer_options *options, ockam_node_config *config);
/* The echo contract: what an application does with an event. */
void peer_echo(const peer_options *options, ockam_channel *channel, const ockam_io *io, const ockam_event *event);

uint64_t peer_now(void);
/* How long poll may wait until a time; -1: for ever. */
int peer_wait(uint64_t due, uint64_t now);
/* Prints what has failed, and errno; returns exit status 1. */
int peer_fail(const char *what);

bool peer_resolve(const char *text, bool udp, peer_socket *socket);
bool peer_nonblocking(int fd);
/* The address of a socket, as channels have it. */
ockam_address peer_address(const peer_socket *socket, bool udp);
/* The socket of an address; false if it has none. */
bool peer_socket_of(const ockam_address *address, peer_socket *socket);
bool peer_local(int fd, peer_socket *socket);
/* Prints "listening ADDR". */
void peer_announce(const peer_socket *socket);

#endif
