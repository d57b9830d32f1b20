/* Section 9: secrets and their handles. */
#include "ockam_secrets.h"

#include <stdlib.h>
#include <string.h>

/* One that is not used has no type that matters, and handle 0. A persistent one has handle 0 until it is found. */
typedef struct slot {
    bool used;
    ockam_secret handle;
    ockam_attributes a;
    uint8_t bytes[OCKAM_BUFFER_MAX];
} slot;

struct ockam_secrets {
    bool closed;
    slot slots[OCKAM_SECRETS_MAX];
};

enum { ANY = -1, AES = -2, PRIVATE = -3 }; /* types that an operation takes, beside those of ockam_secret_type */

static bool is_private(ockam_secret_type type)
{
    return type == OCKAM_X25519 || type == OCKAM_P256;
}

static size_t length_of(ockam_secret_type type)
{
    return type == OCKAM_AES128 ? 16 : 32;
}

/* The slot of a secret of a type (VAULT-001). */
static ockam_status find(const ockam_secrets *vault, ockam_secret secret, int wanted, const slot **found)
{
    if (vault->closed)
        return OCKAM_CLOSED;
    for (size_t i = 0; i < OCKAM_SECRETS_MAX; i++) {
        const slot *s = &vault->slots[i];
        if (!s->used || secret == 0 || s->handle != secret)
            continue;
        *found = s;
        bool right = wanted == ANY || wanted == (int)s->a.type || (wanted == PRIVATE && is_private(s->a.type)) ||
                     (wanted == AES && (s->a.type == OCKAM_AES128 || s->a.type == OCKAM_AES256));
        return right ? OCKAM_OK : OCKAM_WRONG_TYPE;
    }
    return OCKAM_NO_SECRET;
}

/* The same, to be changed. */
static ockam_status own(ockam_secrets *vault, ockam_secret secret, int wanted, slot **found)
{
    const slot *s;
    ockam_status status = find(vault, secret, wanted, &s);
    if (status == OCKAM_OK)
        *found = &vault->slots[s - vault->slots];
    return status;
}

/* The used slot with a label, or a free one for NULL; NULL if there is none. */
static slot *look(ockam_secrets *vault, const char *label)
{
    for (size_t i = 0; i < OCKAM_SECRETS_MAX; i++) {
        slot *s = &vault->slots[i];
        if (label ? s->used && strcmp(s->a.label, label) == 0 : !s->used)
            return s;
    }
    return NULL;
}

/* A handle that nothing had before, in any vault. */
static ockam_status new_handle(ockam_secret *handle)
{
    ockam_status status;
    do {
        status = ockam_random((uint8_t *)handle, sizeof *handle);
    } while (status == OCKAM_OK && *handle == 0);
    return status;
}

/* Fills a free slot. */
static ockam_status put(ockam_secrets *vault, const ockam_attributes *a, const uint8_t *value, ockam_secret *secret)
{
    slot *s = look(vault, NULL);
    if (!s)
        return OCKAM_MEMORY;
    ockam_status status = new_handle(secret);
    if (status != OCKAM_OK)
        return status;
    *s = (slot){.used = true, .handle = *secret, .a = *a};
    memcpy(s->bytes, value, a->length);
    return OCKAM_OK;
}

ockam_secrets *ockam_secrets_new(void)
{
    return calloc(1, sizeof(ockam_secrets));
}

void ockam_secrets_free(ockam_secrets *vault)
{
    if (vault)
        ockam_wipe(vault, sizeof *vault);
    free(vault);
}

void ockam_secrets_close(ockam_secrets *vault)
{
    for (size_t i = 0; i < OCKAM_SECRETS_MAX; i++) {
        slot *s = &vault->slots[i];
        if (!*s->a.label)
            ockam_wipe(s, sizeof *s);
        s->handle = 0;
    }
    vault->closed = true;
}

void ockam_secrets_restart(ockam_secrets *vault)
{
    ockam_secrets_close(vault);
    vault->closed = false;
}

static bool is_label(const char *label)
{
    return strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(label);
}

static bool supported(const ockam_attributes *a)
{
    return a->type <= OCKAM_P256 && (a->type != OCKAM_BUFFER || a->length <= OCKAM_BUFFER_MAX);
}

ockam_status ockam_secrets_supports(const ockam_secrets *vault, const ockam_attributes *a, bool *is)
{
    *is = supported(a);
    return vault->closed ? OCKAM_CLOSED : OCKAM_OK;
}

ockam_status ockam_secrets_make(ockam_secrets *vault, const ockam_attributes *a, const uint8_t *value, ockam_secret *secret)
{
    uint8_t bytes[OCKAM_BUFFER_MAX], public[OCKAM_PUBLIC_MAX];
    ockam_attributes wanted = *a;
    ockam_status status = OCKAM_OK;
    if (vault->closed)
        return OCKAM_CLOSED;
    if (!supported(a))
        return OCKAM_NOT_SUPPORTED;
    if (!value && a->length == 0)
        wanted.length = length_of(a->type);
    if (a->type != OCKAM_BUFFER && wanted.length != length_of(a->type))
        return OCKAM_LENGTH;
    if (!is_label(a->label) || (*a->label && look(vault, a->label)))
        return OCKAM_LABEL;
    if (value)
        memcpy(bytes, value, wanted.length);
    else
        status = is_private(a->type) ? ockam_generate(a->type == OCKAM_P256, bytes) : ockam_random(bytes, wanted.length);
    if (status == OCKAM_OK && a->type == OCKAM_P256)
        status = ockam_public(true, bytes, public); /* not every scalar is one */
    if (status == OCKAM_OK)
        status = put(vault, &wanted, bytes, secret);
    ockam_wipe(bytes, sizeof bytes);
    return status;
}

