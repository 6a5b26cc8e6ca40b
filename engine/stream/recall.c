// What a room had been asked is in memory only, but the cards are in the spool. After a restart
// they teach the room again, so that the same question in other words joins the card that is open
// and does not become a second one.

#include "engine/stream/service_private.h"

#include "engine/judge/judge.h"
#include "engine/store/card_args.h"
#include "engine/sys/clock.h"
#include "engine/text/text.h"
#include "engine/triage/asked.h"

static void recall(struct weir_service *service, const struct weir_card_args *card)
{
    struct weir_span name = weir_card_args_find(card, "room");
    struct weir_room *room = weir_service_find_room(service, name);
    struct weir_text *text = weir_judge_text(service->judge);
    room = room ? room : weir_service_add_room(service, name);
    room->asked = room->asked ? room->asked : weir_triage_room_create();
    weir_text_set(text, weir_card_args_find(card, "text"), NULL, 0, false);
    const struct weir_view *tight = weir_text_view(text, WEIR_VIEW_TIGHT);
    const struct weir_triage_kept kept = {
        .asked = {tight->bytes, tight->length},
        .scene = weir_card_args_find(card, "scene"),
        .topic = weir_card_args_find(card, "topic"),
        .fingerprint = card->fp,
        .at_ms = card->at_ms,
    };
    weir_triage_recall(service->triage, room->asked, &kept);
}

void weir_service_recall_card(struct weir_service *service, struct weir_span card_json)
{
    struct weir_card_args card = {0};
    if (!weir_card_args_parse(&card, card_json) &&
        weir_span_is(weir_card_args_find(&card, "kind"), "question") &&
        weir_card_args_find(&card, "room").length > 0 &&
        weir_clock_wall_ms() - card.at_ms < WEIR_ASKED_MS) {
        recall(service, &card);
    }
    weir_card_args_fini(&card);
}
