/**
 * The adapter for IRC as its files share it, in reading order:
 *
 *     irc.c           a connection from its beginning to its end; the record that the engine loads
 *     irc_login.c     capabilities, SASL, nick, what the server says of itself
 *     irc_channels.c  being in channels, and who has which role in them
 *     irc_people.c    channels, roles and nicks as they are remembered
 *     irc_reading.c   frames, lines, messages
 *     irc_acting.c    actions become lines
 *     irc_answers.c   and lines become answers to actions
 *     irc_words.c     names, and saying things
 */
#ifndef WEIR_PLUGINS_IRC_PRIVATE_H
#define WEIR_PLUGINS_IRC_PRIVATE_H

#include "engine/base/buffer.h"
#include "engine/base/irc_line.h"

#define MAX_BATCHES   16u
#define FULL_RETRY_MS 60000
#define LONGEST_NICK  64u

enum cap {
    CAP_TAGS,
    CAP_TIME,
    CAP_ECHO,
    CAP_LABELS,
    CAP_BATCH,
    CAP_ACCOUNT,
    CAP_PREFIXES,
    CAP_REDACT,
    CAP_SASL,
    CAP_COUNT,
};

enum presence {
    OUTSIDE, // waits for `at_ms` to ask again
    ASKED,
    INSIDE,
};

/** Somebody with a role in a channel. */
struct role_holder {
    struct weir_buffer nick;
    uint32_t modes; // bits, by the place in `prefix_modes`
};

struct channel {
    struct weir_buffer room; // as the engine calls it
    struct weir_buffer name; // as IRC calls it
    enum presence presence;
    bool is_told;  // JOINED was said
    int64_t at_ms; // asked, or to ask again
    struct role_holder *holders;
    size_t holder_count;
    size_t holder_capacity;
};

/** A nick whose id is not plain from it: a session's under a new nick, or an account's. */
struct alias {
    struct weir_buffer nick;
    struct weir_buffer id;
    bool is_account; // good for addressing whom the id names; each message names its account anew
};

/** An action that was sent and not answered. */
struct pending {
    struct weir_buffer id;
    struct weir_buffer room;
    struct weir_buffer target; // nick, where there is one
    enum weir_do kind;
    uint32_t first_label; // its lines have this one and those that follow
    uint32_t steps;
    uint32_t answered;
    int64_t deadline_ms;
    char batch[64]; // reference of the batch that answers the step under way
    enum weir_refused refused;
    char cause[128];
};

struct irc_adapter {
    char *wanted_nick;
    char *account;
    char *token;
    bool act;
    uint32_t max_rooms;

    // The connection.
    struct weir_buffer nick;
    uint32_t offered; // bits of enum cap
    uint32_t enabled;
    uint32_t cap_answers_due;
    bool is_registered;
    bool is_failed;
    bool is_inspircd;
    bool has_tban;
    bool has_mute;
    bool rfc1459_case;
    bool frames_are_binary;
    int nick_tries;
    char prefix_modes[16];   // e.g. "qaohv"
    char prefix_symbols[16]; // e.g. "~&@%+"
    char list_modes[32];     // modes of type A and B: always a parameter
    char set_modes[32];      // of type C: a parameter when set
    char flag_modes[64];     // of type D
    int64_t opened_ms;
    int64_t heard_ms;
    int64_t pinged_ms; // 0 = not waiting for a PONG
    uint32_t next_label;

    struct channel *channels;
    size_t channel_count;
    size_t channel_capacity;
    struct alias *aliases; // the oldest first
    size_t alias_count;
    size_t alias_capacity;
    struct pending *pending; // in the order in which they were sent
    size_t pending_count;
    size_t pending_capacity;
    char history[MAX_BATCHES][64]; // references of open chathistory batches
    size_t history_count;

    // Memory of one call.
    struct weir_buffer out;
    struct weir_buffer sound;
    struct weir_buffer text;
    struct weir_buffer user_id;
    struct weir_buffer msgid;
    struct weir_buffer reply_to;
};

static const struct weir_span nothing = {NULL, 0};

// Names, and saying things to the engine and to the server.

/** As the server compares names: which letters are one it says when it greets. */
char irc_fold(const struct irc_adapter *irc, char c);
bool irc_same_name(const struct irc_adapter *irc, struct weir_span a, struct weir_span b);
bool irc_is_self(const struct irc_adapter *irc, struct weir_span nick);
void irc_set_text(struct weir_buffer *buffer, struct weir_span text);
bool irc_is_channel_name(struct weir_span name);
/** Copies what fits, as a C string, for short words of the server. */
void irc_keep_word(char *out, size_t size, struct weir_span word);
/** A nick that may stand in a mask or before a command: nothing in it that means something there.
 */
bool irc_is_sendable_nick(struct weir_span nick);
/** Tells the engine. */
void irc_say(const struct weir_adapter_host *host, const struct weir_event *event);
void irc_say_left(const struct weir_adapter_host *host, struct weir_span room,
                  struct weir_span cause, bool is_final);
/** This connection is of no more use; said once. `detail` may be empty. */
void irc_fail(struct irc_adapter *irc, const struct weir_adapter_host *host, const char *what,
              struct weir_span detail, bool is_final);
/** Sends what stands in `out`. */
void irc_send_line(struct irc_adapter *irc, const struct weir_adapter_host *host);
/** Sends a line of ours; `last` is from outside and can't end it. */
void irc_send_words(struct irc_adapter *irc, const struct weir_adapter_host *host,
                    const char *words, struct weir_span last);

