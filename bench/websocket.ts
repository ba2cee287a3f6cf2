// Thousands of idle WebSockets, in clear and over TLS: resident memory of the proxy for each of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTENDERS, type Contender, type ContenderName, PEER_PROGRAMS, startField } from './contenders.ts';
import { rssKilobytes } from './cpu.ts';
import { APP_HOST } from './foyer-side.ts';
import type { IdleSockets } from './load/idle-sockets.ts';
import { LOAD_CORE, pinned, requireMachine } from './machine.ts';
import { startStreamOrigin } from './origin.ts';
import { absoluteBar, type BenchResult, type BenchRow, rowOf } from './result.ts';

const PROGRAM = join(import.meta.dirname, 'load/idle-sockets.ts');
/** KB for each connection. */
const BARS = { http: 32, https: 80 } as const;
/** Of all sockets, so many come and go before anything is counted: what a proxy loads for the first one is there then. */
const WARM_UP_SHARE = 1 / 50;
/** What the limits of one app would keep back. */
const ROOM = { FOYER_LIMIT_WEB_SOCKETS: '20000', FOYER_LIMIT_WEB_SOCKETS_PER_PERSON: '20000' };

export async function benchWebSocket(quick: boolean): Promise<BenchResult> {
  requireMachine(PEER_PROGRAMS);
  const names: readonly ContenderName[] = quick ? ['foyer', 'nginx'] : CONTENDERS;
  const count = quick ? 500 : 5_000;
  const origin = await startStreamOrigin();
  try {
    const rows: BenchRow[] = [];
    for (const scheme of ['http', 'https'] as const) {
      const field = await startField(names, scheme, origin.port, ROOM);
      try {
        const figures = new Map<string, number>();
        for (const each of field.contenders) figures.set(each.name, await memoryEach(each, count, quick));
        const id = `${count}-idle-${scheme === 'http' ? 'clear' : 'tls'}`;
        const row = rowOf({ id, unit: 'KB rss/connection' }, figures, {});
        rows.push({ ...row, bars: [absoluteBar(BARS[scheme], row.foyer)] });
      } finally {
        await field.stop();
      }
    }
    return { bench: 'websocket', rows };
  } finally {
    await origin.stop();
  }
}

async function memoryEach(contender: Contender, count: number, quick: boolean): Promise<number> {
  const settleMs = quick ? 3_000 : 12_000;
  await (await openSockets(contender, Math.ceil(count * WARM_UP_SHARE))).close();
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const before = rssKilobytes(contender.pids());
  const sockets = await openSockets(contender, count);
  // Garbage of the handshakes is given back in the first seconds without work.
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const grown = rssKilobytes(contender.pids()) - before;
  await sockets.close();
  return grown / count;
}

/** Resolves when all are open; `close` throws when one has not stayed so. */
async function openSockets(contender: Contender, count: number): Promise<{ close(): Promise<void> }> {
  const { scheme, port, cookie, name } = contender;
  const load: IdleSockets = { scheme, port, cookie, host: APP_HOST, path: '/ws', count };
  const [program = '', ...args] = pinned(LOAD_CORE, [process.execPath, PROGRAM, JSON.stringify(load)]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'close');
  const opened = once(createInterface(child.stdout), 'line').then(() => true);
  if (!(await Promise.race([opened, ended.then(() => false)]))) throw new Error(`${name}: ${said}`);
  return {
    close: async () => {
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`${name}: ${said}`);
    },
  };
}
