// next-auth's options, made for each request: the providers come from the store, and a sign-in makes one session of ours.
import type { AuthOptions } from 'next-auth';
import type { CredentialsConfig } from 'next-auth/providers/credentials';
import { portalTokenSecret } from '#server/core/portal-cookie.ts';
import { verifyPassword } from '#server/store/accounts.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { providerWithSecret } from '#server/store/providers.ts';
import { createSession, type NewSession } from '#server/store/sessions.ts';
import { COOKIES } from './cookie-names.ts';
import { COOKIE_LIFETIME_SECONDS, type Device } from './device.ts';
import { oidcProvider } from './oidc.ts';
import { returnPath } from './return-path.ts';

/** What one request brings. `problem` and `cause` are filled where next-auth would only know a word; `cause` is for the log. */
export type AuthRequest = {
  providerId: string;
  device: Device;
  address: string | null;
  userAgent: string | null;
  cookieHeader: string | null;
  /** The session that this browser has now: a sign-in ends it. */
  previousSessionId: string | null;
  supportId: string | null;
  problem: SignInProblem | null;
  cause: string | null;
};

/** Why a sign-in failed, as far as a page may say. */
export type SignInProblem =
  | { kind: 'refused' }
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'not-invited' }
  | { kind: 'provider' }
  | { kind: 'unavailable' };

export const LOCAL_PROVIDER = 'credentials';

/** Options for the one provider of the request; an unknown id leaves only the local one, whose id differs. */
export async function authOptions(request: AuthRequest): Promise<AuthOptions> {
  const { store, portal, secret } = portalContext();
  let verified: Pick<NewSession, 'userId' | 'verified'> | null = null;
  const provider = request.providerId === LOCAL_PROVIDER ? null : await providerWithSecret(store, request.providerId);
  const maxAge = COOKIE_LIFETIME_SECONDS[request.device];
  return {
    secret: portalTokenSecret(secret),
    useSecureCookies: true,
    cookies: COOKIES,
    session: { strategy: 'jwt', maxAge },
    jwt: { maxAge },
    pages: { signIn: '/sign-in', error: '/sign-in/problem' },
    // Its own lines would carry tokens and claims; the first message alone is kept, and told by the route.
    logger: { error: note, warn() {}, debug() {} },
    providers: [
      provider
        ? oidcProvider(provider, request, (userId) => {
            verified = { userId, verified: { kind: 'provider', providerId: provider.id } };
          })
        : passwordProvider(request, (userId, passwordHash) => {
            verified = { userId, verified: { kind: 'password', passwordHash } };
          }),
    ],
    callbacks: {
      redirect: ({ url, baseUrl }) => `${baseUrl}${ownPath(baseUrl, url)}`,
      signIn: () => verified !== null,
      async jwt() {
        if (verified === null) throw new Error('A token is made only by a sign-in.');
        const session = await createSession(store, {
          ...verified,
          kind: request.device,
          address: request.address,
          userAgent: request.userAgent ?? '',
          replaces: request.previousSessionId,
          supportId: request.supportId,
        });
        if (!session) throw new Error('The person, password or provider was changed during the sign-in.');
        return { sid: session.id };
      },
    },
  };

  function ownPath(origin: string, url: string): string {
    const path = url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
    return path.startsWith('/sign-in/return?') ? path : returnPath(portal.origin, path);
  }

  function note(code: string, metadata: unknown): void {
    const error = metadata instanceof Error ? metadata : (metadata as { error?: unknown })?.error;
    request.cause = `${code}: ${error instanceof Error ? error.message : ''}`;
  }
}

function passwordProvider(
  request: AuthRequest,
  onUser: (userId: string, passwordHash: string) => void,
): CredentialsConfig {
  return {
    id: LOCAL_PROVIDER,
    name: 'Foyer account',
    type: 'credentials',
    credentials: {},
    async authorize(credentials) {
      const { email = '', password = '' } = (credentials ?? {}) as Record<string, string | undefined>;
      const { address, supportId } = request;
      const verdict = await verifyPassword(portalContext().store, { email, password, address, supportId });
      if (verdict.kind !== 'ok') {
        request.problem = verdict;
        return null;
      }
      onUser(verdict.userId, verdict.passwordHash);
      return { id: verdict.userId };
    },
  };
}
