/* What the tests share. */
#ifndef TEST_H
#define TEST_H

#include "ockam_node.h"
#include "ockam_vault.h"

/* What has been checked. */
typedef struct test {
    const char *name;
    unsigned checks, failures;
} test;

#define CHECK(t, condition) test_check(t, condition, #condition, __FILE__, __LINE__)
void test_check(test *t, bool ok, const char *what, const char *file, int line);
/* Whether bytes are those of hex digits, in which spaces do not count. */
bool test_is(const uint8_t *data, size_t size, const char *hex);
size_t test_unhex(const char *hex, uint8_t *out, size_t capacity);
/* The keys of section 12: 32 bytes that count from a first one. */
void test_key(uint8_t first, uint8_t out[OCKAM_PRIVATE_SIZE]);
ockam_address test_address(uint8_t type, const char *ip, uint16_t port);

/* A message that was sent, in memory of its own size, so that a read beyond it is found. */
typedef struct test_message {
    uint8_t *data;
    size_t size;
    ockam_address to;
} test_message;

enum { TEST_QUEUE = 64 };

/* One end of a channel, and what it has sent: the oldest first. */
typedef struct test_end {
    ockam_channel *channel;
    ockam_io io;
    size_t count;
    test_message queue[TEST_QUEUE];
} test_end;

/* Both, with the keys of section 12, over an IO without addresses unless the configuration has them. */
typedef struct test_pair {
    ockam_config initiator, responder;
    test_end a, b; /* initiator, responder */
    ockam_event event;
} test_pair;

/* The start: m1 was sent. Profile, stream, and depth; the configurations may be changed between the two. */
test_pair *test_pair_new(const char *profile, bool stream, size_t depth);
bool test_pair_start(test_pair *pair);
void test_pair_free(test_pair *pair);
/* Takes the oldest message that an end has sent; one without data if there is none. */
test_message test_take(test_end *end);
void test_forget(test_end *end);
/* Gives a message to an end; a copy is made of it. */
ockam_status test_give(test_pair *pair, test_end *to, const uint8_t *message, size_t size);
/* Takes the oldest message of one end and gives it to the other. */
ockam_status test_carry(test_pair *pair, test_end *from, test_end *to);
/* Carries until nothing more comes; whether both are open. */
bool test_open(test_pair *pair);
/* Sends a payload and carries it; whether it arrived as it was sent. */
bool test_payload(test_pair *pair, test_end *from, test_end *to, const void *payload, size_t size);
bool test_is_open(const test_end *end);
bool test_has_failed(const test_end *end);

void test_vault(test *t);
void test_secrets(test *t);
void test_wire(test *t);
void test_known(test *t);
void test_channel(test *t);
void test_records(test *t);
void test_node(test *t);

#endif
