// A supervisor for tests, in a process of its own: fixture children on a free port, its address and process ids on stdout as JSON.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { endOnBug, endOnSignals } from '../signals.ts';
import { supervise } from '../supervisor/supervise.ts';

const read = readConfig({
  FOYER_PORTAL_URL: 'http://portal.localhost:8080',
  FOYER_LISTEN: process.env.TEST_LISTEN ?? '127.0.0.1:0',
  FOYER_DATA_DIR: process.env.TEST_DATA_DIR,
  FOYER_GATEWAYS: '2',
});
if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
const child = join(import.meta.dirname, 'child.ts');
const drainMs = Number(process.env.TEST_DRAIN_MS ?? 5000);
const log = createLog({ level: 'info', program: 'supervisor' });
const supervised = await supervise({
  config: read.config,
  env: process.env,
  log,
  programs: { portal: child, gateway: child },
  drainMs,
  ticketKeysMs: Number(process.env.TEST_TICKET_KEYS_MS ?? 60_000),
  retireMs: Number(process.env.TEST_RETIRE_MS ?? 60_000),
  onTold: (topic, value) => void process.stdout.write(`told ${topic} ${JSON.stringify(value)}\n`),
});
if (supervised.kind === 'refused') {
  process.stdout.write(`${JSON.stringify(supervised)}\n`);
  process.exit(1);
}
const { supervisor } = supervised;
endOnSignals(supervisor);
endOnBug(supervisor, log);
// `ask <topic> <about>` on stdin.
createInterface({ input: process.stdin }).on('line', async (line) => {
  const [, topic = '', about] = line.split(' ');
  process.stdout.write(`answers ${topic} ${JSON.stringify(await supervisor.ask(topic, 300, about))}\n`);
});
process.on('SIGUSR2', () => {
  throw new Error('a bug of the supervisor');
});
const port = supervisor.listeners[0]?.port;
process.stdout.write(`${JSON.stringify({ kind: 'running', port, pids: supervisor.pids() })}\n`);
