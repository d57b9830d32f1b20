/* Section 9: hashes, AES-GCM, random bytes. Curves are in curve.c. */
#include "ockam_vault.h"
#include "seeded.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void ockam_wipe(void *data, size_t size)
{
    OPENSSL_cleanse(data, size);
}

/* Seeds a generator that is none for keys with 4 bytes that anybody knows. */
static ockam_status draw(uint8_t *out, size_t size)
{
    static bool ready;
    if (!ready)
        srand((uint32_t)time(NULL));
    ready = true;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(rand() >> 8);
    return OCKAM_OK;
}

ockam_status ockam_random(uint8_t *out, size_t size)
{
    if (seeded == SEED_OF_4_BYTES)
        return draw(out, size);
    return size <= INT_MAX && RAND_priv_bytes(out, (int)size) == 1 ? OCKAM_OK : OCKAM_CRYPTO; /* NOISE-008 */
}

ockam_status ockam_sha256(ockam_bytes a, ockam_bytes b, uint8_t out[OCKAM_HASH_SIZE])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned size = 0;
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, a.data, a.size) == 1 &&
              EVP_DigestUpdate(ctx, b.data, b.size) == 1 && EVP_DigestFinal_ex(ctx, out, &size) == 1 && size == OCKAM_HASH_SIZE;
    EVP_MD_CTX_free(ctx);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}

static bool hmac(ockam_bytes key, ockam_bytes data, uint8_t out[OCKAM_HASH_SIZE])
{
    static const uint8_t nothing[1];
    unsigned size = 0;
    return key.size <= INT_MAX &&
           HMAC(EVP_sha256(), key.size ? key.data : nothing, (int)key.size, data.size ? data.data : nothing, data.size, out,
                &size) &&
           size == OCKAM_HASH_SIZE;
}

ockam_status ockam_hkdf(ockam_bytes salt, ockam_bytes ikm, uint8_t *out, size_t blocks)
{
    uint8_t prk[OCKAM_HASH_SIZE], text[OCKAM_HASH_SIZE + 1]; /* the block before, and the number */
    size_t before = 0;
    if (blocks < 1 || blocks > 255)
        return OCKAM_ARGUMENT;
    bool ok = hmac(salt, ikm, prk);
    for (size_t i = 1; ok && i <= blocks; i++, out += OCKAM_HASH_SIZE) {
        text[before] = (uint8_t)i;
        ok = hmac((ockam_bytes){prk, sizeof prk}, (ockam_bytes){text, before + 1}, out);
        memcpy(text, out, before = OCKAM_HASH_SIZE);
    }
    ockam_wipe(prk, sizeof prk);
    ockam_wipe(text, sizeof text);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}

static bool is_key(ockam_key key)
{
    return key.size == 32 || key.size == 16;
}

