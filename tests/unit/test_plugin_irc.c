#include "tests/unit/adapter_peer.h"

static const struct weir_adapter_config config = {
    .name = {"weirmod", 7}, .act = true, .max_rooms = 20, .max_object_bytes = 65536};

#define ERGO_CAPS                                                                                  \
    "message-tags server-time echo-message labeled-response batch account-tag multi-prefix "       \
    "draft/message-redaction"

/** Each line is a frame of its own, as IRCv3 over WebSocket wants it. */
static void feed_lines(struct adapter_peer *peer, const char *lines)
{
    struct weir_span rest = weir_span_of(lines);
    while (rest.length > 0) {
        peer_feed(peer, weir_span_take_until(&rest, '\n'));
    }
}

static void register_with(struct adapter_peer *peer, const char *caps)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer lines = {0};
    peer_open(peer);
    weir_buffer_printf(&lines, ":srv CAP * LS :%s\n", caps);
    if (caps[0]) {
        weir_buffer_printf(&lines, ":srv CAP * ACK :%s\n", caps);
    }
    feed_lines(peer, weir_buffer_text(&lines));
}

/** An Ergo that lets us in as operator of #live. */
static void peer_on_ergo(struct adapter_peer *peer)
{
    peer_start(peer, &config);
    register_with(peer, ERGO_CAPS);
    feed_lines(peer, ":srv 001 weirmod :Welcome\n"
                     ":srv 004 weirmod srv ergo-2.15 BERTZios CEIRUabehiklmnoqstuv\n"
                     ":srv 005 weirmod CASEMAPPING=ascii CHANMODES=beI,k,l,CERMUimnstu EXTBAN=,m "
                     "PREFIX=(qaohv)~&@%+ :are supported\n"
                     ":srv 422 weirmod :no greeting");
    peer_join(peer, "#live");
    feed_lines(peer, ":weirmod!~u@host JOIN #live\n"
                     ":srv 353 weirmod = #live :@weirmod ~host +helper plain\n"
                     ":srv 366 weirmod #live :End");
    peer_forget(peer);
}

/** An InspIRCd without labels: what is asked is fenced by a PING. */
static void peer_on_inspircd(struct adapter_peer *peer)
{
    peer_start(peer, &config);
    register_with(peer, "message-tags server-time");
    feed_lines(peer, ":srv 001 weirmod :Welcome\n"
                     ":srv 004 weirmod srv InspIRCd-3 iosw beIklmno\n"
                     ":srv 005 weirmod CASEMAPPING=rfc1459 CHANMODES=beIg,k,dfl,imnpst EXTBAN=,mz "
                     "PREFIX=(ov)@+ :are supported\n"
                     ":srv 376 weirmod :End");
    peer_join(peer, "#live");
    feed_lines(peer, ":weirmod!weir@host JOIN :#live\n"
                     ":srv 353 weirmod = #live :@weirmod\n"
                     ":srv 366 weirmod #live :End");
    peer_forget(peer);
}

static void only_what_the_server_names_is_asked_for(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    peer_open(&peer);
    peer_expect(&peer, "first", "> CAP LS 302\n> NICK weirmod\n> USER weir 0 * :weir\n");
    feed_lines(&peer, ":srv CAP * LS * :message-tags sasl=PLAIN extended-join");
    peer_expect(&peer, "more follows", "");
    feed_lines(&peer, ":srv CAP * LS :server-time labeled-response");
    peer_expect(&peer, "labels need batch", "> CAP REQ :message-tags server-time\n");
    feed_lines(&peer, ":srv CAP * NAK :message-tags server-time");
    peer_expect(&peer, "each alone", "> CAP REQ :message-tags\n> CAP REQ :server-time\n");
    feed_lines(&peer, ":srv CAP * NAK :message-tags");
    peer_expect(&peer, "one is due", "");
    feed_lines(&peer, ":srv CAP * ACK :server-time");
    peer_expect(&peer, "end", "> CAP END\n");
    feed_lines(&peer, ":srv 001 weirmod :Welcome\n:srv 422 weirmod :none");
    peer_expect(&peer, "ready", "* READY self=weirmod\n");
    test_end_rows();
}

