// How each part of an app's traffic stands, in a few words beside its closed line.
import type { Traffic } from '#server/core/app.ts';

export function routesNote(routes: readonly { prefix: string }[]): string {
  return routes.length === 0 ? 'all to one upstream' : routes.map(({ prefix }) => prefix).join(', ');
}

export function mappingNote({
  mapLocation,
  mapCookieDomain,
}: Pick<Traffic, 'mapLocation' | 'mapCookieDomain'>): string {
  if (mapLocation && mapCookieDomain) return 'made public';
  if (!mapLocation && !mapCookieDomain) return 'left as they are';
  return mapLocation ? 'redirects made public' : 'cookies made public';
}

export function headersNote({ requestHeaders, responseHeaders }: Pick<Traffic, 'requestHeaders' | 'responseHeaders'>) {
  const count = requestHeaders.length + responseHeaders.length;
  return count === 0 ? 'none changed' : `${count} changed`;
}

export function timeoutsNote({ connect, headers, idle }: Traffic['timeouts']): string {
  const own = [connect, headers, idle].filter((each) => each !== null);
  return own.length === 0 ? GATEWAYS : own.map((each) => `${secondsOf(each)} s`).join(', ');
}

export function concurrencyNote({ app, person }: Traffic['concurrency']): string {
  const own = [app !== null && `${app} in all`, person !== null && `${person} a person`].filter(Boolean);
  return own.length === 0 ? GATEWAYS : own.join(', ');
}

export function healthNote(check: Traffic['healthCheck']): string {
  return check === null ? 'by real requests' : `${check.path}, every ${secondsOf(check.everyMs)} s`;
}

const GATEWAYS = 'the gateway’s own';

/** Milliseconds as the seconds that a field shows; empty for none. */
export function secondsOf(milliseconds: number | null): string {
  return milliseconds === null ? '' : String(milliseconds / 1000);
}
