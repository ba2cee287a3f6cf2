// Starts the identity provider of the tests in a process of its own.
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';

export type IdentityProviderAccount = { sub: string; email: string; name: string; password: string; groups: string[] };
export type IdentityProviderSettings = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
  accounts: IdentityProviderAccount[];
};
export type IdentityProvider = { settings: IdentityProviderSettings; stop: Child['stop'] };

const ACCOUNTS: IdentityProviderAccount[] = [
  {
    sub: 'c-1',
    email: 'katherine@corp.example',
    name: 'Katherine',
    password: 'orbital mechanics',
    groups: ['engineering'],
  },
  { sub: 'c-2', email: 'dorothy@elsewhere.example', name: 'Dorothy', password: 'fortran forever', groups: [] },
];

export async function startIdentityProvider(redirectUris: (issuer: string) => string[]): Promise<IdentityProvider> {
  const issuer = `http://127.0.0.1:${await freePort('127.0.0.1')}`;
  const settings: IdentityProviderSettings = {
    issuer,
    clientId: 'foyer',
    clientSecret: 'a secret of the tests only',
    redirectUris: redirectUris(issuer),
    accounts: ACCOUNTS,
  };
  const child = startChild([process.execPath, join(import.meta.dirname, 'identity-provider.ts')], {
    input: JSON.stringify(settings),
  });
  await child.line(/^listening$/);
  return { settings, stop: child.stop };
}
