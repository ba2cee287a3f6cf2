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

test('C10: a session that an administrator ends is over in its browser, portal and apps alike', async ({
  newPerson,
  demo,
}) => {
  const [admin, page] = [await newPerson(demo.admin), await newPerson(demo.newcomer)];
  await page.goto(demo.url('wiki', '/pages/welcome'));
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await admin.goto(`${demo.portalUrl}/admin/sessions`);
  const rows = admin.getByRole('row').filter({ hasText: demo.newcomer.email });
  while ((await rows.count()) > 0) {
    const before = await rows.count();
    await rows.first().getByRole('button', { name: /^End/ }).click();
    const confirm = admin.getByRole('alertdialog').getByRole('button', { name: /^End/ });
    if (await confirm.isVisible()) await confirm.click();
    await expect(rows).toHaveCount(before - 1);
  }
  await expect
    .poll(async () => {
      await page.goto(demo.url('wiki', '/pages/travel'));
      return page.url();
    })
    .toContain('/sign-in');
  await signIn(page, demo.newcomer);
  await expect(page).toHaveURL(demo.url('wiki', '/pages/travel'));
});
