// A browser's part in a first visit, for tests: cookie jar, redirects, the gateway's pages and the portal's form.
import type { Session } from '#server/core/identity.ts';
import type { TestGateway } from './gateway.testing.ts';
import { header, headersOf, type RawAnswer, rawClient } from './raw-client.testing.ts';

export type Browser = {
  /** Host → cookie name → value. */
  jar: Map<string, Map<string, string>>;
  fetch(
    url: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<RawAnswer>;
  /** A top-level navigation that follows redirects up to the portal or an answer of another kind. */
  navigate(url: string): Promise<{ url: string; answer: RawAnswer }>;
  /** What the portal's page does for a signed-in person: post code, try and fragment to the app. */
  post(openUrl: string, session: Session, fragment?: string): Promise<RawAnswer>;
  /** Opens a URL and goes on until a page that is not ours. Counts the visits to the portal. */
  open(url: string, session: Session): Promise<{ url: string; answer: RawAnswer; rounds: number }>;
};

/** Of a gateway: where it is, and the code that its portal would make. */
export type Reached = Pick<TestGateway, 'port' | 'origin'> & {
  mint(sealedTry: string, session: Session): Minted | Promise<Minted>;
};
type Minted = ReturnType<TestGateway['mint']>;

export function openBrowser(gateway: Reached): Browser {
  const jar: Browser['jar'] = new Map();
  const portal = gateway.origin('portal.test');

  const fetch: Browser['fetch'] = async (url, { method = 'GET', headers = {}, body = '' } = {}) => {
    const parsed = new URL(url);
    const tls = parsed.protocol === 'https:';
    const client = await rawClient(gateway.port, tls ? { servername: parsed.hostname } : undefined);
    const cookies = [...(jar.get(parsed.hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const target = url.slice(parsed.origin.length).replace(/#.*$/, '') || '/';
    const lines = Object.entries({
      Host: parsed.host,
      ...(cookies ? { Cookie: cookies } : {}),
      ...(method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    client.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    const answer = await client.answer();
    client.socket.destroy();
    for (const line of headersOf(answer.headers, 'set-cookie')) store(parsed.hostname, line);
    return answer;
  };

  const store = (host: string, line: string): void => {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const cookies = jar.get(host) ?? new Map();
    jar.set(host, cookies);
    if (/max-age=0/i.test(line)) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  };

  const navigate: Browser['navigate'] = async (start) => {
    let url = start;
    for (let i = 0; i < 20; i += 1) {
      const answer = await fetch(url, { headers: NAVIGATION });
      const location = header(answer.headers, 'location');
      if (location === null) return { url, answer };
      // A fragment goes along where the Location has none (Fetch §4.4).
      const fragment = /#.*$/.exec(url)?.[0] ?? '';
      url = location.includes('#') ? location : location + fragment;
      if (url.startsWith(`${portal}/open`)) return { url, answer };
    }
    throw new Error('Twenty redirects.');
  };

  const post: Browser['post'] = async (openUrl, session, fragment = '') => {
    const sealed = new URL(openUrl).searchParams.get('try') ?? '';
    const minted = await gateway.mint(sealed, session);
    const body = new URLSearchParams({ code: minted.code, try: sealed, fragment }).toString();
    return fetch(`${gateway.origin(minted.host)}/.foyer/session`, {
      method: 'POST',
      headers: { Origin: portal, 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
    });
  };

  const open: Browser['open'] = async (start, session) => {
    let { url, answer } = await navigate(start);
    let rounds = 0;
    while (url.startsWith(`${portal}/open`)) {
      rounds += 1;
      if (rounds > 10) throw new Error('Ten visits to the portal.');
      const hash = new URL(url).hash;
      const page = await post(url, session, hash);
      const next = nextUrl(page);
      if (next === null) return { url, answer: page, rounds };
      ({ url, answer } = next.startsWith(`${portal}/open`) ? { url: next, answer: page } : await navigate(next));
    }
    return { url, answer, rounds };
  };

  return { jar, fetch, navigate, post, open };
}

export const NAVIGATION = {
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  Accept: 'text/html',
};

/** Where a page of ours goes on to by script, or null. */
export function nextUrl(page: RawAnswer): string | null {
  const script = /location\.replace\((".*?")\)</.exec(page.body);
  return script?.[1] ? JSON.parse(script[1]) : null;
}
