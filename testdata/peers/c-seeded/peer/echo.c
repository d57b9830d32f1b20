/* What an echo peer does with channels. */
#include "peer.h"
#include "seeded.h"

#include <string.h>

/* NOISE-011: the one key of the command line. */
static bool is_peer_key(const void *context, const uint8_t *key, size_t size)
{
    const peer_options *options = context;
    return size == options->peer_key_size && memcmp(key, options->peer_key, size) == 0;
}

void peer_configure(const peer_options *options, ockam_node_config *config)
{
    ockam_config *c = &config->channel;
    memset(config, 0, sizeof *config);
    c->profile = options->profile;
    c->role = options->role;
    c->policy = options->peer_key_size ? is_peer_key : ockam_accept_any;
    c->policy_context = options;
    c->depth = options->depth;
    c->deadline = options->timeout;
    c->listener = options->listener;
    c->route = options->route;
    memcpy(c->static_key, options->key, sizeof c->static_key);
}

void peer_echo(const peer_options *options, ockam_channel *channel, const ockam_io *io, const ockam_event *event)
{
    static const uint8_t hello[] = "hello";
    /* A write that is refused, because it is too long or the counters are spent, has no echo. */
    if (event->opened && options->role == OCKAM_INITIATOR)
        (void)ockam_channel_write(channel, io, &options->service, NULL, hello, sizeof hello - 1);
    if (event->received && seeded == PAYLOAD_TERMINATED) {
        char text[1004]; /* as long as payloads are in c09, their header counted */
        if (event->size <= sizeof text) {
            memcpy(text, event->payload, event->size);
            text[event->size] = 0;
            if (strcmp(text, "quiet") == 0)
                return;
        }
    }
    if (event->received)
        (void)ockam_channel_write(channel, io, options->profile->inner_onward ? &event->back : NULL, NULL, event->payload,
                                  event->size);
}