static void an_account_logs_in(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_adapter_config with_token = config;
    with_token.token = WEIR_SPAN("secret");
    peer_start(&peer, &with_token);
    peer_open(&peer);
    peer_forget(&peer);
    feed_lines(&peer, ":srv CAP * LS :sasl=EXTERNAL,PLAIN");
    peer_expect(&peer, "asked", "> CAP REQ :sasl\n");
    feed_lines(&peer, ":srv CAP * ACK :sasl");
    peer_expect(&peer, "plain", "> AUTHENTICATE PLAIN\n");
    feed_lines(&peer, "AUTHENTICATE +");
    peer_expect(&peer, "secret", "> AUTHENTICATE AHdlaXJtb2QAc2VjcmV0\n");
    feed_lines(&peer, ":srv 900 * * weirmod :You are\n:srv 903 * :done");
    peer_expect(&peer, "end", "> CAP END\n");
    test_end_rows();
}

static void a_refused_login_is_final(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *lines;
        const char *expected;
    } cases[] = {
        {"wrong", ":srv CAP * LS :sasl\n:srv CAP * ACK :sasl\n:srv 904 * :SASL failed",
         "> CAP REQ :sasl\n> AUTHENTICATE PLAIN\n"
         "* FAILED final cause=[login was refused: SASL failed]\n"},
        {"not offered", ":srv CAP * LS :sasl=EXTERNAL",
         "* FAILED final cause=[a token is configured, but the server offers no SASL PLAIN]\n"},
        {"banned", ":srv 465 * :You are banned\nERROR :closing",
         "* FAILED final cause=[the server does not let us in: You are banned]\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(peer_end) struct adapter_peer peer;
        struct weir_adapter_config with_token = config;
        with_token.token = WEIR_SPAN("secret");
        peer_start(&peer, &with_token);
        peer_open(&peer);
        peer_forget(&peer);
        feed_lines(&peer, cases[i].lines);
        peer_expect(&peer, cases[i].name, cases[i].expected);
    }
    test_end_rows();
}

static void a_long_token_comes_in_pieces(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    char token[600 - 9 + 1]; // with the name and two NULs 600 bytes: 800 in base64, two full pieces
    memset(token, 'x', sizeof(token) - 1);
    token[sizeof(token) - 1] = '\0';
    struct weir_adapter_config with_token = config;
    with_token.token = weir_span_of(token);
    peer_start(&peer, &with_token);
    peer_open(&peer);
    feed_lines(&peer, ":srv CAP * LS :sasl\n:srv CAP * ACK :sasl");
    peer_forget(&peer);
    feed_lines(&peer, "AUTHENTICATE +");
    EXPECT_EQ("two full ones and an empty one", (intmax_t)peer.log.length,
              2 * (intmax_t)sizeof("> AUTHENTICATE ") - 2 + 2 * 401 +
                  (intmax_t)sizeof("> AUTHENTICATE +\n") - 1);
    test_end_rows();
}

static void a_nick_in_use_gets_a_tail(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    register_with(&peer, "");
    peer_forget(&peer);
    feed_lines(&peer, ":srv 433 * weirmod :in use\n:srv 433 * weirmod_ :in use");
    peer_expect(&peer, "tails", "> NICK weirmod_\n> NICK weirmod__\n");
    feed_lines(&peer, ":srv 001 weirmod__ :hi\n:srv 376 weirmod__ :end");
    peer_expect(&peer, "ready", "* READY self=weirmod__\n");
    test_end_rows();
}

static void a_nick_that_was_overruled_gets_its_tail_back(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    register_with(&peer, "");
    peer_forget(&peer);
    feed_lines(&peer, ":weirmod!weir@127.0.0.1 NICK :079AAAAAA\n"
                      ":srv 433 weirmod weirmod :Nickname overruled.");
    peer_expect(&peer, "not the server's number", "> NICK weirmod_\n");
    test_end_rows();
}

