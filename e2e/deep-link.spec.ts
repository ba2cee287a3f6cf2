// A link to anywhere in an app survives the way through sign-in.
import { expect, PHONE, signIn, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

test('query and fragment of a deep link arrive as they were, although sign-in lies between', async ({ page, demo }) => {
  const target = '/deep/path%2Fwith/%C3%BC?query=1&query=%20x&empty=#part-2';
  await page.goto(demo.url('mirror', target));
  await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  await signIn(page, demo.member);
  await expect(page).toHaveURL(demo.url('mirror', target));
  await expect(page.getByText('GET /deep/path%2Fwith/%C3%BC?query=1&query=%20x&empty= HTTP/1.1')).toBeVisible();
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
});

test('the fragment survives without sign-in too', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('mirror', '/deep?a=b#over-here'));
  await expect(page).toHaveURL(demo.url('mirror', '/deep?a=b#over-here'));
  await expect(page.getByText('GET /deep?a=b HTTP/1.1')).toBeVisible();
});

test('going back from an app does not fall into the pages of the handshake', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member, PHONE);
  await page.getByRole('link', { name: /Mirror/ }).click();
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
});

test('nor does it when something was pressed in them, which gives them a place in the history of the tab', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member, { ...PHONE, serviceWorkers: 'block' });
  const style = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  // The page goes on once its style is there.
  await page.route('**/foyer.css', async (route) => {
    arrived.resolve();
    await style.promise;
    await route.continue();
  });
  await page.getByRole('link', { name: /Mirror/ }).click({ noWaitAfter: true });
  await arrived.promise;
  await page.mouse.click(100, 100);
  style.resolve();
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  const length = await page.evaluate(() => history.length);
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  await page.goForward();
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  expect(await page.evaluate(() => history.length)).toBe(length);
});

test('a handshake that was left before it got anywhere goes on when its person comes back to it', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member, { ...PHONE, serviceWorkers: 'block' });
  let isHeld = true;
  const asked = Promise.withResolvers<void>();
  await page.route('**/.foyer/session', async (route) => {
    asked.resolve();
    if (isHeld) return;
    await route.continue();
  });
  await page.getByRole('link', { name: /Mirror/ }).click({ noWaitAfter: true });
  await asked.promise;
  // What it goes back from is cut off, and is told as a failure; where it leads to is what counts.
  await page.goBack().catch(() => null);
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  isHeld = false;
  await page.goForward({ waitUntil: 'commit' });
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
});

test('an app whose deep link redirects to a third origin, as its own sign-on does, gets there', async ({
  page,
  demo,
}) => {
  const third = await startUpstream('127.0.20.1', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('The third origin', '<p>Landed.</p>'));
  });
  const landing = `http://127.0.20.1:${third.port}/landing?ticket=1`;
  const app = await startUpstream('127.0.20.2', (_request, response) => {
    response.writeHead(302, { location: landing }).end();
  });
  try {
    await demo.addApp({ name: 'Redirector', hosts: [demo.host('redirector')], access: [demo.member.email] }, app);
    await page.goto(demo.url('redirector', '/reports/7'));
    await signIn(page, demo.member);
    await expect(page).toHaveURL(landing);
    await expect(page.getByText('Landed.')).toBeVisible();
  } finally {
    await Promise.all([third.stop(), app.stop()]);
  }
});
