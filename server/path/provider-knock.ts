// Asks a sign-in provider for its discovery document, as a sign-in does first.
import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ProviderKnock } from '#server/core/path.ts';
import { RefusedProvider } from './provider-agent.ts';

/** What an administrator is shown of an issuer that is another one. */
const MAX_SHOWN = 200;

type Options = { agent(protocol: string): Agent; timeoutMs: number; signal?: AbortSignal };

/** Never rejects. OpenID Connect Discovery §4.3: the document names exactly the issuer it was asked for. The agent bounds the answer. */
export async function knockProvider(
  { name, issuer }: { name: string; issuer: string },
  { agent, signal, timeoutMs }: Options,
): Promise<ProviderKnock> {
  const startedAt = performance.now();
  const said = (outcome: ProviderKnock['outcome'], detail: string): ProviderKnock => ({
    name,
    issuer,
    outcome,
    detail,
    tookMs: performance.now() - startedAt,
  });
  const within = AbortSignal.timeout(timeoutMs);
  try {
    const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const answer = await get(url, agent(url.protocol), signal ? AbortSignal.any([signal, within]) : within);
    if (answer.statusCode !== 200) {
      answer.destroy();
      return said('bad-answer', `HTTP ${answer.statusCode}`);
    }
    const document = readDocument(await text(answer));
    if (document === null) return said('bad-answer', 'no discovery document');
    return document.issuer === issuer
      ? said('answers', '')
      : said('wrong-issuer', String(document.issuer).slice(0, MAX_SHOWN));
  } catch (error) {
    return said('silent', within.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error));
  }
}

function get(url: URL, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(url, { agent, signal, headers: { accept: 'application/json' } }, resolve)
      .on('error', reject)
      .end();
  });
}

function readDocument(json: string): { issuer?: unknown } | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    // What is no JSON is no document.
    return null;
  }
}

/** The code says it shorter, and our own refusal says it better. */
function causeOf(error: unknown): string {
  if (error instanceof RefusedProvider) return error.message;
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
