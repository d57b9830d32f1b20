/* Section 8: a node that listens on datagrams, and one on a connection. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* A node, and what it has sent last. */
typedef struct {
    ockam_node *node;
    ockam_io io;
    unsigned count;
    ockam_address to;
    size_t size;
    uint8_t sent[1024];
    ockam_event event;
    ockam_channel *channel;
} listener;

static ockam_status keep(void *context, const ockam_address *to, const uint8_t *message, size_t size)
{
    listener *l = context;
    if (size > sizeof l->sent)
        return OCKAM_TOO_LONG;
    l->count++;
    l->to = *to;
    memcpy(l->sent, message, size);
    l->size = size;
    return OCKAM_OK;
}

static listener *listen_on(test *t, bool stream, size_t half_open, size_t open)
{
    ockam_node_config config = {.half_open = half_open, .open = open};
    ockam_config *c = &config.channel;
    listener *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    *c = (ockam_config){.profile = ockam_profile_named("v1"),
                        .role = OCKAM_RESPONDER,
                        .policy = ockam_accept_any,
                        .stream = stream};
    c->own = test_address(stream ? OCKAM_TCP : OCKAM_UDP, "127.0.0.1", 4000);
    c->remote = test_address(c->own.type, "127.0.0.1", 5000);
    test_key(1, c->static_key);
    l->io = (ockam_io){.work = ockam_work_new(), .send = keep, .context = l};
    CHECK(t, l->io.work && ockam_node_new(&config, &l->io, &l->node) == OCKAM_OK);
    return l;
}

static void end(listener *l)
{
    ockam_node_free(l->node);
    ockam_work_free(l->io.work);
    free(l);
}

static ockam_status give(listener *l, uint16_t port, bool tcp, const uint8_t *message, size_t size)
{
    ockam_address from = test_address(tcp ? OCKAM_TCP : OCKAM_UDP, "127.0.0.1", port);
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, message, size);
    ockam_status status = ockam_node_receive(l->node, &l->io, &from, copy, size, &l->event, &l->channel);
    free(copy);
    return status;
}

/* An initiator that speaks with a node from a port. */
static test_pair *dial(test *t, uint16_t port)
{
    test_pair *p = test_pair_new("v1", false, 1);
    p->initiator.fixed_ephemeral_for_tests = false;
    p->initiator.own = test_address(OCKAM_UDP, "127.0.0.1", port);
    p->initiator.remote = test_address(OCKAM_UDP, "127.0.0.1", 4000);
    CHECK(t,
          ockam_channel_new(&p->initiator, &p->a.channel) == OCKAM_OK && ockam_channel_start(p->a.channel, &p->a.io) == OCKAM_OK);
    return p;
}

/* Everything that the initiator has sent goes to the node, and its last answer comes back. */
static void exchange(test *t, listener *l, test_pair *p, uint16_t port)
{
    l->count = 0;
    while (p->a.count > 0) {
        test_message m = test_take(&p->a);
        CHECK(t, give(l, port, false, m.data, m.size) == OCKAM_OK);
        free(m.data);
    }
    if (l->count > 0)
        CHECK(t, test_give(p, &p->a, l->sent, l->size) == OCKAM_OK);
}

/* Many channels from one source and from many (CHAN-010, TRAN-012); a repeated m1 (TRAN-014). */
static void many(test *t)
{
    enum { N = 20 };
    listener *l = listen_on(t, false, 0, 0);
    test_pair *pairs[N];
    for (uint16_t i = 0; i < N; i++) {
        pairs[i] = dial(t, (uint16_t)(5000 + i / 2));
        uint8_t m1[128];
        size_t size = pairs[i]->a.queue[0].size;
        memcpy(m1, pairs[i]->a.queue[0].data, size);
        exchange(t, l, pairs[i], (uint16_t)(5000 + i / 2));
        uint8_t m2[sizeof l->sent];
        memcpy(m2, l->sent, l->size);
        CHECK(t, l->count == 1 && give(l, (uint16_t)(5000 + i / 2), false, m1, size) == OCKAM_OK);
        CHECK(t, l->count == 2 && memcmp(m2, l->sent, l->size) == 0); /* TRAN-015 */
    }
    for (uint16_t i = 0; i < N; i++) {
        exchange(t, l, pairs[i], (uint16_t)(5000 + i / 2));
        CHECK(t, l->channel && l->event.opened && test_is_open(&pairs[i]->a));
    }
    for (uint16_t i = 0; i < N; i++) {
        CHECK(t, ockam_channel_write(pairs[i]->a.channel, &pairs[i]->a.io, NULL, NULL, (const uint8_t *)"hi", 2) == OCKAM_OK);
        exchange(t, l, pairs[i], (uint16_t)(5000 + i / 2));
        CHECK(t, l->event.received && l->event.size == 2);
        test_pair_free(pairs[i]);
    }
    end(l);
}

