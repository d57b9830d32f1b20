/*
 * Inside the library: Noise XX (section 5). A function that fails leaves the handshake in disorder: it is to be worked on as a
 * copy.
 */
#ifndef OCK_NOISE_H
#define OCK_NOISE_H

#include "ockam_vault.h"

enum { OCK_HANDSHAKE_MAX = 2 * (OCKAM_PUBLIC_MAX + OCKAM_TAG_SIZE) }; /* m2 of P-256, the longest */

/* The symbols are Noise's; a private key stands beside its public one. */
typedef struct ock_noise {
    const ockam_profile *profile;
    uint8_t h[OCKAM_HASH_SIZE], ck[OCKAM_HASH_SIZE], k[OCKAM_SECRET_SIZE];
    uint64_t n;
    uint8_t s_private[OCKAM_PRIVATE_SIZE], e_private[OCKAM_PRIVATE_SIZE];
    uint8_t s[OCKAM_PUBLIC_MAX], e[OCKAM_PUBLIC_MAX], rs[OCKAM_PUBLIC_MAX], re[OCKAM_PUBLIC_MAX];
} ock_noise;

/* A handshake message, without its envelope. */
typedef struct ock_body {
    size_t size;
    uint8_t bytes[OCK_HANDSHAKE_MAX];
} ock_body;

/* Ephemeral is NULL outside of tests: then it is drawn. */
ockam_status ock_noise_init(ock_noise *noise, const ockam_profile *profile, const uint8_t *static_key, const uint8_t *ephemeral);

/* The initiator's are write_m1, read_m2, write_m3, the responder's the others, in this order. */
ockam_status ock_noise_write_m1(ock_noise *noise, ock_body *out);
ockam_status ock_noise_read_m1(ock_noise *noise, ockam_bytes body);
ockam_status ock_noise_write_m2(ock_noise *noise, ock_body *out);
ockam_status ock_noise_read_m2(ock_noise *noise, ockam_bytes body);
ockam_status ock_noise_write_m3(ock_noise *noise, ock_body *out);
ockam_status ock_noise_read_m3(ock_noise *noise, ockam_bytes body);

/* The keys of the responder's and of the initiator's records, key_size bytes of each (NOISE-010). */
ockam_status ock_noise_split(const ock_noise *noise, uint8_t responder[OCKAM_SECRET_SIZE], uint8_t initiator[OCKAM_SECRET_SIZE]);

/* NOISE-003: the nonce of a counter. */
void ock_nonce(uint64_t n, uint8_t out[OCKAM_NONCE_SIZE]);

#endif
