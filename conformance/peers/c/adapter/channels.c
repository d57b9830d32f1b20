/* The adapter's channels (PROTOCOL.md, section 7). */
#include "adapter.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM, MESSAGE, DATAGRAM };

static ockam_status put_out(void *context, const ockam_address *to, const uint8_t *message, size_t size)
{
    adapter *a = context;
    uint8_t header[2];
    ockam_status status = ockam_frame_header(size, header);
    line_put_bytes(&a->l, "out", header, a->current->over == STREAM && status == OCKAM_OK ? sizeof header : 0);
    line_add_bytes(&a->l, message, size);
    if (to && a->current->remote.size && !ockam_address_equal(to, &a->current->remote))
        value_put_address(&a->l, "to", to);
    return status;
}

/* The channel of a request becomes the current one. */
static bool find(adapter *a)
{
    uint64_t ch = 0;
    a->current = line_number(&a->l, "ch", INT32_MAX, &ch) && !a->l.wrong && ch < CHANNELS ? a->slots[ch] : NULL;
    return a->current != NULL;
}

static ockam_io io(adapter *a)
{
    return (ockam_io){.now = a->current->now, .work = a->work, .send = put_out, .context = a};
}

static const char *step(adapter *a)
{
    ockam_claims c;
    ockam_channel_claims(a->current->channel, &c);
    line_put_text(&a->l, "then", c.state >= OCKAM_STATE_CLOSED ? "closed" : "quiet");
    if (c.state == OCKAM_FAILED)
        line_put_text(&a->l, "class", ockam_status_name(c.why));
    return NULL;
}

void forget(adapter *a, size_t ch)
{
    if (a->slots[ch])
        ockam_channel_free(a->slots[ch]->channel);
    free(a->slots[ch]);
    a->slots[ch] = NULL;
}

static bool is_peer(const void *context, const uint8_t *key, size_t size)
{
    const slot *s = context;
    return s->peer_size == size && memcmp(s->peer, key, size) == 0;
}

/* The fields of open that are the library's configuration, but for peer. The status is its opinion of the route. */
static ockam_status configure(line *l, ockam_config *c)
{
    uint64_t window = 0, limit = 0, deadline = 0;
    ockam_status status = OCKAM_OK;
    if (!line_exactly(l, "static", c->static_key, sizeof c->static_key))
        return OCKAM_ARGUMENT;
    (void)line_number(l, "window", UINT32_MAX, &window);
    (void)line_number(l, "limit", UINT32_MAX, &limit);
    (void)line_number(l, "deadline", UINT32_MAX, &deadline);
    (void)value_address(l, "local", &c->own);
    (void)value_address(l, "remote", &c->remote);
    (void)value_address(l, "address", &c->address);
    (void)value_address(l, "listener", &c->listener);
    (void)value_route(l, "route", &c->route, &status);
    c->fixed_ephemeral_for_tests = line_exactly(l, "ephemeral", c->ephemeral_for_tests, sizeof c->ephemeral_for_tests);
    c->window = (uint32_t)window;
    c->limit = limit;
    c->deadline = (uint32_t)deadline;
    return l->wrong ? OCKAM_ARGUMENT : status;
}

const char *open_channel(adapter *a)
{
    static const char *const roles[] = {"initiator", "responder"}, *const overs[] = {"stream", "message", "datagram"};
    ockam_config c = {.profile = profile_of(a), .policy = ockam_accept_any};
    uint64_t ch = 0;
    uint8_t *peer;
    int role = line_word(&a->l, "role", roles, 2), over = line_word(&a->l, "over", overs, 3);
    if (!c.profile || role < 0 || over < 0)
        return "unsupported";
    slot *s = calloc(1, sizeof *s);
    if (!s)
        return "internal";
    (void)line_number(&a->l, "ch", CHANNELS - 1, &ch);
    c.role = role == 0 ? OCKAM_INITIATOR : OCKAM_RESPONDER;
    c.stream = over != DATAGRAM;
    if (line_bytes(&a->l, "peer", &peer, &s->peer_size)) {
        c.policy = is_peer;
        c.policy_context = s;
        s->peer_size = s->peer_size < sizeof s->peer ? s->peer_size : sizeof s->peer; /* one that is longer is nobody's */
        memcpy(s->peer, peer, s->peer_size);
    }
    ockam_status status = configure(&a->l, &c);
    if (status == OCKAM_OK)
        status = ockam_channel_new(&c, &s->channel);
    if (status != OCKAM_OK) {
        free(s);
        return class_of(status);
    }
    s->over = over;
    s->remote = c.remote;
    ockam_frames_init(&s->frames, c.limit ? c.limit : OCKAM_MESSAGE_MAX);
    forget(a, ch);
    a->current = a->slots[ch] = s;
    ockam_io now = io(a);
    status = ockam_channel_start(s->channel, &now);
    if (status == OCKAM_OK)
        return step(a);
    forget(a, ch);
    return class_of(status);
}

