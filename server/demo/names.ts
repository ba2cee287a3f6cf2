// The demo's names: public hosts, internal names, people and their passwords.
import { type Hostname, parseHostname } from '#server/core/hostname.ts';

export const APPS = ['wiki', 'ops', 'mirror'] as const;
export type DemoApp = (typeof APPS)[number];

/** One parent for all, as in a company: the apps are same-site with each other, which is what they have to be safe under. */
export const HOSTS = {
  wiki: [name('wiki.corp.localhost'), name('wiki-files.corp.localhost')],
  ops: [name('ops.corp.localhost')],
  mirror: [name('mirror.corp.localhost')],
} as const;
export const PORTAL_HOST = name('portal.localhost');
export const ZONE = name('corp.internal');

export type DemoUser = {
  email: string;
  name: string;
  role: 'admin' | 'member';
  password: string;
  apps: readonly DemoApp[];
};

/** Ada's role lets her change everything, and she has the apps as well. */
export const USERS: readonly DemoUser[] = [
  { email: 'ada@corp.example', name: 'Ada Admin', role: 'admin', password: 'ada-demo-1', apps: APPS },
  { email: 'grace@corp.example', name: 'Grace Member', role: 'member', password: 'grace-demo-1', apps: APPS },
  { email: 'linus@corp.example', name: 'Linus Member', role: 'member', password: 'linus-demo-1', apps: ['wiki'] },
];

/** Every public name, for a certificate. */
export function publicNames(): readonly Hostname[] {
  return [PORTAL_HOST, ...APPS.flatMap((app) => HOSTS[app])];
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  if (!hostname) throw new Error(`${text} is no host name`);
  return hostname;
}
