/** The room server behind `weir play`: clients, the pace of the recording, and what comes back. */
#ifndef WEIR_COMMANDS_PLAY_SERVER_H
#define WEIR_COMMANDS_PLAY_SERVER_H

#include "engine/commands/play_chat.h"
#include "engine/commands/play_report.h"
#include "engine/net/loop.h"

#include <stdio.h>

struct play_server;

struct play_options {
    const char *address;
    uint16_t port;
    double speed;         // 0 = as fast as it goes
    uint32_t rate;        // messages a second in each room, whatever their times; 0 = by `speed`
    uint32_t copies;      // rooms r1 to rN, each playing all of it; 0 = the recording's own rooms
    uint32_t window;      // messages that one client may leave without an ack
    uint64_t replay;      // positions of a room that can be asked for again
    uint64_t cut_after;   // cut every connection once, after so many messages; 0 = never
    uint32_t grace_ms;    // how long to wait for acks that do not come
    uint32_t deadline_ms; // gate
    enum weir_gate late;  // gate
    bool gate;
    bool batch;
    bool once; // end when everything was sent and acknowledged
    struct weir_span token;
    FILE *log; // every frame heard; NULL: nowhere
};

/** Serves `chat` (borrowed) on `loop`. NULL with `err` where it can't listen. */
struct play_server *play_server_create(struct weir_loop *loop, const struct play_chat *chat,
                                       const struct play_options *options, struct weir_error *err);
/** Only after its loop was destroyed, which still holds its connections. */
void play_server_destroy(struct play_server **server);

uint16_t play_server_port(const struct play_server *server);
const struct play_report *play_server_report(const struct play_server *server);
/** Whether every room that somebody joined was sent to its end and acknowledged. */
bool play_server_is_over(const struct play_server *server);

#endif
