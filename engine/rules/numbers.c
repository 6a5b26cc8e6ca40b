#include "engine/rules/numbers.h"

#include "engine/base/lanes.h"
#include "engine/base/utf8.h"

// Different digits that a real number has at least.
#define LEAST_IN_PHONE 4
#define LEAST_IN_CARD  3

/** The shortest number that is looked for: + and a country's code before a short one. */
#define LEAST_DIGITS 8

/** Digits without anything between them. */
struct group {
    size_t count; // beyond WEIR_NUMBER_DIGITS they are counted only
    uint32_t start;
    uint32_t end;
    char digits[WEIR_NUMBER_DIGITS + 1];
    bool has_han;
    bool has_plus;
};

// The digit that a Han numeral stands for, spoken ones (洞, 幺, 拐) among them; else '\0'.
static char digit_of_han(uint32_t character)
{
    switch (character) {
    case U'零':
    case U'〇':
    case U'洞':
        return '0';
    case U'一':
    case U'幺':
    case U'壹':
        return '1';
    case U'二':
    case U'贰':
    case U'两':
        return '2';
    case U'三':
    case U'叁':
        return '3';
    case U'四':
    case U'肆':
        return '4';
    case U'五':
    case U'伍':
        return '5';
    case U'六':
    case U'陆':
        return '6';
    case U'七':
    case U'柒':
    case U'拐':
        return '7';
    case U'八':
    case U'捌':
        return '8';
    case U'九':
    case U'玖':
    case U'勾':
        return '9';
    default:
        return '\0';
    }
}

static struct weir_span bytes_of(const struct weir_view *view)
{
    return (struct weir_span){view->bytes, view->length};
}

// The digit at `*at`, or '\0' with `*at` unmoved.
static char take_digit(const struct weir_view *view, size_t *at, bool *is_han)
{
    size_t next = *at;
    if (next >= view->length) {
        return '\0';
    }
    uint32_t c = weir_utf8_next(bytes_of(view), &next);
    if (c >= '0' && c <= '9') {
        *at = next;
        return (char)c;
    }
    char digit = c > 0x7F ? digit_of_han(c) : '\0';
    if (digit) {
        *at = next;
        *is_han = true;
    }
    return digit;
}

