/* An initiator that dials once per session, again and again. */
#define _POSIX_C_SOURCE 200809L
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OFFER = 1000 }; /* milliseconds that a session over UDP has for itself when nothing answers */

/* Over TCP: one connection after the other, until nobody listens. */
static int streams(const peer_options *options)
{
    for (;;) {
        peer_socket here;
        int fd = peer_open(options, &here);
        if (fd >= 0)
            (void)peer_run(options, fd); /* it was logged */
        else if (errno == ECONNREFUSED)
            return 0;
        else if (errno != ECONNRESET && errno != ECONNABORTED && errno != ENOTCONN) /* it was ended before it was known here */
            return peer_fail("socket");
    }
}

static int session(peer_options options, int heard, int stop)
{
    peer_socket here;
    options.heard = heard;
    options.stop = stop;
    int fd = peer_open(&options, &here);
    return fd < 0 ? peer_fail("socket") : peer_run(&options, fd);
}

/* Begins a session in a process of its own, and waits until it has been answered. life has no writer any more when this process ends. */
static bool begin(const peer_options *options, const int life[2])
{
    int heard[2];
    if (pipe(heard) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        (void)close(heard[0]);
        (void)close(life[1]);
        _exit(session(*options, heard[1], life[0]));
    }
    (void)close(heard[1]);
    struct pollfd poller = {.fd = heard[0], .events = POLLIN};
    bool begun = child > 0;
    if (begun && poll(&poller, 1, OFFER) < 0 && errno != EINTR)
        begun = false;
    (void)close(heard[0]);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    return begun;
}

/* Over UDP nothing tells that a session has ended: the next one begins beside it, from another port. */
static int datagrams(const peer_options *options)
{
    int life[2];
    if (pipe(life) != 0)
        return peer_fail("pipe");
    while (begin(options, life))
        continue;
    return peer_fail("fork");
}

int peer_again(const peer_options *options)
{
    return options->udp ? datagrams(options) : streams(options);
}
