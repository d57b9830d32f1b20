/* Section 9: secrets and their handles. */
#include "ockam_secrets.h"
#include "test.h"

#include <string.h>

static ockam_attributes of(ockam_secret_type type, size_t length, const char *label)
{
    ockam_attributes a = {.type = type, .length = length};
    memcpy(a.label, label, strlen(label) + 1);
    return a;
}

/* VAULT-001: each operation is for secrets of its types, and for no handle that is none. */
static ockam_status operate(ockam_secrets *v, int operation, ockam_secret s)
{
    uint8_t key[32], out[OCKAM_BUFFER_MAX];
    size_t size;
    ockam_attributes a;
    ockam_secret more;
    test_key(9, key); /* as a public key it is as good as any */
    ockam_bytes none = {key, 0}, nonce = {key, OCKAM_NONCE_SIZE};
    switch (operation) {
    case 0:
        return ockam_secrets_attributes(v, s, &a);
    case 1:
        return ockam_secrets_export(v, s, out, &size);
    case 2:
        return ockam_secrets_public(v, s, out, &size);
    case 3:
        return ockam_secrets_agree(v, s, (ockam_bytes){key, 32}, &more);
    case 4:
        return ockam_secrets_derive(v, s, NULL, &more);
    case 5:
        return ockam_secrets_seal(v, s, nonce, none, none, out);
    case 6:
        return ockam_secrets_retype(v, s, OCKAM_AES256);
    default:
        return ockam_secrets_destroy(v, s);
    }
}

static void operations(test *t)
{
    enum { OPERATIONS = 8 };
    static const ockam_status want[][OPERATIONS] = {
        [OCKAM_BUFFER] = {[1] = OCKAM_NOT_EXPORTABLE, [2] = OCKAM_WRONG_TYPE, [3] = OCKAM_WRONG_TYPE, [5] = OCKAM_WRONG_TYPE},
        [OCKAM_AES128] = {[1] = OCKAM_NOT_EXPORTABLE,
                          [2] = OCKAM_WRONG_TYPE,
                          [3] = OCKAM_WRONG_TYPE,
                          [4] = OCKAM_WRONG_TYPE,
                          [6] = OCKAM_WRONG_TYPE},
        [OCKAM_AES256] = {[1] = OCKAM_NOT_EXPORTABLE,
                          [2] = OCKAM_WRONG_TYPE,
                          [3] = OCKAM_WRONG_TYPE,
                          [4] = OCKAM_WRONG_TYPE,
                          [6] = OCKAM_WRONG_TYPE},
        [OCKAM_X25519] = {[1] = OCKAM_NOT_EXPORTABLE, [4] = OCKAM_WRONG_TYPE, [5] = OCKAM_WRONG_TYPE, [6] = OCKAM_WRONG_TYPE},
    };
    for (int type = OCKAM_BUFFER; type <= OCKAM_X25519; type++) {
        for (int operation = 0; operation < OPERATIONS; operation++) {
            ockam_secrets *v = ockam_secrets_new(), *other = ockam_secrets_new();
            ockam_attributes a = of((ockam_secret_type)type, 0, "");
            ockam_secret s = 0;
            CHECK(t, ockam_secrets_make(v, &a, NULL, &s) == OCKAM_OK && s != 0);
            CHECK(t, operate(other, operation, s) == OCKAM_NO_SECRET);
            CHECK(t, operate(v, operation, 0) == OCKAM_NO_SECRET);
            CHECK(t, operate(v, operation, s) == want[type][operation]);
            ockam_secrets_close(v);
            CHECK(t, operate(v, operation, s) == OCKAM_CLOSED && ockam_secrets_make(v, &a, NULL, &s) == OCKAM_CLOSED);
            ockam_secrets_restart(v);
            CHECK(t, operate(v, operation, s) == OCKAM_NO_SECRET);
            ockam_secrets_free(v);
            ockam_secrets_free(other);
        }
    }
}

/* VAULT-007 */
static void labels(test *t)
{
    ockam_secrets *v = ockam_secrets_new();
    ockam_attributes a = of(OCKAM_P256, 0, "own1"), bad = of(OCKAM_BUFFER, 0, "Own");
    ockam_secret first, again, more;
    uint8_t before[OCKAM_PUBLIC_MAX], after[OCKAM_PUBLIC_MAX];
    size_t size = 0;
    CHECK(t, ockam_secrets_make(v, &a, NULL, &first) == OCKAM_OK);
    CHECK(t, ockam_secrets_public(v, first, before, &size) == OCKAM_OK && size == 65);
    CHECK(t, ockam_secrets_make(v, &a, NULL, &more) == OCKAM_LABEL);
    CHECK(t, ockam_secrets_make(v, &bad, NULL, &more) == OCKAM_LABEL);
    CHECK(t, ockam_secrets_find(v, "", &more) == OCKAM_LABEL);
    ockam_secrets_restart(v);
    CHECK(t, ockam_secrets_public(v, first, after, &size) == OCKAM_NO_SECRET);
    CHECK(t, ockam_secrets_find(v, "own1", &again) == OCKAM_OK);
    CHECK(t, ockam_secrets_public(v, again, after, &size) == OCKAM_OK && memcmp(before, after, sizeof before) == 0);
    CHECK(t, ockam_secrets_destroy(v, again) == OCKAM_OK && ockam_secrets_find(v, "own1", &again) == OCKAM_LABEL);
    ockam_secrets_free(v);
}

