#include "tests/unit/test.h"

#include "engine/triage/question.h"

static const struct {
    const char *text;
    bool expected;
} cases[] = {
    // Chinese, with the words that ask and without a mark
    {"什么时候发货", true},
    {"多少钱", true},
    {"有没有优惠券", true},
    {"這個包郵嗎", true},
    {"能用券么", true},
    {"链接呢", true},
    {"主播链接在哪", true},
    {"几点抽奖", true},
    {"发货了没", true},
    {"掉不掉色", true},
    {"求链接", true},
    {"求bgm", true},
    {"请问怎么退货", true},
    {"咋买啊", true},
    {"有谁知道密码", true},
    {"偏黄皮能穿吗", true},
    {"这件和那件有啥区别", true},
    {"第几号链接", true},
    {"尺码推荐一下 158 50kg", true},
    {"为什么还没到", true},
    {"怎么还不发货", true},
    {"真的包邮？", true},
    {"@主播 什么时候发货", true},
    {"后来呢", true},
    {"蛋总呢", true},
    {"现在是不是打不过了", true},
    {"完了不完了", true},
    {"不知道怎么领券", true},
    {"不是说包邮吗", true},
    {"跪求歌名", true},
    {"解释一下刚才那波", true},
    {"麻烦你帮我查一下单号", true},
    {"新来的扣1", true},
    {"这几倍镜啊", true},
    {"101？", true},
    // the same words, asking nothing
    {"是AK么", true},
    {"求一部好看的电影", true},
    {"求关注", false},
    {"怎么能领到券", true},
    {"怎么能这样", false},
    {"铁管怎么接", true},
    {"别管怎么来的", false},
    {"学生可以开通嘛", true},
    {"还可以的嘛", false},
    {"今晚打几场", true},
    {"质量特别好吗", true},
    {"别剧透好吗", false},
    {"看啥看", false},
    {"666？", false},
    {"？（๑•ั็ω•็ั๑)", false},
    {"这不是青铜吗", false},
    {"怎么现在这么菜", false},
    {"看不出来什么大问题", false},
    {"虚什么 打就完了", false},
    {"啥，南方人早穿短袖了", false},
    {"瞧不起谁呢", false},
    {"谁带得动你啊", false},
    {"扔不扔没事了", false},
    {"不服不服不服不服", false},
    {"都不知道你们几岁", false},
    {"怎么这么可爱", false},
    {"没什么好说的", false},
    {"什么都好看", false},
    {"几百块钱不贵", false},
    {"看了好几遍", false},
    {"多少有点离谱", false},
    {"动不动就卡", false},
    {"谁懂啊 太好看了", false},
    {"还早呢", false},
    {"什么？", false},
    {"？？？？", false},
    {"难道我会骗你吗", false},
    {"会不会玩", false},
    {"看什么看", false},
    {"我也不", false},
    {"爱买不买", false},
    {"什么情况", false},
    // said to somebody else, or to a bot
    {"@小明 吃了吗", false},
    {"!help what is this", false},
    {"/ban who?", false},
    // English
    {"when does it ship", true},
    {"how much is shipping", true},
    {"anyone know the song", true},
    {"is this size true to fit", true},
    {"do you ship to canada", true},
    {"can i get a refund", true},
    {"so what time is the giveaway", true},
    {"What’s the name of this game", true},
    {"it says sold out, is that right", true},
    {"nymn what is this game about", true},
    {"really like it. where can i buy one", true},
    {"which one is warmer", true},
    {"i would like to know how long it takes", true},
    {"i dont want to know how it ends", false},
    {"in stock?", true},
    {"why are you like this lol", false},
    {"what a goal", false},
    {"when he dies to the boss", false},
    {"how cute", false},
    {"who cares", false},
    {"do it", false},
    {"have fun guys", false},
    {"was thinking the same", false},
    {"i know what you mean", false},
    {"are you kidding me", false},
    {"what?", true}, // wants to hear it again; without the mark it is amazed
    {"what", false},
    {"lol?", false},
    {"???", false},
    {"https://example.com/watch?v=abc", false},
    {"nice stream", false},
    {"6666", false},
    {"", false},
    // both
    {"这个 size 怎么选", true},
    {"wechat 可以付吗", true},
    {"xx_anna99 can i join", true},
    {"is xx_anna99 back yet", true},
    {"xx_anna99 is the best", false},
    {"just why", true},
    {"who", true},
    {"mouse4?", true},
    {"hey xx_anna99?", false},
    {"xx_anna99: huh?", true},
    {"yea sure.. why not", false},
    {"why not use the kernel", true},
    {"may i pm you", true},
    {"may you have 100 wins", false},
    {"in what order", true},
    {"fine and u xx_anna99", true},
};

static bool is_question(struct weir_text *text, const char *line, const char *reply_to)
{
    struct weir_message message = {.text = weir_span_of(line), .reply_to = weir_span_of(reply_to)};
    weir_text_set(text, message.text, NULL, 0, false);
    struct weir_question_words *words = weir_question_words_create();
    bool is_one = weir_is_question(words, text, &message);
    weir_question_words_destroy(&words);
    return is_one;
}

static void finds_what_asks_and_leaves_the_rest(void **state)
{
    (void)state;
    struct weir_text *text = weir_text_create(500);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT_EQ(cases[i].text, is_question(text, cases[i].text, ""), cases[i].expected);
    }
    weir_text_destroy(&text);
    test_end_rows();
}

static void an_answer_to_another_viewer_is_no_question(void **state)
{
    (void)state;
    struct weir_text *text = weir_text_create(500);
    EXPECT("reply", !is_question(text, "什么时候发货", "m-7"));
    EXPECT("no reply", is_question(text, "什么时候发货", ""));
    weir_text_destroy(&text);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_asks_and_leaves_the_rest),
        cmocka_unit_test(an_answer_to_another_viewer_is_no_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