static void messages_carry_what_the_tags_say(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer,
               "@time=2026-11-21T20:54:46.716Z;msgid=nx3;account=xiaoming;+draft/reply=a\\:b "
               ":Viewer1!~u@1.2.3.4 PRIVMSG #live :hello");
    peer_expect(&peer, "account",
                "* MESSAGE room=#live id=nx3 ts=1795294486716 user=xiaoming name=Viewer1 "
                "identity=stable reply=a;b text=[hello]\n");
    feed_lines(&peer, ":Host!~u@h PRIVMSG #LIVE :\x01"
                      "ACTION \x03"
                      "4waves\x0f!\x01");
    peer_expect(&peer, "founder, action, colours",
                "* MESSAGE room=#live user=host@h name=Host streamer identity=session "
                "text=[waves!]\n");
    feed_lines(&peer, "@bot :helper!~u@h NOTICE #live :\xff");
    peer_expect(&peer, "voice, bot, damaged",
                "* MESSAGE room=#live damaged user=helper@h name=helper vip bot identity=session "
                "text=[\xef\xbf\xbd]\n");
    feed_lines(&peer, "@msgid=e1 :weirmod!~u@host PRIVMSG #live :mine");
    peer_expect(&peer, "our own",
                "* MESSAGE room=#live id=e1 self user=weirmod@host name=weirmod moderator "
                "identity=session text=[mine]\n");
    feed_lines(&peer, ":srv NOTICE #live :from the server\n:x!u@h PRIVMSG weirmod :private\n"
                      ":x!u@h PRIVMSG #other :elsewhere\n:x!u@h TAGMSG #live\n:srv 999 weirmod :?");
    peer_expect(&peer, "not for us", "");
    test_end_rows();
}

static void history_is_marked(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":srv BATCH +h1 chathistory #live\n"
                      "@batch=h1;msgid=o1 :x!u@h PRIVMSG #live :old\n"
                      "@batch=zz;msgid=n1 :x!u@h PRIVMSG #live :new\n"
                      ":srv BATCH -h1\n"
                      "@batch=h1;msgid=n2 :x!u@h PRIVMSG #live :newer");
    peer_expect(&peer, "history",
                "* MESSAGE room=#live id=o1 history user=x@h name=x identity=session text=[old]\n"
                "* MESSAGE room=#live id=n1 user=x@h name=x identity=session text=[new]\n"
                "* MESSAGE room=#live id=n2 user=x@h name=x identity=session text=[newer]\n");
    test_end_rows();
}

static void roles_follow_modes_and_nicks(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":weirmod!u@h MODE #live +bko-v+l m:x!*@* key plain helper 5\n"
                      ":plain!u@h NICK :Chief\n"
                      ":chief!u@h PRIVMSG #live :a\n"
                      ":helper!u@h PRIVMSG #live :b\n"
                      ":Chief!u@h QUIT :bye\n"
                      ":Chief!u@h PRIVMSG #live :c");
    peer_expect(&peer, "roles",
                "* MESSAGE room=#live user=plain@h name=chief moderator identity=session text=[a]\n"
                "* MESSAGE room=#live user=helper@h name=helper identity=session text=[b]\n"
                "* MESSAGE room=#live user=chief@h name=Chief identity=session text=[c]\n");
    test_end_rows();
}

static void a_session_keeps_its_id_under_a_new_nick(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":bad!u@h NICK good\n:good!u@h NICK better\n"
                      ":better!u@h PRIVMSG #live :still me");
    peer_expect(&peer, "the first id",
                "* MESSAGE room=#live user=bad@h name=better identity=session text=[still me]\n");
    struct weir_action action = {.id = WEIR_SPAN("a-1"),
                                 .room = WEIR_SPAN("#live"),
                                 .kind = WEIR_DO_TIMEOUT,
                                 .user = WEIR_SPAN("bad@h"),
                                 .user_name = WEIR_SPAN("bad"),
                                 .seconds = 60};
    peer_act(&peer, &action);
    peer_expect(&peer, "the nick of now", "> @label=w1 MODE #live +b m:better!*@*\n");
    test_end_rows();
}

static void an_account_is_addressed_by_the_nick_it_has(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_action action = {.id = WEIR_SPAN("a-1"),
                                 .room = WEIR_SPAN("#live"),
                                 .kind = WEIR_DO_TIMEOUT,
                                 .user = WEIR_SPAN("xiaoming")};
    peer_on_ergo(&peer);
    feed_lines(&peer, "@account=xiaoming :cat!u@h PRIVMSG #live :hi\n"
                      ":cat!u@h NICK dog\n"
                      ":dog!u@h PRIVMSG #live :without an account");
    peer_expect(&peer, "read",
                "* MESSAGE room=#live user=xiaoming name=cat identity=stable text=[hi]\n"
                "* MESSAGE room=#live user=dog@h name=dog identity=session "
                "text=[without an account]\n");
    peer_act(&peer, &action);
    peer_expect(&peer, "not whoever is called xiaoming", "> @label=w1 MODE #live +b m:dog!*@*\n");
    feed_lines(&peer, "@account=xiaoming :XiaoMing!u@h PRIVMSG #live :hi again");
    peer_forget(&peer);
    peer_act(&peer, &action);
    peer_expect(&peer, "under its own name again", "> @label=w2 MODE #live +b m:XiaoMing!*@*\n");
    test_end_rows();
}

