// What is remembered of channels and of who is in them. Members are not tracked, only those of them
// who have a role; nicks are, where somebody without an account changes theirs, so that strikes
// follow. All such memory is bounded.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define MAX_ROLES       1024u
#define MAX_ALIASES     256u
#define LONGEST_ACCOUNT 128u

// Channels, and who has a role in them.

struct channel *irc_find_channel(struct irc_adapter *irc, struct weir_span name)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        if (irc_same_name(irc, weir_buffer_span(&irc->channels[i].name), name)) {
            return &irc->channels[i];
        }
    }
    return NULL;
}

struct channel *irc_find_room(struct irc_adapter *irc, struct weir_span room)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        if (weir_span_equals(weir_buffer_span(&irc->channels[i].room), room)) {
            return &irc->channels[i];
        }
    }
    return NULL;
}

void irc_forget_holders(struct channel *channel)
{
    for (size_t i = 0; i < channel->holder_count; i++) {
        weir_buffer_fini(&channel->holders[i].nick);
    }
    channel->holder_count = 0;
}

void irc_remove_channel(struct irc_adapter *irc, struct channel *channel)
{
    irc_forget_holders(channel);
    free(channel->holders);
    weir_buffer_fini(&channel->room);
    weir_buffer_fini(&channel->name);
    *channel = irc->channels[--irc->channel_count];
}

struct role_holder *irc_find_holder(const struct irc_adapter *irc, struct channel *channel,
                                    struct weir_span nick)
{
    for (size_t i = 0; i < channel->holder_count; i++) {
        if (irc_same_name(irc, weir_buffer_span(&channel->holders[i].nick), nick)) {
            return &channel->holders[i];
        }
    }
    return NULL;
}

static void remove_holder(struct channel *channel, struct role_holder *holder)
{
    weir_buffer_fini(&holder->nick);
    *holder = channel->holders[--channel->holder_count];
}

void irc_set_modes(const struct irc_adapter *irc, struct channel *channel, struct weir_span nick,
                   uint32_t add, uint32_t take)
{
    struct role_holder *holder = irc_find_holder(irc, channel, nick);
    if (!holder && add && channel->holder_count < MAX_ROLES) {
        channel->holders = weir_grow(channel->holders, &channel->holder_capacity,
                                     channel->holder_count + 1, sizeof(*channel->holders));
        holder = &channel->holders[channel->holder_count++];
        *holder = (struct role_holder){0};
        weir_buffer_add(&holder->nick, nick);
    }
    if (holder) {
        holder->modes = (holder->modes | add) & ~take;
        if (!holder->modes) {
            remove_holder(channel, holder);
        }
    }
}

uint32_t irc_mode_bit(const char *letters, char letter)
{
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? 1u << (found - letters) : 0;
}

static uint32_t role_of_mode(char mode)
{
    switch (mode) {
    case 'q':
        return WEIR_ROLE_STREAMER;
    case 'v':
        return WEIR_ROLE_VIP;
    default:
        return WEIR_ROLE_MODERATOR; // admin, operator, half operator, and ranks of a server's own
    }
}

uint32_t irc_roles_of(const struct irc_adapter *irc, struct channel *channel, struct weir_span nick)
{
    const struct role_holder *holder = irc_find_holder(irc, channel, nick);
    uint32_t roles = 0;
    for (size_t i = 0; holder && irc->prefix_modes[i]; i++) {
        roles |= holder->modes & (1u << i) ? role_of_mode(irc->prefix_modes[i]) : 0;
    }
    return roles;
}

// Who is who.

struct alias *irc_find_alias(const struct irc_adapter *irc, struct weir_span nick)
{
    for (size_t i = 0; i < irc->alias_count; i++) {
        if (irc_same_name(irc, weir_buffer_span(&irc->aliases[i].nick), nick)) {
            return &irc->aliases[i];
        }
    }
    return NULL;
}

static struct alias *find_alias_by_id(const struct irc_adapter *irc, struct weir_span id)
{
    for (size_t i = 0; i < irc->alias_count; i++) {
        if (weir_span_equals(weir_buffer_span(&irc->aliases[i].id), id)) {
            return &irc->aliases[i];
        }
    }
    return NULL;
}