/* CHAN-012: at the bound the oldest handshake gives way, and open channels stay. */
static void bounded(test *t)
{
    listener *l = listen_on(t, false, 3, 0);
    test_pair *open = dial(t, 5000), *first = dial(t, 5001), *last = NULL;
    exchange(t, l, open, 5000);
    exchange(t, l, open, 5000);
    exchange(t, l, first, 5001);
    for (uint16_t i = 0; i < 3; i++) {
        if (last)
            test_pair_free(last);
        last = dial(t, (uint16_t)(5002 + i));
        exchange(t, l, last, (uint16_t)(5002 + i));
    }
    test_message m3 = test_take(&first->a);
    CHECK(t, give(l, 5001, false, m3.data, m3.size) == OCKAM_NOT_ADDRESSED); /* forgotten */
    free(m3.data);
    exchange(t, l, last, 5004);
    CHECK(t, l->event.opened);
    CHECK(t, ockam_channel_write(open->a.channel, &open->a.io, NULL, NULL, (const uint8_t *)"hi", 2) == OCKAM_OK);
    exchange(t, l, open, 5000);
    CHECK(t, l->event.received);
    l->io.now = 10000; /* NOISE-013, NOISE-019 */
    ockam_node_tick(l->node, &l->io);
    CHECK(t, ockam_node_due(l->node) == UINT64_MAX);
    test_pair_free(open);
    test_pair_free(first);
    test_pair_free(last);
    end(l);
}

/* Junk and what is for others: no answer, no harm. */
static void junk(test *t)
{
    static const uint8_t unknown[] = {1, 1, 0, 2, 0, 0, 0, 2}, onward[] = {1, 1, 1, 0, 127, 0, 0, 1, 1, 0, 0, 2};
    static const uint8_t ping[] = {1, 0, 0, 0}, m1_short[] = {1, 0, 0, 3, 9};
    listener *l = listen_on(t, false, 0, 0);
    uint8_t noise[64] = {0};
    for (size_t size = 0; size < sizeof noise; size++)
        CHECK(t, give(l, 5000, false, noise, size) != OCKAM_OK && l->count == 0);
    CHECK(t, give(l, 5000, false, unknown, sizeof unknown) != OCKAM_OK && l->count == 0);
    CHECK(t, give(l, 5000, false, onward, sizeof onward) != OCKAM_OK && l->count == 0); /* ROUT-007 */
    CHECK(t, give(l, 5000, false, m1_short, sizeof m1_short) == OCKAM_MESSAGE_LENGTH && l->count == 0);
    CHECK(t, give(l, 5000, false, ping, sizeof ping) == OCKAM_OK && l->count == 1 && l->to.port == 5000); /* ROUT-003 */
    CHECK(t, test_is(l->sent, l->size, "01 01 02 00 7f000001 8813 01 02 00 7f000001 a00f 01"));
    end(l);
}

/* Genuine messages with some bytes changed, moved, or cut, from few sources: nothing opens, and what is open stays (TRAN-013). */
static void changed(test *t)
{
    enum { ROUNDS = 20000 };
    listener *l = listen_on(t, false, 8, 8);
    test_pair *p = dial(t, 5000);
    uint8_t seeds[3][256], message[256];
    size_t sizes[3];
    uint32_t random = 1; /* xorshift */
    sizes[0] = p->a.queue[0].size;
    memcpy(seeds[0], p->a.queue[0].data, sizes[0]);
    exchange(t, l, p, 5000);
    sizes[1] = p->a.queue[0].size;
    memcpy(seeds[1], p->a.queue[0].data, sizes[1]);
    exchange(t, l, p, 5000);
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, (const uint8_t *)"hi", 2) == OCKAM_OK);
    sizes[2] = p->a.queue[0].size;
    memcpy(seeds[2], p->a.queue[0].data, sizes[2]);
    unsigned events = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t size = sizes[i % 3];
        memcpy(message, seeds[i % 3], size);
        for (unsigned n = 0; n <= i % 4; n++) {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            message[random % (i % 5 ? 24 : size)] ^= (uint8_t)(1u << (random >> 8) % 8);
        }
        if (i % 7 == 0)
            size = random % (size + 1);
        (void)give(l, (uint16_t)(5001 + i % 3), false, message, size);
        events += l->channel != NULL && (i % 3 != 2 || l->event.opened);
    }
    CHECK(t, events == 0);
    test_forget(&p->a); /* perhaps it has arrived: with another outer header a record is as good (ROUT-009) */
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, (const uint8_t *)"on", 2) == OCKAM_OK);
    exchange(t, l, p, 5000);
    CHECK(t, l->event.received && l->event.size == 2);
    test_pair_free(p);
    end(l);
}

/* On a connection what is wrong before open is the end; an m1 that is routed makes one channel of several (CHAN-011). */
static void connection(test *t)
{
    static const uint8_t payload[] = {1, 0, 0, 2, 9};
    ockam_status why;
    listener *l = listen_on(t, true, 0, 0);
    CHECK(t, give(l, 5000, true, payload, sizeof payload) == OCKAM_UNEXPECTED && ockam_node_ended(l->node, &why) &&
                 why == OCKAM_UNEXPECTED);
    end(l);
    l = listen_on(t, true, 0, 0);
    l->io.now = 10000;
    ockam_node_tick(l->node, &l->io);
    CHECK(t, ockam_node_ended(l->node, &why) && why == OCKAM_DEADLINE);
    end(l);
    l = listen_on(t, true, 0, 0);
    uint8_t m1[64] = {1, 0, 1, 0, 1, 9, 3}, direct[64] = {1, 0, 0, 3};
    test_key(1, m1 + 7);
    test_key(1, direct + 4);
    CHECK(t, give(l, 5000, true, m1, 7 + 32) == OCKAM_OK && l->count == 1);
    CHECK(t, give(l, 5000, true, payload, sizeof payload) == OCKAM_UNEXPECTED && !ockam_node_ended(l->node, &why));
    CHECK(t, give(l, 5000, true, direct, 4 + 32) == OCKAM_OK && l->count == 2 && !ockam_node_ended(l->node, &why));
    end(l);
}

void test_node(test *t)
{
    many(t);
    bounded(t);
    junk(t);
    changed(t);
    connection(t);
}
