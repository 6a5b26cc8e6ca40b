// A link is read as browsers read it: what stands before an '@' is no host, a '\' is a '/', %2E is
// a dot, and everything behind the host belongs to the link, so a harmless name in a query string
// never stands for the host. Which names exist at all, the public suffix list tells.

#include "engine/rules/links.h"

#include "engine/base/lanes.h"

#include <libpsl.h>
#include <string.h>

/** One character of the text as a client reads it: 0 at the end. */
struct element {
    char c; // a byte of a host, '.', or another byte as it is
    size_t end;
};

/** A host while it is collected. */
struct candidate {
    struct weir_link link;
    size_t length;
    bool has_scheme;
    bool has_spelt_dot; // "(dot)", " dot ", 点: only before a common name
    size_t dots;
};

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool starts_at(const struct weir_view *view, size_t at, const char *text)
{
    for (; *text; text++, at++) {
        if (at >= view->length || view->bytes[at] != *text) {
            return false;
        }
    }
    return true;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t spelt_dot_length(const struct weir_view *view, size_t at)
{
    static const char *const spellings[] = {" dot ",   "(dot)", "[dot]", "{dot}",
                                            " (dot) ", "[.]",   "(.)",   "点",
                                            " 点 ",    "(点)",  "[点]",  " [dot] "};
    char first = at < view->length ? view->bytes[at] : 'a';
    char next = at + 1 < view->length ? view->bytes[at + 1] : 'a';
    bool is_blank_before = first == ' ' && (next == 'd' || next == '(' || next == '[' || next < 0);
    bool may_be_one = is_blank_before || first == '(' || first == '[' || first == '{' || first < 0;
    for (size_t i = 0; may_be_one && i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (starts_at(view, at, spellings[i])) {
            return strlen(spellings[i]);
        }
    }
    return 0;
}

static struct element element_at(const struct weir_view *view, size_t at)
{
    char c = view->bytes[at];
    if (c == '%' && at + 2 < view->length) {
        int high = hex_value(view->bytes[at + 1]);
        int low = hex_value(view->bytes[at + 2]);
        int decoded = high * 16 + low;
        if (high >= 0 && low >= 0 && decoded > 0x20 && decoded < 0x7F) {
            char lower = decoded >= 'A' && decoded <= 'Z' ? (char)(decoded + 32) : (char)decoded;
            return (struct element){lower, at + 3};
        }
    }
    if (starts_at(view, at, "。")) { // browsers take the ideographic full stop for a dot
        return (struct element){'.', at + strlen("。")};
    }
    return (struct element){c, at + 1};
}

static void add_host_byte(struct candidate *candidate, char c)
{
    if (candidate->length < WEIR_LINK_HOST) {
        candidate->link.host[candidate->length++] = c;
        candidate->dots += c == '.';
    }
}

static bool follows_name(const struct weir_view *view, size_t at)
{
    static const char *const names[] = {"com", "net", "org", "cn",  "cc",   "tv",   "me",   "io",
                                        "gg",  "xyz", "top", "vip", "shop", "club", "info", "app"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t end = at + strlen(names[i]);
        if (starts_at(view, at, names[i]) &&
            (end == view->length || !is_host_byte(view->bytes[end]) || view->bytes[end] == '.')) {
            return true;
        }
    }
    return false;
}

// Reads host bytes from `at`; returns where they end.
static size_t read_host(const struct weir_view *view, size_t at, struct candidate *candidate)
{
    while (at < view->length) {
        size_t spelt = candidate->length > 0 ? spelt_dot_length(view, at) : 0;
        if (spelt > 0 && follows_name(view, at + spelt)) {
            add_host_byte(candidate, '.');
            candidate->has_spelt_dot = true;
            at += spelt;
            continue;
        }
        struct element element = element_at(view, at);
        if (!is_host_byte(element.c)) {
            break;
        }
        add_host_byte(candidate, element.c);
        at = element.end;
    }
    return at;
}

// Whether what stands behind a word may make it part of a link: a dot in any spelling with more
// behind it, a scheme's colon, the @ of an address.
static bool is_joint(const struct weir_view *view, size_t at)
{
    char next = at + 1 < view->length ? view->bytes[at + 1] : '\0';
    switch (view->bytes[at]) {
    case '.':
        return next < 0 || is_host_byte(next) || next == '%' || next == '@' ||
               spelt_dot_length(view, at + 1) > 0;
    case ':':
        return next == '/' || next == '\\';
    case '%':
    case '@':
        return true;
    default:
        return spelt_dot_length(view, at) > 0 || starts_at(view, at, "。");
    }
}

// Where a word ends that can be no part of a link, as nearly every word of a chat; else `at`.
static size_t skip_word(const struct weir_view *view, size_t at)
{
    size_t end = at;
    while (end < view->length && view->bytes[end] != '.' && is_host_byte(view->bytes[end])) {
        end++;
    }
    return end < view->length && is_joint(view, end) ? at : end;
}

static void forget_host(struct candidate *candidate)
{
    candidate->length = 0;
    candidate->dots = 0;
}

// user:password@ before a host, of which only what stands behind the last @ counts.
static size_t skip_user(const struct weir_view *view, size_t at, struct candidate *candidate)
{
    size_t behind = at;
    while (behind < view->length && behind - at < 256) {
        char c = element_at(view, behind).c;
        if (c == '@') {
            forget_host(candidate);
            return read_host(view, behind + 1, candidate);
        }
        if (c == '/' || c == '\\' || c == '?' || c == '#' || c <= ' ') {
            break;
        }
        behind = element_at(view, behind).end;
    }
    return at;
}

static bool is_rest_byte(char c)
{
    return c > ' ' && c != 0x7F;
}

static bool begins_rest(const struct weir_view *view, size_t at)
{
    char c = at < view->length ? view->bytes[at] : '\0';
    return c == ':' || c == '/' || c == '\\' || c == '?' || c == '#';
}

// Whether a port, a path or the like stands behind the host: more than the sign that begins it.
static bool has_rest(const struct weir_view *view, size_t at)
{
    return begins_rest(view, at) && at + 1 < view->length && is_rest_byte(view->bytes[at + 1]);
}

static size_t skip_rest(const struct weir_view *view, size_t at)
{
    if (begins_rest(view, at)) {
        while (at < view->length && is_rest_byte(view->bytes[at])) {
            at++;
        }
    }
    return at;
}

static size_t scheme_length(const struct weir_view *view, size_t at)
{
    static const char *const schemes[] = {"https:", "http:", "hxxps:", "hxxp:", "ftp:"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i]);
        if (starts_at(view, at, schemes[i])) {
            size_t slashes = at + length;
            while (slashes < view->length &&
                   (view->bytes[slashes] == '/' || view->bytes[slashes] == '\\')) {
                slashes++;
            }
            return slashes - at >= length + 1 ? slashes - at : 0;
        }
    }
    return 0;
}