static bool take_group(const struct weir_view *view, size_t *at, struct group *group)
{
    *group = (struct group){.start = (uint32_t)*at};
    group->has_plus = *at > 0 && view->bytes[*at - 1] == '+';
    for (char digit = take_digit(view, at, &group->has_han); digit;
         digit = take_digit(view, at, &group->has_han)) {
        if (group->count < WEIR_NUMBER_DIGITS) {
            group->digits[group->count] = digit;
        }
        group->count++;
    }
    group->end = (uint32_t)*at;
    return group->count > 0;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// An X behind the last digit is the check digit of an identity card, unless a word begins there.
static void take_check_letter(const struct weir_view *view, struct group *group)
{
    char c = group->end < view->length ? view->bytes[group->end] : '\0';
    bool ends = group->end + 1 >= view->length || !is_letter_or_digit(view->bytes[group->end + 1]);
    if ((c == 'x' || c == 'X') && ends && group->count < WEIR_NUMBER_DIGITS) {
        group->digits[group->count++] = 'x';
        group->end++;
    }
}

// What people put between the digits of one number: at most two of these.
static size_t separator_length(const struct weir_view *view, size_t at)
{
    size_t length = 0;
    while (length < 2 && at + length < view->length &&
           strchr(" -.()/_*~,", view->bytes[at + length]) && view->bytes[at + length] != '\0') {
        length++;
    }
    return length;
}

static size_t collect_groups(const struct weir_view *view, size_t *at,
                             struct group groups[WEIR_NUMBER_GROUPS])
{
    size_t count = 0;
    size_t next = *at;
    while (count < WEIR_NUMBER_GROUPS && take_group(view, &next, &groups[count])) {
        *at = next;
        next += separator_length(view, next);
        count++;
    }
    if (count > 0) {
        take_check_letter(view, &groups[count - 1]);
    }
    return count;
}

// Takes one more group in; false where that is longer than any number that is looked for.
static bool add_group(struct weir_number *number, const struct group *group)
{
    if (number->count + group->count > WEIR_NUMBER_DIGITS) {
        return false;
    }
    memcpy(number->digits + number->count, group->digits, group->count);
    number->count += group->count;
    number->has_han = number->has_han || group->has_han;
    number->group_sizes[number->group_count++] = group->count;
    number->end = group->end;
    return true;
}

// The longest number that begins with group `first`; returns the group behind it, or `first`.
static size_t find_from(const struct group *groups, size_t first, size_t count,
                        weir_number_fn is_wanted, struct weir_number *found)
{
    struct weir_number number = {.has_plus = groups[first].has_plus, .start = groups[first].start};
    size_t behind = first;
    for (size_t last = first; last < count && add_group(&number, &groups[last]); last++) {
        if (is_wanted(&number)) {
            *found = number;
            behind = last + 1;
        }
    }
    return behind;
}

// Lead bytes of Han characters, and of little else.
static bool may_lead_han(unsigned char byte)
{
    return (unsigned char)(byte - 0xE3) <= 0xE9 - 0xE3;
}

// Digits, and characters that may stand for one.
static size_t count_possible_digits(const struct weir_view *view)
{
    size_t count = 0;
    for (uint32_t at = 0; at < view->length;) {
        weir_lanes found = weir_lanes_of(0);
        for (int i = 0; i < UINT8_MAX && at < view->length; i++, at += WEIR_LANES) {
            weir_lanes bytes = weir_lanes_load(view->bytes + at); // 0 behind the end
            found -= weir_lanes_between(bytes, '0', '9') | weir_lanes_between(bytes, 0xE3, 0xE9);
        }
        count += weir_lanes_sum(found);
    }
    return count;
}

bool weir_numbers_may_be_in(const struct weir_view *view)
{
    size_t possible = count_possible_digits(view);
    size_t found = 0;
    for (size_t at = 0; possible >= LEAST_DIGITS && found < LEAST_DIGITS;) {
        unsigned char byte = (unsigned char)view->bytes[at];
        if (may_lead_han(byte)) { // most of them are no numerals, so this ends soon
            bool is_digit = digit_of_han(weir_utf8_next(bytes_of(view), &at)) != '\0';
            found += is_digit;
            possible -= !is_digit;
        } else {
            found += (unsigned char)(byte - '0') < 10;
            at++;
        }
    }
    return found >= LEAST_DIGITS;
}

// The next place from `at` where a digit may stand.
static size_t skip_others(const struct weir_view *view, size_t at)
{
    while (at < view->length) {
        unsigned char byte = (unsigned char)view->bytes[at];
        if ((unsigned char)(byte - '0') < 10 || byte >= 0xE3) {
            break;
        }
        at++;
    }
    return at;
}

void weir_numbers_find(const struct weir_view *view, weir_number_fn is_wanted,
                       weir_on_number_fn on_number, void *user)
{
    struct group groups[WEIR_NUMBER_GROUPS];
    struct weir_number number;
    size_t at = weir_numbers_may_be_in(view) ? skip_others(view, 0) : view->length;
    while (at < view->length) {
        size_t count = collect_groups(view, &at, groups);
        size_t first = 0;
        while (first < count) {
            size_t behind = find_from(groups, first, count, is_wanted, &number);
            if (behind > first) {
                on_number(user, &number);
            }
            first = behind > first ? behind : first + 1;
            if (count == WEIR_NUMBER_GROUPS && first >= count / 2) {
                break; // a longer chain of groups: go on in its middle
            }
        }
        if (first < count) {
            at = groups[first].start;
        } else if (at < view->length) {
            weir_utf8_next(bytes_of(view), &at);
            at = skip_others(view, at);
        }
    }
}

// Viewers play with numbers: 66666666666, 17171717171, +10000000, 2333333333333333. What has so few
// different digits is hardly ever issued to anybody.
static bool is_played_with(const struct weir_number *number, int least_different)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < number->count; i++) {
        seen |= 1u << (number->digits[i] & 15);
    }
    return __builtin_popcount(seen) < least_different;
}