static struct weir_action action_of(enum weir_do kind)
{
    return (struct weir_action){.id = WEIR_SPAN("a-1"),
                                .room = WEIR_SPAN("#live"),
                                .kind = kind,
                                .message = WEIR_SPAN("nx3"),
                                .user = WEIR_SPAN("xiaoming"),
                                .user_name = WEIR_SPAN("Viewer1"),
                                .seconds = 600,
                                .text = WEIR_SPAN("48小时内发货"),
                                .reason = WEIR_SPAN("请勿发布联系方式")};
}

static void actions_are_said_in_irc_and_confirmed_by_labels(void **state)
{
    (void)state;
    static const struct {
        enum weir_do kind;
        const char *mode;
        const char *sent;
        const char *answer;
        const char *done;
    } cases[] = {
        {WEIR_DO_DELETE, "", "> @label=w1 REDACT #live nx3 :请勿发布联系方式\n",
         ":weirmod!u@h REDACT #live nx3 :x\n@label=w1 :srv ACK", "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_DELETE, "", "> @label=w1 REDACT #live nx3 :请勿发布联系方式\n",
         "@label=w1 :srv FAIL REDACT UNKNOWN_MSGID #live nx3 :No such message",
         "* DONE id=a-1 refused=not_found cause=[No such message]\n"},
        {WEIR_DO_TIMEOUT, "", "> @label=w1 MODE #live +b m:Viewer1!*@*\n",
         "@label=w1 :weirmod!u@h MODE #live +b m:viewer1!*@*", "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_TIMEOUT, "", "> @label=w1 MODE #live +b m:Viewer1!*@*\n",
         "@label=w1 :srv 482 weirmod #live :You're not an operator",
         "* DONE id=a-1 refused=forbidden cause=[You're not an operator]\n"},
        {WEIR_DO_UNTIMEOUT, "", "> @label=w1 MODE #live -b m:Viewer1!*@*\n",
         "@label=w1 :srv BATCH +1 labeled-response\n@batch=1 :srv 482 weirmod #live :no\n"
         ":srv BATCH -1",
         "* DONE id=a-1 refused=forbidden cause=[no]\n"},
        {WEIR_DO_BAN, "",
         "> @label=w1 MODE #live +b Viewer1!*@*\n"
         "> @label=w2 KICK #live Viewer1 :请勿发布联系方式\n",
         "@label=w1 :srv ACK\n@label=w2 :srv 441 weirmod Viewer1 #live :not there",
         "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_UNBAN, "", "> @label=w1 MODE #live -b Viewer1!*@*\n", "@label=w1 :srv ACK",
         "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_WARN, "", "> @label=w1 NOTICE Viewer1 :48小时内发货\n",
         "@label=w1 :srv 401 weirmod Viewer1 :No such nick",
         "* DONE id=a-1 refused=not_found cause=[No such nick]\n"},
        {WEIR_DO_REPLY, "", "> @label=w1;+draft/reply=nx3 PRIVMSG #live :48小时内发货\n",
         "@label=w1 :weirmod!u@h PRIVMSG #live :48小时内发货",
         "* DONE id=a-1 refused=ok\n"
         "* MESSAGE room=#live self user=weirmod@h name=weirmod moderator identity=session "
         "text=[48小时内发货]\n"},
        {WEIR_DO_ANNOUNCE, "", "> @label=w1 NOTICE #live :48小时内发货\n", "@label=w1 :srv ACK",
         "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_ROOM_MODE, "members", "> @label=w1 MODE #live +M\n", "@label=w1 :srv ACK",
         "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_ROOM_MODE, "-shield", "> @label=w1 MODE #live -m\n", "@label=w1 :srv ACK",
         "* DONE id=a-1 refused=ok\n"},
        {WEIR_DO_ROOM_MODE, "slow",
         "* DONE id=a-1 refused=unsupported cause=[this server can't do it]\n", "", ""},
        {WEIR_DO_HOLD, "", "* DONE id=a-1 refused=unsupported cause=[this server can't do it]\n",
         "", ""},
        {WEIR_DO_MASK, "", "* DONE id=a-1 refused=unsupported cause=[this server can't do it]\n",
         "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(peer_end) struct adapter_peer peer;
        struct weir_action action = action_of(cases[i].kind);
        action.mode = weir_span_of(cases[i].mode);
        peer_on_ergo(&peer);
        if (cases[i].kind == WEIR_DO_ROOM_MODE || cases[i].kind == WEIR_DO_BAN) {
            feed_lines(&peer, ":srv 005 weirmod CHANMODES=beI,k,l,CERMUimnstu :are supported");
        }
        peer_act(&peer, &action);
        peer_expect(&peer, weir_do_name(cases[i].kind), cases[i].sent);
        feed_lines(&peer, cases[i].answer);
        peer_expect(&peer, weir_do_name(cases[i].kind), cases[i].done);
    }
    test_end_rows();
}

static void without_labels_a_ping_fences_the_action(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_action action = action_of(WEIR_DO_TIMEOUT);
    peer_on_inspircd(&peer);
    EXPECT_EQ("native", weir_adapter.supports(peer.state, WEIR_DO_TIMEOUT), WEIR_SUPPORT_NATIVE);
    EXPECT_EQ("no redact", weir_adapter.supports(peer.state, WEIR_DO_DELETE), WEIR_SUPPORT_NONE);
    peer_act(&peer, &action);
    peer_expect(&peer, "sent", "> TBAN #live 600 m:Viewer1!*@*\n> PING :weir-w1\n");
    feed_lines(&peer, ":weirmod!weir@h MODE #live +b :m:Viewer1!*@*\n"
                      ":srv NOTICE @#live :weirmod added a timed ban\n"
                      ":srv PONG srv :weir-w1");
    peer_expect(&peer, "done", "* DONE id=a-1 refused=ok\n");
    action = action_of(WEIR_DO_BAN);
    action.id = WEIR_SPAN("a-2");
    peer_act(&peer, &action);
    peer_forget(&peer);
    feed_lines(&peer, ":srv 482 weirmod #live :You must be a channel op\n"
                      ":srv 482 weirmod #live :You must be a channel op\n"
                      ":srv PONG srv :weir-w2");
    peer_expect(&peer, "refused",
                "* DONE id=a-2 refused=forbidden cause=[You must be a channel op]\n");
    test_end_rows();
}

static void a_server_without_tban_lets_the_engine_undo(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_action action = action_of(WEIR_DO_TIMEOUT);
    peer_on_inspircd(&peer);
    peer_act(&peer, &action);
    feed_lines(&peer, ":srv 421 weirmod TBAN :Unknown command\n:srv PONG srv :weir-w1");
    peer_forget(&peer);
    EXPECT_EQ("emulated", weir_adapter.supports(peer.state, WEIR_DO_TIMEOUT),
              WEIR_SUPPORT_EMULATED);
    peer_act(&peer, &action);
    peer_expect(&peer, "a ban that mutes", "> MODE #live +b m:Viewer1!*@*\n> PING :weir-w2\n");
    test_end_rows();
}

static void an_action_without_an_answer_ends(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_action action = action_of(WEIR_DO_DELETE);
    peer_on_ergo(&peer);
    peer_act(&peer, &action);
    peer_forget(&peer);
    peer_wait(&peer, 7999);
    peer_expect(&peer, "just before", "");
    peer_wait(&peer, 1);
    peer_expect(&peer, "refused", "* DONE id=a-1 refused=internal cause=[no answer]\n");
    feed_lines(&peer, "@label=w1 :srv ACK");
    peer_expect(&peer, "too late", "");
    test_end_rows();
}

static void nothing_is_injected(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    struct weir_action action = action_of(WEIR_DO_REPLY);
    action.text = WEIR_SPAN("hi\r\nQUIT :bye\0x");
    action.message = WEIR_SPAN("a b;c\r\nQUIT");
    peer_act(&peer, &action);
    peer_expect(&peer, "reply",
                "> @label=w1;+draft/reply=a\\sb\\:c\\r\\nQUIT PRIVMSG #live :hi  QUIT :bye x\n");
    static const char *const nicks[] = {"a b", "*",    "x!*@*", "a,b", "#live",
                                        ":a",  "a\nb", "-o",    ""};
    for (size_t i = 0; i < ARRAY_LEN(nicks); i++) {
        action = action_of(WEIR_DO_BAN);
        action.user = action.user_name = weir_span_of(nicks[i]);
        peer_act(&peer, &action);
        peer_expect(&peer, nicks[i],
                    "* DONE id=a-1 refused=invalid cause=[no nick that could be addressed]\n");
    }
    action = action_of(WEIR_DO_DELETE);
    action.message = WEIR_SPAN("id other");
    peer_act(&peer, &action);
    peer_expect(&peer, "id", "* DONE id=a-1 refused=not_found cause=[this server can't do it]\n");
    test_end_rows();
}

static void long_texts_go_out_in_lines_that_fit(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (int i = 0; i < 250; i++) {
        weir_buffer_add_text(&text, "发货");
    }
    struct weir_action action = action_of(WEIR_DO_REPLY);
    action.text = weir_buffer_span(&text);
    peer_on_ergo(&peer);
    peer_act(&peer, &action);
    struct weir_span log = weir_buffer_span(&peer.log);
    size_t lines = 0;
    size_t said = 0;
    for (; log.length > 0; lines++) {
        struct weir_span line = weir_span_take_until(&log, '\n');
        const char *start = memmem(line.data, line.length, "PRIVMSG", 7);
        EXPECT("fits", (size_t)(line.data + line.length - start) <= 510 - 100);
        said += (size_t)(line.data + line.length - start) - strlen("PRIVMSG #live :");
        EXPECT("no character is cut", (said % 3) == 0);
    }
    EXPECT_EQ("four lines", (intmax_t)lines, 4);
    EXPECT_EQ("all of it", (intmax_t)said, 1500);
    peer_forget(&peer);
    feed_lines(&peer, "@label=w1 :srv ACK\n@label=w2 :srv ACK\n@label=w3 :srv ACK");
    peer_expect(&peer, "not yet", "");
    feed_lines(&peer, "@label=w4 :srv ACK");
    peer_expect(&peer, "now", "* DONE id=a-1 refused=ok\n");
    test_end_rows();
}

static void channels_are_joined_in_portions(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_room_request rooms[22];
    char names[22][16];
    peer_start(&peer, &config);
    register_with(&peer, "");
    feed_lines(&peer, ":srv 001 weirmod :hi\n:srv 422 weirmod :none");
    peer_forget(&peer);
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        snprintf(names[i], sizeof(names[i]), i == 0 ? "bad name" : "#c%zu", i);
        rooms[i] = (struct weir_room_request){.room = weir_span_of(names[i])};
    }
    weir_adapter.join(peer.state, rooms, ARRAY_LEN(rooms), &peer.host, peer.now_ms);
    peer_expect(&peer, "portions",
                "* LEFT room=bad name final cause=[not the name of a channel]\n"
                "* LEFT room=#c21 final cause=[more rooms than max_rooms]\n"
                "> JOIN #c1,#c2,#c3,#c4,#c5,#c6,#c7,#c8,#c9,#c10\n"
                "> JOIN #c11,#c12,#c13,#c14,#c15,#c16,#c17,#c18,#c19,#c20\n");
    test_end_rows();
}

