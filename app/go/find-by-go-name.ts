// What the name of a `/go` link means to a person, and what the launcher searches for where it means no single app.
import type { App } from '#server/core/app.ts';
import { appSlug, appsOfSlug } from '#server/core/app-slug.ts';

const MAX_NAME = 120;

/** Of the person's own apps: what is not theirs is not there. */
export function findByGoName(apps: readonly App[], name: string): readonly App[] {
  return name.length > MAX_NAME ? [] : appsOfSlug(apps, name);
}

export function searchOfGoName(name: string): string {
  return appSlug(name.slice(0, MAX_NAME)).replaceAll('-', ' ');
}
