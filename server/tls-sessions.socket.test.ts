// The promise of TLS sessions: one that began at any gateway process goes on at every other one, and after a reload; no key is in any file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { makeCertificate } from '../bench/certificate.ts';
import { APP_HOST, PORTAL_HOST } from '../bench/foyer-side.ts';
import { startLivingFoyer } from './supervisor/life-cycle.testing.ts';

test('a session of TLS is resumed at another gateway process, and after SIGHUP', { timeout: 60_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-tickets-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const certificate = await makeCertificate(dir, [APP_HOST, PORTAL_HOST]);
  const foyer = await startLivingFoyer(t, { certificate, gateways: 2 });

  /** A whole exchange: which process had it, whether it resumed the session, and the session to go on with. */
  const visit = async (maxVersion: 'TLSv1.2' | 'TLSv1.3', session?: Buffer) => {
    const socket = connect({
      port: foyer.port,
      host: '127.0.0.1',
      servername: APP_HOST,
      rejectUnauthorized: false,
      maxVersion,
      session,
    });
    const given = new Promise<Buffer>((resolve) => socket.once('session', resolve));
    socket.write(`GET / HTTP/1.1\r\nHost: ${APP_HOST}:${foyer.port}\r\n\r\n`);
    const answer = String((await once(socket, 'data'))[0]);
    const supportId = /foyer-support-id: (\S+)/i.exec(answer)?.[1] ?? answer;
    // TLS 1.2 gives no other one when a session goes on.
    const kept = session ?? (await given);
    const reused = socket.isSessionReused();
    socket.destroy();
    const { pid }: { pid: number } = JSON.parse(await foyer.said(`"access":"${supportId}"`));
    return { pid, reused, session: kept };
  };

  const versions = ['TLSv1.2', 'TLSv1.3'] as const;
  const sessions = new Map<string, Buffer>();
  for (const version of versions) {
    const { pid, reused, session } = await visit(version);
    assert.equal(reused, false);
    sessions.set(version, session);
    // The kernel likes to give an idle machine's connections to one of them.
    process.kill(pid, 'SIGSTOP');
    const again = await visit(version, session);
    process.kill(pid, 'SIGCONT');
    assert.notEqual(again.pid, pid);
    assert.equal(again.reused, true, version);
  }

  const old = foyer.pids('gateway');
  process.kill(foyer.pid, 'SIGHUP');
  await foyer.said('"generation":1', 'reload: done');
  for (const version of versions) {
    const after = await visit(version, sessions.get(version));
    assert.equal(after.reused, true, version);
    assert.ok(!old.includes(after.pid));
  }
  assert.ok(!readFileSync(foyer.logFile, 'utf8').includes('ticketKeys'));
});