ockam_status ockam_secrets_find(ockam_secrets *vault, const char *label, ockam_secret *secret)
{
    if (vault->closed)
        return OCKAM_CLOSED;
    slot *s = *label ? look(vault, label) : NULL;
    if (!s)
        return OCKAM_LABEL;
    ockam_status status = s->handle ? OCKAM_OK : new_handle(&s->handle);
    *secret = s->handle;
    return status;
}

ockam_status ockam_secrets_attributes(const ockam_secrets *vault, ockam_secret secret, ockam_attributes *a)
{
    const slot *s;
    ockam_status status = find(vault, secret, ANY, &s);
    if (status == OCKAM_OK)
        *a = s->a;
    return status;
}

ockam_status ockam_secrets_export(const ockam_secrets *vault, ockam_secret secret, uint8_t *out, size_t *size)
{
    const slot *s;
    ockam_status status = find(vault, secret, ANY, &s);
    if (status != OCKAM_OK)
        return status;
    if (!s->a.exportable)
        return OCKAM_NOT_EXPORTABLE;
    memcpy(out, s->bytes, s->a.length);
    *size = s->a.length;
    return OCKAM_OK;
}

ockam_status ockam_secrets_public(const ockam_secrets *vault, ockam_secret secret, uint8_t *out, size_t *size)
{
    const slot *s;
    ockam_status status = find(vault, secret, PRIVATE, &s);
    if (status != OCKAM_OK)
        return status;
    *size = s->a.type == OCKAM_P256 ? OCKAM_PUBLIC_MAX : 32;
    return ockam_public(s->a.type == OCKAM_P256, s->bytes, out);
}

ockam_status ockam_secrets_retype(ockam_secrets *vault, ockam_secret secret, ockam_secret_type type)
{
    slot *s;
    ockam_status status = own(vault, secret, OCKAM_BUFFER, &s);
    if (status != OCKAM_OK)
        return status;
    if (type != OCKAM_AES128 && type != OCKAM_AES256)
        return OCKAM_WRONG_TYPE;
    if (type == OCKAM_AES256 ? s->a.length != 32 : s->a.length < 16)
        return OCKAM_LENGTH;
    s->a.type = type;
    s->a.length = length_of(type);
    ockam_wipe(s->bytes + s->a.length, sizeof s->bytes - s->a.length);
    return OCKAM_OK;
}

ockam_status ockam_secrets_destroy(ockam_secrets *vault, ockam_secret secret)
{
    slot *s;
    ockam_status status = own(vault, secret, ANY, &s);
    if (status == OCKAM_OK)
        ockam_wipe(s, sizeof *s);
    return status;
}

/* VAULT-006: what comes of secrets is not exportable. */
static ockam_status put_result(ockam_secrets *vault, uint8_t bytes[OCKAM_SECRET_SIZE], ockam_secret *secret)
{
    const ockam_attributes a = {.type = OCKAM_BUFFER, .length = OCKAM_SECRET_SIZE};
    ockam_status status = put(vault, &a, bytes, secret);
    ockam_wipe(bytes, OCKAM_SECRET_SIZE);
    return status;
}

ockam_status ockam_secrets_agree(ockam_secrets *vault, ockam_secret secret, ockam_bytes peer, ockam_secret *shared)
{
    uint8_t out[OCKAM_SECRET_SIZE];
    const slot *s;
    ockam_status status = find(vault, secret, PRIVATE, &s);
    if (status == OCKAM_OK)
        status = ockam_ecdh(s->a.type == OCKAM_P256, s->bytes, peer, out);
    return status == OCKAM_OK ? put_result(vault, out, shared) : status;
}

ockam_status ockam_secrets_derive(ockam_secrets *vault, ockam_secret salt, const ockam_secret *input, ockam_secret *derived)
{
    uint8_t out[OCKAM_SECRET_SIZE];
    const slot *s, *ikm;
    ockam_bytes in = {out, 0};
    ockam_status status = find(vault, salt, OCKAM_BUFFER, &s);
    if (status == OCKAM_OK && input && (status = find(vault, *input, OCKAM_BUFFER, &ikm)) == OCKAM_OK)
        in = (ockam_bytes){ikm->bytes, ikm->a.length};
    if (status == OCKAM_OK)
        status = ockam_hkdf((ockam_bytes){s->bytes, s->a.length}, in, out, 1);
    return status == OCKAM_OK ? put_result(vault, out, derived) : status;
}

static ockam_status aead(const ockam_secrets *vault, ockam_secret secret, ockam_bytes nonce, ockam_key *key)
{
    const slot *s;
    ockam_status status = find(vault, secret, AES, &s);
    if (status != OCKAM_OK)
        return status;
    *key = (ockam_key){s->bytes, s->a.length};
    return nonce.size == OCKAM_NONCE_SIZE ? OCKAM_OK : OCKAM_LENGTH;
}

ockam_status ockam_secrets_seal(const ockam_secrets *vault, ockam_secret secret, ockam_bytes nonce, ockam_bytes ad,
                                ockam_bytes in, uint8_t *out)
{
    ockam_key key;
    ockam_status status = aead(vault, secret, nonce, &key);
    return status == OCKAM_OK ? ockam_seal(key, nonce.data, ad, in, out) : status;
}

ockam_status ockam_secrets_unseal(const ockam_secrets *vault, ockam_secret secret, ockam_bytes nonce, ockam_bytes ad,
                                  ockam_bytes in, uint8_t *out)
{
    ockam_key key;
    ockam_status status = aead(vault, secret, nonce, &key);
    return status == OCKAM_OK ? ockam_unseal(key, nonce.data, ad, in, out) : status;
}
