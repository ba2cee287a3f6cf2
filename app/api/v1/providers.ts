// Sign-in providers by the API. The client secret goes in and never comes out again.
import type { Portal } from '#server/core/snapshot.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { deleteProvider, getProvider, listProviders, type Provider, saveProvider } from '#server/store/providers.ts';
import { resource, type Shown } from './resource.ts';
import type { Route } from './route-table.ts';

export const PROVIDERS: readonly Route[] = resource({
  ...{ tag: 'Sign-in', path: '/providers', one: 'a sign-in provider', many: 'sign-in providers' },
  needs: { read: 'providers.read', write: 'providers.write' },
  schemas: { list: 'ProviderList', answer: 'Provider', input: 'ProviderInput' },
  readOnly: ['id', 'callbackUrl', 'updatedAt'],
  isWhole: true,
  notes: {
    save: 'The client secret is only written: left out, it stays. `callbackUrl` is the redirect address to register there.',
    remove: 'Its people stay known by issuer and subject, but cannot sign in until the issuer is there again.',
  },
  list: async (store, actor) => {
    const found = await listProviders(store, actor);
    return found.kind === 'listed' ? { ...found, rows: found.rows.map(shownProvider) } : found;
  },
  get: async (store, actor, id) => {
    const found = await getProvider(store, actor, id);
    return found.kind === 'found' ? { kind: 'shown', shown: shownProvider(found.provider) } : found;
  },
  save: saveProvider,
  remove: deleteProvider,
});

function shownProvider(provider: Provider): Shown {
  return { ...provider, callbackUrl: callbackUrl(portalContext().portal, provider.id) };
}

function callbackUrl({ origin }: Portal, id: string): string {
  return `${origin}/auth/callback/${id}`;
}
