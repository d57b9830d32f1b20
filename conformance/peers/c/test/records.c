/* Section 7. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { MANY = 48 };

/* Sends records and leaves them in the queue: each has its number as payload. */
static void send_many(test *t, test_pair *p, uint8_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t number = (uint8_t)(first + i);
        CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, &number, 1) == OCKAM_OK);
    }
}

static bool arrives(test_pair *p, const test_message *m, uint8_t number)
{
    return test_give(p, &p->b, m->data, m->size) == OCKAM_OK && p->event.received && p->event.size == 1 &&
           *p->event.payload == number;
}

/* REC-007, REC-008: each of them once, in any order, within the window. */
static void window(test *t)
{
    static const unsigned order[] = {0, 5, 3, 47, 1, 2, 46, 20, 16, 17};
    test_pair *p = test_pair_new("v1", false, 1);
    p->responder.window = 48;
    CHECK(t, test_pair_start(p) && test_open(p));
    send_many(t, p, 0, MANY);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        CHECK(t, arrives(p, &p->a.queue[order[i]], (uint8_t)order[i]));
        for (size_t j = 0; j <= i; j++) /* none of those before again */
            CHECK(t, test_give(p, &p->b, p->a.queue[order[j]].data, p->a.queue[order[j]].size) == OCKAM_AUTHENTICATION);
    }
    CHECK(t, test_is_open(&p->b));
    test_forget(&p->a);
    send_many(t, p, 48, MANY);
    CHECK(t, arrives(p, &p->a.queue[47], 95)); /* the last of the window: N+W */
    CHECK(t, arrives(p, &p->a.queue[1], 49));  /* N-W+2 */
    CHECK(t, !arrives(p, &p->a.queue[47], 95));
    test_forget(&p->a);
    send_many(t, p, 96, MANY + 1);
    CHECK(t, !arrives(p, &p->a.queue[48], 144)); /* N+W+1 */
    CHECK(t, arrives(p, &p->a.queue[0], 96));
    test_pair_free(p);
}

/* On a stream the next one alone; what does not verify is the end (REC-005). */
static void stream(test *t)
{
    test_pair *p = test_pair_new("v1", true, 1);
    CHECK(t, test_pair_start(p) && test_open(p));
    send_many(t, p, 0, 3);
    CHECK(t, arrives(p, &p->a.queue[0], 0));
    CHECK(t, !arrives(p, &p->a.queue[2], 2) && test_has_failed(&p->b));
    CHECK(t, !arrives(p, &p->a.queue[1], 1));
    test_pair_free(p);
}

/*
 * A record, cut at each byte and with each byte changed: nothing is delivered, no counter moves, the genuine one arrives
 * (REC-004, REC-006).
 */
static void forged(test *t, const char *profile, size_t header)
{
    test_pair *p = test_pair_new(profile, false, 1);
    ockam_claims claims;
    CHECK(t, test_pair_start(p) && test_open(p));
    send_many(t, p, 7, 1);
    const test_message m = p->a.queue[0];
    uint8_t *changed = malloc(m.size + 1);
    if (!changed)
        abort();
    for (size_t at = 0; at < m.size; at++) {
        memcpy(changed, m.data, m.size);
        CHECK(t, test_give(p, &p->b, changed, at) != OCKAM_OK && !p->event.received);
        changed[at] ^= 0x80;
        CHECK(t, test_give(p, &p->b, changed, m.size) != OCKAM_OK && !p->event.received);
    }
    memcpy(changed, m.data, m.size);
    changed[m.size] = 0;
    CHECK(t, test_give(p, &p->b, changed, m.size + 1) == OCKAM_AUTHENTICATION);
    CHECK(t, test_give(p, &p->b, changed, header + 15) == OCKAM_SHORT);
    ockam_channel_claims(p->b.channel, &claims);
    CHECK(t, claims.received == 0 && claims.state == OCKAM_STATE_OPEN && p->b.count == 0);
    CHECK(t, arrives(p, &m, 7));
    free(changed);
    test_pair_free(p);
}

/* REC-009: what is inside is malformed, which uses up its counter and is not the end, on a stream either. */
static void inner(test *t)
{
    static const uint8_t key[] = {0x10, 0x9c, 0x4b, 0x99, 0xea, 0x3a, 0x47, 0x84, 0xff, 0x55, 0xaf,
                                  0x5e, 0xed, 0x86, 0xc9, 0x9e, 0x85, 0x3f, 0x5a, 0x76, 0xd8, 0x3c,
                                  0xe4, 0x37, 0xa9, 0xe3, 0xe2, 0x7e, 0xde, 0x24, 0x2a, 0x6a}; /* k2 */
    static const uint8_t bad[][5] = {{2, 0, 0, 2, 9}, {1, 0, 0, 3, 9}, {1, 0, 0, 0, 9}, {1, 9, 0, 2, 9}, {1, 0, 0, 6, 9}};
    uint8_t message[4 + 5 + 16] = {1, 0, 0, 2}, nonce[12] = {0};
    test_pair *p = test_pair_new("v1", true, 1);
    ockam_claims claims;
    CHECK(t, test_pair_start(p) && test_open(p));
    ockam_channel_claims(p->b.channel, &claims);
    for (uint8_t i = 0; i < 5; i++) {
        nonce[11] = i;
        CHECK(t, ockam_seal((ockam_key){key, 32}, nonce, (ockam_bytes){claims.h, 32}, (ockam_bytes){bad[i], 5}, message + 4) ==
                     OCKAM_OK);
        CHECK(t, test_give(p, &p->b, message, sizeof message) == OCKAM_INNER && test_is_open(&p->b) && !p->event.received);
    }
    ockam_channel_claims(p->b.channel, &claims);
    CHECK(t, claims.received == 5 && p->b.count == 0);
    test_pair_free(p);
}

void test_records(test *t)
{
    window(t);
    stream(t);
    forged(t, "v1", 4);
    forged(t, "c09", 0);
    forged(t, "c010", 4);
    inner(t);
}
