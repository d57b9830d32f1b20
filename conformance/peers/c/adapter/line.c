/* Lines of the adapter protocol. */
#define _POSIX_C_SOURCE 200809L
#include "line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool line_dial(line *l, const char *control)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int in, out, yes = 1;
    unsigned port;
    if (control && sscanf(control, "fd:%d,%d", &in, &out) == 2)
        return (l->in = fdopen(in, "r")) && (l->out = fdopen(out, "w"));
    if (!control || sscanf(control, "tcp:127.0.0.1:%u", &port) != 1 || port > UINT16_MAX)
        return false;
    to.sin_port = htons((uint16_t)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in = socket(AF_INET, SOCK_STREAM, 0);
    if (in < 0 || connect(in, (const struct sockaddr *)&to, sizeof to) != 0)
        return false;
    (void)setsockopt(in, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return (l->in = fdopen(in, "r")) && (l->out = fdopen(dup(in), "w"));
}

/* word = %x61-7A *15( %x61-7A / DIGIT / "-" ) */
bool line_is_word(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n >= 1 && n <= 16 && s[n] == 0 && *s >= 'a' && *s <= 'z';
}

static bool is_id(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n >= 1 && s[n] == 0 && *s != '0' && (n < 10 || (n == 10 && strcmp(s, "2147483647") <= 0));
}

/* The next word of a text, NULL behind the last. */
static char *cut(char **rest)
{
    char *word = *rest, *space = word ? strchr(word, ' ') : NULL;
    if (space)
        *space++ = 0;
    *rest = space;
    return word;
}

static bool parse(line *l)
{
    char *rest = l->text, *id = cut(&rest), *verb = cut(&rest);
    l->id = is_id(id) ? id : "0";
    l->verb = verb;
    l->count = 0;
    for (char *field; (field = cut(&rest)); l->count++) {
        char *equals = strchr(field, '=');
        if (!equals || l->count == LINE_FIELDS || strchr(equals + 1, '='))
            return false;
        *equals = 0;
        if (!line_is_word(field) || line_get(l, field))
            return false;
        l->fields[l->count] = (line_field){field, equals + 1};
    }
    return verb && line_is_word(verb) && is_id(id);
}

line_result line_read(line *l)
{
    size_t size = 0;
    bool clean = true;
    int c;
    l->wrong = false;
    l->size = 0;
    l->id = "0";
    for (; (c = getc(l->in)) != EOF && c != '\n'; size++) {
        clean = clean && c >= 0x20 && c <= 0x7e;
        if (size < LINE_MAX_SIZE)
            l->text[size] = (char)(c ? c : '?');
    }
    if (c == EOF)
        return LINE_END;
    l->text[size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE] = 0;
    if (parse(l) && clean && size < LINE_MAX_SIZE)
        return LINE_GOOD;
    line_error(l, "syntax");
    return LINE_BAD;
}

/* Whether a list has a word. */
static bool lists(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at++)
        if (at > list && at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

bool line_has(line *l, const char *required, const char *optional)
{
    size_t have = 0, want = 0;
    for (size_t i = 0; i < l->count; i++) {
        bool is_required = lists(required, l->fields[i].key);
        have += is_required;
        if (!is_required && !lists(optional, l->fields[i].key)) {
            line_unsupported(l, l->fields[i].key);
            return false;
        }
    }
    for (const char *at = required; *at && at[1]; at = strchr(at + 1, ' '))
        want++;
    if (have < want)
        line_error(l, "argument");
    return have == want;
}

char *line_get(const line *l, const char *key)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->fields[i].key, key) == 0)
            return l->fields[i].value;
    return NULL;
}

bool line_decimal(const char *text, uint64_t max, uint64_t *value)
{
    size_t n = strspn(text, "0123456789");
    uint64_t v = 0;
    if (n == 0 || text[n] || n >= 19 || (n > 1 && *text == '0')) /* 18 digits do not overflow */
        return false;
    for (size_t i = 0; i < n; i++)
        v = 10 * v + (uint64_t)(text[i] - '0');
    if (v <= max)
        *value = v;
    return v <= max;
}

bool line_number(line *l, const char *key, uint64_t max, uint64_t *value)
{
    const char *text = line_get(l, key);
    if (text && !line_decimal(text, max, value))
        l->wrong = true;
    return text != NULL;
}

bool line_unhex(char *text, uint8_t **data, size_t *size)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = strlen(text);
    *data = (uint8_t *)text;
    *size = n / 2;
    if (n % 2 || strspn(text, digits) != n)
        return false;
    for (size_t i = 0; i < n / 2; i++)
        (*data)[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

bool line_bytes(line *l, const char *key, uint8_t **data, size_t *size)
{
    char *value = line_get(l, key);
    if (value && !line_unhex(value, data, size)) {
        l->wrong = true;
        *size = 0;
    }
    return value != NULL;
}

bool line_exactly(line *l, const char *key, uint8_t *out, size_t size)
{
    uint8_t *data;
    size_t n;
    bool present = line_bytes(l, key, &data, &n);
    if (present && n == size)
        memcpy(out, data, size);
    else if (present)
        l->wrong = true;
    return present;
}

int line_word(const line *l, const char *key, const char *const *words, size_t count)
{
    const char *value = line_get(l, key);
    for (size_t i = 0; value && i < count; i++)
        if (strcmp(words[i], value) == 0)
            return (int)i;
    return -1;
}

static void put(line *l, const char *text, size_t size)
{
    if (l->size > sizeof l->answer || size > sizeof l->answer - l->size) {
        l->size = sizeof l->answer + 1; /* too long, from now on */
        return;
    }
    memcpy(l->answer + l->size, text, size);
    l->size += size;
}

void line_add_text(line *l, const char *text)
{
    put(l, text, strlen(text));
}

void line_add_bytes(line *l, const uint8_t *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++)
        put(l, (const char[]){digits[data[i] >> 4], digits[data[i] & 15]}, 2);
}

void line_put_text(line *l, const char *key, const char *value)
{
    line_add_text(l, " ");
    line_add_text(l, key);
    line_add_text(l, "=");
    line_add_text(l, value);
}

void line_put_number(line *l, const char *key, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value); /* it fits */
    line_put_text(l, key, text);
}

void line_put_bytes(line *l, const char *key, const uint8_t *data, size_t size)
{
    line_put_text(l, key, "");
    line_add_bytes(l, data, size);
}

/* A connection that is broken shows in reading. */
static void send_answer(line *l, const char *status, const char *key, const char *value)
{
    if (key)
        (void)fprintf(l->out, "%s %s %s=%s\n", l->id, status, key, value);
    else
        (void)fprintf(l->out, "%s %s\n", l->id, status);
    (void)fflush(l->out);
}

void line_ok(line *l)
{
    if (l->size + strlen(l->id) + 4 > sizeof l->answer) {
        line_error(l, "internal");
        return;
    }
    (void)fprintf(l->out, "%s ok", l->id);
    (void)fwrite(l->answer, 1, l->size, l->out);
    (void)fputc('\n', l->out);
    (void)fflush(l->out);
}

void line_error(line *l, const char *class)
{
    send_answer(l, "error", "class", class);
}

void line_unsupported(line *l, const char *detail)
{
    send_answer(l, "unsupported", detail ? "detail" : NULL, detail);
}
