// An app's own service worker keeps its comforts, but never keeps a signed-out person from reaching sign-in.
import { expect, signIn, signOut, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

/** Answers every navigation from its cache, whatever the network would say. */
const STUBBORN_WORKER = `
self.addEventListener('install', (event) => event.waitUntil(caches.open('shell').then((cache) => cache.put('/shell', new Response(
  '<!doctype html><title>Shell</title><h1>Offline shell</h1>', { headers: { 'content-type': 'text/html' } }))).then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.mode === 'navigate') event.respondWith(caches.match('/shell'));
});`;

const PAGE = htmlPage(
  'Stubborn app',
  `<output>no worker</output><script>
navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => {
  document.querySelector('output').textContent = 'worker ready';
});</script>`,
);

test('the ops board’s own worker does not hold back sign-in, and comes back after it', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('ops'));
  await expect(page.getByText('The service worker keeps this page')).toBeVisible();
  await signOut(page, demo);
  await page.goto(demo.url('ops', '/?after'));
  await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  await signIn(page, demo.member);
  await expect(page).toHaveURL(demo.url('ops', '/?after'));
  await expect(page.getByText('The service worker keeps this page')).toBeVisible();
});

test('a worker that answers every navigation is passed by on the second one, and its caches are kept', async ({
  newPerson,
  demo,
}) => {
  let workersFetched = 0;
  const upstream = await startUpstream('127.0.20.6', (request, response) => {
    const isWorker = request.url === '/worker.js';
    if (isWorker) workersFetched++;
    const type = isWorker ? 'text/javascript' : 'text/html';
    response
      .writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
      .end(isWorker ? STUBBORN_WORKER : PAGE);
  });
  try {
    await demo.addApp({ name: 'Stubborn', hosts: [demo.host('stubborn')], access: [demo.member.email] }, upstream);
    const page = await newPerson(demo.member);
    await page.goto(demo.url('stubborn'));
    await expect(page.getByText('worker ready')).toBeVisible();
    await page.goto(demo.url('stubborn', '/again'));
    await expect(page.getByRole('heading', { name: 'Offline shell' })).toBeVisible();
    // The browser looks for a newer worker about a second after a navigation: that look is over before the sign-out,
    // or it would find the gateway's worker already then, and the first navigation would reach sign-in.
    await expect.poll(() => workersFetched, { message: 'the look for a newer worker after a navigation' }).toBe(2);
    await signOut(page, demo);

    // Listens before the page begins: the browser looks for a newer worker after a navigation in its own time, which may be at once.
    await page.addInitScript(() => {
      const replaced = new Promise((resolve) => navigator.serviceWorker?.addEventListener('controllerchange', resolve));
      Object.assign(window, { replaced });
    });
    await page.goto(demo.url('stubborn', '/first'));
    await expect(page.getByRole('heading', { name: 'Offline shell' })).toBeVisible();
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
      await (window as unknown as { replaced: Promise<void> }).replaced;
    });
    await page.goto(demo.url('stubborn', '/second?x=1#y'));
    await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();

    await signIn(page, demo.member);
    await expect(page.getByText('worker ready')).toBeVisible();
    await expect(page).toHaveURL(demo.url('stubborn', '/second?x=1#y'));
    expect(await page.evaluate(() => caches.keys()), 'what the app stored is still there').toEqual(['shell']);
    await expect
      .poll(
        async () => {
          await page.goto(demo.url('stubborn', '/later'));
          return page.getByRole('heading').textContent();
        },
        { message: 'the app’s own worker is back' },
      )
      .toBe('Offline shell');
  } finally {
    await upstream.stop();
  }
});
