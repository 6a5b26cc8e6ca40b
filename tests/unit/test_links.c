#include "tests/unit/test.h"

#include "engine/rules/links.h"

struct found_link {
    char host[WEIR_LINK_HOST + 1];
    uint32_t start;
    uint32_t end;
    size_t count;
};

static bool keep_first(void *user, const struct weir_link *link)
{
    struct found_link *found = user;
    if (found->count++ == 0) {
        memcpy(found->host, link->host, sizeof(found->host));
        found->start = link->start;
        found->end = link->end;
    }
    return true;
}

static struct found_link find_in(const char *text)
{
    char bytes[400 + WEIR_TEXT_PADDING] = {0};
    struct weir_view view = {.bytes = bytes, .length = (uint32_t)strlen(text)};
    assert_true(view.length <= 400);
    memcpy(bytes, text, view.length);
    struct found_link found = {.host = ""};
    weir_links_find(&view, keep_first, &found);
    return found;
}

static void links_are_found_and_lead_to_their_host(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; // "": no link
    } cases[] = {
        {"https://example.com/a?b=youtube.com", "example.com"},
        {"看example.com吧", "example.com"},
        {"www.example.cn", "www.example.cn"},
        {"example.com:8080/x", "example.com"},
        {"https://youtube.com@evil.example.com/", "evil.example.com"},
        {"https:\\\\evil.com", "evil.com"},
        {"evil%2ecom", "evil.com"},
        {"http://%65vil.com", "evil.com"},
        {"example dot com", "example.com"},
        {"example(dot)com slash free", "example.com"},
        {"baidu点com", "baidu.com"},
        {"evil。com", "evil.com"},
        {"discord.gg/abc", "discord.gg"},
        {"t.me/abc", "t.me"},
        {"http://1.2.3.4/x", "1.2.3.4"},
        {"http://localhost/", "localhost"},
        {"xn--fiqs8s.com", "xn--fiqs8s.com"},
        {"see abc.co.uk.", "abc.co.uk"},
        {"so.me", ""},
        {"that is it.is it", ""},
        {"version 1.2.3", ""},
        {"1.2.3.4", ""},
        {"file.zzzz", ""},
        {"a..com", ""},
        {"...", ""},
        {"mail bob@example.com", ""},
        {"三点半", ""},
        {"dot com", ""},
        {"plain words: and example.com", "example.com"},
        {"one. two.example.com", "two.example.com"},
        {"see.%63om", "see.com"},
        {"wait...example.com", ""},
        {"bob.@example.com", ""},
        {"now:example.com", "example.com"},
        {"http: //x", ""},
        {"http://", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct found_link found = find_in(cases[i].text);
        EXPECT_TEXT(cases[i].text, weir_span_of(found.host), cases[i].host);
        EXPECT_EQ(cases[i].text, found.count, cases[i].host[0] ? 1 : 0);
    }
    test_end_rows();
}

static void a_name_in_a_query_is_not_a_second_link(void **state)
{
    (void)state;
    struct found_link found = find_in("evil.com/?youtube.com x");
    EXPECT_EQ("count", found.count, 1);
    EXPECT_EQ("start", found.start, 0);
    EXPECT_EQ("end", found.end, 21);
    test_end_rows();
}

static void domains_match_at_their_dots(void **state)
{
    (void)state;
    EXPECT("itself", weir_link_is_below("youtube.com", WEIR_SPAN("youtube.com")));
    EXPECT("below", weir_link_is_below("m.youtube.com", WEIR_SPAN("youtube.com")));
    EXPECT("another that ends so", !weir_link_is_below("notyoutube.com", WEIR_SPAN("youtube.com")));
    EXPECT("before", !weir_link_is_below("youtube.com.evil.com", WEIR_SPAN("youtube.com")));
    EXPECT("nothing", !weir_link_is_below("youtube.com", WEIR_SPAN("")));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_found_and_lead_to_their_host),
        cmocka_unit_test(a_name_in_a_query_is_not_a_second_link),
        cmocka_unit_test(domains_match_at_their_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