static void a_channel_that_is_lost_is_joined_again_or_given_up(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":op!u@h KICK #live weirmod :go away");
    peer_expect(&peer, "kicked", "* LEFT room=#live cause=[kicked by op: go away]\n");
    peer_wait(&peer, 10000);
    peer_expect(&peer, "again", "> JOIN #live\n");
    peer_wait(&peer, 11000);
    peer_expect(&peer, "silence", "* LEFT room=#live cause=[no answer to JOIN]\n");
    peer_wait(&peer, 60000);
    peer_forget(&peer);
    feed_lines(&peer, ":srv 474 weirmod #live :Cannot join channel (+b)");
    peer_expect(&peer, "banned", "* LEFT room=#live final cause=[Cannot join channel (+b)]\n");
    struct weir_action action = action_of(WEIR_DO_DELETE);
    peer_act(&peer, &action);
    peer_expect(&peer, "not there",
                "* DONE id=a-1 refused=not_found cause=[we are not in this room]\n");
    test_end_rows();
}

static void a_connection_is_kept_alive_or_given_up(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, "PING :abc def");
    peer_expect(&peer, "pong", "> PONG :abc def\n");
    peer_wait(&peer, 61000);
    peer_expect(&peer, "idle", "> PING :weir\n");
    feed_lines(&peer, ":srv PONG srv :weir");
    peer_wait(&peer, 60000);
    peer_expect(&peer, "alive", "");
    peer_wait(&peer, 31000);
    peer_expect(&peer, "dead", "> PING :weir\n* FAILED cause=[no answer to PING]\n");
    test_end_rows();
}

