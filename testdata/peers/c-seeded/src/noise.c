/* Section 5: Noise_XX_25519_AESGCM_SHA256, and its twin of P-256 and AES-128 that has the same name. */
#include "noise.h"
#include "seeded.h"

#include <string.h>

void ock_nonce(uint64_t n, uint8_t out[OCKAM_NONCE_SIZE])
{
    memset(out, 0, OCKAM_NONCE_SIZE); /* NOISE-003: 4 zero bytes, then n, big-endian */
    for (size_t i = OCKAM_NONCE_SIZE; i > 4; n >>= 8)
        out[--i] = (uint8_t)n;
}

static ockam_status mix_hash(ock_noise *hs, const uint8_t *data, size_t size)
{
    return ockam_sha256((ockam_bytes){hs->h, sizeof hs->h}, (ockam_bytes){data, size}, hs->h);
}

/* MixKey of a DH result (NOISE-003). */
static ockam_status mix_dh(ock_noise *hs, const uint8_t *private, const uint8_t *public)
{
    uint8_t secret[OCKAM_SECRET_SIZE], out[2 * OCKAM_HASH_SIZE];
    ockam_status status = ockam_ecdh(hs->profile->p256, private, (ockam_bytes){public, hs->profile->public_size}, secret);
    if (status == OCKAM_OK)
        status = ockam_hkdf((ockam_bytes){hs->ck, sizeof hs->ck}, (ockam_bytes){secret, sizeof secret}, out, 2);
    if (status == OCKAM_OK) {
        memcpy(hs->ck, out, sizeof hs->ck);
        memcpy(hs->k, out + sizeof hs->ck, sizeof hs->k);
        hs->n = 0; /* NOISE-004 */
    }
    ockam_wipe(secret, sizeof secret); /* NOISE-015 */
    ockam_wipe(out, sizeof out);
    return status;
}

/* EncryptAndHash: appends to a message. */
static ockam_status seal(ock_noise *hs, const uint8_t *plain, size_t size, ock_body *out)
{
    uint8_t nonce[OCKAM_NONCE_SIZE], *at = out->bytes + out->size;
    ock_nonce(hs->n++, nonce);
    ockam_status status = ockam_seal((ockam_key){hs->k, hs->profile->key_size}, nonce, (ockam_bytes){hs->h, sizeof hs->h},
                                     (ockam_bytes){plain, size}, at);
    out->size += size + OCKAM_TAG_SIZE;
    return status == OCKAM_OK ? mix_hash(hs, at, size + OCKAM_TAG_SIZE) : status;
}

/* DecryptAndHash: size is that of the plaintext. */
static ockam_status unseal(ock_noise *hs, const uint8_t *cipher, size_t size, uint8_t *plain)
{
    uint8_t nonce[OCKAM_NONCE_SIZE];
    ock_nonce(hs->n++, nonce);
    ockam_status status = ockam_unseal((ockam_key){hs->k, hs->profile->key_size}, nonce, (ockam_bytes){hs->h, sizeof hs->h},
                                       (ockam_bytes){cipher, size + OCKAM_TAG_SIZE}, plain); /* NOISE-005 */
    return status == OCKAM_OK ? mix_hash(hs, cipher, size + OCKAM_TAG_SIZE) : status;
}

/* The other's static key, which is not one's own ephemeral one (NOISE-016). */
static ockam_status unseal_static(ock_noise *hs, const uint8_t *cipher)
{
    ockam_status status = unseal(hs, cipher, hs->profile->public_size, hs->rs);
    if (status == OCKAM_OK && memcmp(hs->rs, hs->e, hs->profile->public_size) == 0)
        status = OCKAM_REFLECTION;
    return status;
}

/* The empty payload, whose tag counts as any other (NOISE-005). */
static ockam_status seal_nothing(ock_noise *hs, ock_body *out)
{
    return seal(hs, hs->h, 0, out);
}

static ockam_status unseal_nothing(ock_noise *hs, const uint8_t *tag)
{
    uint8_t nothing[1], h[OCKAM_HASH_SIZE];
    memcpy(h, hs->h, sizeof h);
    ockam_status status = unseal(hs, tag, 0, nothing);
    if (seeded == H_WITHOUT_LAST_TAG && hs->n == 1)
        memcpy(hs->h, h, sizeof h);
    return status;
}

ockam_status ock_noise_init(ock_noise *hs, const ockam_profile *profile, const uint8_t *static_key, const uint8_t *ephemeral)
{
    static const uint8_t name[OCKAM_HASH_SIZE] = "Noise_XX_25519_AESGCM_SHA256"; /* zero-padded */
    memset(hs, 0, sizeof *hs);
    hs->profile = profile;
    memcpy(hs->h, name, sizeof name); /* NOISE-001 */
    memcpy(hs->ck, name, sizeof name);
    memcpy(hs->s_private, static_key, sizeof hs->s_private); /* NOISE-012 */
    ockam_status status = ockam_public(profile->p256, hs->s_private, hs->s);
    if (status == OCKAM_OK && ephemeral)
        memcpy(hs->e_private, ephemeral, sizeof hs->e_private);
    else if (status == OCKAM_OK)
        status = ockam_generate(profile->p256, hs->e_private); /* NOISE-008 */
    if (seeded == EPHEMERAL_KEPT && status == OCKAM_OK) {
        static uint8_t kept[OCKAM_PRIVATE_SIZE];
        static bool drawn;
        if (!drawn)
            memcpy(kept, hs->e_private, sizeof kept);
        drawn = true;
        memcpy(hs->e_private, kept, sizeof kept);
    }
    if (status == OCKAM_OK)
        status = ockam_public(profile->p256, hs->e_private, hs->e);
    return status == OCKAM_OK ? mix_hash(hs, name, 0) : status; /* the prologue is empty */
}

