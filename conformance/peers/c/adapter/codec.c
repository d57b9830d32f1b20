/* The adapter's codec and primitives (PROTOCOL.md, section 8). */
#include "adapter.h"

#include <string.h>

typedef enum { HANDSHAKE, TRANSPORT, INNER, ROUTE, ADDRESS, U2LE, FRAMES, FORMS } form;

static form form_of(const line *l)
{
    static const char *const names[] = {"handshake", "transport", "inner", "route", "address", "u2le", "frames"};
    return (form)(unsigned)line_word(l, "as", names, FORMS); /* above all if there is none */
}

static const char *put_message(line *l, const ockam_message *m, bool typed)
{
    value_put_route(l, "onward", &m->onward);
    value_put_route(l, "return", &m->back);
    if (typed)
        line_put_number(l, "type", m->type);
    line_put_bytes(l, "body", m->body, m->size);
    return NULL;
}

static const char *decode_frames(adapter *a, uint64_t limit)
{
    size_t count = 0;
    ockam_frames_init(&a->frames, limit);
    for (char *next, *chunk = line_get(&a->l, "data"); chunk; chunk = next) {
        const uint8_t *message, *rest;
        uint8_t *data;
        size_t size, message_size = 0;
        next = strchr(chunk, ',');
        if (next)
            *next++ = 0;
        if (!line_unhex(chunk, &data, &size))
            return "argument";
        rest = data;
        do {
            ockam_status status = ockam_frames_next(&a->frames, &rest, &size, &message, &message_size);
            if (status != OCKAM_OK)
                return class_of(status);
            if (message && count++ == 0)
                line_put_text(&a->l, "frames", "");
            else if (message)
                line_add_text(&a->l, ",");
            line_add_bytes(&a->l, message, message ? message_size : 0);
        } while (size || message);
    }
    return class_of(ockam_frames_end(&a->frames));
}

const char *decode(adapter *a)
{
    line *l = &a->l;
    const ockam_profile *profile = profile_of(a);
    uint64_t limit = OCKAM_MESSAGE_MAX;
    uint8_t *data;
    size_t size, used = 0;
    ockam_message m = {.type = OCKAM_PAYLOAD};
    ockam_address address;
    uint16_t number = 0;
    form as = form_of(l);
    ockam_status status = OCKAM_OK;
    (void)line_number(l, "limit", SIZE_MAX, &limit);
    if (!profile || as >= FORMS)
        return "unsupported";
    if (as == FRAMES)
        return decode_frames(a, limit);
    if (!line_bytes(l, "data", &data, &size) || l->wrong)
        return "argument";
    if (as == ROUTE && (status = ockam_route_read(profile, data, size, &m.onward, &used)) == OCKAM_OK)
        value_put_route(l, "route", &m.onward);
    if (as == ADDRESS && (status = ockam_address_read(data, size, &address, &used)) == OCKAM_OK)
        value_put_address(l, "address", &address);
    if (as == U2LE && (status = ockam_u2le_read(data, size, &number, &used)) == OCKAM_OK)
        line_put_number(l, "value", number);
    if (as >= ROUTE && status == OCKAM_OK)
        line_put_number(l, "used", used);
    if (as >= ROUTE)
        return class_of(status);
    bool bare = as == TRANSPORT && profile->bare_records;
    if (!bare)
        status = ockam_message_read(profile, data, size, &m);
    else
        m.body = data, m.size = size;
    return status == OCKAM_OK ? put_message(l, &m, !bare) : class_of(status);
}

static const char *encode_frames(adapter *a)
{
    uint8_t header[2], *data;
    size_t size;
    line_put_text(&a->l, "data", "");
    for (char *next, *chunk = line_get(&a->l, "frames"); chunk; chunk = next) {
        next = strchr(chunk, ',');
        if (next)
            *next++ = 0;
        if (!line_unhex(chunk, &data, &size))
            return "argument";
        ockam_status status = ockam_frame_header(size, header);
        if (status != OCKAM_OK)
            return class_of(status);
        line_add_bytes(&a->l, header, sizeof header);
        line_add_bytes(&a->l, data, size);
    }
    return NULL;
}