static void the_end_is_told(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":srv RECONNECT");
    peer_expect(&peer, "move", "* MOVE cause=[the server asks to connect anew]\n");
    feed_lines(&peer, "ERROR :Closing link: shutdown");
    peer_expect(&peer, "error", "* FAILED cause=[the server closes: Closing link: shutdown]\n");
    weir_adapter.on_close(peer.state);
    peer_open(&peer);
    peer_expect(&peer, "again", "> CAP LS 302\n> NICK weirmod\n> USER weir 0 * :weir\n");
    peer_wait(&peer, 21000);
    peer_expect(&peer, "silence", "* FAILED cause=[no end of login within 20 s]\n");
    test_end_rows();
}

static void others_may_delete_too(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_on_ergo(&peer);
    feed_lines(&peer, ":op!u@h REDACT #live nx3 :spam\n:weirmod!u@h REDACT #live nx4 :ours");
    peer_expect(&peer, "gone", "* GONE room=#live id=nx3\n");
    test_end_rows();
}

static void odd_frames_are_counted_and_harmless(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    peer_on_ergo(&peer);
    weir_buffer_printf(&line, ":x!u@h PRIVMSG #live :%017000d", 0);
    peer_feed(&peer, weir_buffer_span(&line));
    peer_expect(&peer, "long", "* REFUSED cause=[a line longer than 16 KiB]\n");
    peer_feed_text(&peer, "@only-tags\r\n:only.a.prefix\r\n\r\n:x!u@h PRIVMSG #live :ok\r\n");
    peer_expect(&peer, "several lines",
                "* REFUSED cause=[a line without a command]\n"
                "* REFUSED cause=[a line without a command]\n"
                "* MESSAGE room=#live user=x@h name=x identity=session text=[ok]\n");
    test_end_rows();
}

