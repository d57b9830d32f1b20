/* Section 11, and names. */
#include "ockam.h"

#include <string.h>

static const ockam_profile profiles[] = {
    {.name = "v1",
     .tcp = true,
     .bind_hash = true,
     .repeats = true,
     .addresses = 255,
     .inner_onward = 255,
     .inner_back = 255,
     .public_size = 32,
     .key_size = 32,
     .message_limit = 65535,
     .send_limit = 65535,
     .receive_limit = 65535},
    {.name = "c09",
     .tcp = true,
     .bare_records = true,
     .fresh_static = true,
     .public_size = 32,
     .key_size = 32,
     .message_limit = 65535,
     .send_limit = 1008,
     .receive_limit = 1024},
    {.name = "c010",
     .p256 = true,
     .bind_hash = true,
     .fresh_static = true,
     .addresses = 5,
     .inner_back = 1,
     .public_size = 65,
     .key_size = 16,
     .message_limit = 32767,
     .send_limit = 32767,
     .receive_limit = 32767},
};

const ockam_profile *ockam_profile_named(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

const char *ockam_status_name(ockam_status status)
{
    static const char *const names[] = {
        "ok",         "truncated",     "wire-version",   "number",        "too-many",       "unknown-type",
        "length",     "form",          "body",           "too-long",      "message-length", "authentication",
        "short",      "public-key",    "private-key",    "weak-key",      "reflection",     "refused",
        "unexpected", "not-addressed", "inner",          "deadline",      "not-open",       "closed",
        "exhausted",  "ended",         "unsendable",     "argument",      "internal",       "vault",
        "no-secret",  "wrong-type",    "not-exportable", "not-supported", "label",          "more",
    };
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "internal";
}

bool ockam_accept_any(const void *context, const uint8_t *key, size_t size)
{
    (void)context;
    (void)key;
    (void)size;
    return true;
}
