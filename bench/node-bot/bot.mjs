// A moderation bot as people write one in Node: a WebSocket client, a keyword filter, a loop over
// regexes, cards into a Redis stream. It speaks weir.room.v1, reads the words and regexes that weir's own
// packs hold (pack_words.py prints them), and is what weir is measured against. Those under `quiet` are
// looked for like the others, and counted; nothing is deleted because of them.
//
//   node bot.mjs URL WORDS.json REDIS-SOCKET ROOM...

import { readFileSync } from "node:fs";
import mintFilter from "mint-filter";
import Redis from "ioredis";
import WebSocket from "ws";

const [url, wordsFile, redisSocket, ...rooms] = process.argv.slice(2);
const { words, regexes, quiet } = JSON.parse(readFileSync(wordsFile, "utf8"));
const { Mint } = mintFilter;
const acting = new Set(words.map((word) => word.normalize("NFKC").toLowerCase()));
const filter = new Mint([...new Set([...words, ...(quiet?.words ?? [])])]);
const patterns = compile(regexes);
const quietPatterns = compile(quiet?.regexes ?? []);
const question = /[?？]|吗|呢|怎么|多少|什么|几|哪|\b(who|what|when|where|why|how|which|can|does|is there)\b/i;
const redis = new Redis(redisSocket);

const socket = new WebSocket(url, "weir.room.v1", { perMessageDeflate: false });
let batch = false;
let heard = 0;
let waiting = [];

// What PCRE2 takes and JavaScript does not is left out: such a bot would not have it.
function compile(sources) {
  return sources.flatMap((source) => {
    for (const flags of ["iu", "i"]) {
      try {
        return [new RegExp(source, flags)];
      } catch {
        continue;
      }
    }
    return [];
  });
}

function say(object) {
  waiting.push(JSON.stringify(object));
}

function flush() {
  if (waiting.length === 0) return;
  if (batch) {
    socket.send(waiting.join("\n"));
  } else {
    for (const text of waiting) socket.send(text);
  }
  waiting = [];
}

function judge(message) {
  const text = message.text.normalize("NFKC").toLowerCase();
  const all = filter.filter(text, { replace: false }).words;
  const found = all.filter((word) => acting.has(word));
  const matched = patterns.some((pattern) => pattern.test(text));
  heard += all.length - found.length;
  for (const pattern of quietPatterns) heard += pattern.test(text) ? 1 : 0;
  if (found.length > 0 || matched) {
    say({
      type: "action", id: `a-${message.id}`, room: message.room, seq: message.seq, do: "delete",
      message: message.id, user: message.user?.id ?? null, reason: "rule", rules: found, by: "rule",
    });
  } else if (question.test(text)) {
    redis.xadd("questions", "*", "room", message.room, "message", message.id, "text", message.text);
  }
}

socket.on("open", () => socket.send(JSON.stringify({ type: "hello", token: "", rooms })));
socket.on("message", (data) => {
  const settled = new Map();
  for (const line of data.toString().split("\n")) {
    const frame = JSON.parse(line);
    if (frame.type === "welcome") batch = frame.batch === true;
    if (frame.type !== "chat") continue;
    judge(frame);
    if (frame.seq !== undefined) settled.set(frame.room, frame.seq);
  }
  for (const [room, seq] of settled) say({ type: "ack", room, seq });
  flush();
});
socket.on("close", () => {
  console.error(`${heard} hits of quiet words and regexes`);
  redis.quit();
});
