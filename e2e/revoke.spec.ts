// What an administrator takes away ends everywhere in under a second, on connections that are open too.
import { expect, signIn, test } from './system/journey.ts';
import { watchSocketEnd } from './system/socket-end.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

const WITHIN_MS = 1000;

test('A7 W6: an app that is no longer assigned cuts its open WebSocket, and no other', async ({ newPerson, demo }) => {
  const upstream = await startUpstream(
    '127.0.20.5',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Control room', ''));
    },
    { onSocket: (socket) => socket.send('hello') },
  );
  try {
    const app = { name: 'Control room', hosts: [demo.host('control')] };
    await demo.addApp({ ...app, access: [demo.member.email, demo.newcomer.email] }, upstream);
    const [grace, linus] = [await newPerson(demo.member), await newPerson(demo.newcomer)];
    const sockets = [];
    for (const page of [grace, linus]) {
      await page.goto(demo.url('control'));
      await expect(page.getByRole('heading', { name: 'Control room' })).toBeVisible();
      const socket = watchSocketEnd(page, '/socket');
      await socket.opened;
      sockets.push(socket);
    }
    const [graces, linuss] = sockets;
    const { savedAt } = await demo.addApp({ ...app, access: [demo.member.email] }, upstream);
    const end = await linuss?.closed;
    expect(end?.code).toBe(1008);
    expect((end?.at ?? Number.POSITIVE_INFINITY) - savedAt).toBeLessThan(WITHIN_MS);
    const other = await Promise.race([
      graces?.closed,
      grace.evaluate(() => fetch('/alive').then((response) => response.status)),
    ]);
    expect(other, 'the other person’s socket goes on').toBe(200);
  } finally {
    await upstream.stop();
  }
});

test('C10 W6: a session that an administrator ends is over in its browser: open sockets, apps and portal', async ({
  newPerson,
  demo,
}) => {
  const upstream = await startUpstream(
    '127.0.20.10',
    (request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Lighthouse', `<p>${request.url}</p>`));
    },
    { onSocket: (socket) => socket.send('hello') },
  );
  try {
    await demo.addApp(
      { name: 'Lighthouse', hosts: [demo.host('lighthouse')], access: [demo.newcomer.email] },
      upstream,
    );
    const [admin, page] = [await newPerson(demo.admin), await newPerson(demo.newcomer)];
    await page.goto(demo.url('lighthouse'));
    const socket = watchSocketEnd(page, '/socket');
    await socket.opened;
    await admin.goto(`${demo.portalUrl}/admin/sessions`);
    const rows = admin.getByRole('row').filter({ hasText: demo.newcomer.email });
    const ends: { clickedAt: number; answeredAt: number }[] = [];
    for (let left = await rows.count(); left > 0; left -= 1) {
      await rows.first().getByRole('button', { name: 'End', exact: true }).click();
      const clickedAt = Date.now();
      const answer = admin.waitForResponse((response) => response.request().method() === 'POST');
      await admin.getByRole('alertdialog').getByRole('button', { name: 'End session' }).click();
      await answer;
      ends.push({ clickedAt, answeredAt: Date.now() });
      await expect(rows).toHaveCount(left - 1);
    }
    const { code, at } = await socket.closed;
    expect(code).toBe(4401);
    // Of several sessions, it was the one that was ended last before the socket was.
    const ended = ends.findLast(({ clickedAt }) => clickedAt < at);
    expect(at - (ended?.answeredAt ?? 0)).toBeLessThan(WITHIN_MS);
    await page.goto(demo.url('lighthouse', '/again?x=1#y'));
    await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
    await signIn(page, demo.newcomer);
    await expect(page).toHaveURL(demo.url('lighthouse', '/again?x=1#y'));
  } finally {
    await upstream.stop();
  }
});
