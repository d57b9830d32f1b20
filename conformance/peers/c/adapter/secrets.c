/* The adapter's vault (PROTOCOL.md, section 8). */
#include "adapter.h"

#include <string.h>

/* The fields of an operation. */
typedef struct {
    size_t number, to;          /* of secrets; 0: absent */
    ockam_secret secret, input; /* what the kit's numbers stand for */
    bool has_input;
    ockam_attributes wanted;
    const uint8_t *value;
    ockam_bytes public, nonce, ad, data;
} operation;

static const char *const types[] = {"buffer", "aes128", "aes256", "x25519", "p256"};

static ockam_status make(adapter *a, const operation *o)
{
    return ockam_secrets_make(a->vault, &o->wanted, o->value, &a->secrets[o->number]);
}

static ockam_status find(adapter *a, const operation *o)
{
    return ockam_secrets_find(a->vault, o->wanted.label, &a->secrets[o->number]);
}

static ockam_status attributes(adapter *a, const operation *o)
{
    ockam_attributes is;
    ockam_status status = ockam_secrets_attributes(a->vault, o->secret, &is);
    if (status != OCKAM_OK)
        return status;
    line_put_text(&a->l, "type", types[is.type]);
    line_put_number(&a->l, "length", is.length);
    line_put_text(&a->l, "exportable", is.exportable ? "yes" : "no");
    if (*is.label)
        line_put_text(&a->l, "label", is.label);
    return OCKAM_OK;
}

static ockam_status put(adapter *a, ockam_status status, size_t size)
{
    if (status == OCKAM_OK)
        line_put_bytes(&a->l, "data", a->out, size);
    return status;
}

static ockam_status export(adapter *a, const operation *o)
{
    size_t size = 0;
    ockam_status status = ockam_secrets_export(a->vault, o->secret, a->out, &size);
    return put(a, status, size);
}

static ockam_status public(adapter *a, const operation *o)
{
    size_t size = 0;
    ockam_status status = ockam_secrets_public(a->vault, o->secret, a->out, &size);
    return put(a, status, size);
}

static ockam_status retype(adapter *a, const operation *o)
{
    return ockam_secrets_retype(a->vault, o->secret, o->wanted.type);
}

static ockam_status destroy(adapter *a, const operation *o)
{
    return ockam_secrets_destroy(a->vault, o->secret);
}

static ockam_status agree(adapter *a, const operation *o)
{
    return ockam_secrets_agree(a->vault, o->secret, o->public, &a->secrets[o->to]);
}

static ockam_status derive(adapter *a, const operation *o)
{
    return ockam_secrets_derive(a->vault, o->secret, o->has_input ? &o->input : NULL, &a->secrets[o->to]);
}

static ockam_status encrypt(adapter *a, const operation *o)
{
    return put(a, ockam_secrets_seal(a->vault, o->secret, o->nonce, o->ad, o->data, a->out), o->data.size + OCKAM_TAG_SIZE);
}

static ockam_status decrypt(adapter *a, const operation *o)
{
    return put(a, ockam_secrets_unseal(a->vault, o->secret, o->nonce, o->ad, o->data, a->out), o->data.size - OCKAM_TAG_SIZE);
}

static ockam_status supports(adapter *a, const operation *o)
{
    bool is;
    ockam_status status = ockam_secrets_supports(a->vault, &o->wanted, &is);
    if (status == OCKAM_OK)
        line_put_text(&a->l, "supported", is ? "yes" : "no");
    return status;
}

static ockam_status end(adapter *a, const operation *o)
{
    (void)o;
    ockam_secrets_close(a->vault);
    return OCKAM_OK;
}

static ockam_status restart(adapter *a, const operation *o)
{
    (void)o;
    ockam_secrets_restart(a->vault);
    return OCKAM_OK;
}

static const struct {
    const char *name;
    const char *needs[4];
    ockam_status (*run)(adapter *a, const operation *o);
} operations[] = {
    {"make", {"secret", "type"}, make},
    {"find", {"secret", "label"}, find},
    {"attributes", {"secret"}, attributes},
    {"export", {"secret"}, export},
    {"public", {"secret"}, public},
    {"retype", {"secret", "type"}, retype},
    {"destroy", {"secret"}, destroy},
    {"agree", {"secret", "public", "to"}, agree},
    {"derive", {"secret", "to"}, derive},
    {"seal", {"secret", "nonce", "ad", "data"}, encrypt},
    {"unseal", {"secret", "nonce", "ad", "data"}, decrypt},
    {"supports", {"type"}, supports},
    {"close", {NULL}, end},
    {"restart", {NULL}, restart},
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

/* A number that the kit gives to a secret; the value is 0 if it is absent. */
static size_t number(line *l, const char *key)
{
    uint64_t n = 0;
    if (line_number(l, key, SECRETS, &n) && n == 0)
        l->wrong = true;
    return (size_t)n;
}

static ockam_bytes bytes(line *l, const char *key)
{
    uint8_t *data = NULL;
    size_t size = 0;
    (void)line_bytes(l, key, &data, &size);
    return (ockam_bytes){data, size};
}

/* The fields; unsupported, or another class, if they are none. */
static const char *read_fields(adapter *a, operation *o)
{
    static const char *const answers[] = {"no", "yes"};
    line *l = &a->l;
    uint64_t length = 0;
    const char *label = line_get(l, "label");
    int type = line_word(l, "type", types, OCKAM_P256 + 1), exportable = line_word(l, "exportable", answers, 2);
    ockam_bytes value = bytes(l, "value");
    size_t input = number(l, "ikm");
    (void)line_number(l, "length", INT32_MAX, &length);
    *o = (operation){.number = number(l, "secret"),
                     .to = number(l, "to"),
                     .public = bytes(l, "public"),
                     .nonce = bytes(l, "nonce"),
                     .ad = bytes(l, "ad"),
                     .data = bytes(l, "data"),
                     .value = value.data};
    o->secret = a->secrets[o->number];
    o->has_input = line_get(l, "ikm") != NULL;
    o->input = a->secrets[input];
    if (l->wrong)
        return "argument";
    if ((line_get(l, "type") && type < 0) || (line_get(l, "exportable") && exportable < 0))
        return "unsupported";
    if (label && strlen(label) > OCKAM_LABEL_MAX)
        return "label";
    o->wanted = (ockam_attributes){.type = (ockam_secret_type)(type < 0 ? 0 : type),
                                   .length = value.data ? value.size : length,
                                   .exportable = exportable == 1};
    if (label)
        memcpy(o->wanted.label, label, strlen(label) + 1);
    return NULL;
}

const char *vault(adapter *a)
{
    const char *op = line_get(&a->l, "op");
    size_t i = 0;
    operation o;
    if (!line_is_word(op))
        return "argument";
    while (i < OPERATIONS && strcmp(operations[i].name, op) != 0)
        i++;
    if (i == OPERATIONS)
        return "unsupported";
    for (size_t n = 0; n < 4 && operations[i].needs[n]; n++)
        if (!line_get(&a->l, operations[i].needs[n]))
            return "argument";
    const char *class = read_fields(a, &o);
    return class ? class : class_of(operations[i].run(a, &o));
}
