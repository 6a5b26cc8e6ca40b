// A real Twitch client (npm's tmi.js) as the judge of our stand-in: prints what it reads as JSON lines.
// usage: node viewer.js PORT CHANNEL       NODE_PATH names where tmi.js is

const tmi = require('tmi.js');

const [port, channel] = process.argv.slice(2);
const client = new tmi.Client({
  connection: { server: '127.0.0.1', port: Number(port), secure: false, reconnect: false },
  channels: [channel],
});
const tell = (type, fields) => console.log(JSON.stringify({ type, ...fields }));

client.on('message', (room, tags, text) =>
  tell('message', { room, id: tags.id, user: tags['user-id'], name: tags['display-name'], text, emotes: tags.emotes }));
client.on('resub', (room, name, months, text, tags) => tell('resub', { room, name, text, id: tags.id }));
client.on('messagedeleted', (room, name, text, tags) => tell('deleted', { room, id: tags['target-msg-id'] }));
client.on('timeout', (room, name, reason, seconds) => tell('timeout', { room, name, seconds }));
client.on('ban', (room, name) => tell('ban', { room, name }));
client.on('clearchat', (room) => tell('clear', { room }));
client.on('roomstate', (room) => tell('roomstate', { room }));
client.on('disconnected', (reason) => {
  tell('disconnected', { reason });
  process.exit(0);
});
client.connect().catch((error) => {
  tell('failed', { error: String(error) });
  process.exit(1);
});
