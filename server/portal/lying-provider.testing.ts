// An OpenID Connect provider that does everything right except for the one thing it is told to lie about.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

export type Lie = {
  /** Take the place of the right claims; undefined takes one away. */
  claims?: Record<string, unknown>;
  key?: 'other' | 'none' | 'client-secret';
  discoveredIssuer?: string;
  tokenEndpoint?: string;
};

export type LyingProvider = {
  issuer: string;
  /** Holds until it is told something else. */
  tell(lie: Lie): void;
  /** How often its discovery document was fetched. */
  discoveries(): number;
  /** What the browser is sent back with, for an authorization request. */
  answer(request: URL): URL;
  close(): Promise<void>;
};

export async function startLyingProvider(client: { clientId: string; clientSecret: string }): Promise<LyingProvider> {
  const keys = await generateKeyPair('RS256');
  const otherKeys = await generateKeyPair('RS256');
  const nonces = new Map<string, string>();
  let lie: Lie = {};
  let discoveries = 0;
  const server = createServer((request, response) => {
    const reply = (body: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const path = request.url ?? '';
    if (path === '/.well-known/openid-configuration') {
      discoveries += 1;
      return reply(discovery());
    }
    if (path === '/jwks') return void exportJWK(keys.publicKey).then((jwk) => reply({ keys: [{ ...jwk, kid: 'k' }] }));
    void text(request).then(async (form) => {
      const nonce = nonces.get(new URLSearchParams(form).get('code') ?? '');
      reply({ access_token: 'a', token_type: 'Bearer', id_token: await idToken(nonce) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function discovery() {
    return {
      issuer: lie.discoveredIssuer ?? issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: lie.tokenEndpoint ?? `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  function idToken(nonce: string | undefined): Promise<string> | string {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: issuer, aud: client.clientId, sub: 'l-1', iat: now, exp: now + 300, nonce };
    const claims = { ...right, email: 'truth@corp.example', email_verified: true, ...lie.claims };
    if (lie.key === 'none') return new UnsecuredJWT(claims).encode();
    if (lie.key === 'client-secret') {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(client.clientSecret));
    }
    const { privateKey } = lie.key === 'other' ? otherKeys : keys;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey);
  }

  return {
    issuer,
    tell: (next) => {
      lie = next;
    },
    discoveries: () => discoveries,
    answer: (request) => {
      const { searchParams } = request;
      const code = `code-${nonces.size}`;
      nonces.set(code, searchParams.get('nonce') ?? '');
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: searchParams.get('state') ?? '' }).toString();
      return back;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
