// A child for tests of the supervisor: a portal that is only ready, or a gateway that answers with its process id, and dies as it is told.
import { createServer } from 'node:http';
import {
  answerQuestions,
  askSupervisor,
  onEnd,
  onRetire,
  onTls,
  sayReady,
  startMessage,
  tell,
} from '../supervisor/parent.ts';

if (process.env.TEST_CRASH === 'at-once') process.exit(3);
const { listeners, number, generation, tls } = await startMessage();
let { ticketKeys } = tls;
onTls((newer) => {
  ticketKeys = newer.ticketKeys;
});
if (process.env.TEST_CRASH === 'second-generation' && generation > 0) process.exit(4);
const servers = listeners.map(({ fd }) => {
  const server = createServer((request, response) => {
    if (request.url === '/slow') {
      process.stdout.write(`${process.pid} works\n`);
      setTimeout(() => response.end(String(process.pid)), Number(process.env.TEST_SLOW_MS));
    } else response.end(String(process.pid));
  });
  return new Promise<typeof server>((resolve) => server.listen({ fd }, () => resolve(server)));
});
const running = await Promise.all(servers);
const alive = setInterval(() => {}, 60_000);
const drain = () => {
  if (process.env.TEST_CRASH === 'never-ends') return;
  clearInterval(alive);
  let open = running.length;
  const leave = () => process.connected && process.disconnect?.();
  for (const server of running) server.close(() => --open === 0 && leave());
  if (open === 0) leave();
};
onEnd(() => {
  process.stdout.write(`${process.pid} drains\n`);
  drain();
});
onRetire((graceMs) => {
  process.stdout.write(`${process.pid} retires in ${graceMs} ms\n`);
  drain();
});
answerQuestions({
  keys: () => ticketKeys,
  who: () => ({ number, generation, pid: process.pid }),
  'held-names': (about) => ({ names: [{ host: about, number }], servers: [] }),
  'ask-held-names': (about) => askSupervisor('held-names', about, 500),
  'ask-weather': () => askSupervisor('weather', '', 500),
  mute: () => new Promise(() => {}),
  broken: () => {
    throw new Error('That is not known here.');
  },
});
await tell('born', { number, generation });
sayReady();
