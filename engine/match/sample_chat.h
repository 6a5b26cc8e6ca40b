/** Lines as people write them in live chat, ours, to measure on what a pattern costs. */
#ifndef WEIR_MATCH_SAMPLE_CHAT_H
#define WEIR_MATCH_SAMPLE_CHAT_H

#include <stddef.h>

extern const char *const weir_sample_chat[];
extern const size_t weir_sample_chat_count;

#endif
