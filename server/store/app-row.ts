// An app between its row and core's type; reading goes through the form's own schema, so a row is trusted no more than a form.
import { type App, PLAIN_TRAFFIC } from '#server/core/app.ts';
import { fold } from './fold.ts';
import { type AppInput, appInput } from './schema/app.ts';
import { parseInput } from './schema/parse-input.ts';
import type { Tables } from './tables.ts';

export type ReadRow<T> = { kind: 'read'; value: T } | { kind: 'unreadable'; problem: string };

/** `hosts` in their order. */
export function readApp(row: Tables['apps'], hosts: readonly string[]): ReadRow<App> {
  const parsed = parseInput(appInput, inputOf(row, hosts));
  if (parsed.kind === 'invalid') return { kind: 'unreadable', problem: problemOf(parsed.errors) };
  const { ownerUserId: _, ...app } = parsed.value;
  return { kind: 'read', value: { id: row.id, ...app, traffic: PLAIN_TRAFFIC } };
}

/** The columns that a form decides. */
export function appColumns({ upstream, hosts: _, ownerUserId: __, ...app }: AppInput) {
  return {
    name: app.name,
    name_folded: fold(app.name),
    description: app.description,
    show_in_launcher: app.showInLauncher ? 1 : 0,
    enabled: app.enabled ? 1 : 0,
    site_id: app.siteId,
    upstream_scheme: upstream.scheme,
    upstream_host: upstream.host,
    upstream_port: upstream.port,
    host_header: JSON.stringify(upstream.hostHeader),
    tls: JSON.stringify(upstream.tls),
    identity_headers: JSON.stringify(app.identityHeaders),
    max_session_ms: app.maxSessionMs,
  } as const satisfies Partial<Tables['apps']>;
}

/** Why a row cannot be read, in one line for an administrator. */
export function problemOf(errors: Readonly<Record<string, string>>): string {
  return Object.entries(errors)
    .map(([path, sentence]) => (path ? `${path}: ${sentence}` : sentence))
    .join(' ');
}

/** JSON that is none reads as undefined: the schema then says that the field is missing. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inputOf(row: Tables['apps'], hosts: readonly string[]): unknown {
  return {
    name: row.name,
    description: row.description,
    hosts,
    showInLauncher: row.show_in_launcher === 1,
    enabled: row.enabled === 1,
    siteId: row.site_id,
    upstream: {
      scheme: row.upstream_scheme,
      host: row.upstream_host,
      port: row.upstream_port,
      hostHeader: readJson(row.host_header) ?? null,
      tls: readJson(row.tls) ?? null,
    },
    identityHeaders: readJson(row.identity_headers) ?? null,
    maxSessionMs: row.max_session_ms,
  };
}
