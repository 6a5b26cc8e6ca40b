// Ways to reach somebody elsewhere: a phone number, an e-mail address, or an app's name with an
// account behind it. Disguised names of apps are for word lists and views; this finds what is meant
// to be read at once.

#include "engine/base/lanes.h"
#include "engine/base/utf8.h"
#include "engine/rules/checks.h"
#include "engine/rules/numbers.h"

#include <string.h>

// Between an app's name and the account stand a colon, a blank, 号, 是, "id:"; rarely more.
#define MOST_BETWEEN 12

struct contact_arguments {
    uint32_t kinds;
};

static const char *const kind_names[] = {"phone",    "email", "wechat",  "qq",
                                         "telegram", "line",  "whatsapp"};

enum {
    KIND_PHONE,
    KIND_EMAIL,
    KIND_WECHAT,
    KIND_QQ,
    KIND_TELEGRAM,
    KIND_LINE,
    KIND_WHATSAPP,
};

#define APP_KINDS ~(1u << KIND_PHONE | 1u << KIND_EMAIL)

/** How viewers call an app, in the fold view. */
static const struct {
    const char *name;
    uint32_t kind;
} apps[] = {
    {"微信", KIND_WECHAT}, {"wechat", KIND_WECHAT},     {"weixin", KIND_WECHAT},
    {"vx", KIND_WECHAT},   {"wx", KIND_WECHAT},         {"qq", KIND_QQ},
    {"扣扣", KIND_QQ},     {"telegram", KIND_TELEGRAM}, {"电报", KIND_TELEGRAM},
    {"tg", KIND_TELEGRAM}, {"line", KIND_LINE},         {"whatsapp", KIND_WHATSAPP},
    {"加v", KIND_WECHAT},  {"+v", KIND_WECHAT},         {"v信", KIND_WECHAT},
};

/** Links that lead to an account. */
static const struct {
    const char *start;
    uint32_t kind;
} account_links[] = {{"t.me/", KIND_TELEGRAM}, {"wa.me/", KIND_WHATSAPP}, {"line.me/", KIND_LINE}};

bool weir_parse_contact(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_check *check)
{
    struct contact_arguments *arguments = weir_arena_new(loader->arena, struct contact_arguments);
    check->arguments = arguments;
    return weir_loader_read_names(loader, weir_check_argument(node, check), "contact", kind_names,
                                  ARRAY_LEN(kind_names), &arguments->kinds);
}

static void add_number(void *user, const struct weir_number *number)
{
    weir_check_add_span(user, WEIR_VIEW_FOLD, number->start, number->end);
}

static bool is_account_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static size_t account_end(const struct weir_view *view, size_t at)
{
    while (at < view->length && is_account_byte(view->bytes[at])) {
        at++;
    }
    return at;
}

// An account has a digit, so that plain words behind the name of an app are none; or it is marked,
// which says the same.
static bool is_account(const struct weir_view *view, size_t start, size_t end, bool is_marked)
{
    size_t digits = 0;
    for (size_t i = start; i < end; i++) {
        digits += view->bytes[i] >= '0' && view->bytes[i] <= '9';
    }
    return end - start >= 5 && end - start <= 32 && (digits > 0 || is_marked);
}

static void add_account_behind(const struct weir_view *view, size_t name_start, size_t name_end,
                               struct weir_check_spans *spans)
{
    struct weir_span bytes = {view->bytes, view->length};
    size_t at = name_end;
    bool is_direct = true; // but for "id", no word stands between
    for (size_t chars = 0; chars < MOST_BETWEEN && at < view->length; chars++) {
        size_t end = account_end(view, at);
        bool is_marked = is_direct && view->bytes[at - 1] == '@';
        if (is_account(view, at, end, is_marked)) {
            weir_check_add_span(spans, WEIR_VIEW_FOLD, name_start, end);
            return;
        }
        if (end > at) {
            is_direct = is_direct && end - at == 2 && memcmp(view->bytes + at, "id", 2) == 0;
            at = end;
        } else {
            weir_utf8_next(bytes, &at);
        }
    }
}

static bool stands_alone(const struct weir_view *view, size_t start, size_t end)
{
    bool is_cut_left =
        start > 0 && is_word_byte(view->bytes[start]) && is_word_byte(view->bytes[start - 1]);
    bool is_cut_right = end < view->length && is_word_byte(view->bytes[end - 1]) &&
                        view->bytes[end] >= 'a' && view->bytes[end] <= 'z';
    return !is_cut_left && !is_cut_right;
}

// What every account has, or stands behind: nearly every message is done with after one look.
static bool may_have_account(const struct weir_view *view)
{
    uint32_t found = 0;
    for (uint32_t at = 0; at < view->length; at += WEIR_LANES) {
        weir_lanes bytes = weir_lanes_load(view->bytes + at);
        found |= weir_lanes_bits(weir_lanes_between(bytes, '0', '9') | weir_lanes_are(bytes, '@') |
                                 weir_lanes_are(bytes, '/'));
    }
    return found != 0;
}

static void find_accounts(const struct weir_view *view, struct weir_span name,
                          struct weir_check_spans *spans)
{
    struct weir_span rest = {view->bytes, view->length};
    const char *found;
    while (rest.length > 0 && (found = memmem(rest.data, rest.length, name.data, name.length))) {
        size_t at = (size_t)(found - view->bytes);
        if (stands_alone(view, at, at + name.length)) {
            add_account_behind(view, at, at + name.length, spans);
        }
        rest = (struct weir_span){found + 1, view->length - at - 1};
    }
}

