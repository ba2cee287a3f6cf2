// Tokens by the API: which one this is, which there are, and their end. They are made in the portal, by a person.
import { listTokens, revokeToken } from '#server/store/api-tokens.ts';
import { type Reply, refusal } from './reply.ts';
import { listed, listQuery } from './resource.ts';
import type { Call, Route } from './route-table.ts';

export const TOKENS: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/token', needs: [], tag: 'Tokens', summary: 'Read what this token is' },
    answers: { status: 200, schema: 'ThisToken' },
    run: async ({ token }) => {
      const { id, name, email, role, scopes, createdAt, expiresAt } = token;
      return { kind: 'done', status: 200, body: { id, name, owner: { email, role }, scopes, createdAt, expiresAt } };
    },
  },
  {
    ...{ method: 'GET', path: '/tokens', needs: ['tokens.read'], tag: 'Tokens', summary: 'List tokens' },
    description: 'The newest first: everybody’s for those who may see them, otherwise the owner’s own.',
    query: listQuery.omit({ search: true }),
    answers: { status: 200, schema: 'TokenList' },
    run: (call) => listed(call, '/tokens', listTokens(call.context.store, call.actor, call.query)),
  },
  {
    ...{ method: 'DELETE', path: '/tokens/{id}', needs: ['tokens.write'], tag: 'Tokens', summary: 'Revoke a token' },
    description: 'Worth nothing from its next request on.',
    answers: { status: 204 },
    run: revoke,
  },
];

async function revoke({ context, actor, params }: Call): Promise<Reply> {
  const revoked = await revokeToken(context.store, actor, params.id ?? '');
  return revoked.kind === 'saved' ? { kind: 'nothing' } : refusal(revoked);
}
