/* Section 9: X25519 and P-256. */
#include "ockam_vault.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <string.h>

enum { P256_PUBLIC = 65 };

/* The public key of a P-256 scalar, big-endian, which has to be from 1 to n-1. */
static ockam_status p256_public(const uint8_t *key, uint8_t *out)
{
    ockam_status status = OCKAM_CRYPTO;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    BIGNUM *scalar = BN_secure_new();
    if (!point || !scalar || !BN_bin2bn(key, OCKAM_PRIVATE_SIZE, scalar))
        goto done;
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    status = OCKAM_PRIVATE_KEY;
    if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
        goto done;
    status = OCKAM_CRYPTO;
    if (EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, P256_PUBLIC, NULL) == P256_PUBLIC)
        status = OCKAM_OK;
done:
    BN_clear_free(scalar);
    EC_POINT_clear_free(point);
    EC_GROUP_free(group);
    return status;
}

/* A P-256 key: a public one, or with its scalar (in the machine's order) a pair. NULL if there is no such point. */
static EVP_PKEY *p256_key(const uint8_t *public, uint8_t *native)
{
    char name[] = "prime256v1";
    uint8_t point[P256_PUBLIC];
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        native ? OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, OCKAM_PRIVATE_SIZE) : OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };
    memcpy(point, public, sizeof point);
    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, native ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* The key of one's own, for ECDH. */
static EVP_PKEY *own_key(bool p256, const uint8_t *private, ockam_status *status)
{
    uint8_t public[P256_PUBLIC], native[OCKAM_PRIVATE_SIZE];
    EVP_PKEY *key = NULL;
    *status = OCKAM_OK;
    if (!p256)
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, OCKAM_PRIVATE_SIZE); /* NOISE-018: clamped on use */
    *status = p256_public(private, public);
    if (*status != OCKAM_OK)
        return NULL;
    BIGNUM *scalar = BN_secure_new();
    if (scalar && BN_bin2bn(private, OCKAM_PRIVATE_SIZE, scalar) &&
        BN_bn2nativepad(scalar, native, sizeof native) == sizeof native)
        key = p256_key(public, native);
    BN_clear_free(scalar);
    ockam_wipe(native, sizeof native);
    return key;
}

ockam_status ockam_public(bool p256, const uint8_t private[OCKAM_PRIVATE_SIZE], uint8_t *out)
{
    size_t size = OCKAM_PRIVATE_SIZE;
    if (p256)
        return p256_public(private, out);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private, OCKAM_PRIVATE_SIZE);
    bool ok = key && EVP_PKEY_get_raw_public_key(key, out, &size) == 1 && size == OCKAM_PRIVATE_SIZE;
    EVP_PKEY_free(key);
    return ok ? OCKAM_OK : OCKAM_CRYPTO;
}

ockam_status ockam_generate(bool p256, uint8_t out[OCKAM_PRIVATE_SIZE])
{
    uint8_t public[P256_PUBLIC];
    ockam_status status = OCKAM_PRIVATE_KEY;
    while (status == OCKAM_PRIVATE_KEY) { /* one of 2^32 is none of P-256 */
        status = ockam_random(out, OCKAM_PRIVATE_SIZE);
        if (status == OCKAM_OK)
            status = ockam_public(p256, out, public);
    }
    return status;
}

ockam_status ockam_ecdh(bool p256, const uint8_t private[OCKAM_PRIVATE_SIZE], ockam_bytes peer, uint8_t out[OCKAM_SECRET_SIZE])
{
    size_t size = OCKAM_SECRET_SIZE;
    ockam_status status;
    if (peer.size != (p256 ? P256_PUBLIC : 32) || (p256 && peer.data[0] != 4)) /* VAULT-002 */
        return OCKAM_PUBLIC_KEY;
    EVP_PKEY *own = own_key(p256, private, &status);
    EVP_PKEY *other = p256 ? p256_key(peer.data, NULL) : EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer.data, peer.size);
    EVP_PKEY_CTX *ctx = own && other ? EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL) : NULL;
    if (status != OCKAM_OK)
        goto done;
    status = own && !other ? OCKAM_PUBLIC_KEY : OCKAM_CRYPTO; /* VAULT-002: off the curve */
    if (!ctx || EVP_PKEY_derive_init(ctx) != 1)
        goto done;
    status = EVP_PKEY_derive_set_peer(ctx, other) != 1 ? OCKAM_PUBLIC_KEY
             : EVP_PKEY_derive(ctx, out, &size) != 1   ? OCKAM_WEAK_KEY /* NOISE-009: all zero */
             : size != OCKAM_SECRET_SIZE               ? OCKAM_CRYPTO
                                                       : OCKAM_OK;
done:
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    EVP_PKEY_free(own);
    return status;
}