static bool is_ip(const char *host)
{
    return host[strspn(host, "0123456789.")] == '\0';
}

// English words and common typing make "is.it" and "so.me" out of two sentences.
static bool is_also_a_word(const char *name)
{
    static const char *const words[] = {
        "am",  "an",   "as",   "at",  "be",  "by", "do",  "id",   "in",   "is",   "it",  "la",
        "ma",  "md",   "me",   "mo",  "my",  "no", "pm",  "re",   "sh",   "so",   "st",  "to",
        "us",  "ps",   "py",   "rs",  "hm",  "ye", "men", "love", "fun",  "best", "win", "one",
        "now", "play", "here", "wow", "yes", "ok", "bot", "how",  "like", "this"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_known_suffix(const char *host)
{
    const char *name = strrchr(host, '.');
    const psl_ctx_t *list = psl_builtin();
    return name && list &&
           psl_is_public_suffix2(list, name + 1, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

static bool has_empty_label(const char *host)
{
    return host[0] == '.' || strstr(host, "..") != NULL;
}

static bool is_link(const struct candidate *candidate, bool has_rest)
{
    const char *host = candidate->link.host;
    if (candidate->length == 0 || has_empty_label(host)) {
        return false;
    }
    if (candidate->has_scheme) {
        return true;
    }
    if (candidate->dots == 0 || is_ip(host)) {
        return candidate->dots == 3 && has_rest;
    }
    bool is_plain_bare = candidate->dots == 1 && !has_rest && strncmp(host, "www.", 4) != 0;
    return has_known_suffix(host) && !(is_plain_bare && is_also_a_word(strrchr(host, '.') + 1));
}

static void end_host(struct candidate *candidate)
{
    while (candidate->length > 0 && candidate->link.host[candidate->length - 1] == '.') {
        candidate->length--;
        candidate->dots--;
    }
    candidate->link.host[candidate->length] = '\0';
}

// Reads a link that begins at `at`, if one does; returns where to go on.
static size_t read_link(const struct weir_view *view, size_t at, struct weir_link *link_out,
                        bool *is_link_out)
{
    struct candidate candidate = {.link = {.start = (uint32_t)at}};
    size_t scheme = scheme_length(view, at);
    candidate.has_scheme = scheme > 0;
    size_t end = read_host(view, at + scheme, &candidate);
    if (candidate.has_scheme) {
        end = skip_user(view, end, &candidate);
    }
    bool is_email = !candidate.has_scheme && end < view->length && view->bytes[end] == '@';
    if (is_email) { // its domain is no link of its own
        return read_host(view, end + 1, &candidate);
    }
    end_host(&candidate);
    *is_link_out = is_link(&candidate, has_rest(view, end));
    if (*is_link_out) {
        end = skip_rest(view, end);
        candidate.link.end = (uint32_t)end;
        *link_out = candidate.link;
    }
    return end > at ? end : at + 1;
}

// --- where to look ---

static weir_lanes begins_spelling(weir_lanes bytes)
{
    return weir_lanes_are(bytes, 'd') | weir_lanes_are(bytes, '(') | weir_lanes_are(bytes, '[') |
           weir_lanes_are(bytes, 0xE7);
}

// Which of sixteen bytes may be joints: all that are, and few others. That takes the three bytes
// from there on, for ends of sentences and the blanks between words are none.
static uint32_t joints_at(const char *at)
{
    weir_lanes bytes = weir_lanes_load(at);
    weir_lanes next = weir_lanes_load(at + 1);
    weir_lanes third = weir_lanes_load(at + 2);
    weir_lanes is_blank_behind = weir_lanes_are(next, ' ');
    weir_lanes dots = weir_lanes_are(bytes, '.') & (~is_blank_behind | begins_spelling(third));
    weir_lanes colons =
        weir_lanes_are(bytes, ':') & (weir_lanes_are(next, '/') | weir_lanes_are(next, '\\'));
    weir_lanes brackets =
        weir_lanes_are(bytes, '(') | weir_lanes_are(bytes, '[') | weir_lanes_are(bytes, '{');
    weir_lanes blanks = weir_lanes_are(bytes, ' ') & begins_spelling(next);
    weir_lanes signs = weir_lanes_are(bytes, '%') | weir_lanes_are(bytes, '@');
    weir_lanes full_stops = weir_lanes_are(bytes, 0xE3) & weir_lanes_are(next, 0x80); // 。
    weir_lanes points = weir_lanes_are(bytes, 0xE7) & weir_lanes_are(next, 0x82);     // 点
    return weir_lanes_bits(dots | colons | brackets | blanks | signs | full_stops | points);
}

static size_t next_joint(const struct weir_view *view, size_t at)
{
    for (; at < view->length; at += WEIR_LANES) {
        uint32_t joints = joints_at(view->bytes + at);
        if (joints != 0) {
            size_t found = at + (size_t)__builtin_ctz(joints);
            return found < view->length ? found : view->length;
        }
    }
    return view->length;
}

// The first word from `at` with a joint behind it, or that joint alone: what stands before can be
// no part of a link, as nearly all of a chat.
static size_t skip_words(const struct weir_view *view, size_t at)
{
    size_t joint = next_joint(view, at);
    if (joint == view->length) {
        return joint;
    }
    size_t start = joint;
    while (start > at && is_host_byte(view->bytes[start - 1]) && view->bytes[start - 1] != '.') {
        start--;
    }
    return start;
}

void weir_links_find(const struct weir_view *view, weir_on_link_fn on_link, void *user)
{
    for (size_t at = skip_words(view, 0); at < view->length; at = skip_words(view, at)) {
        struct weir_link link;
        bool is_found = false;
        struct element element = {view->bytes[at], at + 1};
        if (element.c == '%') {
            element = element_at(view, at);
        }
        if (!is_host_byte(element.c) || element.c == '.') {
            at = element.end;
            continue;
        }
        size_t behind = skip_word(view, at);
        at = behind > at ? behind : read_link(view, at, &link, &is_found);
        if (is_found && !on_link(user, &link)) {
            return;
        }
    }
}

bool weir_link_is_below(const char *host, struct weir_span domain)
{
    size_t length = strlen(host);
    if (length < domain.length || domain.length == 0 ||
        memcmp(host + length - domain.length, domain.data, domain.length) != 0) {
        return false;
    }
    return length == domain.length || host[length - domain.length - 1] == '.';
}

bool weir_link_is_registrable(struct weir_span domain)
{
    char name[WEIR_LINK_HOST + 1];
    const psl_ctx_t *list = psl_builtin();
    if (domain.length == 0 || domain.length > WEIR_LINK_HOST ||
        memchr(domain.data, '\0', domain.length)) {
        return false;
    }
    memcpy(name, domain.data, domain.length);
    name[domain.length] = '\0';
    return !list || psl_registrable_domain(list, name) != NULL;
}
