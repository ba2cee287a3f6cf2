// Asks a sign-in provider for its discovery document, as a sign-in does first.
import type { ProviderKnock } from '#server/core/path.ts';

const MAX_BYTES = 256 * 1_024;

/** Never rejects. OpenID Connect Discovery §4.3: the document names exactly the issuer it was asked for. */
export async function knockProvider(
  { name, issuer }: { name: string; issuer: string },
  { signal, timeoutMs }: { timeoutMs: number; signal?: AbortSignal },
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
    const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, within]) : within,
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      return said('bad-answer', `HTTP ${answer.status}`);
    }
    const document = readDocument(await readBounded(answer));
    if (document === null) return said('bad-answer', 'no discovery document');
    return document.issuer === issuer ? said('answers', '') : said('wrong-issuer', String(document.issuer));
  } catch (error) {
    return said('silent', within.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error));
  }
}

async function readBounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readDocument(text: string): { issuer?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    // What is no JSON is no document.
    return null;
  }
}

/** fetch hides the reason in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