// Channels, who has a role in them, and who is who.

/** By the name that IRC has for it, or the engine; NULL: none of ours. */
struct channel *irc_find_channel(struct irc_adapter *irc, struct weir_span name);
struct channel *irc_find_room(struct irc_adapter *irc, struct weir_span room);
void irc_forget_holders(struct channel *channel);
void irc_remove_channel(struct irc_adapter *irc, struct channel *channel);
struct role_holder *irc_find_holder(const struct irc_adapter *irc, struct channel *channel,
                                    struct weir_span nick);
/** Bits of prefix modes; who has no role left is forgotten. */
void irc_set_modes(const struct irc_adapter *irc, struct channel *channel, struct weir_span nick,
                   uint32_t add, uint32_t take);
/** The bit of a letter in a list of prefix modes or symbols; 0: none. */
uint32_t irc_mode_bit(const char *letters, char letter);
uint32_t irc_roles_of(const struct irc_adapter *irc, struct channel *channel,
                      struct weir_span nick);
/** NULL where the id is plain from the nick. */
struct alias *irc_find_alias(const struct irc_adapter *irc, struct weir_span nick);
void irc_remove_alias(struct irc_adapter *irc, struct alias *alias);
/** The account where the server tells it; else the session, under the nick that it came with. */
struct weir_span irc_user_id_of(struct irc_adapter *irc, const struct weir_irc_line *line,
                                enum weir_identity *identity_out);
void irc_rename_alias(struct irc_adapter *irc, const struct weir_irc_line *line,
                      struct weir_span nick);
/** The nick that somebody has now, from what the engine knows of them. */
struct weir_span irc_nick_of_user(const struct irc_adapter *irc, const struct weir_action *action);

// Actions under way, and what answers them.

void irc_forget_pending(struct irc_adapter *irc, struct pending *pending);
/** Answers an action that was never under way; irc_finish() one that was. */
void irc_say_done(const struct weir_adapter_host *host, struct weir_span id,
                  enum weir_refused refused, const char *cause);
void irc_finish(struct irc_adapter *irc, struct pending *pending,
                const struct weir_adapter_host *host);
/** One of its lines was answered. */
void irc_step_answered(struct irc_adapter *irc, struct pending *pending,
                       const struct weir_adapter_host *host);
/** The action under way that a label, or a batch, answers; NULL: none. */
struct pending *irc_find_by_label(struct irc_adapter *irc, struct weir_span label);
struct pending *irc_find_by_batch(struct irc_adapter *irc, struct weir_span reference);
/** With labels: a line that says what it answers, or belongs to a batch that does. */
void irc_match_label(struct irc_adapter *irc, const struct weir_irc_line *line,
                     const struct weir_adapter_host *host);
/** Without labels: a refusal belongs to the first that could have caused it. */
void irc_match_refusal(struct irc_adapter *irc, const struct weir_irc_line *line);

// Login.

void irc_on_cap(struct irc_adapter *irc, const struct weir_irc_line *line,
                const struct weir_adapter_host *host);
/** SASL PLAIN, in pieces of 400 bytes; a full last piece is followed by an empty one. */
void irc_on_authenticate(struct irc_adapter *irc, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host);
/** From the nick that was wanted: InspIRCd names who it overrules by a number before it says so. */
void irc_on_nick_taken(struct irc_adapter *irc, const struct weir_adapter_host *host);
void irc_on_supported(struct irc_adapter *irc, const struct weir_irc_line *line);
void irc_on_version(struct irc_adapter *irc, const struct weir_irc_line *line);
void irc_on_registered(struct irc_adapter *irc, const struct weir_adapter_host *host);

// Being in channels.

/** Asks for all channels whose time has come, in as few lines as the server takes. */
void irc_send_joins(struct irc_adapter *irc, const struct weir_adapter_host *host, int64_t now_ms);
/** We are not in this channel any more, or were not let in: it is asked for again at `again_ms`, or
 * forgotten where that is below 0. */
void irc_lose_channel(struct irc_adapter *irc, struct channel *channel, struct weir_span cause,
                      int64_t again_ms, const struct weir_adapter_host *host);
void irc_on_join(struct irc_adapter *irc, const struct weir_irc_line *line);
void irc_on_names(struct irc_adapter *irc, const struct weir_irc_line *line);
/** The names are known, so the roles are: only now is a room worth judging. */
void irc_on_names_end(struct irc_adapter *irc, const struct weir_irc_line *line,
                      const struct weir_adapter_host *host);
void irc_on_join_refused(struct irc_adapter *irc, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host, int64_t now_ms);
void irc_on_kick(struct irc_adapter *irc, const struct weir_irc_line *line,
                 const struct weir_adapter_host *host, int64_t now_ms);
void irc_on_part(struct irc_adapter *irc, const struct weir_irc_line *line,
                 const struct weir_adapter_host *host, int64_t now_ms);
void irc_on_quit(struct irc_adapter *irc, const struct weir_irc_line *line);
void irc_on_nick(struct irc_adapter *irc, const struct weir_irc_line *line);
/** MODE #live +ov-b a b mask: only who has a role matters, but the others take parameters too. */
void irc_on_mode(struct irc_adapter *irc, const struct weir_irc_line *line);

// What the server sends.

void irc_decode(void *state, struct weir_span frame, bool is_binary,
                const struct weir_adapter_host *host, int64_t now_ms);

// What the engine wants done.

enum weir_support irc_supports(void *state, enum weir_do kind);
void irc_act(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
             int64_t now_ms);

#endif