static bool is_mobile(const char *digits, size_t count)
{
    return count == 11 && digits[0] == '1' && digits[1] >= '3';
}

static bool is_area_code_number(const struct weir_number *number)
{
    const size_t *sizes = number->group_sizes;
    return number->group_count == 2 && number->digits[0] == '0' &&
           (sizes[0] == 3 || sizes[0] == 4) && (sizes[1] == 7 || sizes[1] == 8);
}

static bool is_north_american(const struct weir_number *number)
{
    const size_t *sizes = number->group_sizes;
    return number->group_count == 3 && sizes[0] == 3 && sizes[1] == 3 && sizes[2] == 4 &&
           number->digits[0] >= '2' && number->digits[3] >= '2';
}

// 192.168.100.85 has as many digits as a mobile number; no phone is grouped in threes to the end.
static bool is_like_an_address(const struct weir_number *number)
{
    return number->group_count >= 4 && number->group_sizes[0] == 3 && number->group_sizes[1] == 3;
}

bool weir_number_is_phone(const struct weir_number *number)
{
    const char *digits = number->digits;
    size_t count = number->count;
    if (count == 0 || digits[count - 1] == 'x' || is_played_with(number, LEAST_IN_PHONE) ||
        is_like_an_address(number)) {
        return false;
    }
    if (count == 13 && memcmp(digits, "86", 2) == 0) {
        return is_mobile(digits + 2, 11);
    }
    return is_mobile(digits, count) || (number->has_plus && count >= 8 && count <= 15) ||
           (!number->has_han && (is_area_code_number(number) || is_north_american(number)));
}

static int two_digits(const char *digits)
{
    return (digits[0] - '0') * 10 + digits[1] - '0';
}

static bool is_birth_date(const char *digits)
{
    int century = two_digits(digits);
    int month = two_digits(digits + 4);
    int day = two_digits(digits + 6);
    return (century == 19 || century == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool weir_number_is_id_card(const struct weir_number *number)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char check_digits[] = "10x98765432";
    int sum = 0;
    if (number->count != 18 || number->group_count > 4 || number->digits[0] == '0' ||
        number->digits[0] == '9' || !is_birth_date(number->digits + 6)) {
        return false;
    }
    for (size_t i = 0; i < 17; i++) {
        sum += (number->digits[i] - '0') * weights[i];
    }
    return check_digits[sum % 11] == number->digits[17];
}

static bool passes_luhn(const struct weir_number *number)
{
    int sum = 0;
    for (size_t i = 0; i < number->count; i++) {
        int digit = number->digits[number->count - 1 - i] - '0';
        digit = i % 2 ? digit * 2 : digit;
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

static bool is_issued_length(const struct weir_number *number)
{
    int start = two_digits(number->digits);
    size_t count = number->count;
    if (start == 62) {
        return count >= 16 && count <= 19; // UnionPay
    }
    if (start == 34 || start == 37) {
        return count == 15;
    }
    return count == 16 && ((start >= 40 && start <= 55) || start == 35 || start == 60 ||
                           start == 65 || (start >= 22 && start <= 27));
}

// Printed in fours; other groups are somebody's list of numbers.
static bool is_grouped_as_printed(const struct weir_number *number)
{
    for (size_t i = 0; i + 1 < number->group_count; i++) {
        if (number->group_sizes[i] < 4) {
            return false;
        }
    }
    return true;
}

bool weir_number_is_bank_card(const struct weir_number *number)
{
    return number->count >= 15 && number->digits[number->count - 1] != 'x' &&
           !is_played_with(number, LEAST_IN_CARD) && is_grouped_as_printed(number) &&
           is_issued_length(number) && passes_luhn(number);
}
