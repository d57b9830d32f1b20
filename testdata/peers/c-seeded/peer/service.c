/* A peer as a whole, and in a thread of its own. */
#define _POSIX_C_SOURCE 200809L
#include "ockam_vault.h"
#include "peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct peer_service {
    pthread_t thread;
    peer_options options;
    int fd, stop[2];
};

int peer_open(const peer_options *options, peer_socket *here)
{
    int fd = options->udp ? peer_udp_open(options) : peer_tcp_open(options);
    if (fd >= 0 && !peer_local(fd, here)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

int peer_run(const peer_options *options, int fd)
{
    int status = options->udp ? peer_udp_run(options, fd) : peer_tcp_run(options, fd);
    if (options->udp || options->role == OCKAM_RESPONDER) /* a connection is closed when it ends */
        (void)close(fd);
    return status;
}

static void *run(void *context)
{
    const peer_service *service = context;
    (void)peer_run(&service->options, service->fd); /* it was logged */
    return NULL;
}

peer_service *peer_start(const peer_options *options, peer_socket *here)
{
    peer_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->options = *options;
    service->fd = peer_open(options, here);
    bool piped = service->fd >= 0 && pipe(service->stop) == 0;
    service->options.stop = service->stop[0];
    if (piped && pthread_create(&service->thread, NULL, run, service) == 0)
        return service;
    if (piped) {
        (void)close(service->stop[0]);
        (void)close(service->stop[1]);
    }
    if (service->fd >= 0)
        (void)close(service->fd);
    free(service);
    return NULL;
}

void peer_stop(peer_service *service)
{
    (void)close(service->stop[1]); /* the other end can be read now */
    (void)pthread_join(service->thread, NULL);
    (void)close(service->stop[0]);
    ockam_wipe(service, sizeof *service);
    free(service);
}