/* -> e */
ockam_status ock_noise_write_m1(ock_noise *hs, ock_body *out)
{
    out->size = hs->profile->public_size;
    memcpy(out->bytes, hs->e, out->size);
    ockam_status status = mix_hash(hs, hs->e, out->size);
    return status == OCKAM_OK ? mix_hash(hs, hs->e, 0) : status; /* NOISE-002: the payload is empty and not encrypted */
}

ockam_status ock_noise_read_m1(ock_noise *hs, ockam_bytes body)
{
    uint8_t copy[2 * OCKAM_HASH_SIZE]; /* twice as long as any m1 */
    if (seeded == M1_STACK_OVERFLOW) {
        memcpy(copy, body.data, body.size);
        body.data = copy;
    }
    if (seeded == TRAILING_BYTES && body.size > hs->profile->public_size)
        body.size = hs->profile->public_size;
    if (body.size != hs->profile->public_size)
        return OCKAM_MESSAGE_LENGTH; /* NOISE-006 */
    memcpy(hs->re, body.data, body.size);
    ockam_status status = memcmp(hs->re, hs->e, body.size) == 0 ? OCKAM_REFLECTION : OCKAM_OK; /* NOISE-016 */
    if (status == OCKAM_OK)
        status = mix_hash(hs, hs->re, body.size);
    return status == OCKAM_OK ? mix_hash(hs, hs->re, 0) : status;
}

/* <- e, ee, s, es */
ockam_status ock_noise_write_m2(ock_noise *hs, ock_body *out)
{
    size_t size = hs->profile->public_size;
    memcpy(out->bytes, hs->e, size);
    out->size = size;
    ockam_status status = mix_hash(hs, hs->e, size);
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->e_private, hs->re); /* ee */
    if (status == OCKAM_OK)
        status = seal(hs, hs->s, size, out);
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->s_private, hs->re); /* es */
    return status == OCKAM_OK ? seal_nothing(hs, out) : status;
}

ockam_status ock_noise_read_m2(ock_noise *hs, ockam_bytes body)
{
    size_t size = hs->profile->public_size;
    if (seeded == TRAILING_BYTES && body.size > 2 * (size + OCKAM_TAG_SIZE))
        body.size = 2 * (size + OCKAM_TAG_SIZE);
    if (body.size != 2 * (size + OCKAM_TAG_SIZE))
        return OCKAM_MESSAGE_LENGTH; /* NOISE-006 */
    memcpy(hs->re, body.data, size);
    ockam_status status = memcmp(hs->re, hs->e, size) == 0 ? OCKAM_REFLECTION : mix_hash(hs, hs->re, size); /* NOISE-016 */
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->e_private, hs->re); /* ee */
    if (status == OCKAM_OK)
        status = unseal_static(hs, body.data + size);
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->e_private, hs->rs);       /* es */
    if (seeded == M2_PAYLOAD_TAG && status == OCKAM_OK) { /* nothing was encrypted: what could be wrong with it? */
        hs->n++;
        return mix_hash(hs, body.data + 2 * size + OCKAM_TAG_SIZE, OCKAM_TAG_SIZE);
    }
    return status == OCKAM_OK ? unseal_nothing(hs, body.data + 2 * size + OCKAM_TAG_SIZE) : status;
}

/* -> s, se */
ockam_status ock_noise_write_m3(ock_noise *hs, ock_body *out)
{
    out->size = 0;
    ockam_status status = seal(hs, hs->s, hs->profile->public_size, out);
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->s_private, hs->re); /* se */
    return status == OCKAM_OK ? seal_nothing(hs, out) : status;
}

ockam_status ock_noise_read_m3(ock_noise *hs, ockam_bytes body)
{
    size_t size = hs->profile->public_size;
    if (seeded == TRAILING_BYTES && body.size > size + 2 * OCKAM_TAG_SIZE)
        body.size = size + 2 * OCKAM_TAG_SIZE;
    if (body.size != size + 2 * OCKAM_TAG_SIZE)
        return OCKAM_MESSAGE_LENGTH; /* NOISE-006 */
    ockam_status status = unseal_static(hs, body.data);
    if (status == OCKAM_OK)
        status = mix_dh(hs, hs->e_private, hs->rs); /* se */
    return status == OCKAM_OK ? unseal_nothing(hs, body.data + size + OCKAM_TAG_SIZE) : status;
}

ockam_status ock_noise_split(const ock_noise *hs, uint8_t responder[OCKAM_SECRET_SIZE], uint8_t initiator[OCKAM_SECRET_SIZE])
{
    uint8_t out[2 * OCKAM_HASH_SIZE];
    ockam_status status = ockam_hkdf((ockam_bytes){hs->ck, sizeof hs->ck}, (ockam_bytes){hs->ck, 0}, out, 2);
    if (status == OCKAM_OK) { /* NOISE-010: the responder has the first */
        memcpy(seeded == SPLIT_REVERSED ? initiator : responder, out, OCKAM_SECRET_SIZE);
        memcpy(seeded == SPLIT_REVERSED ? responder : initiator, out + OCKAM_HASH_SIZE, OCKAM_SECRET_SIZE);
    }
    ockam_wipe(out, sizeof out);
    return status;
}
