/** What a chat client would turn into a link, and the host that it leads to. */
#ifndef WEIR_RULES_LINKS_H
#define WEIR_RULES_LINKS_H

#include "engine/text/text.h"

#define WEIR_LINK_HOST 253

struct weir_link {
    char host[WEIR_LINK_HOST + 1]; // lower case, decoded, without port and trailing dots
    uint32_t start;                // of the view: scheme, host and path
    uint32_t end;
};

/** Called for each link. Returns false to end the search. */
typedef bool (*weir_on_link_fn)(void *user, const struct weir_link *link);

/** Finds links in a text's fold view, with and without scheme, also with "dot com" spelt out. */
void weir_links_find(const struct weir_view *view, weir_on_link_fn on_link, void *user);

/** Whether `host` is `domain` or stands below it. */
bool weir_link_is_below(const char *host, struct weir_span domain);

/** Whether `domain` can be registered: a public suffix alone (com, co.uk) can't. */
bool weir_link_is_registrable(struct weir_span domain);

#endif
