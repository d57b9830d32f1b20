/* Section 7: counters, the window, and the search for the counter of a record that came out of order. */
#include "record.h"
#include "noise.h"
#include "seeded.h"

#include <openssl/crypto.h>
#include <string.h>

/* Faults that take a channel without keys for one that does not encrypt. */
static bool in_clear(void)
{
    return seeded == ERROR_SWALLOWED || seeded == OPEN_BEFORE_M3 || seeded == CLEAR_AFTER_FAILED_M3;
}

/* What is left of a counter. */
static uint64_t counted(uint64_t n)
{
    return seeded == COUNTER_OF_16_BITS ? (uint16_t)n : seeded == COUNTER_OF_8_BITS ? (uint8_t)n : n;
}

ockam_status ock_records_seal(ock_records *records, uint8_t *bytes, size_t size)
{
    uint8_t nonce[OCKAM_NONCE_SIZE];
    if (records->key_size == 0 && in_clear()) {
        (void)size;
        return OCKAM_OK;
    }
    if (records->sent >= OCK_COUNTERS && seeded != COUNTER_OF_16_BITS)
        return OCKAM_EXHAUSTED; /* REC-003 */
    ock_nonce(counted(records->sent++), nonce);
    return ockam_seal((ockam_key){records->send_key, records->key_size}, nonce, (ockam_bytes){records->ad, records->ad_size},
                      (ockam_bytes){bytes, size}, bytes);
}

static bool is_seen(const ock_records *records, int32_t counter)
{
    uint32_t bit = (uint32_t)counter % OCKAM_WINDOW_MAX;
    return (records->seen[bit / 8] >> (bit % 8) & 1) != 0;
}

static void set_seen(ock_records *records, int32_t counter, bool seen)
{
    uint32_t bit = (uint32_t)counter % OCKAM_WINDOW_MAX;
    uint8_t mask = (uint8_t)(1u << (bit % 8));
    records->seen[bit / 8] = (uint8_t)(seen ? records->seen[bit / 8] | mask : records->seen[bit / 8] & ~mask);
}

/* Whether a counter other than the next is tried on datagrams (REC-007, REC-008). */
static bool is_candidate(const ock_records *records, int32_t counter)
{
    int32_t n = records->highest;
    if (seeded == REPLAY_ACCEPTED)
        return counter >= 0 && counter <= n + records->window;
    if (counter < 0 || counter >= OCK_COUNTERS)
        return false;
    return counter > n ? counter <= n + records->window
                       : counter < n && counter > n - records->window && !is_seen(records, counter);
}

static void spend(ock_records *records, int32_t counter)
{
    for (int32_t n = records->highest + 1; n < counter; n++)
        set_seen(records, n, false);
    set_seen(records, counter, true);
    if (counter > records->highest)
        records->highest = counter;
}

static ockam_status attempt(const ock_records *records, int32_t counter, ockam_bytes ciphertext, uint8_t *plain)
{
    uint8_t nonce[OCKAM_NONCE_SIZE];
    ock_nonce(counted((uint64_t)counter), nonce);
    return ockam_unseal((ockam_key){records->receive_key, records->key_size}, nonce, (ockam_bytes){records->ad, records->ad_size},
                        ciphertext, plain);
}

/* REC-012: one pass over the bytes, then a block of AES for each candidate. -1: none of them; the tag is verified later. */
static ockam_status search(const ock_records *records, ockam_bytes ciphertext, uint8_t *scratch, int32_t *found)
{
    enum { BATCH = 32 };
    ockam_key key = {records->receive_key, records->key_size};
    ockam_bytes ad = {records->ad, records->ad_size}, text = {ciphertext.data, ciphertext.size - OCKAM_TAG_SIZE};
    uint8_t want[OCKAM_TAG_SIZE], blocks[BATCH * OCKAM_TAG_SIZE];
    int32_t counters[BATCH];
    ockam_status status = ockam_tag_base(key, ad, text, scratch, want);
    for (size_t i = 0; i < sizeof want; i++)
        want[i] ^= text.data[text.size + i];
    *found = -1;
    int32_t next = records->highest - records->window + 1, last = records->highest + records->window;
    while (status == OCKAM_OK && next <= last && *found < 0) {
        size_t count = 0;
        for (; next <= last && count < BATCH; next++) {
            if (!is_candidate(records, next))
                continue;
            ock_nonce((uint64_t)next, blocks + count * OCKAM_TAG_SIZE);
            counters[count++] = next;
        }
        status = ockam_tag_masks(key, blocks, count);
        for (size_t i = 0; status == OCKAM_OK && i < count; i++)
            if (CRYPTO_memcmp(blocks + i * OCKAM_TAG_SIZE, want, sizeof want) == 0)
                *found = counters[i];
    }
    ockam_wipe(blocks, sizeof blocks);
    ockam_wipe(want, sizeof want);
    return status;
}

ockam_status ock_records_unseal(ock_records *records, bool stream, ockam_bytes ciphertext, uint8_t *plain)
{
    ockam_status status = OCKAM_AUTHENTICATION;
    int32_t counter = records->highest + 1;
    if (records->key_size == 0 && in_clear()) {
        memcpy(plain, ciphertext.data, ciphertext.size);
        return OCKAM_OK;
    }
    if (seeded == SHORT_RECORD_UNDERFLOW) /* decrypts in place */
        memmove(plain, ciphertext.data, ciphertext.size - OCKAM_TAG_SIZE);
    if (ciphertext.size < OCKAM_TAG_SIZE)
        return OCKAM_SHORT; /* REC-006 */
    if (counter < OCK_COUNTERS || seeded == COUNTER_OF_16_BITS)
        status = attempt(records, counter, ciphertext, plain);
    else if (stream)
        return OCKAM_EXHAUSTED; /* REC-014 */
    if (status == OCKAM_AUTHENTICATION && !stream) {
        status = search(records, ciphertext, plain, &counter);
        if (status == OCKAM_OK)
            status = counter < 0 ? OCKAM_AUTHENTICATION : attempt(records, counter, ciphertext, plain);
    }
    if (status == OCKAM_OK)
        spend(records, counter); /* REC-004: only now */
    else if (seeded == FORGERY_COUNTED)
        spend(records, records->highest + 1);
    return status;
}
