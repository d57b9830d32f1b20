/* What an echo peer does with channels. */
#include "peer.h"

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

/* IO-002: as an application with a short buffer reads. Returns the size of the message. */
static size_t read_in_parts(const peer_options *options, const ockam_event *event, uint8_t whole[OCKAM_MESSAGE_MAX])
{
    ockam_message_reader reader = {event->payload, event->size};
    size_t size = 0, n = 0;
    ockam_status status = OCKAM_MORE;
    for (; status == OCKAM_MORE; size += n) {
        size_t room = OCKAM_MESSAGE_MAX - size;
        status = ockam_read(&reader, whole + size, options->buffer < room ? options->buffer : room, &n);
    }
    return size;
}

void peer_echo(const peer_options *options, ockam_channel *channel, const ockam_io *io, const ockam_event *event)
{
    uint8_t whole[OCKAM_MESSAGE_MAX];
    static const uint8_t hello[] = "hello";
    /* A write that is refused, because it is too long or the counters are spent, has no echo. */
    if (event->opened && options->role == OCKAM_INITIATOR)
        (void)ockam_channel_write(channel, io, &options->service, NULL, hello, sizeof hello - 1);
    if (!event->received)
        return;
    size_t size = options->buffer ? read_in_parts(options, event, whole) : event->size;
    (void)ockam_channel_write(channel, io, options->profile->inner_onward ? &event->back : NULL, NULL,
                              options->buffer ? whole : event->payload, size);
}
