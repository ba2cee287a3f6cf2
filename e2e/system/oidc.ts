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

export const CLIENT = { clientId: 'foyer', clientSecret: 'a-secret-of-the-tests-only' };
export const KATHERINE: IdentityProviderAccount = {
  sub: 'c-1',
  email: 'katherine@corp.example',
  name: 'Katherine',
  password: 'orbital mechanics',
  groups: ['engineering'],
};
export const DOROTHY: IdentityProviderAccount = {
  sub: 'c-2',
  email: 'dorothy@elsewhere.example',
  name: 'Dorothy',
  password: 'fortran forever',
  groups: [],
};

/** An issuer is chosen first: Foyer has to know it before the redirect address exists that the provider has to know. */
export async function chooseIssuer(): Promise<string> {
  return `http://127.0.0.1:${await freePort('127.0.0.1')}`;
}

export async function startIdentityProvider(issuer: string, redirectUri: string): Promise<Child> {
  const settings: IdentityProviderSettings = {
    issuer,
    ...CLIENT,
    redirectUris: [redirectUri],
    accounts: [KATHERINE, DOROTHY],
  };
  const program = join(import.meta.dirname, 'identity-provider.ts');
  const child = startChild([process.execPath, program], { input: JSON.stringify(settings) });
  await child.line(/^listening$/);
  return child;
}
