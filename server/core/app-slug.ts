// The name of an app as it stands in a link: `/go/team-wiki`.
import type { App } from './app.ts';

/** Letters and digits of any script, folded; everything else is one hyphen. A name without any is ''. */
export function appSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** The apps that a link's name means: by one of their public host names, or else by their own names. */
export function appsOfSlug<T extends Pick<App, 'name' | 'hosts'>>(apps: readonly T[], wanted: string): readonly T[] {
  const host = wanted.toLowerCase();
  const byHost = apps.filter(({ hosts }) => hosts.some((each) => each === host));
  if (byHost.length > 0) return byHost;
  const slug = appSlug(wanted);
  return slug === '' ? [] : apps.filter(({ name }) => appSlug(name) === slug);
}
