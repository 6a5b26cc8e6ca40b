/**
 * The one header that plugins build on: what a message, an action and an event are, and the
 * records by which an adapter (one platform's wire format) or a detector (a value computed about a
 * message) introduces itself.
 *
 * A plugin is a shared object that exports one record, `weir_adapter` or `weir_detector`. Its first
 * field is the ABI number, which is read before anything else in it is believed. A plugin does no
 * I/O, starts no thread, and keeps nothing that it borrowed: every span in a struct that is handed
 * over is valid for that call alone.
 *
 * Text from chat is bytes with a length, never a C string. It may hold anything but invalid UTF-8:
 * what decodes it has replaced that by U+FFFD and said so in `damaged`.
 */
#ifndef WEIR_PLUGIN_H
#define WEIR_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Raised by one whenever a struct or a meaning in this file changes. */
#define WEIR_PLUGIN_ABI 3u

/** Borrowed bytes. `data` may be NULL when `length` is 0. */
struct weir_span {
    const char *data;
    size_t length;
};

/** How sure a platform is that a user id means one person (design: strikes never go to the last
 * two). */
enum weir_identity {
    WEIR_IDENTITY_STABLE,  // the same account for good
    WEIR_IDENTITY_SESSION, // the same person while connected
    WEIR_IDENTITY_MASKED,  // the platform hides who it is
    WEIR_IDENTITY_NONE,    // no id at all
};

/** Roles of a user in a room, as bits of `weir_user.roles`. */
enum weir_role {
    WEIR_ROLE_STREAMER = 1u << 0,
    WEIR_ROLE_MODERATOR = 1u << 1,
    WEIR_ROLE_VIP = 1u << 2,
    WEIR_ROLE_SUBSCRIBER = 1u << 3,
    WEIR_ROLE_MEMBER = 1u << 4,
    WEIR_ROLE_BOT = 1u << 5,
};

/** Who wrote a message. `id` is empty when the identity is none. */
struct weir_user {
    struct weir_span id;
    struct weir_span name;
    uint32_t roles; // bits of enum weir_role
    uint32_t tier;  // the platform's own rank of a supporter; 0 = none
    enum weir_identity identity;
};

/** An emote that the platform names: characters (code points) of the text, `end` exclusive. */
struct weir_emote {
    uint32_t start;
    uint32_t end;
};

/** One chat line. */
struct weir_message {
    struct weir_span room;
    struct weir_span id; // empty: the platform gave none, so the message can't be deleted
    uint64_t seq;        // rises within the room; only where has_seq
    bool has_seq;
    bool from_self;  // our own words, come back: never judged
    bool is_history; // from before we came: judged, never acted on
    bool is_edit;    // takes the place of the message with this id
    bool damaged;    // bytes were replaced by U+FFFD on the way here
    int64_t ts_ms;   // Unix milliseconds as the platform says; 0 = it does not say
    struct weir_user user;
    struct weir_span text; // valid UTF-8
    struct weir_span reply_to;
    const struct weir_emote *emotes;
    size_t emote_count;
};

/** What can be done to a room. The order is that of weir_action_name(). */
enum weir_do {
    WEIR_DO_DELETE,
    WEIR_DO_HOLD,
    WEIR_DO_RELEASE,
    WEIR_DO_MASK,
    WEIR_DO_WARN,
    WEIR_DO_TIMEOUT,
    WEIR_DO_UNTIMEOUT,
    WEIR_DO_BAN,
    WEIR_DO_UNBAN,
    WEIR_DO_REPLY,
    WEIR_DO_ANNOUNCE,
    WEIR_DO_ROOM_MODE,
    WEIR_DO_COUNT,
};

/** One thing to do to a room. Fields that do not apply are empty or 0. */
struct weir_action {
    struct weir_span id; // derived from the cause: a repeat has the same one
    struct weir_span room;
    enum weir_do kind;
    uint64_t seq; // of the message that caused it; only where has_seq
    bool has_seq;
    struct weir_span message;   // id of the message that it is about
    struct weir_span user;      // id of the user that it is about
    struct weir_span user_name; // as the platform shows it; some protocols address by name
    uint32_t seconds; // timeout: how long; room_mode: its value (slow: seconds between messages)
    struct weir_span text; // reply, announce, warn: what to say; mask: what to show instead
    struct weir_span
        mode; // room_mode: slow, members, emote, shield; a "-" before it leaves the mode
    struct weir_span reason;       // for the viewer, in the room's language
    const struct weir_span *rules; // ids of the rules that led here
    size_t rule_count;
    bool by_human; // a moderator decided; else rules did
};

