/* An echo peer over sockets: a poll loop around nodes, in one thread. */
#ifndef PEER_H
#define PEER_H

#include "ockam_node.h"

#include <sys/socket.h>

typedef struct peer_socket {
    struct sockaddr_storage address;
    socklen_t size;
} peer_socket;

typedef struct peer_options {
    ockam_role role;
    bool udp;
    bool again;     /* an initiator dials again when its session has ended */
    peer_socket at; /* where a responder listens, or an initiator dials */
    const ockam_profile *profile;
    uint32_t timeout; /* milliseconds; 0: the default */
    size_t depth;
    uint8_t key[OCKAM_PRIVATE_SIZE];
    uint8_t peer_key[OCKAM_PUBLIC_MAX]; /* the one key that is accepted, if it has a size */
    size_t peer_key_size;
    ockam_address listener; /* of a responder: the local address of its channel listener, if it has one */
    ockam_route route;      /* of an initiator: the onward route of m1, if it is not the other end alone */
    ockam_route service;    /* of an initiator: the inner onward route of its first payload */
    size_t buffer;          /* the application reads so many bytes at once; 0: whole messages */
    uint32_t give_up;       /* it waits so many milliseconds for a message, and then anew; 0: for ever */
    int stop;               /* a descriptor: when it can be read, all ends; -1: never */
    int heard;              /* of an initiator over UDP: a descriptor that is closed with the first datagram; 0: none */
} peer_options;

/* A socket that listens, is bound, or is connected, and its address; -1 if there is none. */
int peer_open(const peer_options *options, peer_socket *here);
/* Serves until there is nothing left to do; returns an exit status. The socket is closed. */
int peer_run(const peer_options *options, int fd);

/* Runs an initiator for one session after the other: over TCP until nobody listens, over UDP until it is stopped. */
int peer_again(const peer_options *options);

/* The same as peer_run in a thread. */
typedef struct peer_service peer_service;
peer_service *peer_start(const peer_options *options, peer_socket *here);
void peer_stop(peer_service *service); /* waits for its end */

/* Parts of peer_open and peer_run, over each of the transports. */
int peer_tcp_open(const peer_options *options);
int peer_tcp_run(const peer_options *options, int fd);
int peer_udp_open(const peer_options *options);
int peer_udp_run(const peer_options *options, int fd);

/* The part of a node's configuration that the command line has told. */
void peer_configure(const peer_options *options, ockam_node_config *config);
/* The echo contract: what an application does with an event. */
void peer_echo(const peer_options *options, ockam_channel *channel, const ockam_io *io, const ockam_event *event);

/* What a loop says whose application has given up to wait (IO-006): it is to be called again, and goes on where it was. */
enum { PEER_GAVE_UP = -1 };

uint64_t peer_now(void);
/* When an application that begins to wait for a message gives that up; UINT64_MAX: never. */
uint64_t peer_gives_up(const peer_options *options);
/* How long poll may wait until a time; -1: for ever. */
int peer_wait(uint64_t due, uint64_t now);
/* Logs what has failed, and errno; returns exit status 1. */
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
