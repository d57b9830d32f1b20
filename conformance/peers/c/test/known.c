/* Section 12: known answers. */
#include "test.h"

#include <string.h>

#define M1 "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
#define M2                                                                                                                       \
    "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea" \
    "70cde8"                                                                                                                     \
    "767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
#define M3                                                                                                                       \
    "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a4332" \
    "5fbc56"
#define H "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"

/* Whether the oldest message of an end is this; it stays there. */
static bool sends(const test_end *end, const char *hex)
{
    return end->count == 1 && test_is(end->queue[0].data, end->queue[0].size, hex);
}

static bool has_h(const test_end *end, const char *hex)
{
    ockam_claims claims;
    ockam_channel_claims(end->channel, &claims);
    return claims.proven && test_is(claims.h, sizeof claims.h, hex);
}

/* A handshake of which the messages are known. */
static void handshake(test *t, test_pair *p, const char *m1, const char *m2, const char *m3, const char *h)
{
    CHECK(t, test_pair_start(p) && sends(&p->a, m1));
    CHECK(t, test_carry(p, &p->a, &p->b) == OCKAM_OK && sends(&p->b, m2));
    CHECK(t, test_carry(p, &p->b, &p->a) == OCKAM_OK && p->event.opened && sends(&p->a, m3));
    CHECK(t, test_carry(p, &p->a, &p->b) == OCKAM_OK && p->event.opened);
    CHECK(t, has_h(&p->a, h) && has_h(&p->b, h)); /* NOISE-014 */
}

static void writes(test *t, test_pair *p, test_end *from, const char *payload, const char *hex)
{
    test_end *to = from == &p->a ? &p->b : &p->a;
    CHECK(t, ockam_channel_write(from->channel, &from->io, NULL, NULL, (const uint8_t *)payload, strlen(payload)) == OCKAM_OK);
    CHECK(t, sends(from, hex));
    CHECK(t, test_carry(p, from, to) == OCKAM_OK && p->event.received && p->event.size == strlen(payload));
}

/* Direct TCP. */
#define TO_R "01 01 01007f000001a00f 01 01007f00000131d4 "
#define TO_I "01 01 01007f00000131d4 01 01007f000001a00f "

static void tcp(test *t)
{
    test_pair *p = test_pair_new("v1", true, 1);
    p->initiator.own = p->responder.remote = test_address(OCKAM_TCP, "127.0.0.1", 54321);
    p->initiator.remote = p->responder.own = test_address(OCKAM_TCP, "127.0.0.1", 4000);
    handshake(t, p, TO_R "03" M1, TO_I "04" M2, TO_R "05" M3, H);
    writes(t, p, &p->b, "hello", TO_I "02 e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99");
    writes(t, p, &p->a, "hello", TO_R "02 5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639");
    writes(t, p, &p->a, "hello", TO_R "02 260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8");
    for (unsigned n = 2; n < 65535; n++) {
        if (ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, NULL, 0) != OCKAM_OK ||
            test_carry(p, &p->a, &p->b) != OCKAM_OK)
            CHECK(t, !"a counter below 65535");
    }
    writes(t, p, &p->a, "hello", TO_R "02 0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952");
    CHECK(t,
          ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, NULL, 0) == OCKAM_EXHAUSTED && p->a.count == 0); /* REC-003 */
    CHECK(t, test_is_open(&p->a) && test_payload(p, &p->b, &p->a, "on", 2));
    uint8_t late[64];
    size_t size = test_unhex(TO_R "02 000102030405060708090a0b0c0d0e0f1011", late, sizeof late);
    CHECK(t, test_give(p, &p->b, late, size) == OCKAM_EXHAUSTED && test_is_open(&p->b)); /* REC-014 */
    test_pair_free(p);
}

