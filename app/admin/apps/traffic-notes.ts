// How each part of an app's traffic stands, in a few words beside its closed line.
'use client';
import { useTranslations } from 'next-intl';
import type { Traffic } from '#server/core/app.ts';

export function useTrafficNotes() {
  const t = useTranslations('apps.form.note');
  return {
    routes: (routes: readonly { prefix: string }[]) =>
      routes.length === 0 ? t('oneUpstream') : routes.map(({ prefix }) => prefix).join(', '),
    mapping({ mapLocation, mapCookieDomain }: Pick<Traffic, 'mapLocation' | 'mapCookieDomain'>) {
      if (mapLocation && mapCookieDomain) return t('mapped');
      if (!mapLocation && !mapCookieDomain) return t('unmapped');
      return mapLocation ? t('mappedLocation') : t('mappedCookies');
    },
    headers({ requestHeaders, responseHeaders }: Pick<Traffic, 'requestHeaders' | 'responseHeaders'>) {
      return t('headers', { count: requestHeaders.length + responseHeaders.length });
    },
    timeouts({ connect, headers, idle }: Traffic['timeouts']) {
      const own = [connect, headers, idle].filter((each) => each !== null);
      return own.length === 0 ? t('gateways') : own.map((each) => `${secondsOf(each)} s`).join(', ');
    },
    concurrency({ app, person }: Traffic['concurrency']) {
      const own = [app !== null && t('inAll', { count: app }), person !== null && t('aPerson', { count: person })];
      return own.filter(Boolean).join(', ') || t('gateways');
    },
    health: (check: Traffic['healthCheck']) =>
      check === null ? t('byRequests') : t('health', { path: check.path, seconds: secondsOf(check.everyMs) }),
  };
}

/** Milliseconds as the seconds that a field shows; empty for none. */
export function secondsOf(milliseconds: number | null): string {
  return milliseconds === null ? '' : String(milliseconds / 1000);
}