void irc_remove_alias(struct irc_adapter *irc, struct alias *alias)
{
    size_t behind = (size_t)(irc->aliases + irc->alias_count - (alias + 1));
    weir_buffer_fini(&alias->nick);
    weir_buffer_fini(&alias->id);
    memmove(alias, alias + 1, behind * sizeof(*alias));
    irc->alias_count--;
}

static void add_session_id(const struct irc_adapter *irc, const struct weir_irc_line *line,
                           struct weir_buffer *out)
{
    for (size_t i = 0; i < line->nick.length; i++) {
        weir_buffer_add_byte(out, irc_fold(irc, line->nick.data[i]));
    }
    weir_buffer_add_byte(out, '@');
    weir_buffer_add(out, line->host);
}

static void add_alias(struct irc_adapter *irc, const struct alias *alias)
{
    if (irc->alias_count == MAX_ALIASES) {
        irc_remove_alias(irc, &irc->aliases[0]);
    }
    irc->aliases =
        weir_grow(irc->aliases, &irc->alias_capacity, irc->alias_count + 1, sizeof(*irc->aliases));
    irc->aliases[irc->alias_count++] = *alias;
}

/** An account need not be called as its nick is: who acts on the account must find the nick, and
 * must not hit somebody else whose nick is that word. */
static void note_account(struct irc_adapter *irc, struct weir_span account, struct weir_span nick)
{
    struct alias *alias = find_alias_by_id(irc, account);
    if ((alias && irc_same_name(irc, weir_buffer_span(&alias->nick), nick)) ||
        (!alias && irc_same_name(irc, account, nick)) || nick.length > LONGEST_NICK ||
        account.length > LONGEST_ACCOUNT) {
        return;
    }
    if (alias) {
        irc_remove_alias(irc, alias);
    }
    alias = irc_find_alias(irc, nick);
    if (alias) {
        irc_remove_alias(irc, alias);
    }
    struct alias noted = {.is_account = true};
    weir_buffer_add(&noted.nick, nick);
    weir_buffer_add(&noted.id, account);
    add_alias(irc, &noted);
}

struct weir_span irc_user_id_of(struct irc_adapter *irc, const struct weir_irc_line *line,
                                enum weir_identity *identity_out)
{
    struct weir_span account;
    weir_buffer_clear(&irc->user_id);
    if (weir_irc_tag(line, "account", &account) && account.length > 0 &&
        !weir_span_is(account, "*")) {
        *identity_out = WEIR_IDENTITY_STABLE;
        weir_irc_add_unescaped(&irc->user_id, account);
        note_account(irc, weir_buffer_span(&irc->user_id), line->nick);
        return weir_buffer_span(&irc->user_id);
    }
    *identity_out = WEIR_IDENTITY_SESSION;
    const struct alias *alias = irc_find_alias(irc, line->nick);
    if (alias && !alias->is_account) {
        return weir_buffer_span(&alias->id);
    }
    add_session_id(irc, line, &irc->user_id);
    return weir_buffer_span(&irc->user_id);
}

void irc_rename_alias(struct irc_adapter *irc, const struct weir_irc_line *line,
                      struct weir_span nick)
{
    struct alias renamed = {0};
    struct alias *alias = irc_find_alias(irc, line->nick);
    if (alias) {
        renamed.is_account = alias->is_account;
        weir_buffer_add(&renamed.id, weir_buffer_span(&alias->id));
        irc_remove_alias(irc, alias);
    } else {
        add_session_id(irc, line, &renamed.id);
    }
    alias = irc_find_alias(irc, nick);
    if (alias) {
        irc_remove_alias(irc, alias);
    }
    weir_buffer_add(&renamed.nick, nick);
    add_alias(irc, &renamed);
}

struct weir_span irc_nick_of_user(const struct irc_adapter *irc, const struct weir_action *action)
{
    const struct alias *alias = find_alias_by_id(irc, action->user);
    if (alias) {
        return weir_buffer_span(&alias->nick);
    }
    if (action->user_name.length > 0) {
        return action->user_name;
    }
    struct weir_span id = action->user;
    return weir_span_take_until(&id, '@');
}