/** A verdict that the platform waits for (gate mode). */
enum weir_gate {
    WEIR_GATE_PASS,
    WEIR_GATE_HOLD,
    WEIR_GATE_DELETE,
    WEIR_GATE_MASK,
};

/** How an adapter can do an action: design 8.9. */
enum weir_support {
    WEIR_SUPPORT_NONE,     // answered `unsupported`, never dropped
    WEIR_SUPPORT_NATIVE,   // the platform does it, its undo included
    WEIR_SUPPORT_EMULATED, // the engine must undo it when the time is over
};

/** Why an action was refused. `WEIR_REFUSED_NOT` = it was done. */
enum weir_refused {
    WEIR_REFUSED_NOT,
    WEIR_REFUSED_UNSUPPORTED,
    WEIR_REFUSED_NOT_FOUND,
    WEIR_REFUSED_FORBIDDEN,
    WEIR_REFUSED_RATE_LIMITED,
    WEIR_REFUSED_INVALID,
    WEIR_REFUSED_INTERNAL,
};

/** What an adapter tells the engine. The comment of each kind names the fields of weir_event it
 * fills. */
enum weir_event_kind {
    WEIR_EVENT_READY,     // login is over, rooms may be joined: gate, deadline_ms, late, self
    WEIR_EVENT_JOINED,    // room
    WEIR_EVENT_LEFT,      // room, cause, is_final (true: joining again is useless)
    WEIR_EVENT_MESSAGE,   // message (a chat line or an edit)
    WEIR_EVENT_GONE,      // room, seq, id: one message was removed by someone else
    WEIR_EVENT_USER_GONE, // room, id: all messages of that user were removed (empty id: of
                          // everybody)
    WEIR_EVENT_ROOM,      // room, state, scene (those not empty changed), scene_ends_ms, ends_ms
    WEIR_EVENT_GAP,       // room, seq, seq_to: these can no longer be replayed
    WEIR_EVENT_DONE,      // id (of the action), refused, cause, retry_ms
    WEIR_EVENT_REFUSED,   // bytes that could not be understood: cause; room and seq where known
    WEIR_EVENT_UNKNOWN,   // a frame of a kind that we do not know: counted and ignored
    WEIR_EVENT_FAILED,    // this connection is of no more use: cause, is_final (true: do not retry)
    WEIR_EVENT_MOVE,      // the platform asks for a new connection: cause
};

struct weir_event {
    enum weir_event_kind kind;
    const struct weir_message *message;
    struct weir_span room;
    struct weir_span id;
    uint64_t seq;
    uint64_t seq_to;
    bool has_seq;
    struct weir_span state; // live, paused, ended
    struct weir_span scene;
    int64_t scene_ends_ms; // since 1970, of the scene and of the stream; 0 = not said
    int64_t ends_ms;
    struct weir_span self;
    bool gate;
    enum weir_gate late; // gate mode: PASS or HOLD when no verdict comes in time
    uint32_t deadline_ms;
    enum weir_refused refused;
    uint32_t retry_ms;
    struct weir_span cause; // one clause for the log, no newline, from the adapter or the platform
    bool is_final;
};

/** How a frame travels; bits of the `flags` of weir_adapter_host.send. */
enum weir_frame {
    WEIR_FRAME_TEXT = 0,
    WEIR_FRAME_BINARY = 1u << 0,
    WEIR_FRAME_MAY_JOIN =
        1u << 1, // frames with this flag may share one WebSocket message, a LF between
};

/** What the engine lends an adapter during a call. Both functions may be called any number of
 * times. */
struct weir_adapter_host {
    void *user;
    void (*on_event)(void *user, const struct weir_event *event);
    void (*send)(void *user, struct weir_span bytes, uint32_t flags);
};

/** A room to attach to: its name and the highest seq that is settled there (has_resume). */
struct weir_room_request {
    struct weir_span room;
    uint64_t resume;
    bool has_resume;
};

/**
 * What a platform allows: at most `count` actions of these kinds in any stretch of `per_ms`. An
 * action that several rows name leaves when all of them let it.
 */
struct weir_limit {
    uint32_t kinds; // bits 1u << enum weir_do that share it
    uint32_t count; // at least 1
    uint32_t per_ms;
    bool each_room;     // each room has it for itself; else all rooms of a connection share it
    const char *source; // where the platform says so
};

/** What the operator configured for one connection. Borrowed by create(), which copies what it
 * keeps. */
