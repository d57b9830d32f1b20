/*
 * Section 9: a vault that keeps secrets, and gives handles of them. Whoever has a handle can have it work with the secret, but
 * not read it, unless it was made to be exported.
 *
 * There is no device: persistent secrets are in the vault's memory, too, and survive ockam_secrets_restart, not the process. No
 * function may be called for one vault by two threads at once.
 */
#ifndef OCKAM_SECRETS_H
#define OCKAM_SECRETS_H

#include "ockam_vault.h"

enum { OCKAM_BUFFER_MAX = 1024, OCKAM_LABEL_MAX = 64, OCKAM_SECRETS_MAX = 64 };

typedef enum ockam_secret_type { OCKAM_BUFFER, OCKAM_AES128, OCKAM_AES256, OCKAM_X25519, OCKAM_P256 } ockam_secret_type;

typedef struct ockam_attributes {
    ockam_secret_type type;
    size_t length; /* bytes; to make one, 0 means as many as its type has, 32 of a buffer */
    bool exportable;
    char label[OCKAM_LABEL_MAX + 1]; /* small letters and digits; empty: the secret is ephemeral */
} ockam_attributes;

/* A handle. It names a secret in one vault until that is destroyed or the vault starts again; 0 names none (VAULT-001). */
typedef uint64_t ockam_secret;

typedef struct ockam_secrets ockam_secrets;

ockam_secrets *ockam_secrets_new(void);
/* Wipes all secrets. NULL is none. */
void ockam_secrets_free(ockam_secrets *vault);
/* Ends the vault: ephemeral secrets are wiped, and all that follows is OCKAM_CLOSED, but to close it again (VAULT-012). */
void ockam_secrets_close(ockam_secrets *vault);
/* Ends it, if it has not ended, and starts it again (VAULT-007). */
void ockam_secrets_restart(ockam_secrets *vault);

/* Imports a value of a->length bytes, or generates one (NULL). */
ockam_status ockam_secrets_make(ockam_secrets *vault, const ockam_attributes *a, const uint8_t *value, ockam_secret *secret);
/* Whether there could be such a secret (VAULT-008). */
ockam_status ockam_secrets_supports(const ockam_secrets *vault, const ockam_attributes *a, bool *supported);
/* The persistent secret with a label. */
ockam_status ockam_secrets_find(ockam_secrets *vault, const char *label, ockam_secret *secret);
ockam_status ockam_secrets_attributes(const ockam_secrets *vault, ockam_secret secret, ockam_attributes *a);
/* Out has room for OCKAM_BUFFER_MAX bytes. */
ockam_status ockam_secrets_export(const ockam_secrets *vault, ockam_secret secret, uint8_t *out, size_t *size);
/* Out has room for OCKAM_PUBLIC_MAX bytes. */
ockam_status ockam_secrets_public(const ockam_secrets *vault, ockam_secret secret, uint8_t *out, size_t *size);
/* Makes a key of AES of a buffer (VAULT-011). */
ockam_status ockam_secrets_retype(ockam_secrets *vault, ockam_secret secret, ockam_secret_type type);
ockam_status ockam_secrets_destroy(ockam_secrets *vault, ockam_secret secret);

/* What comes of these two is a buffer that is not exportable (VAULT-003, VAULT-004, VAULT-006). Input may be NULL: none. */
ockam_status ockam_secrets_agree(ockam_secrets *vault, ockam_secret own, ockam_bytes peer, ockam_secret *shared);
ockam_status ockam_secrets_derive(ockam_secrets *vault, ockam_secret salt, const ockam_secret *input, ockam_secret *derived);

/* As ockam_seal and ockam_unseal. */
ockam_status ockam_secrets_seal(const ockam_secrets *vault, ockam_secret key, ockam_bytes nonce, ockam_bytes ad, ockam_bytes in,
                                uint8_t *out);
ockam_status ockam_secrets_unseal(const ockam_secrets *vault, ockam_secret key, ockam_bytes nonce, ockam_bytes ad, ockam_bytes in,
                                  uint8_t *out);

#endif
