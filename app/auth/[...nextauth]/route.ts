// The three things next-auth does for a browser: check a password, lead to a provider, take a provider's answer. Nothing else is reachable.
import { PORTAL_SESSION_HEADER } from '#server/core/portal-cookie.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { keepCookie } from '../../offline/keep-cookie.ts';
import { logProblem } from '../../request/problem-log.ts';
import { clientAddress, isOwnPost, supportId } from '../../request/request-facts.ts';
import { NONCE_COOKIE, PKCE_COOKIE, RETURN_COOKIE, STATE_COOKIE } from '../cookie-names.ts';
import { type Device, parseDevice } from '../device.ts';
import { type AuthRequest, authOptions, LOCAL_PROVIDER, type SignInProblem } from '../options.ts';
import { readCookies } from '../read-cookies.ts';
import { returnPath } from '../return-path.ts';
import { type AuthAnswer, type AuthCall, runNextAuth } from '../run-next-auth.ts';

type Context = { params: Promise<{ nextauth: string[] }> };

const MAX_FORM_BYTES = 32 * 1024;

export async function POST(request: Request, context: Context): Promise<Response> {
  const { portal } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const form = await readForm(request);
  if (!form) return new Response(null, { status: 400 });
  const [action, providerId = ''] = (await context.params).nextauth;
  const isLocal = action === 'callback' && providerId === LOCAL_PROVIDER;
  if (!isLocal && action !== 'signin') return new Response(null, { status: 404 });

  const device = parseDevice(form.device);
  const keep = mayKeep(device, form.keep);
  const to = returnPath(portal.origin, form.to);
  const attempt = authRequest(request, providerId, device);
  const options = await authOptions(attempt);
  if (!options.providers.some(({ id }) => id === providerId)) return new Response(null, { status: 404 });

  // The Origin check above is what guards this form; next-auth's own token is fetched for it, so that a plain form works.
  const cookies = readCookies(attempt.cookieHeader);
  const csrf = await runNextAuth({ method: 'GET', action: 'csrf', cookies }, options);
  Object.assign(cookies, readCookies(csrf.setCookies.map((line) => line.split(';', 1)[0]).join('; ')));
  const answer = await runNextAuth(
    {
      method: 'POST',
      action,
      providerId,
      cookies,
      body: {
        email: form.email ?? '',
        password: form.password ?? '',
        csrfToken: (csrf.body as { csrfToken: string }).csrfToken,
        callbackUrl: `/sign-in/return?${new URLSearchParams({ device, ...(keep ? { keep: 'yes' } : {}), to })}`,
      },
    } satisfies AuthCall,
    options,
  );
  const problem = problemOf(answer, attempt);
  const kept = isLocal && !problem ? [keepCookie(keep)] : [];
  const setCookies = [...csrf.setCookies, ...answer.setCookies, ...kept];
  if (attempt.cause) logProblem({ supportId: attempt.supportId, problem: 'sign-in failed', cause: attempt.cause });
  if (form.json === 'true') {
    return reply(problem ? { problem } : { url: answer.location }, problem ? 401 : 200, setCookies);
  }
  if (problem) return redirect(`/sign-in?${problemQuery(problem, to)}`, setCookies);
  return isLocal ? redirect(answer.location ?? '/', setCookies) : new Response(null, { status: 400 });
}

export async function GET(request: Request, context: Context): Promise<Response> {
  const [action, providerId = ''] = (await context.params).nextauth;
  if (action === 'error' || action === 'signin') return redirect('/sign-in', []);
  if (action !== 'callback' || providerId === LOCAL_PROVIDER) return new Response(null, { status: 404 });
  const cookieHeader = request.headers.get('cookie');
  const cookies = readCookies(cookieHeader);
  const back = new URL(cookies[RETURN_COOKIE] ? decodeURIComponent(cookies[RETURN_COOKIE]) : '/', 'http://unused');
  const attempt = authRequest(request, providerId, parseDevice(back.searchParams.get('device')));
  const options = await authOptions(attempt);
  if (!options.providers.some(({ id }) => id === providerId)) return new Response(null, { status: 404 });
  const received = Object.fromEntries(new URL(request.url).searchParams);
  const answer = await runNextAuth({ method: 'GET', action, providerId, query: received, cookies }, options);
  // RFC 9700 §4.7.1: state, nonce and verifier are good for one answer, also when it is refused.
  const spent = [STATE_COOKIE, PKCE_COOKIE, NONCE_COOKIE].map(
    (name) => `${name}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
  );
  const setCookies = [
    ...answer.setCookies.filter((line) => !spent.some((end) => line.startsWith(end.slice(0, end.indexOf('='))))),
    ...spent,
  ];
  const problem = problemOf(answer, attempt);
  if (!problem) {
    const keep = mayKeep(attempt.device, back.searchParams.get('keep'));
    return redirect(answer.location ?? '/', [...setCookies, keepCookie(keep)]);
  }
  logProblem({ supportId: attempt.supportId, problem: 'provider sign-in failed', cause: attempt.cause });
  const query = new URLSearchParams({ reason: problem.kind });
  if (attempt.supportId) query.set('support', attempt.supportId);
  return redirect(`/sign-in/problem?${query}`, setCookies);
}

/** Only on a device of one's own is anything kept. */
function mayKeep(device: Device, chosen: string | null | undefined): boolean {
  return device === 'my-device' && chosen === 'yes';
}

function authRequest(request: Request, providerId: string, device: AuthRequest['device']): AuthRequest {
  return {
    providerId,
    device,
    address: clientAddress(request.headers),
    userAgent: request.headers.get('user-agent'),
    cookieHeader: request.headers.get('cookie'),
    previousSessionId: request.headers.get(PORTAL_SESSION_HEADER),
    supportId: supportId(request.headers),
    problem: null,
    cause: null,
  };
}

/** next-auth tells every failure by where it redirects; a place of its own that is no destination is one. */
function problemOf(answer: AuthAnswer, attempt: AuthRequest): SignInProblem | null {
  if (attempt.problem) return attempt.problem;
  const { portal } = portalContext();
  const failed =
    answer.location === null ||
    answer.location.startsWith('/sign-in/problem') ||
    /^\/auth\/(?:error|signin)\b/.test(answer.location.slice(portal.origin.length));
  return failed ? { kind: 'provider' } : null;
}

function problemQuery(problem: SignInProblem, to: string): URLSearchParams {
  const query = new URLSearchParams({ problem: problem.kind, to });
  if (problem.kind === 'throttled') query.set('wait', String(Math.ceil(problem.retryAfterMs / 1000)));
  return query;
}

async function readForm(request: Request): Promise<Record<string, string> | null> {
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return null;
  if (Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY) > MAX_FORM_BYTES) return null;
  return Object.fromEntries(new URLSearchParams(await request.text()));
}

function redirect(location: string, setCookies: readonly string[]): Response {
  return withCookies(new Response(null, { status: 303, headers: { location } }), setCookies);
}

function reply(body: unknown, status: number, setCookies: readonly string[]): Response {
  return withCookies(Response.json(body, { status }), setCookies);
}

function withCookies(response: Response, setCookies: readonly string[]): Response {
  for (const line of setCookies) response.headers.append('set-cookie', line);
  return response;
}
