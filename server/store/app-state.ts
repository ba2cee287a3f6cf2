// How an app stands, in the words that a list of apps is sorted and filtered by; said in columns, since a list cannot look into JSON.
import type { AppState } from '#server/core/app-list.ts';

/** Of a row or of what becomes one. Off weighs more than closed. */
export function appState({ enabled, traffic }: { enabled: number; traffic: string }): AppState {
  if (enabled === 0) return 'off';
  const maintenance = parsed(traffic)?.maintenance ?? null;
  return maintenance === null ? 'on' : 'maintenance';
}

/** Reports whether anything of the app goes over TLS that nobody verifies. */
export function hasUnverified(row: { upstream_scheme: string; tls: string; routes: string }): boolean {
  const routes = parsed(row.routes);
  const ofRoutes = Array.isArray(routes) ? routes.map((route) => route?.upstream) : [];
  return [{ scheme: row.upstream_scheme, tls: parsed(row.tls) }, ...ofRoutes].some(
    (upstream) => upstream?.scheme === 'https' && upstream.tls?.kind === 'unverified',
  );
}

type Loose = { [key: string]: Loose } | null | undefined;

/** JSON that is none says nothing: the row is shown as one that cannot be read. */
function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
