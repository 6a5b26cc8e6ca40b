#include "tests/unit/test.h"

#include "engine/net/url.h"

static const struct {
    const char *name;
    const char *text;
    const char *host; // NULL: refused
    const char *authority;
    const char *origin;
    const char *path;
    uint16_t port;
} cases[] = {
    {"host alone", "ws://chat.example", "chat.example", "chat.example", "http://chat.example", "/",
     80},
    {"TLS", "wss://chat.example/a?b=c#d", "chat.example", "chat.example", "https://chat.example",
     "/a?b=c", 443},
    {"port", "ws://h:8080/x", "h", "h:8080", "http://h:8080", "/x", 8080},
    {"the usual port is left out", "wss://h:443/", "h", "h", "https://h", "/", 443},
    {"query without a path", "ws://h?x", "h", "h", "http://h", "/?x", 80},
    {"IPv6", "ws://[::1]:9/", "::1", "[::1]:9", "http://[::1]:9", "/", 9},
    {"another scheme", "http://h/", NULL, "", "", "", 0},
    {"no host", "ws:///x", NULL, "", "", "", 0},
    {"port 0", "ws://h:0/", NULL, "", "", "", 0},
    {"port 65536", "ws://h:65536/", NULL, "", "", "", 0},
    {"port missing", "ws://h:/", NULL, "", "", "", 0},
    {"port of letters", "ws://h:a/", NULL, "", "", "", 0},
    {"bracket left open", "ws://[::1/", NULL, "", "", "", 0},
    {"password", "ws://u:p@h/", NULL, "", "", "", 0},
    {"a line end would be another header", "ws://h/\r\nX: y", NULL, "", "", "", 0},
    {"blank", "ws://h/a b", NULL, "", "", "", 0},
    {"not ASCII", "ws://h/\xc3\xa4", NULL, "", "", "", 0},
    {"empty", "", NULL, "", "", "", 0},
};

static void urls_are_taken_apart_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_url url;
        struct weir_error err = {0};
        bool is_read = weir_url_parse(weir_span_of(cases[i].text), &url, &err);
        EXPECT_EQ(cases[i].name, is_read, cases[i].host != NULL);
        EXPECT_EQ(cases[i].name, err.text[0] != '\0', !is_read);
        if (is_read && cases[i].host) {
            EXPECT_TEXT(cases[i].name, weir_span_of(url.host), cases[i].host);
            EXPECT_TEXT(cases[i].name, weir_span_of(url.authority), cases[i].authority);
            EXPECT_TEXT(cases[i].name, weir_span_of(url.origin), cases[i].origin);
            EXPECT_TEXT(cases[i].name, weir_span_of(url.path), cases[i].path);
            EXPECT_EQ(cases[i].name, url.port, cases[i].port);
        }
    }
    test_end_rows();
}

static void a_url_may_be_long_but_not_endless(void **state)
{
    (void)state;
    char text[4000] = "ws://h/";
    struct weir_url url;
    struct weir_error err = {0};
    memset(text + 7, 'a', sizeof(text) - 8);
    EXPECT("2000 bytes", weir_url_parse((struct weir_span){text, 2000}, &url, &err));
    EXPECT("4000 bytes", !weir_url_parse(weir_span_of(text), &url, &err));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart_or_refused),
        cmocka_unit_test(a_url_may_be_long_but_not_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
