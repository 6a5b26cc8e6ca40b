// What the keyword filters for Node cost a message, one line each: name, ns a message, ms to build,
// messages that hit. bench_match runs it with its own words and messages.
//
//   node filters.mjs WORDS CHAT        (one a line; chat as JSON strings)

import { readFileSync } from "node:fs";
import mintFilter from "mint-filter";
import AhoCorasick from "modern-ahocorasick";
import { DataSet, RegExpMatcher, parseRawPattern } from "obscenity";

const [wordsFile, chatFile] = process.argv.slice(2);
const words = readFileSync(wordsFile, "utf8").split("\n").filter(Boolean);
const chat = readFileSync(chatFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));

function cpuNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

// The median of `passes` over the first `count` messages, after one that warms up.
function measure(name, build, hits, count, passes) {
  const before = cpuNs();
  const filter = build();
  const built = (cpuNs() - before) / 1e6;
  const sample = chat.slice(0, count);
  const times = [];
  let found = 0;
  for (let pass = 0; pass <= passes; pass++) {
    const start = cpuNs();
    found = 0;
    for (const text of sample) found += hits(filter, text) ? 1 : 0;
    if (pass > 0) times.push((cpuNs() - start) / sample.length);
  }
  times.sort((a, b) => a - b);
  console.log([name, times[times.length >> 1].toFixed(0), built.toFixed(0), found].join("\t"));
}

// Each as its documentation says for finding words, without replacing them, case aside.
measure("mint-filter", () => new mintFilter.Mint(words),
  (filter, text) => filter.filter(text, { replace: false }).words.length > 0, chat.length, 5);

measure("modern-ahocorasick", () => new AhoCorasick(words.map((word) => word.toLowerCase())),
  (filter, text) => filter.search(text.toLowerCase()).length > 0, chat.length, 5);

// It makes a regex of every word and runs them one by one, so that it sees only some messages.
function obscenity() {
  const set = new DataSet();
  for (const word of words) {
    const pattern = word.replace(/[[\]?|\\]/g, "\\$&");
    set.addPhrase((phrase) => phrase.setMetadata({ word }).addPattern(parseRawPattern(pattern)));
  }
  return new RegExpMatcher(set.build());
}
measure("obscenity", obscenity, (matcher, text) => matcher.hasMatch(text.toLowerCase()), 100, 1);