/* VAULT-006, VAULT-008, VAULT-011 */
static void makes(test *t)
{
    ockam_secrets *v = ockam_secrets_new();
    uint8_t key[32], out[OCKAM_BUFFER_MAX], direct[64];
    size_t size = 0;
    ockam_attributes a = of(OCKAM_BUFFER, 32, ""), is;
    ockam_secret open, derived, last = 0;
    bool supported = true;
    test_key(1, key);
    a.exportable = true;
    CHECK(t, ockam_secrets_make(v, &a, key, &open) == OCKAM_OK);
    CHECK(t, ockam_secrets_export(v, open, out, &size) == OCKAM_OK && size == 32 && memcmp(out, key, 32) == 0);
    CHECK(t, ockam_secrets_derive(v, open, &open, &derived) == OCKAM_OK);
    CHECK(t, ockam_secrets_export(v, derived, out, &size) == OCKAM_NOT_EXPORTABLE);
    CHECK(t, ockam_secrets_retype(v, derived, OCKAM_X25519) == OCKAM_WRONG_TYPE);
    CHECK(t, ockam_secrets_retype(v, derived, OCKAM_AES128) == OCKAM_OK);
    CHECK(t, ockam_secrets_attributes(v, derived, &is) == OCKAM_OK && is.type == OCKAM_AES128 && is.length == 16);
    CHECK(t, ockam_hkdf((ockam_bytes){key, 32}, (ockam_bytes){key, 32}, out, 1) == OCKAM_OK);
    CHECK(t, ockam_seal((ockam_key){out, 16}, key, (ockam_bytes){key, 3}, (ockam_bytes){key, 20}, direct) == OCKAM_OK);
    CHECK(t,
          ockam_secrets_seal(v, derived, (ockam_bytes){key, 12}, (ockam_bytes){key, 3}, (ockam_bytes){key, 20}, out) == OCKAM_OK);
    CHECK(t, memcmp(out, direct, 36) == 0);
    CHECK(t, ockam_secrets_seal(v, derived, (ockam_bytes){key, 11}, (ockam_bytes){key, 3}, (ockam_bytes){key, 20}, out) ==
                 OCKAM_LENGTH);
    a.length = OCKAM_BUFFER_MAX + 1;
    CHECK(t, ockam_secrets_supports(v, &a, &supported) == OCKAM_OK && !supported);
    CHECK(t, ockam_secrets_make(v, &a, NULL, &open) == OCKAM_NOT_SUPPORTED);
    a = of(OCKAM_P256, 0, "");
    memset(key, 0xff, sizeof key);
    a.length = 32;
    CHECK(t, ockam_secrets_make(v, &a, key, &open) == OCKAM_PRIVATE_KEY);
    a = of(OCKAM_AES128, 32, "");
    CHECK(t, ockam_secrets_make(v, &a, key, &open) == OCKAM_LENGTH);
    a = of(OCKAM_BUFFER, 0, "");
    size_t made = 2;
    while (made <= OCKAM_SECRETS_MAX && ockam_secrets_make(v, &a, NULL, &last) == OCKAM_OK)
        made++;
    CHECK(t, made == OCKAM_SECRETS_MAX && ockam_secrets_make(v, &a, NULL, &open) == OCKAM_MEMORY);
    CHECK(t, ockam_secrets_destroy(v, last) == OCKAM_OK && ockam_secrets_make(v, &a, NULL, &open) == OCKAM_OK);
    ockam_secrets_free(v);
}

/* IO-002 */
static void parts(test *t)
{
    uint8_t out[4];
    size_t size = 9;
    ockam_message_reader r = {(const uint8_t *)"abcdefg", 7};
    CHECK(t, ockam_read(&r, out, 3, &size) == OCKAM_MORE && size == 3 && memcmp(out, "abc", 3) == 0);
    CHECK(t, ockam_read(&r, out, 3, &size) == OCKAM_MORE && size == 3 && memcmp(out, "def", 3) == 0);
    CHECK(t, ockam_read(&r, out, 3, &size) == OCKAM_OK && size == 1 && *out == 'g');
    r = (ockam_message_reader){(const uint8_t *)"abc", 3};
    CHECK(t, ockam_read(&r, out, 3, &size) == OCKAM_OK && size == 3);
    r = (ockam_message_reader){(const uint8_t *)"", 0};
    CHECK(t, ockam_read(&r, out, 3, &size) == OCKAM_OK && size == 0);
}

void test_secrets(test *t)
{
    operations(t);
    labels(t);
    makes(t);
    parts(t);
}
