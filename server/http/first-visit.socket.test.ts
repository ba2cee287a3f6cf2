// Promises about the way from no grant to a grant: end to end with a browser's habits, and everything that must not work.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { openAttempt } from '#server/core/attempt.ts';
import { NAVIGATION, nextUrl, openBrowser } from './browser.testing.ts';
import { GRANT_COOKIE, TRY_COOKIE } from './cookies.ts';
import { HOUR_MS, recorder, startGateway } from './gateway.testing.ts';
import { exchangeRaw, header, headersOf, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const apps = [
  { id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port },
  { id: 'board', hosts: ['board.test', 'cdn.board.test', 'api.board.test'] as const, upstream: upstream.port },
  { id: 'bank', hosts: ['bank.test'] as const, upstream: upstream.port, maxSessionMs: 2 * HOUR_MS },
];
const gateway = await startGateway({ after }, { apps });
const PORTAL = 'http://portal.test';
const FORM = { Origin: PORTAL, 'Content-Type': 'application/x-www-form-urlencoded' };

suite('a first visit', () => {
  for (const link of [
    'http://wiki.test/',
    'http://wiki.test/a/b?q=1&r=%2F%20x&s=a+b#top',
    'http://wiki.test/%C3%A9?x=<"\'>&y={}|^`#/route?with=query&more=%23',
    'http://wiki.test/p?next=https://evil.test/%0d%0aSet-Cookie:x',
  ]) {
    test(`ends at the deep link, byte for byte: ${link}`, async () => {
      const browser = openBrowser(gateway);
      const session = gateway.signIn();
      const { url, answer, rounds } = await browser.open(link, session);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, 'ok');
      assert.equal(url, link);
      assert.equal(upstream.last().url, link.slice('http://wiki.test'.length).replace(/#.*/, ''));
      assert.equal(rounds, 1);
      assert(
        gateway.audits.some((event) => event.action === 'handshake-completed' && event.identity?.userId === 'ada'),
      );
    });
  }

  test('works over TLS, and the cookies are host-only, secure and small', async (t) => {
    const secure = await startGateway(t, { scheme: 'https', apps });
    const browser = openBrowser(secure);
    const { url, answer } = await browser.open('https://wiki.test/x#y', secure.signIn());
    assert.equal(answer.body, 'ok');
    assert.equal(url, 'https://wiki.test/x#y');
    const first = await browser.fetch('https://wiki.test/z', { headers: { ...NAVIGATION, Cookie: '' } });
    assert.equal(first.status, 302);
    assert.match(
      header(first.headers, 'set-cookie') ?? '',
      /^__Host-foyer-try=[\w-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/,
    );
    const { location } = { location: header(first.headers, 'location') ?? '' };
    const page = await browser.post(location, secure.signIn());
    const set = headersOf(page.headers, 'set-cookie').find((line) => line.startsWith(GRANT_COOKIE)) ?? '';
    assert.match(set, /^__Host-foyer-grant=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    assert(set.length < 300);
    assert.equal(header(page.headers, 'cache-control'), 'no-store');
    assert.match(header(page.headers, 'content-security-policy') ?? '', /frame-ancestors 'none'/);
  });

  test('a browser that holds a grant goes straight on', async () => {
    const browser = openBrowser(gateway);
    const session = gateway.signIn();
    await browser.open('http://wiki.test/', session);
    const { rounds } = await browser.open('http://wiki.test/again', session);
    assert.equal(rounds, 0);
  });

  test('an app with several hosts gets grants on all of them, then the deep link with its fragment', async () => {
    const browser = openBrowser(gateway);
    const session = gateway.signIn();
    const { url, answer, rounds } = await browser.open('http://board.test/deep?link=%2f#frag/ment', session);
    assert.equal(answer.body, 'ok');
    assert.equal(url, 'http://board.test/deep?link=%2f#frag/ment');
    assert.equal(rounds, 3);
    for (const host of ['board.test', 'cdn.board.test', 'api.board.test'])
      assert(browser.jar.get(host)?.has(GRANT_COOKIE), host);
    browser.jar.get('cdn.board.test')?.delete(GRANT_COOKIE);
    const again = await browser.open('http://cdn.board.test/x', session);
    assert.equal(again.url, 'http://cdn.board.test/x');
    assert.equal(again.rounds, 1, 'hosts that hold a grant pass on at once');
  });

  test('a path longer than 6 KB leads to the root', async () => {
    const browser = openBrowser(gateway);
    const { url, answer } = await browser.open(`http://wiki.test/${'a'.repeat(7_000)}`, gateway.signIn());
    assert.equal(answer.status, 200);
    assert.equal(url, 'http://wiki.test/');
  });

  test('C20: forty tabs at once all arrive in two rounds, with less than 200 bytes of our cookies', async () => {
    const browser = openBrowser(gateway);
    const session = gateway.signIn();
    const started = await Promise.all(
      Array.from({ length: 40 }, (_, i) => browser.navigate(`http://wiki.test/tab/${i}?${'q'.repeat(500)}`)),
    );
    const held = () =>
      [...(browser.jar.get('wiki.test') ?? [])].map(([name, value]) => `${name}=${value}`).join('; ').length;
    let most = held();
    const arrived = await Promise.all(
      started.map(async ({ url }) => {
        for (let round = 1; ; round += 1) {
          const page = await browser.post(url, session);
          most = Math.max(most, held());
          const next = nextUrl(page) ?? '';
          if (!next.startsWith(PORTAL)) return { next, round };
          url = next;
        }
      }),
    );
    assert(arrived.every(({ round }) => round <= 2));
    assert.deepEqual(
      arrived.map(({ next }) => next),
      Array.from({ length: 40 }, (_, i) => `http://wiki.test/tab/${i}?${'q'.repeat(500)}`),
    );
    assert(most < 200, `${most} bytes`);
    const { answer } = await browser.navigate('http://wiki.test/tab/0');
    assert.equal(answer.body, 'ok');
  });
});

suite('C1: a grant elsewhere', () => {
  test('is worth nothing at another app, audited once seen, and stays alive where it belongs', async () => {
    const session = gateway.signIn({ userId: 'mia', email: 'mia@corp.example' });
    const cookie = gateway.cookie(session, 'wiki.test');
    for (const host of ['bank.test', 'board.test', 'cdn.board.test']) {
      const before = upstream.seen.length;
      gateway.audits.length = 0;
      const client = await rawClient(gateway.port);
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
      assert.equal((await client.answer()).status, 401);
      assert.equal(upstream.seen.length, before);
      await gateway.until(() => gateway.audits.length > 0);
      const [event] = gateway.audits;
      assert.equal(event?.action, 'grant-replayed');
      assert.equal(event?.level, 'alarm');
      assert.equal(event?.identity?.userId, 'mia');
      client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
      assert.equal((await client.answer()).status, 200);
      client.socket.destroy();
    }
  });

  test('between hosts of one app is worth nothing either', async () => {
    const cookie = gateway.cookie(gateway.signIn(), 'board.test');
    const client = await rawClient(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: cdn.board.test\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer()).status, 401);
    client.socket.destroy();
  });

  test('a flood of replays does not fill the audit', async (t) => {
    const own = await startGateway(t, { apps });
    const cookie = own.cookie(own.signIn(), 'wiki.test');
    const client = await rawClient(own.port);
    for (let i = 0; i < 200; i += 1) {
      client.write(`GET / HTTP/1.1\r\nHost: bank.test\r\nCookie: ${cookie}\r\n\r\n`);
      await client.answer();
    }
    assert(own.audits.length <= 50);
    client.socket.destroy();
  });
});

suite('C2 C3 C4: the one-time code', () => {
  /** A visit up to the point where the portal posts. */
  const begin = async () => {
    const browser = openBrowser(gateway);
    const session = gateway.signIn();
    const { url } = await browser.navigate('http://wiki.test/secret?path=1');
    const sealed = new URL(url).searchParams.get('try') ?? '';
    const { code } = gateway.mint(sealed, session);
    const post = (fields: Record<string, string> = {}, headers: Record<string, string> = {}, host = 'wiki.test') =>
      browser.fetch(`http://${host}/.foyer/session`, {
        method: 'POST',
        headers: { ...FORM, ...headers },
        body: new URLSearchParams({ code, try: sealed, fragment: '', ...fields }).toString(),
      });
    const grant = () => browser.jar.get('wiki.test')?.get(GRANT_COOKIE);
    return { browser, session, sealed, code, post, grant };
  };

  test('C2: works once', async () => {
    const { browser, post, grant } = await begin();
    assert.equal(nextUrl(await post()), 'http://wiki.test/secret?path=1');
    const first = grant();
    assert(first);
    browser.jar.get('wiki.test')?.delete(GRANT_COOKIE);
    const again = await post();
    assert.match(nextUrl(again) ?? '', /^http:\/\/portal\.test\/open\?try=/);
    assert.equal(grant(), undefined);
  });

  test('C2: twice at the same moment works once', async () => {
    const { post } = await begin();
    const pages = await Promise.all([post(), post(), post(), post()]);
    const grants = pages.filter((page) =>
      headersOf(page.headers, 'set-cookie').some((line) => line.startsWith(GRANT_COOKIE)),
    );
    assert.equal(grants.length, 1);
  });

  test('C2: not after 60 seconds', async () => {
    const { post, grant } = await begin();
    gateway.clock.now += 61_000;
    await post();
    gateway.clock.now -= 61_000;
    assert.equal(grant(), undefined);
    const refusal = gateway.audits.findLast(({ action }) => action === 'handshake-refused');
    assert.deepEqual([refusal?.reason, refusal?.identity?.userId], ['code-expired', 'ada']);
  });

  test('C2: not at another host, and the wrong place burns it', async () => {
    const { browser, post, grant, session } = await begin();
    const bank = await browser.navigate('http://bank.test/');
    const other = new URL(bank.url).searchParams.get('try') ?? '';
    const page = await post({ try: other }, {}, 'bank.test');
    assert.match(nextUrl(page) ?? '', /^http:\/\/portal\.test\/open/);
    assert.equal(browser.jar.get('bank.test')?.get(GRANT_COOKIE), undefined);
    await post();
    assert.equal(grant(), undefined);
    void session;
  });

  test('C2: not in another browser, and C4: what that browser holds stays as it is', async () => {
    const attacker = await begin();
    const victim = openBrowser(gateway);
    const own = gateway.signIn({ userId: 'victim' });
    await victim.open('http://wiki.test/', own);
    const before = victim.jar.get('wiki.test')?.get(GRANT_COOKIE);
    const body = new URLSearchParams({ code: attacker.code, try: attacker.sealed, fragment: '' }).toString();
    const page = await victim.fetch('http://wiki.test/.foyer/session', { method: 'POST', headers: FORM, body });
    assert.match(nextUrl(page) ?? '', /^http:\/\/portal\.test\/open/, 'it starts over');
    assert.equal(victim.jar.get('wiki.test')?.get(GRANT_COOKIE), before);
    const empty = openBrowser(gateway);
    await empty.fetch('http://wiki.test/.foyer/session', { method: 'POST', headers: FORM, body });
    assert.equal(empty.jar.get('wiki.test')?.get(GRANT_COOKIE), undefined);
  });

  for (const [what, headers] of [
    ['no Origin', { Origin: '' }],
    ['Origin: null', { Origin: 'null' }],
    ['its own Origin', { Origin: 'http://wiki.test' }],
    ['a sibling’s Origin', { Origin: 'http://bank.test' }],
    ['an Origin that begins like the portal', { Origin: 'http://portal.test.evil.test' }],
    ['the portal’s Origin with a port', { Origin: 'http://portal.test:80' }],
    ['the portal’s Origin by https', { Origin: 'https://portal.test' }],
    ['two Origins', { Origin: `${PORTAL}\r\nOrigin: ${PORTAL}` }],
  ] as const) {
    test(`C4: a post with ${what} is refused`, async () => {
      const { post, grant } = await begin();
      const page = await post({}, headers);
      assert.equal(page.status, 403);
      assert.equal(grant(), undefined);
    });
  }

  for (const [what, fields, headers] of [
    ['no try', { try: '' }, {}],
    ['a try of garbage', { try: 'AAAA' }, {}],
    ['no code', { code: '' }, {}],
    ['a code of garbage', { code: 'x'.repeat(43) }, {}],
    ['a JSON type', {}, { 'Content-Type': 'application/json' }],
    ['a plain text type', {}, { 'Content-Type': 'text/plain' }],
    ['40 KB', { x: 'y'.repeat(40_000) }, {}],
  ] as const) {
    test(`C2: a post with ${what} gives no grant and no 500`, async () => {
      const { post, grant } = await begin();
      const page = await post(fields as Record<string, string>, headers as Record<string, string>);
      assert(page.status < 500, `${page.status}`);
      assert.equal(grant(), undefined);
    });
  }

  test('C2: a try of another app, or of the way between hosts, gives no grant', async () => {
    const { post, grant } = await begin();
    const other = openBrowser(gateway);
    const board = await other.navigate('http://board.test/');
    await post({ try: new URL(board.url).searchParams.get('try') ?? '' });
    assert.equal(grant(), undefined);
  });

  test('GET and other methods complete nothing', async () => {
    const { browser, code, sealed, grant } = await begin();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const page = await browser.fetch(`http://wiki.test/.foyer/session?code=${code}&try=${sealed}`, {
        method,
        headers: FORM,
      });
      assert.equal(page.status, 405);
    }
    assert.equal(grant(), undefined);
    assert.equal(gateway.codes.has(code), true);
  });

  test('C3: code and try are in no log, and the way to the portal leaves no referrer', async () => {
    const { code, sealed, post } = await begin();
    const page = await post();
    const text = JSON.stringify(gateway.logs);
    assert(!text.includes(code) && !text.includes(sealed));
    assert(!page.text.includes(code));
    const browser = openBrowser(gateway);
    const { answer } = await browser.navigate('http://wiki.test/');
    assert.equal(header(answer.headers, 'referrer-policy'), 'no-referrer');
    assert.equal(header(answer.headers, 'cache-control'), 'no-store');
  });

  test('the fourth round is a page that explains, not a loop', async () => {
    const browser = openBrowser(gateway);
    const session = gateway.signIn();
    let { url } = await browser.navigate('http://wiki.test/');
    let page = null;
    for (let round = 1; round <= 3; round += 1) {
      browser.jar.clear();
      page = await browser.post(url, session);
      url = nextUrl(page) ?? '';
    }
    assert.equal(page?.status, 403);
    assert.match(page?.body ?? '', /cookie/i);
    assert.equal(url, '');
  });

  test('the store refuses to answer: 503, nothing is granted, and open apps go on', async (t) => {
    const own = await startGateway(t, { apps });
    const browser = openBrowser(own);
    const session = own.signIn();
    const working = own.cookie(session, 'wiki.test');
    const client = await rawClient(own.port);
    const get = `GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${working}\r\n\r\n`;
    client.write(get);
    assert.equal((await client.answer()).status, 200);
    const { url } = await browser.navigate('http://wiki.test/');
    own.failLoads(new Error('disk on fire'));
    const page = await browser.post(url, own.signIn());
    assert.equal(page.status, 503);
    assert.equal(browser.jar.get('wiki.test')?.get(GRANT_COOKIE), undefined);
    assert.doesNotMatch(page.text, /fire/);
    client.write(get);
    assert.equal((await client.answer()).status, 200);
    client.socket.destroy();
  });
});

suite('C5: where a visit ends', () => {
  for (const to of [
    '//evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '/\t/evil.test',
    '/%09/evil.test',
    '/%5cevil.test',
    '/%2f%2fevil.test',
    'https:evil.test',
    'https://evil.test/',
    'javascript:alert(1)',
    'http://wiki.test:80@evil.test/',
    '@evil.test',
    '.evil.test',
    ':80@evil.test',
    '/.foyer/sign-out',
    '/a/../.foyer/sign-out',
    '/%2e%2e/.foyer/session',
    `/${'a'.repeat(10_000)}`,
    '/x\r\nSet-Cookie: a=b',
    '/x%0d%0aSet-Cookie: a=b',
    '/%25252f%25252fevil.test',
    '/"><script>alert(1)</script>',
    '/</script><script>alert(1)</script>',
    '/\u2028',
    '',
  ]) {
    test(`is the app’s own origin: ${JSON.stringify(to).slice(0, 50)}`, async () => {
      const browser = openBrowser(gateway);
      const session = gateway.signIn();
      const { url } = await browser.navigate(`http://wiki.test/.foyer/sign-in?to=${encodeURIComponent(to)}`);
      assert.match(url, /^http:\/\/portal\.test\/open\?try=[\w-]+$/);
      const page = await browser.post(url, session, '#"><script>alert(2)</script>');
      const next = nextUrl(page) ?? '';
      assert.equal(new URL(next).origin, 'http://wiki.test');
      assert.doesNotMatch(new URL(next).pathname, /^\/\.foyer/);
      assert.equal(page.body.match(/<script/g)?.length, 1, 'no markup gets in');
      assert.match(page.headers.join('\n'), /^[\x20-\x7e\n]*$/, 'headers of ASCII that we built');
      assert.equal(header(page.headers, 'a'), null);
    });
  }
});

suite('C8: a grant that is none', () => {
  const good = gateway.cookie(gateway.signIn(), 'wiki.test').slice(GRANT_COOKIE.length + 1);
  for (const value of [
    '',
    'x',
    good.slice(0, -1),
    good.slice(1),
    `${good}A`,
    `${good}=`,
    good.toUpperCase(),
    `${good.slice(0, 8)}`,
    `${good.slice(0, 8)}${'A'.repeat(80)}`,
    'A'.repeat(8_000),
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.',
    '../../etc/passwd',
    '%00',
    '"quoted"',
    '{"kid":"../../x"}',
  ]) {
    test(`is anonymous: ${value.slice(0, 30)}… (${value.length})`, async () => {
      const before = upstream.seen.length;
      const text = await exchangeRaw(
        gateway.port,
        `GET / HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\nCookie: ${GRANT_COOKIE}=${value}\r\n\r\n`,
      );
      assert.match(text, /^HTTP\/1\.1 401 /);
      assert.equal(upstream.seen.length, before);
    });
  }

  test('twice is none: one of the two was planted', async () => {
    const text = await exchangeRaw(
      gateway.port,
      `GET / HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\nCookie: ${GRANT_COOKIE}=${good}; ${GRANT_COOKIE}=${good}\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 401 /);
  });

  test('an expired one is led to sign-in', async () => {
    const session = gateway.signIn({}, { expiresAt: gateway.clock.now + 1_000 });
    const cookie = gateway.cookie(session, 'wiki.test');
    gateway.clock.now += 1_000;
    const text = await exchangeRaw(
      gateway.port,
      `GET / HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nCookie: ${cookie}\r\n\r\n`,
    );
    gateway.clock.now -= 1_000;
    assert.match(text, /^HTTP\/1\.1 302 /);
  });
});

suite('C11: time', () => {
  test('the absolute limit ends a session that is polled, an app may be stricter, and idle is idle', async (t) => {
    const own = await startGateway(t, { apps });
    const session = own.signIn();
    const client = await rawClient(own.port);
    const status = async (host: string) => {
      own.clock.feedConfirmedAt = own.clock.now;
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookies.get(host)}\r\n\r\n`);
      return (await client.answer()).status;
    };
    const cookies = new Map(['wiki.test', 'bank.test'].map((host) => [host, own.cookie(session, host)]));
    for (let hours = 0; hours < 24; hours += 1) {
      assert.equal(await status('wiki.test'), 200);
      assert.equal(await status('bank.test'), hours < 2 ? 200 : 401);
      own.clock.now += HOUR_MS;
    }
    assert.equal(await status('wiki.test'), 401);

    const idle = own.signIn();
    cookies.set('wiki.test', own.cookie(idle, 'wiki.test'));
    assert.equal(await status('wiki.test'), 200);
    own.clock.now += 8 * HOUR_MS;
    assert.equal(await status('wiki.test'), 401);
    client.socket.destroy();
  });
});

suite('C13 C14 C15: requests that are no navigation', () => {
  const ask = async (lines: string, method = 'GET', body = '') => {
    const client = await rawClient(gateway.port);
    client.write(`${method} /api HTTP/1.1\r\nHost: board.test\r\n${lines}\r\n${body}`);
    const answer = await client.answer({ head: method === 'HEAD' });
    client.socket.destroy();
    return answer;
  };

  test('C13: a form whose session ended gets a page, is passed to nobody and never sent again by us', async () => {
    const before = upstream.seen.length;
    const answer = await ask(
      'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nContent-Length: 3\r\n',
      'POST',
      'a=b',
    );
    assert.equal(answer.status, 401);
    assert.match(header(answer.headers, 'content-type') ?? '', /text\/html/);
    assert.doesNotMatch(answer.body, /<script|<form|http-equiv/i);
    assert.equal(header(answer.headers, 'location'), null);
    assert.equal(upstream.seen.length, before);
  });

  for (const [what, lines] of [
    ['fetch', 'Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nAccept: text/html\r\n'],
    ['XHR of an old browser', 'X-Requested-With: XMLHttpRequest\r\nAccept: text/html\r\n'],
    ['image', 'Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n'],
    ['iframe', 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\nAccept: text/html\r\n'],
    ['API client', 'Accept: application/json\r\n'],
    ['no hint at all', ''],
    ['script', 'Sec-Fetch-Dest: script\r\nAccept: text/html\r\n'],
  ] as const) {
    test(`C14: ${what} gets 401 with a sign-in address and no redirect`, async () => {
      const answer = await ask(lines);
      assert.equal(answer.status, 401);
      assert.equal(header(answer.headers, 'location'), null);
      assert.equal(header(answer.headers, 'content-type'), 'application/problem+json');
      assert.equal(header(answer.headers, 'foyer-sign-in'), 'http://board.test/.foyer/sign-in');
      assert.equal(JSON.parse(answer.body).supportId, header(answer.headers, 'foyer-support-id'));
      assert.equal(header(answer.headers, 'access-control-allow-origin'), null);
    });
  }

  const preflight = 'Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a, content-type\r\n';

  test('C15: a preflight among the app’s own hosts is answered, with that origin alone', async () => {
    const answer = await ask(`Origin: http://cdn.board.test\r\n${preflight}`, 'OPTIONS');
    assert.equal(answer.status, 204);
    assert.equal(header(answer.headers, 'access-control-allow-origin'), 'http://cdn.board.test');
    assert.equal(header(answer.headers, 'access-control-allow-credentials'), 'true');
    assert.equal(header(answer.headers, 'access-control-allow-headers'), 'x-a, content-type');
    assert.match(header(answer.headers, 'vary') ?? '', /Origin/);
  });

  for (const origin of [
    'http://evil.test',
    'null',
    'http://wiki.test',
    'http://portal.test',
    'http://board.test.evil.test',
    '*',
  ]) {
    test(`C15: a preflight from ${origin} gets no CORS header`, async () => {
      const answer = await ask(`Origin: ${origin}\r\n${preflight}`, 'OPTIONS');
      assert.equal(answer.status, 401);
      assert(!answer.headers.some((name) => /^access-control/i.test(name)));
    });
  }

  test('C15: no header gets in through a preflight', async () => {
    const answer = await ask(
      'Origin: http://cdn.board.test\r\nAccess-Control-Request-Method: PUT, "x"\r\nAccess-Control-Request-Headers: \xe9"\r\n',
      'OPTIONS',
    );
    assert.equal(header(answer.headers, 'access-control-allow-methods'), 'GET');
    assert.equal(header(answer.headers, 'access-control-allow-headers'), null);
  });

  test('a service worker’s script is a pass-through worker while nobody is signed in, and the app’s own afterwards', async () => {
    const answer = await ask(
      'Service-Worker: script\r\nSec-Fetch-Mode: same-origin\r\nSec-Fetch-Dest: serviceworker\r\n',
    );
    assert.equal(answer.status, 200);
    assert.match(header(answer.headers, 'content-type') ?? '', /javascript/);
    assert.equal(header(answer.headers, 'cache-control'), 'no-store');
    assert.match(answer.body, /skipWaiting/);
    assert.match(answer.body, /clients\.claim/);
    assert.doesNotMatch(answer.body, /unregister|caches|fetch/);
    const cookie = gateway.cookie(gateway.signIn(), 'board.test');
    assert.equal((await ask(`Service-Worker: script\r\nCookie: ${cookie}\r\n`)).body, 'ok');
  });
});

suite('/.foyer/sign-out', () => {
  test('ends this app for this session, everywhere, and no other app', async (t) => {
    const own = await startGateway(t, { apps });
    const session = own.signIn();
    const browser = openBrowser(own);
    await browser.open('http://wiki.test/', session);
    await browser.open('http://bank.test/', session);
    const stolen = browser.jar.get('wiki.test')?.get(GRANT_COOKIE);
    const asked = await browser.fetch('http://wiki.test/.foyer/sign-out');
    assert.match(asked.body, /ada@corp\.example/);
    assert.match(asked.body, /method="post"/);
    for (const origin of ['http://bank.test', 'http://portal.test', 'null', '']) {
      const refused = await browser.fetch('http://wiki.test/.foyer/sign-out', {
        method: 'POST',
        headers: { Origin: origin },
      });
      assert.equal(refused.status, 403);
    }
    const done = await browser.fetch('http://wiki.test/.foyer/sign-out', {
      method: 'POST',
      headers: { Origin: 'http://wiki.test' },
    });
    assert.equal(done.status, 200);
    assert.equal(browser.jar.get('wiki.test')?.size, 0);
    own.clock.now += 10;
    const client = await rawClient(own.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${GRANT_COOKIE}=${stolen}\r\n\r\n`);
    assert.equal((await client.answer()).status, 401);
    client.socket.destroy();
    assert.equal((await browser.navigate('http://bank.test/')).answer.body, 'ok');
    const { answer } = await browser.open('http://wiki.test/', session);
    assert.equal(answer.body, 'ok', 'opening again signs in again');
  });

  test('says who is signed in only while that session lives', async (t) => {
    const own = await startGateway(t, { apps });
    const session = own.signIn({}, { expiresAt: own.clock.now + 1_000 });
    const cookie = own.cookie({ ...session, expiresAt: own.clock.now + HOUR_MS }, 'wiki.test');
    own.clock.now += 2_000;
    const text = await exchangeRaw(
      own.port,
      `GET /.foyer/sign-out HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`,
    );
    assert.doesNotMatch(text, /ada@corp/);
  });
});

test('reserved paths never reach an app, signed in or not', async () => {
  const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
  const before = upstream.seen.length;
  for (const path of ['/.foyer/', '/.foyer', '/.foyer?x', '/.foyer/x', '/.foyer/../x', '/.well-known/foyer/x']) {
    for (const lines of ['', `Cookie: ${cookie}\r\n`]) {
      await exchangeRaw(gateway.port, `GET ${path} HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\n${lines}\r\n`);
    }
  }
  assert.equal(upstream.seen.length, before);
});

test('plain text is led to TLS, content never', async (t) => {
  const secure = await startGateway(t, { scheme: 'https', apps });
  const cookie = secure.cookie(secure.signIn(), 'wiki.test');
  const before = upstream.seen.length;
  const text = await exchangeRaw(
    secure.plainPort,
    `GET /a?b HTTP/1.1\r\nHost: wiki.test\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 308 /);
  assert.match(text, /\r\nLocation: https:\/\/wiki\.test\/a\?b\r\n/);
  assert.equal(upstream.seen.length, before);
});

test('the sealed try says app, host, path and round, and opens for ten minutes', async () => {
  const browser = openBrowser(gateway);
  const { url } = await browser.navigate('http://wiki.test/x?y');
  const sealed = new URL(url).searchParams.get('try') ?? '';
  const attempt = openAttempt(gateway.context.attemptKey, sealed, gateway.clock.now);
  assert.equal(attempt?.target, '/x?y');
  assert.equal(attempt?.round, 1);
  assert.equal(openAttempt(gateway.context.attemptKey, sealed, gateway.clock.now + 10 * 60_000 + 1), null);
  assert.equal(openAttempt(gateway.context.attemptKey, sealed, gateway.clock.now - 61_000), null);
  assert(browser.jar.get('wiki.test')?.has(TRY_COOKIE));
});
