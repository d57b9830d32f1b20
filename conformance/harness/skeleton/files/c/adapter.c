/*
 * An adapter of ockamtest for an implementation in C. As it stands everything is unsupported; PROTOCOL.md tells what the verbs do.
 *
 *     cc -std=c11 -Wall -Wextra -Werror -o adapter adapter.c
 *     ockamtest peer check adapter:./adapter
 *
 * To fill in a verb: write a function like hello(), add it to verbs[] with all its fields, declare it in CAPABILITIES.
 */
#define _DEFAULT_SOURCE /* getline, strsep */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME "skeleton-c"
#define CAPABILITIES "verbs=hello,capabilities,reset,quit profiles= roles= over= forms= transports= options= channels=0"

enum { LINE = 262144, FIELDS = 16 };
static char *line, *keys[FIELDS], *values[FIELDS]; /* the request */
static const char *id;
static int fields, greeted, done;
static FILE *in, *out;

/* get returns the value of a field, NULL if it is absent. */
static const char *get(const char *key)
{
    for (int i = 0; i < fields; i++)
        if (strcmp(keys[i], key) == 0)
            return values[i];
    return NULL;
}

/* unhex writes the bytes of a value to buf and returns how many; -1 if it is absent, malformed, or too long. */
long unhex(const char *value, uint8_t *buf, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = value ? strlen(value) : 1;
    if (n % 2 || n / 2 > size || strspn(value, digits) != n)
        return -1;
    for (size_t i = 0; i < n; i += 2)
        buf[i / 2] = (uint8_t)((strchr(digits, value[i]) - digits) * 16 + (strchr(digits, value[i + 1]) - digits));
    return (long)(n / 2);
}

/* An answer is one of these three, or begin_ok(), put_hex() for each field, and fputc('\n', out). */
static void answer(const char *text) { fprintf(out, "%s %s\n", id, text); }
static void error(const char *class) { fprintf(out, "%s error class=%s\n", id, class); }
static void unsupported(void) { answer("unsupported"); }
void begin_ok(void) { fprintf(out, "%s ok", id); }
void put_hex(const char *key, const uint8_t *buf, size_t size)
{
    for (fprintf(out, " %s=", key); size; size--)
        fprintf(out, "%02x", *buf++);
}

static void hello(void)
{
    const char *v = get("versions");
    if (!v || !*v || strspn(v, "0123456789,") != strlen(v)) {
        error("argument");
        return;
    }
    while (v && strcmp(v, "1") != 0 && strncmp(v, "1,", 2) != 0)
        v = strchr(v, ',') ? strchr(v, ',') + 1 : NULL;
    if (!v) {
        error("version");
        return;
    }
    greeted = 1;
    answer("ok version=1 line=262144 name=" NAME);
}

static void capabilities(void) { answer("ok " CAPABILITIES); }
static void reset(void) { answer("ok"); } /* forget all channels, end all listeners and connections */
static void quit(void) { done = 1; answer("ok"); }

static const struct { const char *name, *fields; void (*run)(void); } verbs[] = {
    {"hello", " versions ", hello}, {"capabilities", "", capabilities}, {"reset", "", reset}, {"quit", "", quit},
};

/* carry_out runs the verb, if there is one that has all the fields of the request. */
static void carry_out(const char *verb)
{
    char key[24];
    void (*run)(void) = unsupported;
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++) {
        int known = strcmp(verbs[v].name, verb) == 0;
        for (int i = 0; known && i < fields; i++)
            known = snprintf(key, sizeof key, " %s ", keys[i]) < (int)sizeof key && strstr(verbs[v].fields, key) != NULL;
        if (known)
            run = verbs[v].run;
    }
    if (!greeted && strcmp(verb, "hello") != 0)
        error("sequence");
    else
        run();
}

/* parse cuts the line into words and returns the verb, NULL if it is not understood. */
static const char *parse(void)
{
    char *rest = line, *number = strsep(&rest, " "), *verb = strsep(&rest, " "), *field, *value;
    id = verb ? number : "0", fields = 0;
    while ((field = strsep(&rest, " "))) {
        if (fields == FIELDS || !(value = strchr(field, '=')))
            return NULL;
        *value++ = 0, keys[fields] = field, values[fields++] = value;
    }
    return verb;
}

/* dial finds the control connection. */
static int dial(const char *where)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int i, o, yes = 1;
    unsigned port;
    if (where && sscanf(where, "fd:%d,%d", &i, &o) == 2)
        return (in = fdopen(i, "r")) && (out = fdopen(o, "w"));
    if (!where || sscanf(where, "tcp:127.0.0.1:%u", &port) != 1)
        return 0;
    to.sin_port = htons((uint16_t)port), to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if ((i = socket(AF_INET, SOCK_STREAM, 0)) < 0 || connect(i, (struct sockaddr *)&to, sizeof to) < 0)
        return 0;
    setsockopt(i, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return (in = fdopen(i, "r")) && (out = fdopen(dup(i), "w"));
}

int main(void)
{
    size_t size = 0;
    if (!dial(getenv("OCKAMTEST_CONTROL")))
        return 1;
    for (ssize_t n; !done && (n = getline(&line, &size, in)) > 0; fflush(out)) {
        int whole = n <= LINE && strlen(line) == (size_t)n && line[n - 1] == '\n';
        line[n - 1] = 0;
        const char *verb = parse();
        if (verb && whole)
            carry_out(verb);
        else
            error("syntax");
    }
    return 0;
}

