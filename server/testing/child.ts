// A child for tests of the supervisor: a portal that is only ready, or a gateway that answers with its process id, and dies as it is told.
import { createServer } from 'node:http';
import { onEnd, sayReady, startMessage } from '../parent.ts';

if (process.env.TEST_CRASH === 'at-once') process.exit(3);
const { listeners } = await startMessage();
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
process.on('SIGHUP', () => process.stdout.write(`${process.pid} SIGHUP\n`));
onEnd(() => {
  process.stdout.write(`${process.pid} drains\n`);
  if (process.env.TEST_CRASH === 'never-ends') return;
  clearInterval(alive);
  let open = running.length;
  const leave = () => process.connected && process.disconnect?.();
  for (const server of running) server.close(() => --open === 0 && leave());
  if (open === 0) leave();
});
sayReady();
