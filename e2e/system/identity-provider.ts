// An OpenID Connect provider (the real oidc-provider) with two accounts and a groups claim. Its settings come as JSON on stdin.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';
import type { IdentityProviderSettings } from './oidc.ts';

const settings: IdentityProviderSettings = JSON.parse(await text(process.stdin));

const provider = new Provider(settings.issuer, {
  clients: [
    {
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      redirect_uris: settings.redirectUris,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  conformIdTokenClaims: false,
  cookies: { keys: ['a key of the tests only'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => {
    const account = settings.accounts.find((candidate) => candidate.sub === id);
    if (!account) return undefined;
    const { sub, password: _password, ...claims } = account;
    return { accountId: sub, claims: async () => ({ sub, ...claims, email_verified: true }) };
  },
});

const callback = provider.callback();
const server = createServer((request, response) => {
  if (!request.url?.startsWith('/interaction/')) return callback(request, response);
  interact(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
});
const { hostname, port } = new URL(settings.issuer);
server.listen(Number(port), hostname, () => console.log('listening'));

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return showForm(response);
  const form = new URLSearchParams(await text(request));
  const account = settings.accounts.find(
    ({ email, password }) => email === form.get('email') && password === form.get('password'),
  );
  if (!account || prompt.name !== 'login') return showForm(response);
  const grant = new provider.Grant({ accountId: account.sub, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const result = { login: { accountId: account.sub }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function showForm(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(`<!doctype html><title>Corporate login</title>
<h1>Corporate login</h1>
<form method="post"><label>Email <input name="email"></label><label>Password <input name="password" type="password"></label>
<button>Log in</button></form>`);
}