static void find_links(const struct weir_view *view, struct weir_span start,
                       struct weir_check_spans *spans)
{
    struct weir_span rest = {view->bytes, view->length};
    const char *found;
    while (rest.length > 0 && (found = memmem(rest.data, rest.length, start.data, start.length))) {
        size_t at = (size_t)(found - view->bytes);
        bool is_invitation = view->bytes[at + start.length] == '+'; // 0 at the end
        size_t end = account_end(view, at + start.length + is_invitation);
        bool is_cut = at > 0 && is_account_byte(view->bytes[at - 1]);
        if (!is_cut && end - at - start.length >= 5) {
            weir_check_add_span(spans, WEIR_VIEW_FOLD, at, end);
        }
        rest = (struct weir_span){found + 1, view->length - at - 1};
    }
}

// A number that is spelt out, as it stands behind the name of an app.
static bool is_spelt_account(const struct weir_number *number)
{
    return number->has_han && number->count >= 8 && number->count <= 12 &&
           number->digits[number->count - 1] != 'x';
}

struct spelt {
    const struct weir_view *view;
    uint32_t kinds;
    struct weir_check_spans *spans;
};

// The name nearest before a place, no farther than an account stands behind one; NULL: none.
static const char *find_app_before(const struct spelt *spelt, uint32_t place)
{
    const char *bytes = spelt->view->bytes;
    uint32_t first = place;
    for (size_t chars = 0; chars < MOST_BETWEEN && first > 0; chars++) {
        do {
            first--;
        } while (first > 0 && (bytes[first] & 0xc0) == 0x80);
        for (size_t i = 0; i < ARRAY_LEN(apps); i++) {
            struct weir_span name = weir_span_of(apps[i].name);
            if ((spelt->kinds >> apps[i].kind & 1) && name.length <= place - first &&
                memcmp(bytes + first, name.data, name.length) == 0 &&
                stands_alone(spelt->view, first, first + name.length)) {
                return bytes + first;
            }
        }
    }
    return NULL;
}

static void add_spelt(void *user, const struct weir_number *number)
{
    const struct spelt *spelt = user;
    const char *name = find_app_before(spelt, number->start);
    if (name) {
        weir_check_add_span(spelt->spans, WEIR_VIEW_FOLD, (uint32_t)(name - spelt->view->bytes),
                            number->end);
    }
}

static void add_email_around(const struct weir_view *view, size_t at,
                             struct weir_check_spans *spans)
{
    size_t start = at;
    while (start > 0 &&
           (is_account_byte(view->bytes[start - 1]) || view->bytes[start - 1] == '+')) {
        start--;
    }
    size_t end = account_end(view, at + 1);
    while (end > at + 1 && view->bytes[end - 1] == '.') {
        end--;
    }
    if (start < at && memchr(view->bytes + at, '.', end - at)) {
        weir_check_add_span(spans, WEIR_VIEW_FOLD, start, end);
    }
}

static void find_emails(const struct weir_view *view, struct weir_check_spans *spans)
{
    struct weir_span rest = {view->bytes, view->length};
    const char *found;
    while (rest.length > 0 && (found = memchr(rest.data, '@', rest.length))) {
        size_t at = (size_t)(found - view->bytes);
        add_email_around(view, at, spans);
        rest = (struct weir_span){found + 1, view->length - at - 1};
    }
}

// An address has an @, the others have digits, or a / where they are links.
bool weir_may_hold_contact(const struct weir_check_input *input)
{
    const struct weir_view *view = weir_text_view(input->text, WEIR_VIEW_FOLD);
    return may_have_account(view) || weir_may_hold_personal(input);
}

bool weir_holds_contact(const struct weir_check *check, const struct weir_check_input *input,
                        struct weir_check_spans *spans_out)
{
    const struct contact_arguments *arguments = check->arguments;
    const struct weir_view *view = weir_text_view(input->text, WEIR_VIEW_FOLD);
    bool has_accounts = (arguments->kinds & APP_KINDS) != 0 && may_have_account(view);
    bool has_numbers = weir_may_hold_personal(input);
    if ((arguments->kinds & 1u << KIND_PHONE) && has_numbers) {
        weir_numbers_find(view, weir_number_is_phone, add_number, spans_out);
    }
    if ((arguments->kinds & APP_KINDS) != 0 && has_numbers) {
        struct spelt spelt = {view, arguments->kinds, spans_out};
        weir_numbers_find(view, is_spelt_account, add_spelt, &spelt);
    }
    if (arguments->kinds & 1u << KIND_EMAIL) {
        find_emails(view, spans_out);
    }
    for (size_t i = 0; i < ARRAY_LEN(apps) && has_accounts; i++) {
        if (arguments->kinds & 1u << apps[i].kind) {
            find_accounts(view, weir_span_of(apps[i].name), spans_out);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(account_links) && has_accounts; i++) {
        if (arguments->kinds & 1u << account_links[i].kind) {
            find_links(view, weir_span_of(account_links[i].start), spans_out);
        }
    }
    return spans_out->count > 0;
}