/* UDP over one hop, as the end points send and receive it. */
static void hop(test *t)
{
    test_pair *p = test_pair_new("v1", false, 1);
    ockam_address h = test_address(OCKAM_UDP, "10.0.0.2", 4002), r = test_address(OCKAM_UDP, "10.0.0.3", 4003);
    ockam_address app = {.type = OCKAM_LOCAL, .size = 3, .value = "app"}, me = {.type = OCKAM_LOCAL, .size = 2, .value = "me"};
    ockam_route to_app = {0}, from_me = {0};
    p->initiator.own = test_address(OCKAM_UDP, "10.0.0.1", 4001);
    p->initiator.remote = p->responder.remote = h;
    p->responder.own = r;
    p->initiator.address = (ockam_address){.type = OCKAM_LOCAL, .size = 4, .value = {10, 11, 12, 13}};
    p->responder.address = (ockam_address){.type = OCKAM_LOCAL, .size = 4, .value = {1, 2, 3, 4}};
    CHECK(t, ockam_route_append(&p->initiator.route, &h) == OCKAM_OK && ockam_route_append(&p->initiator.route, &r) == OCKAM_OK);
    CHECK(t, ockam_route_append(&to_app, &app) == OCKAM_OK && ockam_route_append(&from_me, &me) == OCKAM_OK);
    CHECK(t, test_pair_start(p));
    CHECK(t, sends(&p->a, "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03" M1));
    test_forget(&p->a);
    uint8_t data[512];
    size_t n = test_unhex("01 01 02000a000003a30f 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 03" M1, data, sizeof data);
    CHECK(t, test_give(p, &p->b, data, n) == OCKAM_OK);
    CHECK(t, sends(&p->b, "01 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 02 02000a000003a30f 000401020304 04" M2));
    n = test_unhex("01 02 02000a000001a10f 00040a0b0c0d 03 02000a000002a20f 02000a000003a30f 000401020304 04" M2, data,
                   sizeof data);
    CHECK(t, test_give(p, &p->a, data, n) == OCKAM_OK && ockam_address_equal(&p->a.queue[0].to, &h));
    CHECK(t, sends(&p->a, "01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d 05" M3));
    test_forget(&p->a);
    n = test_unhex("01 02 02000a000003a30f 000401020304 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 05" M3, data,
                   sizeof data);
    CHECK(t, test_give(p, &p->b, data, n) == OCKAM_OK && test_is_open(&p->b));
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, &to_app, &from_me, (const uint8_t *)"hello", 5) == OCKAM_OK);
#define CIPHERTEXT "5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"
    CHECK(t, sends(&p->a, "01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02" CIPHERTEXT));
    n = test_unhex("01 02 02000a000003a30f 000401020304 02 02000a000002a20f 02000a000001a10f 02" CIPHERTEXT, data, sizeof data);
    CHECK(t, test_give(p, &p->b, data, n) == OCKAM_OK && p->event.received && p->event.size == 5 && p->event.onward.count == 1 &&
                 p->event.back.count == 1);
    test_pair_free(p);
}

static void ping(test *t)
{
    test_pair *p = test_pair_new("v1", false, 1);
    uint8_t data[64];
    p->initiator.own = p->responder.remote = test_address(OCKAM_UDP, "10.0.0.1", 4001);
    p->initiator.remote = p->responder.own = test_address(OCKAM_UDP, "10.0.0.3", 4003);
    CHECK(t, test_pair_start(p));
    size_t n = test_unhex("01 01 02000a000003a30f 01 02000a000001a10f 00", data, sizeof data);
    CHECK(t, test_give(p, &p->b, data, n) == OCKAM_OK && sends(&p->b, "01 01 02000a000001a10f 01 02000a000003a30f 01"));
    CHECK(t, test_carry(p, &p->b, &p->a) == OCKAM_OK && p->b.count == 0); /* WIRE-010: a pong is never answered */
    test_pair_free(p);
}

static void dialects(test *t)
{
    test_pair *p = test_pair_new("c09", true, 1);
    handshake(t, p, "01000003" M1, "01000004" M2, "01000005" M3, H);
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, NULL, NULL, (const uint8_t *)"submarineyellow", 15) == OCKAM_OK);
    CHECK(t, p->a.queue[0].size == 4 + 15 + 16); /* the ciphertext alone */
    test_pair_free(p);
    p = test_pair_new("c010", false, 1);
    handshake(t, p,
              "0100000304c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d258b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3"
              "952a08d5797e85"
              "feaba5d977",
              "0100000404261efbd3550cf068ef013ed7366ba32f5d6fe557b4b2abce8ade58cba168a55e1788a0b29a56a6abec4084c0c96bd3dcbca6b507"
              "f35dbea9e98570"
              "8479d8bdc9a1f510ab6373bf8de890d4b746f29a146e4263c43afd785ad5b676fe0c9ef02359d6fafe3fbf5573ebcd5e12e952acb6c2bb9499"
              "fb1da9aa2bbf53"
              "b99bc56f4fc2b444f81909c051f608f847ce1349eeba294ded262e1351afa9b9c1a714892c4e",
              "010000056e2fccdcaa9b1e46d4d549471506252e0d9982037848add757dae68c57513ec3c72e67b87860a3116c169c93614fc05e353e2ce403"
              "49e414772052f2"
              "6d4421f7010953d2596ac3e93e8c7f47a8c1b6ceb0ffe8f36bdb1516afc73f7138320a5f47",
              "600782b7133137f5b1aab7ede11e44a7a714d7e37f249fc1c707d7a2852fb83d");
    CHECK(t, test_payload(p, &p->a, &p->b, "hello", 5) && test_payload(p, &p->b, &p->a, "hello", 5));
    ockam_route route = {0};
    const ockam_address app = {.type = OCKAM_LOCAL, .size = 1};
    CHECK(t, ockam_route_append(&route, &app) == OCKAM_OK);
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, &route, NULL, NULL, 0) == OCKAM_TOO_MANY); /* REC-011 */
    CHECK(t, ockam_channel_write(p->a.channel, &p->a.io, NULL, &route, NULL, 0) == OCKAM_OK);
    CHECK(t, test_carry(p, &p->a, &p->b) == OCKAM_OK && p->event.back.count == 1);
    test_pair_free(p);
}

void test_known(test *t)
{
    tcp(t);
    hop(t);
    ping(t);
    dialects(t);
}
