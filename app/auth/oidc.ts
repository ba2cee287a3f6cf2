// The OIDC providers of the store as next-auth providers: discovery, PKCE, state and nonce, and the issuer checked exactly.
import type { OAuthConfig } from 'next-auth/providers/oauth';
import type { HttpOptions } from 'openid-client';
import { portalContext } from '#server/store/portal-context.ts';
import { signInWithProvider } from '#server/store/provider-sign-in.ts';
import type { Provider } from '#server/store/providers.ts';
import { keepDiscoveries } from './discovery.ts';
import { type Claims, mergeClaims } from './merge-claims.ts';
import type { AuthRequest } from './options.ts';

const PROVIDER_TIMEOUT_MS = 5000;

function asking({ protocol }: URL): HttpOptions {
  return { timeout: PROVIDER_TIMEOUT_MS, agent: portalContext().providerAgent(protocol) };
}

/** `onUser` hears the user that the provider's verified claims lead to; without it no session is made. */
export function oidcProvider(
  provider: Provider & { clientSecret: string },
  request: AuthRequest,
  onUser: (userId: string) => void,
): OAuthConfig<Claims> {
  keepDiscoveries(asking);
  return {
    id: provider.id,
    name: provider.name,
    type: 'oauth',
    idToken: true,
    wellKnown: `${provider.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    authorization: { params: { scope: provider.scopes.join(' ') } },
    checks: ['pkce', 'state', 'nonce'],
    token: {
      async request({ client, params, checks, provider: { callbackUrl } }) {
        // OpenID Connect Discovery §4.3: the document names exactly the issuer it was asked for; otherwise it is another's.
        if (client.issuer.metadata.issuer !== provider.issuer) throw new Error('The discovered issuer is another one.');
        return { tokens: await client.callback(callbackUrl, params, checks) };
      },
    },
    userinfo: {
      // Many providers tell e-mail and groups only here; the signed token's claims win, and its `sub` must be the same.
      async request({ client, tokens }) {
        const claims = (tokens as { claims(): Claims }).claims();
        if (!client.issuer.metadata.userinfo_endpoint) return claims;
        const more = await client.userinfo(tokens as never);
        if (more.sub !== claims.sub) throw new Error('The userinfo answer is about somebody else.');
        return mergeClaims(claims, more);
      },
    },
    async profile(claims) {
      const { store } = portalContext();
      const signedIn = await signInWithProvider(store, provider.id, claims, request);
      if (signedIn.kind === 'ok') onUser(signedIn.userId);
      else {
        request.problem = { kind: 'not-invited' };
        request.cause = signedIn.reason;
      }
      return { id: claims.sub };
    },
  };
}
