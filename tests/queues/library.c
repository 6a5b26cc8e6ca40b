#include "tests/queues/run.h"

#include <stdlib.h>

void request(struct run *run, struct client *client, const char *function, const char *key,
             const char *const *words)
{
    size_t count = 0;
    while (words[count]) {
        count++;
    }
    struct weir_buffer *out = &client->out;
    if (run->options.evalsha) {
        resp_begin(out, count + 5);
        resp_word(out, WEIR_SPAN("EVALSHA"));
        resp_word(out, weir_span_of(run->sha));
        resp_word(out, WEIR_SPAN("1"));
        resp_word(out, weir_span_of(key));
        resp_word(out, weir_span_of(function));
    } else {
        resp_begin(out, count + 4);
        resp_word(out, WEIR_SPAN("FCALL"));
        resp_word(out, weir_span_of(function));
        resp_word(out, WEIR_SPAN("1"));
        resp_word(out, weir_span_of(key));
    }
    for (size_t i = 0; i < count; i++) {
        resp_word(out, weir_span_of(words[i]));
    }
    client->expected++;
}

void load_library(struct run *run)
{
    const struct server *master = &run->servers[run->master];
    const char *text = weir_buffer_text(&run->library);
    if (!run->options.evalsha) {
        server_must(master, 10000,
                    (const char *const[]){"FUNCTION", "LOAD", "REPLACE", text, NULL});
        return;
    }
    struct weir_buffer bytes = {0};
    struct resp_reply reply = {0};
    const char *const load[] = {"SCRIPT", "LOAD", strchr(text, '\n') + 1, NULL};
    server_must(master, 10000, load);
    if (server_ask(master, 10000, load, &bytes, &reply)) {
        snprintf(run->sha, sizeof(run->sha), "%.*s", WEIR_SPAN_ARGS(reply.values[0].text));
    }
    weir_buffer_fini(&bytes);
    resp_reply_fini(&reply);
}
