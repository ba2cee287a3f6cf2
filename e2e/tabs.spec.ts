// Many tabs at once share one way through sign-in, and none is left behind.
import type { BrowserContext, Page, Request } from '@playwright/test';
import { expect, signIn, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

const TABS = 40;
const MAX_ROUNDS = 2;
const MAX_COOKIE_BYTES = 200;

test('two tabs before sign-in: signing in once opens both, each at its own address', async ({ context, demo }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await Promise.all([
    first.goto(demo.url('wiki', '/pages/travel#one')),
    second.goto(demo.url('mirror', '/two?b=2#two')),
  ]);
  await expect(second.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  await signIn(first, demo.member);
  await expect(first).toHaveURL(demo.url('wiki', '/pages/travel#one'));
  await second.reload();
  await expect(second).toHaveURL(demo.url('mirror', '/two?b=2#two'));
});

test('C20: forty tabs at once on one app all arrive, in at most two rounds, with few bytes of cookies', async ({
  newPerson,
  demo,
}) => {
  test.setTimeout(90_000);
  const upstream = await startUpstream('127.0.20.4', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Report', `<p>${request.url}</p>`));
  });
  try {
    await demo.addApp({ name: 'Reports', hosts: [demo.host('reports')], access: [demo.member.email] }, upstream);
    const context = (await newPerson(demo.member)).context();
    const cookieBytes = watchCookies(context, demo.host('reports'));
    const pages = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
    const rounds = pages.map(countRounds);
    const targets = pages.map((_, at) => demo.url('reports', `/report/${at}?tab=${at}&${'x'.repeat(100)}#row-${at}`));
    await Promise.all(pages.map((page, at) => page.goto(targets[at] ?? '', { timeout: 60_000 })));
    for (const [at, page] of pages.entries()) {
      await expect(page).toHaveURL(targets[at] ?? '');
      await expect(page.getByText(`/report/${at}?tab=${at}`)).toBeVisible();
    }
    expect(Math.max(...rounds.map((count) => count()))).toBeLessThanOrEqual(MAX_ROUNDS);
    expect(await cookieBytes()).toBeLessThan(MAX_COOKIE_BYTES);
  } finally {
    await upstream.stop();
  }
});

/** How often a tab was led to the portal. */
function countRounds(page: Page): () => number {
  let rounds = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest() && new URL(request.url()).pathname === '/open') rounds += 1;
  });
  return () => rounds;
}

/** The most bytes of our cookies that any request to the host carried. */
function watchCookies(context: BrowserContext, hostname: string): () => Promise<number> {
  const requests: Request[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).hostname === hostname) requests.push(request);
  });
  return async () => {
    const headers = await Promise.all(requests.map((request) => request.allHeaders()));
    expect(headers.some(({ cookie }) => cookie?.includes('__Host-foyer-grant'))).toBe(true);
    return Math.max(...headers.map(({ cookie = '' }) => ourBytes(cookie)));
  };
}

function ourBytes(cookie: string): number {
  return cookie
    .split(/; ?/)
    .filter((pair) => pair.startsWith('__Host-foyer'))
    .join('; ').length;
}
