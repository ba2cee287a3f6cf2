// Checks Foyer's signed assertion as an application would: keys from the key set on its own public host, then issuer, audience and times.
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';

export type Finding =
  | { kind: 'valid'; claims: JWTPayload }
  | { kind: 'absent' }
  /** `why` is a sentence. */
  | { kind: 'invalid'; why: string };

export type AssertionSettings = {
  /** The app's own public origin: the audience, and the host that the key set is asked of. */
  origin: string;
  /** The portal's origin. */
  issuer: string;
  /** `address:port` of the gateway, for a machine whose resolver does not know the public name. */
  gateway: string;
  /** PEM of the authority behind the gateway's certificate, when it is the demo's own. */
  ca: string | null;
};

const KEYS_FRESH_MS = 60_000;
const FETCH_TIMEOUT_MS = 3_000;
let kept: { keys: ReturnType<typeof createLocalJWKSet>; at: number } | null = null;

export async function verifyAssertion(
  header: string | string[] | undefined,
  settings: AssertionSettings,
): Promise<Finding> {
  if (header === undefined) return { kind: 'absent' };
  if (typeof header !== 'string') return { kind: 'invalid', why: 'It came more than once.' };
  try {
    return await verify(header, settings);
  } catch (error) {
    return { kind: 'invalid', why: explain(error, settings) };
  }
}

async function verify(assertion: string, settings: AssertionSettings): Promise<Finding> {
  const checks = { issuer: settings.issuer, audience: settings.origin, algorithms: ['ES256'], clockTolerance: 5 };
  const isFresh = kept !== null && performance.now() - kept.at < KEYS_FRESH_MS;
  const keys = isFresh && kept ? kept.keys : await loadKeys(settings);
  try {
    return { kind: 'valid', claims: (await jwtVerify(assertion, keys, checks)).payload };
  } catch (error) {
    // Signed with a key that is newer than ours: ask once more.
    if (!(error instanceof errors.JWKSNoMatchingKey) || !isFresh) throw error;
    return { kind: 'valid', claims: (await jwtVerify(assertion, await loadKeys(settings), checks)).payload };
  }
}

async function loadKeys(settings: AssertionSettings) {
  const keys = createLocalJWKSet(JSON.parse(await fetchKeySet(settings)));
  kept = { keys, at: performance.now() };
  return keys;
}

function fetchKeySet({ origin, gateway, ca }: AssertionSettings): Promise<string> {
  const { protocol, host, hostname } = new URL(origin);
  const [address, port] = gateway.split(':');
  const options = {
    host: address,
    port,
    path: '/.well-known/foyer/jwks.json',
    headers: { host, accept: 'application/json' },
    servername: hostname,
    ...(ca ? { ca } : {}),
    agent: false,
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? getHttps : getHttp)(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(new Error(`the key set answered with status ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}

function explain(error: unknown, { issuer, origin }: AssertionSettings): string {
  if (error instanceof errors.JWTExpired) return 'It has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `Its claim “${error.claim}” is not what it has to be: issued by ${issuer}, for ${origin}.`;
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'Its signature was not made with one of Foyer’s keys.';
  if (error instanceof errors.JWKSNoMatchingKey) return 'It names a key that Foyer does not publish.';
  if (error instanceof errors.JOSEError) return `It cannot be read: ${error.message}.`;
  return `The key set could not be fetched: ${error instanceof Error ? error.message : String(error)}.`;
}