const char *encode(adapter *a)
{
    line *l = &a->l;
    const ockam_profile *profile = profile_of(a);
    ockam_message m = {.type = OCKAM_PAYLOAD};
    ockam_route route = {0};
    ockam_address address;
    uint64_t type = 0, value = 0;
    uint8_t *body;
    size_t used = 0;
    form as = form_of(l);
    ockam_status status = OCKAM_OK;
    if (!profile || as >= FORMS)
        return "unsupported";
    bool present = as == FRAMES    ? line_get(l, "frames") != NULL
                   : as == U2LE    ? line_number(l, "value", UINT32_MAX, &value)
                   : as == ADDRESS ? value_address(l, "address", &address)
                   : as == ROUTE   ? value_route(l, "route", &route, &status)
                                   : line_bytes(l, "body", &body, &m.size);
    (void)value_route(l, "onward", &m.onward, &status);
    (void)value_route(l, "return", &m.back, &status);
    bool bare = as == TRANSPORT && profile->bare_records, typed = line_number(l, "type", UINT8_MAX, &type);
    if (!present || l->wrong || (as < ROUTE && typed == bare))
        return "argument";
    if (as == FRAMES)
        return encode_frames(a);
    if (as == ADDRESS)
        status = ockam_route_append(&route, &address);
    if (status == OCKAM_OK && as == U2LE)
        status = ockam_u2le_write((uint32_t)value, a->out, sizeof a->out, &used);
    if (status == OCKAM_OK && as == ROUTE)
        status = ockam_route_write(profile, &route, a->out, sizeof a->out, &used);
    if (as < ROUTE) {
        m.type = (uint8_t)type;
        m.body = body;
        if (status == OCKAM_OK && !bare)
            status = ockam_message_write(profile, &m, a->out, sizeof a->out, &used);
    }
    if (as == ADDRESS)
        line_put_bytes(l, "data", route.bytes, route.size);
    else
        line_put_bytes(l, "data", bare ? body : a->out, bare ? m.size : used);
    return class_of(status);
}

static const char *agree(adapter *a, bool is_p256)
{
    uint8_t key[OCKAM_PRIVATE_SIZE], out[OCKAM_PUBLIC_MAX], *private, *public;
    size_t private_size, size;
    if (line_bytes(&a->l, "private", &private, &private_size) && private_size != sizeof key && !a->l.wrong)
        return "length"; /* VAULT-008: the library's keys have the type of their length */
    bool with = line_bytes(&a->l, "public", &public, &size);
    if (a->l.wrong)
        return "argument";
    memcpy(key, private, sizeof key);
    ockam_status status = with ? ockam_ecdh(is_p256, key, (ockam_bytes){public, size}, out) : ockam_public(is_p256, key, out);
    if (status == OCKAM_OK)
        line_put_bytes(&a->l, with ? "secret" : "public", out, with || !is_p256 ? 32 : 65);
    return class_of(status);
}

const char *x25519(adapter *a)
{
    return agree(a, false);
}
const char *p256(adapter *a)
{
    return agree(a, true);
}

static const char *aead(adapter *a, bool opens)
{
    uint8_t *nonce, *key, *ad, *data;
    size_t nonce_size, key_size, ad_size, size;
    if (!line_bytes(&a->l, "key", &key, &key_size) || !line_bytes(&a->l, "ad", &ad, &ad_size) ||
        !line_bytes(&a->l, "data", &data, &size) || !line_bytes(&a->l, "nonce", &nonce, &nonce_size) || a->l.wrong)
        return "argument";
    if (nonce_size != OCKAM_NONCE_SIZE)
        return "length";
    ockam_key k = {key, key_size};
    ockam_bytes associated = {ad, ad_size}, in = {data, size};
    ockam_status status = opens ? ockam_unseal(k, nonce, associated, in, a->out) : ockam_seal(k, nonce, associated, in, a->out);
    if (status == OCKAM_OK)
        line_put_bytes(&a->l, "data", a->out, opens ? size - OCKAM_TAG_SIZE : size + OCKAM_TAG_SIZE);
    return class_of(status);
}

const char *seal(adapter *a)
{
    return aead(a, false);
}
const char *unseal(adapter *a)
{
    return aead(a, true);
}

const char *hkdf(adapter *a)
{
    uint8_t *salt, *ikm = a->out;
    size_t salt_size, ikm_size = 0;
    uint64_t blocks = 0;
    bool present = line_bytes(&a->l, "salt", &salt, &salt_size) && line_number(&a->l, "n", 255, &blocks);
    (void)line_bytes(&a->l, "ikm", &ikm, &ikm_size);
    if (!present || a->l.wrong)
        return "argument";
    ockam_status status = ockam_hkdf((ockam_bytes){salt, salt_size}, (ockam_bytes){ikm, ikm_size}, a->out, blocks);
    line_put_bytes(&a->l, "data", a->out, blocks * OCKAM_HASH_SIZE);
    return class_of(status);
}

const char *sha256(adapter *a)
{
    uint8_t *data;
    size_t size;
    if (!line_bytes(&a->l, "data", &data, &size) || a->l.wrong)
        return "argument";
    ockam_status status = ockam_sha256((ockam_bytes){data, size}, (ockam_bytes){data, 0}, a->out);
    line_put_bytes(&a->l, "data", a->out, OCKAM_HASH_SIZE);
    return class_of(status);
}
