/* Two ends that are carried to each other. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *copy(const uint8_t *message, size_t size)
{
    uint8_t *data = malloc(size ? size : 1);
    if (!data)
        abort();
    if (size)
        memcpy(data, message, size);
    return data;
}

static ockam_status keep(void *context, const ockam_address *to, const uint8_t *message, size_t size)
{
    test_end *end = context;
    if (end->count == TEST_QUEUE)
        return OCKAM_MEMORY;
    end->queue[end->count++] = (test_message){copy(message, size), size, to ? *to : (ockam_address){0}};
    return OCKAM_OK;
}

test_message test_take(test_end *end)
{
    test_message first = {0};
    if (end->count == 0)
        return first;
    first = end->queue[0];
    memmove(end->queue, end->queue + 1, --end->count * sizeof *end->queue);
    return first;
}

void test_forget(test_end *end)
{
    while (end->count > 0)
        free(test_take(end).data);
}

test_pair *test_pair_new(const char *profile, bool stream, size_t depth)
{
    test_pair *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->initiator = (ockam_config){.profile = ockam_profile_named(profile),
                                  .role = OCKAM_INITIATOR,
                                  .policy = ockam_accept_any,
                                  .stream = stream,
                                  .depth = depth,
                                  .fixed_ephemeral_for_tests = true};
    p->responder = p->initiator;
    p->responder.role = OCKAM_RESPONDER;
    test_key(0x00, p->initiator.static_key);
    test_key(0x20, p->initiator.ephemeral_for_tests);
    test_key(0x01, p->responder.static_key);
    test_key(0x41, p->responder.ephemeral_for_tests);
    p->a.io = (ockam_io){.work = ockam_work_new(), .send = keep, .context = &p->a};
    p->b.io = (ockam_io){.work = ockam_work_new(), .send = keep, .context = &p->b};
    if (!p->a.io.work || !p->b.io.work)
        abort();
    return p;
}

bool test_pair_start(test_pair *p)
{
    return ockam_channel_new(&p->initiator, &p->a.channel) == OCKAM_OK &&
           ockam_channel_new(&p->responder, &p->b.channel) == OCKAM_OK &&
           ockam_channel_start(p->b.channel, &p->b.io) == OCKAM_OK && ockam_channel_start(p->a.channel, &p->a.io) == OCKAM_OK;
}

void test_pair_free(test_pair *p)
{
    test_forget(&p->a);
    test_forget(&p->b);
    ockam_channel_free(p->a.channel);
    ockam_channel_free(p->b.channel);
    ockam_work_free(p->a.io.work);
    ockam_work_free(p->b.io.work);
    free(p);
}

ockam_status test_give(test_pair *p, test_end *to, const uint8_t *message, size_t size)
{
    uint8_t *data = copy(message, size);
    ockam_status status = ockam_channel_receive(to->channel, &to->io, NULL, data, size, &p->event);
    free(data);
    return status;
}

ockam_status test_carry(test_pair *p, test_end *from, test_end *to)
{
    test_message m = test_take(from);
    if (!m.data)
        return OCKAM_ARGUMENT;
    ockam_status status = test_give(p, to, m.data, m.size);
    free(m.data);
    return status;
}

bool test_is_open(const test_end *end)
{
    return ockam_channel_state(end->channel) == OCKAM_STATE_OPEN;
}

bool test_has_failed(const test_end *end)
{
    return ockam_channel_state(end->channel) == OCKAM_FAILED;
}

bool test_open(test_pair *p)
{
    while (p->a.count || p->b.count)
        if (p->a.count ? test_carry(p, &p->a, &p->b) != OCKAM_OK : test_carry(p, &p->b, &p->a) != OCKAM_OK)
            return false;
    return test_is_open(&p->a) && test_is_open(&p->b);
}

bool test_payload(test_pair *p, test_end *from, test_end *to, const void *payload, size_t size)
{
    return ockam_channel_write(from->channel, &from->io, NULL, NULL, payload, size) == OCKAM_OK &&
           test_carry(p, from, to) == OCKAM_OK && p->event.received && p->event.size == size &&
           memcmp(p->event.payload, payload, size) == 0;
}
