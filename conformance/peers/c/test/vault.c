/* Section 9. */
#include "test.h"

#include <string.h>

static void aead(test *t)
{
    static const size_t sizes[] = {16, 32};
    uint8_t key[32], nonce[12] = {0}, sealed[64], opened[64];
    for (size_t i = 0; i < 2; i++) {
        ockam_key k = {key, sizes[i]};
        test_key(7, key);
        CHECK(t, ockam_seal(k, nonce, (ockam_bytes){key, 3}, (ockam_bytes){key, 20}, sealed) == OCKAM_OK);
        CHECK(t, ockam_unseal(k, nonce, (ockam_bytes){key, 3}, (ockam_bytes){sealed, 36}, opened) == OCKAM_OK);
        CHECK(t, memcmp(opened, key, 20) == 0);
        for (size_t n = 0; n < 36; n++) { /* VAULT-005: each byte counts, and nothing is released */
            sealed[n] ^= 0x40;
            memset(opened, 1, sizeof opened);
            CHECK(t, ockam_unseal(k, nonce, (ockam_bytes){key, 3}, (ockam_bytes){sealed, 36}, opened) == OCKAM_AUTHENTICATION);
            CHECK(t, memcmp(opened, (uint8_t[20]){0}, 20) == 0);
            sealed[n] ^= 0x40;
        }
        CHECK(t, ockam_unseal(k, nonce, (ockam_bytes){key, 2}, (ockam_bytes){sealed, 36}, opened) == OCKAM_AUTHENTICATION);
        CHECK(t, ockam_unseal(k, nonce, (ockam_bytes){key, 3}, (ockam_bytes){sealed, 15}, opened) == OCKAM_SHORT);
    }
    CHECK(t, ockam_seal((ockam_key){key, 24}, nonce, (ockam_bytes){key, 0}, (ockam_bytes){key, 1}, sealed) == OCKAM_LENGTH);
}

/* The tag of a ciphertext is its base XOR the mask of its nonce. */
static void tags(test *t)
{
    uint8_t key[32], sealed[100], scratch[100], base[16], mask[16], nonce[12] = {[11] = 9};
    test_key(7, key);
    for (size_t size = 0; size <= 64; size += 16) {
        CHECK(t,
              ockam_seal((ockam_key){key, 32}, nonce, (ockam_bytes){key, 32}, (ockam_bytes){key, size % 33}, sealed) == OCKAM_OK);
        CHECK(t, ockam_tag_base((ockam_key){key, 32}, (ockam_bytes){key, 32}, (ockam_bytes){sealed, size % 33}, scratch, base) ==
                     OCKAM_OK);
        memcpy(mask, nonce, sizeof nonce);
        CHECK(t, ockam_tag_masks((ockam_key){key, 32}, mask, 1) == OCKAM_OK);
        for (size_t i = 0; i < sizeof mask; i++)
            mask[i] ^= base[i];
        CHECK(t, memcmp(mask, sealed + size % 33, sizeof mask) == 0);
    }
}

static void curves(test *t)
{
    uint8_t key[32], public[65], zero[65] = {0}, out[32];
    test_key(1, key);
    CHECK(t, ockam_ecdh(false, key, (ockam_bytes){zero, 32}, out) == OCKAM_WEAK_KEY); /* NOISE-009 */
    CHECK(t, ockam_ecdh(false, key, (ockam_bytes){zero, 31}, out) == OCKAM_PUBLIC_KEY);
    CHECK(t, ockam_public(true, key, public) == OCKAM_OK);
    CHECK(t, ockam_ecdh(true, key, (ockam_bytes){public, 65}, out) == OCKAM_OK);
    CHECK(t, ockam_ecdh(true, key, (ockam_bytes){public, 64}, out) == OCKAM_PUBLIC_KEY);
    for (size_t i = 0; i < 65; i += 16) { /* VAULT-002: off the curve, or not 04 x y */
        public[i] ^= 1;
        CHECK(t, ockam_ecdh(true, key, (ockam_bytes){public, 65}, out) == OCKAM_PUBLIC_KEY);
        public[i] ^= 1;
    }
    CHECK(t, ockam_public(true, zero, public) == OCKAM_PRIVATE_KEY);
    memset(key, 0xff, sizeof key);
    CHECK(t, ockam_public(true, key, public) == OCKAM_PRIVATE_KEY);
    CHECK(t, ockam_generate(true, key) == OCKAM_OK && ockam_public(true, key, public) == OCKAM_OK && public[0] == 4);
}

static void hashes(test *t)
{
    /* RFC 5869, test case 3: salt and info are empty. */
    uint8_t ikm[22], out[64];
    memset(ikm, 0x0b, sizeof ikm);
    CHECK(t, ockam_hkdf((ockam_bytes){ikm, 0}, (ockam_bytes){ikm, 22}, out, 2) == OCKAM_OK);
    CHECK(t, test_is(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
    CHECK(t, ockam_hkdf((ockam_bytes){ikm, 0}, (ockam_bytes){ikm, 22}, out, 0) == OCKAM_ARGUMENT);
    CHECK(t, ockam_sha256((ockam_bytes){(const uint8_t *)"a", 1}, (ockam_bytes){(const uint8_t *)"bc", 2}, out) == OCKAM_OK);
    CHECK(t, test_is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

void test_vault(test *t)
{
    aead(t);
    tags(t);
    curves(t);
    hashes(t);
}