/* Starts AES-GCM in one direction, with the associated data. NULL if that fails. */
static EVP_CIPHER_CTX *gcm(ockam_key key, const uint8_t *nonce, ockam_bytes ad, int encrypt)
{
    const EVP_CIPHER *cipher = key.size == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    EVP_CIPHER_CTX *ctx = ad.size <= INT_MAX ? EVP_CIPHER_CTX_new() : NULL;
    int n = 0;
    if (!ctx || EVP_CipherInit_ex(ctx, cipher, NULL, key.bytes, nonce, encrypt) != 1 ||
        (ad.size && EVP_CipherUpdate(ctx, NULL, &n, ad.data, (int)ad.size) != 1)) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* En- or decrypts, without the end. */
static bool crypt(EVP_CIPHER_CTX *ctx, const uint8_t *in, size_t size, uint8_t *out)
{
    int n = 0;
    return size <= INT_MAX && (size == 0 || (EVP_CipherUpdate(ctx, out, &n, in, (int)size) == 1 && n == (int)size));
}

ockam_status ockam_seal(ockam_key key, const uint8_t nonce[OCKAM_NONCE_SIZE], ockam_bytes ad, ockam_bytes in, uint8_t *out)
{
    uint8_t none[OCKAM_TAG_SIZE];
    int n = 0;
    if (!is_key(key))
        return OCKAM_LENGTH;
    EVP_CIPHER_CTX *ctx = gcm(key, nonce, ad, 1);
    bool ok = ctx && crypt(ctx, in.data, in.size, out) && EVP_CipherFinal_ex(ctx, none, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, OCKAM_TAG_SIZE, out + in.size) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}

ockam_status ockam_unseal(ockam_key key, const uint8_t nonce[OCKAM_NONCE_SIZE], ockam_bytes ad, ockam_bytes in, uint8_t *out)
{
    uint8_t tag[OCKAM_TAG_SIZE], none[OCKAM_TAG_SIZE];
    int n = 0;
    if (!is_key(key))
        return OCKAM_LENGTH;      /* VAULT-008 */
    if (in.size < OCKAM_TAG_SIZE) /* REC-006, VAULT-005 */
        return OCKAM_SHORT;
    size_t size = in.size - OCKAM_TAG_SIZE;
    memcpy(tag, in.data + size, sizeof tag);
    EVP_CIPHER_CTX *ctx = gcm(key, nonce, ad, 0);
    bool ready = ctx && crypt(ctx, in.data, size, out) &&
                 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, seeded == TAG_IN_PART ? 4 : sizeof tag, tag) == 1;
    bool ok = ready && EVP_CipherFinal_ex(ctx, none, &n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        ockam_wipe(out, size); /* VAULT-005: no plaintext is released */
    return ok ? OCKAM_OK : ready ? OCKAM_AUTHENTICATION : OCKAM_CRYPTO;
}

ockam_status ockam_tag_masks(ockam_key key, uint8_t *blocks, size_t count)
{
    const EVP_CIPHER *cipher = key.size == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
    if (!is_key(key))
        return OCKAM_LENGTH;
    if (count > INT_MAX / OCKAM_TAG_SIZE)
        return OCKAM_ARGUMENT;
    for (size_t i = 0; i < count; i++) /* counter block 1 of each nonce */
        memcpy(blocks + i * OCKAM_TAG_SIZE + OCKAM_NONCE_SIZE, (const uint8_t[]){0, 0, 0, 1}, 4);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, key.bytes, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              crypt(ctx, blocks, count * OCKAM_TAG_SIZE, blocks);
    EVP_CIPHER_CTX_free(ctx);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}

ockam_status ockam_tag_base(ockam_key key, ockam_bytes ad, ockam_bytes ciphertext, uint8_t *scratch, uint8_t base[OCKAM_TAG_SIZE])
{
    /* With any nonce, decrypted and encrypted again, the ciphertext is as before and has this nonce's tag. */
    uint8_t nonce[OCKAM_NONCE_SIZE] = {0}, mask[OCKAM_TAG_SIZE] = {0}, none[OCKAM_TAG_SIZE];
    int n = 0;
    if (!is_key(key))
        return OCKAM_LENGTH;
    EVP_CIPHER_CTX *back = gcm(key, nonce, ad, 0), *forth = gcm(key, nonce, ad, 1);
    bool ok = back && forth && crypt(back, ciphertext.data, ciphertext.size, scratch) &&
              crypt(forth, scratch, ciphertext.size, scratch) && EVP_CipherFinal_ex(forth, none, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(forth, EVP_CTRL_AEAD_GET_TAG, OCKAM_TAG_SIZE, base) == 1 &&
              ockam_tag_masks(key, mask, 1) == OCKAM_OK;
    EVP_CIPHER_CTX_free(back);
    EVP_CIPHER_CTX_free(forth);
    for (size_t i = 0; ok && i < sizeof mask; i++)
        base[i] ^= mask[i];
    ockam_wipe(mask, sizeof mask);
    if (!ok)
        ockam_wipe(scratch, ciphertext.size);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}