static bool ended(const adapter *a)
{
    return ockam_channel_state(a->current->channel) >= OCKAM_STATE_CLOSED;
}

static void receive(adapter *a, const ockam_address *from, const uint8_t *data, size_t size)
{
    ockam_io now = io(a);
    ockam_event e;
    ockam_claims c;
    ockam_status status = ockam_channel_receive(a->current->channel, &now, from, data, size, &e);
    ockam_channel_claims(a->current->channel, &c);
    if (e.opened)
        line_put_bytes(&a->l, "opened", c.peer, c.peer_size);
    if (e.received)
        line_put_bytes(&a->l, "got", e.payload, e.size);
    if (e.received && e.onward.count)
        value_put_route(&a->l, "onward", &e.onward);
    if (e.received && e.back.count)
        value_put_route(&a->l, "return", &e.back);
    if (status != OCKAM_OK && !ended(a))
        line_put_text(&a->l, "rejected", ockam_status_name(status));
}

const char *feed(adapter *a)
{
    static const char *const ends[] = {"fin", "rst"};
    line *l = &a->l;
    uint8_t *data;
    const uint8_t *rest, *message;
    size_t size = 0, message_size = 0;
    ockam_address from = {0};
    if (!find(a))
        return l->wrong ? "argument" : "no-channel";
    slot *s = a->current;
    bool has_data = line_bytes(l, "data", &data, &size), has_from = value_address(l, "from", &from);
    bool ends_here = line_get(l, "end") != NULL;
    int end = line_word(l, "end", ends, 2);
    if (l->wrong || (!has_data && !ends_here) || (ends_here && (end < 0 || s->over == DATAGRAM)) ||
        (has_from && s->over != DATAGRAM))
        return "argument";
    if (has_data && s->over != STREAM && !ended(a))
        receive(a, has_from ? &from : NULL, data, size);
    for (rest = data, message = data; has_data && s->over == STREAM && !ended(a) && (size || message);) {
        ockam_status status = ockam_frames_next(&s->frames, &rest, &size, &message, &message_size);
        if (status != OCKAM_OK)
            ockam_channel_end(s->channel, status);
        else if (message)
            receive(a, NULL, message, message_size);
    }
    if (ends_here && end == 0 && ockam_channel_state(s->channel) == OCKAM_STATE_OPEN && ockam_frames_end(&s->frames) == OCKAM_OK)
        ockam_channel_close(s->channel); /* CHAN-013 */
    else if (ends_here)
        ockam_channel_end(s->channel, end == 0 && ockam_frames_end(&s->frames) != OCKAM_OK ? OCKAM_TRUNCATED : OCKAM_ENDED);
    return step(a);
}

const char *write_payload(adapter *a)
{
    uint8_t *data;
    size_t size;
    ockam_route onward = {0}, back = {0};
    ockam_status status = OCKAM_OK;
    if (!find(a))
        return a->l.wrong ? "argument" : "no-channel";
    (void)value_route(&a->l, "onward", &onward, &status);
    (void)value_route(&a->l, "return", &back, &status);
    if (!line_bytes(&a->l, "data", &data, &size) || a->l.wrong)
        return "argument";
    ockam_io now = io(a);
    if (status == OCKAM_OK)
        status = ockam_channel_write(a->current->channel, &now, &onward, &back, data, size);
    return status == OCKAM_OK ? step(a) : class_of(status);
}

const char *tick(adapter *a)
{
    uint64_t ms = 0;
    if (!find(a) || !line_number(&a->l, "ms", UINT32_MAX, &ms) || a->l.wrong)
        return a->l.wrong ? "argument" : "no-channel";
    slot *s = a->current;
    for (uint64_t target = s->now + ms, due = 0; due <= target && !ended(a);) {
        due = ockam_channel_due(s->channel);
        s->now = due < target ? due : target;
        ockam_io now = io(a);
        (void)ockam_channel_tick(s->channel, &now); /* step tells */
    }
    return step(a);
}

const char *claims(adapter *a)
{
    static const char *const states[] = {"start", "sent-m1", "sent-m2", "open", "closed", "failed"};
    ockam_claims c;
    if (!find(a))
        return a->l.wrong ? "argument" : "no-channel";
    ockam_channel_claims(a->current->channel, &c);
    line_put_text(&a->l, "state", states[c.state]);
    if (!c.proven)
        return NULL;
    line_put_bytes(&a->l, "h", c.h, sizeof c.h);
    line_put_bytes(&a->l, "peer", c.peer, c.peer_size);
    line_put_number(&a->l, "sent", c.sent);
    line_put_number(&a->l, "received", c.received);
    line_put_number(&a->l, "limit", c.limit);
    return NULL;
}

const char *close_channel(adapter *a)
{
    if (!find(a))
        return a->l.wrong ? "argument" : "no-channel";
    ockam_channel_close(a->current->channel);
    return NULL;
}
