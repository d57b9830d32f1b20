/* Section 9, as far as channels need it: the primitives, over libcrypto. Keys are bytes; whoever holds them wipes them. */
#ifndef OCKAM_VAULT_H
#define OCKAM_VAULT_H

#include "ockam.h"

enum { OCKAM_TAG_SIZE = 16, OCKAM_NONCE_SIZE = 12, OCKAM_SECRET_SIZE = 32 };

/* A key of AES-GCM, of 16 or 32 bytes. */
typedef struct ockam_key {
    const uint8_t *bytes;
    size_t size;
} ockam_key;

/* Bytes to be read. */
typedef struct ockam_bytes {
    const uint8_t *data;
    size_t size;
} ockam_bytes;

ockam_status ockam_random(uint8_t *out, size_t size);
/* SHA-256 of a and b, one behind the other. */
ockam_status ockam_sha256(ockam_bytes a, ockam_bytes b, uint8_t out[OCKAM_HASH_SIZE]);
/* HKDF-SHA256 with empty info: blocks of 32 bytes, 1 to 255 (VAULT-004). */
ockam_status ockam_hkdf(ockam_bytes salt, ockam_bytes ikm, uint8_t *out, size_t blocks);

/* AES-GCM. Out has room for in and the tag, and may be in, but not overlap it otherwise. */
ockam_status ockam_seal(ockam_key key, const uint8_t nonce[OCKAM_NONCE_SIZE], ockam_bytes ad, ockam_bytes in, uint8_t *out);
/* Out has room for in without the tag. If the tag does not verify, out is wiped (VAULT-005). */
ockam_status ockam_unseal(ockam_key key, const uint8_t nonce[OCKAM_NONCE_SIZE], ockam_bytes ad, ockam_bytes in, uint8_t *out);

/*
 * For the search for a nonce (REC-012): the tag of a ciphertext is its *base*, which depends on key, ad, and ciphertext, XOR its
 * *mask*, which depends on key and nonce. Scratch has room for the ciphertext and is left with nothing of worth.
 */
ockam_status ockam_tag_base(ockam_key key, ockam_bytes ad, ockam_bytes ciphertext, uint8_t *scratch,
                            uint8_t base[OCKAM_TAG_SIZE]);
/* The masks of count nonces, one behind the other, which may be in place of them: nonce, 4 bytes of anything. */
ockam_status ockam_tag_masks(ockam_key key, uint8_t *blocks, size_t count);

/* A private key; for P-256 it is from 1 to n-1. */
ockam_status ockam_generate(bool p256, uint8_t out[OCKAM_PRIVATE_SIZE]);
/* Its public key, 32 or 65 bytes. */
ockam_status ockam_public(bool p256, const uint8_t key[OCKAM_PRIVATE_SIZE], uint8_t *out);
/* ECDH (VAULT-002, VAULT-003, NOISE-009). */
ockam_status ockam_ecdh(bool p256, const uint8_t key[OCKAM_PRIVATE_SIZE], ockam_bytes peer, uint8_t out[OCKAM_SECRET_SIZE]);

/* Wipes secrets. */
void ockam_wipe(void *data, size_t size);

#endif