struct weir_adapter_config {
    struct weir_span url;
    struct weir_span name;     // nick or account to log in as; may be empty
    struct weir_span token;    // secret: password or token; may be empty
    bool act;                  // false: read only
    uint32_t max_rooms;        // a connection that names more is refused the rest
    uint32_t max_object_bytes; // one object or line; more is refused, 65536 unless configured
};

/**
 * An adapter: one platform's wire format as a state machine fed with whole WebSocket messages.
 *
 * One state serves one connection, again after every reconnect. Calls never overlap, but see
 * `acts_within_decode`. `now_ms` is a
 * monotonic clock. Nothing in here may block, allocate without bound, or trust a length that it
 * reads.
 */
struct weir_adapter {
    uint32_t abi; // WEIR_PLUGIN_ABI
    const char *name;
    const char *summary;            // one line for help texts
    const char *const *url_schemes; // NULL-terminated: which URLs are ours, e.g. "irc+ws"
    const char *subprotocols;       // for the WebSocket handshake, comma separated, or NULL

    void *(*create)(const struct weir_adapter_config *config);
    void (*destroy)(void *state);

    /**
     * The address to connect to for a configured URL, e.g. wss://irc-ws.chat.twitch.tv for
     * twitch:CHANNEL, and the rooms that the URL itself names, as one on_room call each. NULL: the
     * URL is used as it is and names no room. Returns the length written to `out`, 0 if the URL is
     * wrong.
     */
    size_t (*resolve)(struct weir_span url, char *out, size_t capacity,
                      void (*on_room)(void *user, struct weir_span room), void *user);

    /** The socket is open: say what the protocol wants the client to say first. */
    void (*on_open)(void *state, const struct weir_adapter_host *host, int64_t now_ms);
    /** The socket is gone: forget what was half done. Actions in flight are the engine's to repeat.
     */
    void (*on_close)(void *state);
    /** One whole WebSocket message. */
    void (*decode)(void *state, struct weir_span frame, bool is_binary,
                   const struct weir_adapter_host *host, int64_t now_ms);
    /** At least once a second: the protocol's own pings and time-outs. May be NULL. */
    void (*tick)(void *state, const struct weir_adapter_host *host, int64_t now_ms);

    /** Only after READY. May send in portions; each room ends in JOINED or LEFT. */
    void (*join)(void *state, const struct weir_room_request *rooms, size_t count,
                 const struct weir_adapter_host *host, int64_t now_ms);
    void (*leave)(void *state, struct weir_span room, const struct weir_adapter_host *host);

    enum weir_support (*supports)(void *state, enum weir_do kind);
    /** Every action ends in exactly one DONE event, at once where it is refused here. */
    void (*act)(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
                int64_t now_ms);
    /** Gate mode only; may be NULL. `text` is what to show for MASK. */
    void (*verdict)(void *state, const struct weir_message *message, enum weir_gate verdict,
                    struct weir_span text, const struct weir_adapter_host *host);
    /** All up to `seq` is settled in `room`. May be NULL. */
    void (*ack)(void *state, struct weir_span room, uint64_t seq,
                const struct weir_adapter_host *host);
    /**
     * Whether an action that was repeated after a lost connection is recognised by its id, so that
     * reply, warn and announce may be repeated too (design 8.3).
     */
    bool recognises_ids;
    /**
     * act() may be called while decode() tells of an event, so that an action leaves before the
     * rest of a frame is looked at: neither touches what the other one works with.
     */
    bool acts_within_decode;

    /** What the platform documents about how often it may be asked; NULL where it says nothing. The
     * operator's `budget` takes their place. */
    const struct weir_limit *limits;
    size_t limit_count;
    /** Actions that may wait for an answer at once; 0 = 1024. Small where a server works them off
     * slowly instead of refusing: what waits with us can still be overtaken by what is urgent. */
    uint32_t max_flying;
    /** Bits 1u << enum weir_do of what also removes all that the user wrote before, so that his
     * messages need not be deleted one by one. */
    uint32_t clears;
};

/** A detector: computes one value about a message, usable in rules as a check of its name. */
struct weir_detector {
    uint32_t abi; // WEIR_PLUGIN_ABI
    const char *name;
    const char *summary;
    void *(*create)(void);
    void (*destroy)(void *state);
    /** Pure: the same message gives the same value, whatever came before. */
    double (*measure)(void *state, const struct weir_message *message);
};

/** The symbols that a plugin exports. */
#define WEIR_ADAPTER_SYMBOL  "weir_adapter"
#define WEIR_DETECTOR_SYMBOL "weir_detector"

#endif
