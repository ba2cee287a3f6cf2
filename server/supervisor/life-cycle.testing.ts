// A real Foyer with one app for tests of its life cycle: slow answers, uploads, WebSockets, and what its processes say.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { APP_HOST, type BenchFoyer, type BenchFoyerOptions, startBenchFoyer } from '../../bench/foyer-side.ts';
import { startUpstream } from '../../e2e/system/upstream.ts';

export type LivingFoyer = BenchFoyer & {
  /** A signed-in request to the app. */
  request(path: string, options?: { method?: string }): ClientRequest;
  /** Status, headers and whole body. Rejects when the answer is cut. */
  get(path: string): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>;
  socket(): Promise<WebSocket>;
  /** The first line of the log, of these that are yet to come or of all, that holds every word. */
  said(...words: string[]): Promise<string>;
  /** Ends the answers to `/held`. */
  letGo(): void;
  /** Resolves when the app has that many requests under way. */
  atWork(count: number): Promise<void>;
};

/** `/held` begins to answer at once and ends when it is let go; `/slow?ms` so much later; `/wait?ms` begins only then; POST answers with how much came. */
export async function startLivingFoyer(
  t: TestContext,
  options: Omit<BenchFoyerOptions, 'originPort' | 'isPinned'> = {},
): Promise<LivingFoyer> {
  let working = 0;
  const held = Promise.withResolvers<void>();
  const upstream = await startUpstream(
    '127.0.0.1',
    async (request, response) => {
      working += 1;
      response.once('close', () => {
        working -= 1;
      });
      const { pathname, search } = new URL(request.url ?? '/', 'http://app.test');
      if (request.method === 'POST') {
        let bytes = 0;
        for await (const chunk of request) bytes += chunk.length;
        response.end(String(bytes));
      } else if (pathname === '/held') {
        response.write('begun, ');
        await held.promise;
        response.end('ended');
      } else if (pathname === '/slow') {
        response.write('begun, ');
        setTimeout(() => response.end('ended'), Number(search.slice(1)));
      } else if (pathname === '/wait') setTimeout(() => response.end('waited'), Number(search.slice(1)));
      else response.end('at once');
    },
    { onSocket: (socket) => socket.on('message', (data) => socket.send(data)) },
  );
  t.after(() => upstream.stop());
  const foyer = await startBenchFoyer({ ...options, originPort: upstream.port, isPinned: false });
  t.after(() => foyer.stop());
  const { port, cookie, logFile } = foyer;
  const headers = { host: `${APP_HOST}:${port}`, cookie };
  const request: LivingFoyer['request'] = (path, { method = 'GET' } = {}) =>
    requestHttp({ host: '127.0.0.1', port, path, method, headers, agent: false });
  return {
    ...foyer,
    request,
    letGo: held.resolve,
    get: async (path) => {
      const sent = request(path).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    },
    socket: async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
        headers: { host: headers.host, cookie },
        origin: `http://${headers.host}`,
      });
      await once(socket, 'open');
      return socket;
    },
    said: (...words) =>
      eventually(`the log says ${words.join(' … ')}`, () => {
        const lines = readFileSync(logFile, 'utf8').split('\n');
        return lines.find((line) => words.every((word) => line.includes(word)));
      }),
    atWork: async (count) => {
      await eventually(`${count} requests are under way`, () => (working === count ? true : undefined));
    },
  };
}

/** Looks again and again until there is something, for at most half a minute. */
export async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  const until = performance.now() + 30_000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`It did not come to pass that ${what}.`);
    await delay(20);
  }
}
