/* An adapter (conformance/harness/PROTOCOL.md) for this library. Requests are carried out one after the other. */
#include "adapter.h"

#include <stdlib.h>
#include <string.h>

#define CAPABILITIES                                                                                                             \
    " verbs=hello,capabilities,reset,quit,open,feed,write,tick,claims,close,decode,encode,x25519,p256,seal,unseal,hkdf,sha256,"  \
    "vault,listen,connect"                                                                                                       \
    " profiles=v1,c09,c010 roles=initiator,responder over=stream,message,datagram"                                               \
    " forms=handshake,transport,inner,route,address,u2le,frames transports=tcp,udp"                                              \
    " options=ephemeral,peer,local,remote,route,address,listener,window,limit,deadline,from,end,onward,return,service,"          \
    "buffer,giveup channels=64"

const char *class_of(ockam_status status)
{
    return status == OCKAM_OK ? NULL : ockam_status_name(status);
}

const ockam_profile *profile_of(adapter *a)
{
    const char *name = line_get(&a->l, "profile");
    return ockam_profile_named(name ? name : "v1");
}

static const char *hello(adapter *a)
{
    bool knows = false;
    uint64_t version = 0;
    for (char *next, *v = line_get(&a->l, "versions"); v; v = next) {
        next = strchr(v, ',');
        if (next)
            *next++ = 0;
        if (!line_decimal(v, INT32_MAX, &version))
            return "argument";
        knows = knows || version == 1;
    }
    a->greeted = a->greeted || knows;
    line_add_text(&a->l, " version=1 line=262144 name=ockam-c11");
    return knows ? NULL : "version";
}

static const char *capabilities(adapter *a)
{
    line_add_text(&a->l, CAPABILITIES);
    return NULL;
}

static const char *reset(adapter *a)
{
    for (size_t ch = 0; ch < CHANNELS; ch++)
        forget(a, ch);
    while (a->running > 0)
        peer_stop(a->services[--a->running]);
    ockam_secrets_free(a->vault);
    memset(a->secrets, 0, sizeof a->secrets);
    a->vault = ockam_secrets_new();
    return a->vault ? NULL : "internal";
}

static const char *quit(adapter *a)
{
    a->done = true;
    return reset(a);
}

static const struct {
    const char *name, *required, *optional;
    const char *(*run)(adapter *a);
} verbs[] = {
    {"hello", " versions ", "", hello},
    {"capabilities", "", "", capabilities},
    {"reset", "", "", reset},
    {"quit", "", "", quit},
    {"open", " ch role profile over static ", " ephemeral peer local remote route address listener window limit deadline ",
     open_channel},
    {"feed", " ch ", " data from end ", feed},
    {"write", " ch data ", " onward return ", write_payload},
    {"tick", " ch ms ", "", tick},
    {"claims", " ch ", "", claims},
    {"close", " ch ", "", close_channel},
    {"decode", " as data ", " profile limit ", decode},
    {"encode", " as ", " profile onward return type body route address value frames ", encode},
    {"x25519", " private ", " public ", x25519},
    {"p256", " private ", " public ", p256},
    {"seal", " key nonce ad data ", "", seal},
    {"unseal", " key nonce ad data ", "", unseal},
    {"hkdf", " salt n ", " ikm ", hkdf},
    {"sha256", " data ", "", sha256},
    {"vault", " op ", " secret type length value exportable label to ikm public nonce ad data ", vault},
    {"listen", " on profile static ", " peer address deadline buffer giveup ", listen_on},
    {"connect", " to profile static ", " peer route service deadline buffer giveup ", connect_to},
};

static void carry_out(adapter *a)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, a->l.verb) != 0 || (!a->greeted && i > 0))
            continue;
        if (!line_has(&a->l, verbs[i].required, verbs[i].optional))
            return;
        const char *class = verbs[i].run(a);
        if (!class)
            line_ok(&a->l);
        else if (strcmp(class, "unsupported") == 0)
            line_unsupported(&a->l, NULL);
        else
            line_error(&a->l, class);
        return;
    }
    if (a->greeted)
        line_unsupported(&a->l, NULL);
    else
        line_error(&a->l, "sequence");
}

int main(void)
{
    adapter *a = calloc(1, sizeof *a);
    if (!a || !(a->work = ockam_work_new()) || !(a->vault = ockam_secrets_new()) ||
        !line_dial(&a->l, getenv("OCKAMTEST_CONTROL")))
        return 1;
    for (line_result result = LINE_BAD; !a->done && result != LINE_END;) {
        result = line_read(&a->l);
        if (result == LINE_GOOD)
            carry_out(a);
    }
    (void)reset(a);
    ockam_secrets_free(a->vault);
    ockam_work_free(a->work);
    free(a);
    return 0;
}
