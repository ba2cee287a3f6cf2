// Promises under load and under attack by other people's programs: h2load loses nothing, slowhttptest takes nothing from anybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { setInterval } from 'node:timers/promises';
import { runCommand, startChild } from '../../e2e/system/child.ts';
import { type Ends, httpServer, startGateway, type TestGateway } from './gateway.testing.ts';
import { exchangeRaw } from './raw-client.testing.ts';

const KILOBYTE = Buffer.alloc(1_024, 'k');
const MEGABYTES = Buffer.alloc(8 * 1024 * 1024, 'm');
const upstream = await httpServer({ after }, (request, response) => {
  request.resume();
  response.end(request.url === '/much' ? MEGABYTES : KILOBYTE);
});
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream }];

suite('h2load: every request is answered 200, none fails', () => {
  for (const [how, scheme, options] of [
    ['HTTP/1.1', 'http', ['--h1', '-c', '16']],
    ['HTTP/1.1 over TLS', 'https', ['--h1', '-c', '16']],
    ['HTTP/2 over TLS', 'https', ['-c', '8', '-m', '16']],
  ] as const) {
    test(how, async (t) => {
      const gateway = await startGateway(t, { apps, scheme });
      const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
      const port = scheme === 'http' ? gateway.plainPort : gateway.port;
      const target = [`--connect-to=127.0.0.1:${port}`, '-H', `cookie: ${cookie}`, `${scheme}://wiki.test/page?a=b`];
      const said = await runCommand(['h2load', '-n', '4000', ...options, ...target]);
      assert.match(said, /4000 succeeded, 0 failed, 0 errored, 0 timeout/);
      assert.match(said, /4000 2xx, 0 3xx, 0 4xx, 0 5xx/);
      await gateway.until(() => heldConnections(port) === 0 && gateway.context.live.size === 0);
    });
  }
});

suite('R1: slowhttptest against shortened limits', { concurrency: true }, () => {
  const ATTACKERS = 200;
  const BOUND_SECONDS = 90;
  /** How often the one who works asks for something. */
  const EVERY_MS = 20;

  /** An attack, and somebody who goes on working until it is over. `isOver` is asked between two of their requests. */
  async function attacked(t: Ends, options: readonly string[], isOver: (gateway: TestGateway) => boolean) {
    const gateway = await startGateway(t, {
      apps,
      limits: { headersTimeoutMs: 1_000, requestBodyIdleMs: 500, responseStallMs: 500, keepAliveMs: 500 },
    });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const request = `GET /page HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
    const attack = startChild([
      ...['slowhttptest', '-c', String(ATTACKERS), '-r', '1000', '-i', '1', '-l', String(BOUND_SECONDS)],
      ...['-j', cookie, '-d', `127.0.0.1:${gateway.port}`, ...options],
    ]);
    let ended = false;
    attack.exited.then(() => {
      ended = true;
    });
    for await (const _ of setInterval(EVERY_MS)) {
      if (ended || isOver(gateway)) break;
      assert.match(await exchangeRaw(gateway.port, request), /^HTTP\/1\.1 200 .*k{1024}$/s);
    }
    await gateway.until(() => heldConnections(gateway.port) === 0 && gateway.context.live.size === 0);
    await attack.stop('SIGKILL');
    return attack.lines().join('\n');
  }

  for (const [what, options] of [
    ['slow headers', ['-H']],
    ['slow bodies', ['-B', '-s', '100000']],
    ['a thousand ranges', ['-R', '-b', '1000']],
  ] as const) {
    test(`${what}: every attacker is let go, and nobody else waits`, async (t) => {
      const said = await attacked(t, [...options, '-u', 'http://wiki.test/page'], () => false);
      assert.match(said, /No open connections left/);
    });
  }

  test('slow reading: every attacker is let go, and nobody else waits', async (t) => {
    const slowly = ['-X', '-w', '512', '-y', '1024', '-n', '1', '-z', '32'];
    const said = await attacked(t, [...slowly, '-u', 'http://wiki.test/much'], (gateway) => {
      // An answer that was cut has an access line of other bytes; a head that was late has a refusal.
      const cut = gateway.logs.filter(({ access, bytes }) => access !== undefined && bytes !== KILOBYTE.length);
      return cut.length + gateway.refusals.length >= ATTACKERS && heldConnections(gateway.port) === 0;
    });
    assert.doesNotMatch(said, /Hit test time limit/);
  });
});

/** How many connections that came in at a port are still somebody's: the kernel's own have no inode (proc_net_tcp(5)). */
function heldConnections(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const LISTENING = '0A';
  const ORPHAN = '0';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, from, , state, , , , , , inode]) => from?.endsWith(local) && state !== LISTENING && inode !== ORPHAN)
    .length;
}
