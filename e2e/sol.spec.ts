// The agentless flow step by step, on a network of its own: the browser really asks the public DNS, Foyer really asks the private one.
import { test as base, expect, type Page } from '@playwright/test';
import { addToCatalogue, type CatalogueApp } from './system/catalogue.ts';
import {
  type CorpExample,
  GATEWAY_ADDRESS,
  PORTAL_URL,
  startCorpExample,
  WIKI_ADDRESS,
} from './system/corp-example.ts';
import { signIn } from './system/journey.ts';

const GRACE = { email: 'grace@corp.example', password: 'correct horse battery' };
const LINUS = { email: 'linus@corp.example', password: 'staple battery horse' };
const SITE = 'Headquarters';

function internalApp(name: string, access: string[], more: Partial<CatalogueApp> = {}): CatalogueApp {
  const upstream = { scheme: 'http', host: `${name}.corp.internal`, port: 8080 };
  return { name, hosts: [`${name}.corp.example`], site: SITE, upstream, access, ...more };
}

type WorkerFixtures = { corp: CorpExample };

const test = base.extend<{ newPage: () => Promise<Page> }, WorkerFixtures>({
  corp: [
    async ({ browserName: _ }, use) => {
      const corp = await startCorpExample();
      await addToCatalogue(corp.foyer, {
        users: [
          { ...GRACE, name: 'Grace' },
          { ...LINUS, name: 'Linus' },
        ],
        sites: [
          {
            name: SITE,
            dnsServers: [{ address: '192.168.1.53', port: 53 }],
            zones: ['corp.internal'],
            ranges: ['192.168.1.0/24'],
          },
        ],
        apps: [
          internalApp('wiki', [GRACE.email]),
          internalApp('payroll', []),
          internalApp('broken', ['everyone'], { showInLauncher: false }),
        ],
      });
      await use(corp);
      await corp.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  newPage: async ({ corp }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async () => {
      const context = await corp.browser.newContext();
      contexts.push(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Everything that the browser could read of any answer, headers and bodies. */
function collectAnswers(page: Page): () => Promise<string> {
  const answers: Promise<string>[] = [];
  page.on('response', (response) => {
    const body = response.body().then(
      (bytes) => bytes.toString('latin1'),
      // A redirect has no body to read.
      () => '',
    );
    answers.push(Promise.all([response.allHeaders(), body]).then(([headers, text]) => JSON.stringify(headers) + text));
  });
  return async () => (await Promise.all(answers)).join('\n');
}

test('SOL-1 SOL-2 SOL-3: public DNS answers with the CNAME and the gateway’s address', async ({ corp }) => {
  const answer = await corp.outside('dig', '+noall', '+answer', 'wiki.corp.example');
  expect(answer).toMatch(/wiki\.corp\.example\.\s+\d+\s+IN\s+CNAME\s+gw\.corp\.example\./);
  expect(answer).toMatch(/gw\.corp\.example\.\s+\d+\s+IN\s+A\s+203\.0\.113\.20/);
  expect(corp.publicDns.queries()).toContainEqual({ client: '203.0.113.50', name: 'wiki.corp.example', type: 'A' });
});

test('SOL-4: an unknown host gets 404 and no default app, by HTTP/1.1 and HTTP/2', async ({ corp }) => {
  for (const version of ['--http1.1', '--http2']) {
    const resolved = `unknown.corp.example:443:${GATEWAY_ADDRESS}`;
    const answer = await corp.curl(version, '--include', '--resolve', resolved, 'https://unknown.corp.example/');
    expect(answer).toMatch(/^HTTP\/(1\.1|2) 404/);
    expect(answer).not.toMatch(/wiki|payroll|Hello from the private network/);
  }
});

test('SOL-3 to SOL-8: a browser outside opens the wiki by its own name, signs in on the way, and talks to it by WebSocket', async ({
  corp,
  newPage,
}) => {
  const page = await newPage();
  const answers = collectAnswers(page);
  const before = corp.publicDns.queries().length;
  const target = 'https://wiki.corp.example/handbook?chapter=4#page-2';
  await page.goto(target);
  await expect(page).toHaveURL(/^https:\/\/portal\.corp\.example\/sign-in/);
  expect(corp.privateDns.queries(), 'nobody signed in: the private DNS is not asked').toEqual([]);
  await signIn(page, GRACE);
  await expect(page).toHaveURL(target);
  await expect(page.getByRole('heading', { name: 'Hello from the private network' })).toBeVisible();

  await test.step('SOL-3: the browser asked the public DNS and went where it said', async () => {
    const asked = corp.publicDns
      .queries()
      .slice(before)
      .map(({ client, name }) => `${client} ${name}`);
    expect(asked).toContain('203.0.113.50 wiki.corp.example');
    expect(asked).toContain('203.0.113.50 portal.corp.example');
    const again = await page.reload();
    expect(await again?.serverAddr()).toEqual({ ipAddress: GATEWAY_ADDRESS, port: 443 });
  });
  await test.step('SOL-5 SOL-6: Foyer asked the private DNS, for the internal name', () => {
    expect(corp.privateDns.queries()).toContainEqual({ client: '192.168.1.2', name: 'wiki.corp.internal', type: 'A' });
    expect(corp.privateDns.queries().every(({ name }) => name.endsWith('corp.internal'))).toBe(true);
  });
  await test.step('SOL-7: the app sees its public name, and a WebSocket passes', async () => {
    await expect(page.getByLabel('Host')).toHaveText('wiki.corp.example');
    await expect(page.getByLabel('Target')).toHaveText('/handbook?chapter=4');
    await page.getByLabel('Say').fill('through and back');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByLabel('Heard')).toHaveText('through and back');
  });
  await test.step('the browser speaks HTTP/2', async () => {
    const protocol = await page.evaluate(
      () =>
        performance
          .getEntriesByType('navigation')
          .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol)[0],
    );
    expect(protocol).toBe('h2');
  });
  await test.step('SOL-6: no byte that the browser got tells where the app is', async () => {
    expect(await answers()).not.toMatch(/192\.168\.1\.|corp\.internal/);
  });
});

test('SOL-7: curl by HTTP/2, and HTTP/1.1, with the browser’s grant', async ({ corp, newPage }) => {
  const page = await newPage();
  await page.goto('https://wiki.corp.example/');
  await signIn(page, GRACE);
  await expect(page.getByRole('heading', { name: 'Hello from the private network' })).toBeVisible();
  const grants = (await page.context().cookies('https://wiki.corp.example')).map(
    ({ name, value }) => `${name}=${value}`,
  );
  for (const [option, version] of [
    ['--http2', '2'],
    ['--http1.1', '1.1'],
  ] as const) {
    const request = [
      '--cookie',
      grants.join('; '),
      '--write-out',
      '\n%{http_version} %{http_code}',
      'https://wiki.corp.example/asked.json',
    ];
    const [body = '', ...rest] = (await corp.curl(option, ...request)).split('\n');
    expect(JSON.parse(body)).toEqual({ host: 'wiki.corp.example', target: '/asked.json', method: 'GET' });
    expect(rest).toEqual([`${version} 200`]);
  }
});

test('SOL-8: without a session a navigation is led to the portal, a program gets 401, plain http is only redirected', async ({
  corp,
}) => {
  const navigation = [
    '--include',
    '--header',
    'Accept: text/html',
    '--header',
    'Sec-Fetch-Mode: navigate',
    '--header',
    'Sec-Fetch-Dest: document',
  ];
  const led = await corp.curl(...navigation, 'https://wiki.corp.example/x?y=1');
  expect(led).toMatch(/^HTTP\/2 302/);
  expect(led).toMatch(/^location: https:\/\/portal\.corp\.example\/open\?try=/im);
  expect(await corp.curl('--include', '--header', 'Accept: application/json', 'https://wiki.corp.example/x')).toMatch(
    /^HTTP\/2 401/,
  );
  const plain = await corp.curl('--include', 'http://wiki.corp.example/x?y=1');
  expect(plain).toMatch(/^HTTP\/1\.1 308/);
  expect(plain).toMatch(/^location: https:\/\/wiki\.corp\.example\/x\?y=1\r?$/im);
});

test('SOL-8: whoever is not authorised is refused, and the private DNS is not asked', async ({ corp, newPage }) => {
  const page = await newPage();
  const answers = collectAnswers(page);
  await page.goto('https://payroll.corp.example/salaries');
  await signIn(page, LINUS);
  await expect(page.getByRole('heading', { name: 'You cannot open this app' })).toBeVisible();

  await test.step('also with 403, when the right is taken away from an open app', async () => {
    await addToCatalogue(corp.foyer, { apps: [internalApp('wiki', [GRACE.email, LINUS.email])] });
    const opened = async () => {
      await page.goto('https://wiki.corp.example/');
      return page.waitForFunction(() => document.querySelector('h1')?.textContent).then((text) => text.jsonValue());
    };
    await expect.poll(opened).toBe('Hello from the private network');
    await addToCatalogue(corp.foyer, { apps: [internalApp('wiki', [GRACE.email])] });
    // An answer that is under way when the right goes is cut off.
    const reloaded = () =>
      page.reload().then(
        (response) => response?.status(),
        (error) => String(error),
      );
    await expect.poll(reloaded).toBe(403);
    const before = corp.privateDns.queries().length;
    const changedAt = Date.now();
    // An answer of this zone lives five seconds: a question would be asked again in this time if any were.
    await expect
      .poll(async () => ((await page.reload())?.status() === 403 ? Date.now() - changedAt : 0), { timeout: 10_000 })
      .toBeGreaterThan(6_000);
    expect(corp.privateDns.queries()).toHaveLength(before);
  });
  expect(corp.privateDns.queries().filter(({ name }) => name.startsWith('payroll'))).toEqual([]);
  expect(await answers()).not.toMatch(/192\.168\.1\.2[12]|corp\.internal/);
});

test('SOL-8: an app that is down says so without saying where it is', async ({ newPage }) => {
  const page = await newPage();
  const answers = collectAnswers(page);
  await page.goto('https://broken.corp.example/');
  await signIn(page, GRACE);
  await expect(page.getByRole('heading', { name: 'The app does not accept connections' })).toBeVisible();
  expect(await answers()).not.toMatch(/192\.168\.1\.|corp\.internal|ECONNREFUSED/);
});

test('SOL-X1: only web apps are accepted, and the portal lists what is mine and meant to be shown', async ({
  corp,
  newPage,
}) => {
  const upstream = { scheme: 'ssh', host: 'wiki.corp.internal', port: 22 };
  const { refusals } = await addToCatalogue(
    corp.foyer,
    { apps: [internalApp('shell', ['everyone'], { upstream })] },
    true,
  );
  expect(refusals.shell).toMatch(/A browser cannot open “ssh”/);
  const page = await newPage();
  await page.goto(PORTAL_URL);
  await signIn(page, GRACE);
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByRole('link', { name: /wiki/ })).toBeVisible();
  expect(await page.content()).not.toMatch(new RegExp(`payroll|broken|${WIKI_ADDRESS}`));
});

test('SOL-1 SOL-2: the doctor checks both records, and finds the apps that are down and nothing else', async ({
  corp,
}) => {
  const findings = await corp.doctor();
  expect(findings).toContain('✓ gw.corp.example leads to 203.0.113.20.');
  expect(findings).toContain('✓ wiki.corp.example is a CNAME of gw.corp.example.');
  const wrong = findings.filter((line) => line.startsWith('✗')).map((line) => line.slice(2).split(' ')[0]);
  expect(wrong.sort()).toEqual(['broken', 'payroll']);
});