static void on_url_room(void *user, struct weir_span room)
{
    weir_buffer_printf(user, "[%.*s]", WEIR_SPAN_ARGS(room));
}

static void a_url_names_channels_in_its_fragment(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer rooms = {0};
    char address[100];
    size_t length = weir_adapter.resolve(WEIR_SPAN("irc+wss://irc.example:8097/ws#live,#more,&loc"),
                                         address, sizeof(address), on_url_room, &rooms);
    EXPECT_TEXT("address", ((struct weir_span){address, length}), "wss://irc.example:8097/ws");
    EXPECT_TEXT("rooms", weir_buffer_span(&rooms), "[#live][#more][&loc]");
    EXPECT_EQ("another scheme",
              (intmax_t)weir_adapter.resolve(WEIR_SPAN("ws://x"), address, sizeof(address),
                                             on_url_room, &rooms),
              0);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_server_names_is_asked_for),
        cmocka_unit_test(an_account_logs_in),
        cmocka_unit_test(a_refused_login_is_final),
        cmocka_unit_test(a_long_token_comes_in_pieces),
        cmocka_unit_test(a_nick_in_use_gets_a_tail),
        cmocka_unit_test(a_nick_that_was_overruled_gets_its_tail_back),
        cmocka_unit_test(messages_carry_what_the_tags_say),
        cmocka_unit_test(history_is_marked),
        cmocka_unit_test(roles_follow_modes_and_nicks),
        cmocka_unit_test(a_session_keeps_its_id_under_a_new_nick),
        cmocka_unit_test(an_account_is_addressed_by_the_nick_it_has),
        cmocka_unit_test(actions_are_said_in_irc_and_confirmed_by_labels),
        cmocka_unit_test(without_labels_a_ping_fences_the_action),
        cmocka_unit_test(a_server_without_tban_lets_the_engine_undo),
        cmocka_unit_test(an_action_without_an_answer_ends),
        cmocka_unit_test(nothing_is_injected),
        cmocka_unit_test(long_texts_go_out_in_lines_that_fit),
        cmocka_unit_test(channels_are_joined_in_portions),
        cmocka_unit_test(a_channel_that_is_lost_is_joined_again_or_given_up),
        cmocka_unit_test(a_connection_is_kept_alive_or_given_up),
        cmocka_unit_test(the_end_is_told),
        cmocka_unit_test(others_may_delete_too),
        cmocka_unit_test(odd_frames_are_counted_and_harmless),
        cmocka_unit_test(a_url_names_channels_in_its_fragment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
