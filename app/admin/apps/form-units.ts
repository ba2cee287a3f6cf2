// The parts that an app's form is compared and merged by: what each says in words, and how one is taken over from another form.
import type { AppIcon, HeaderEdit } from '#server/core/app.ts';
import type { Assignment } from '#server/core/policy.ts';
import type { EditedApp } from './app-form.tsx';
import { iconText } from './look-form-values.ts';
import { inputOf } from './shown-app-input.ts';

export const UNITS = [
  'name',
  'description',
  'icon',
  'category',
  'support',
  'showInLauncher',
  'enabled',
  'hosts',
  'siteId',
  'upstream',
  'identityHeaders',
  'maxSessionMs',
  'maintenance',
  'routes',
  'mapping',
  'headers',
  'timeouts',
  'concurrency',
  'healthCheck',
  'assignments',
  'ownerUserId',
] as const;
export type Unit = (typeof UNITS)[number];

/** What a form would send. */
export type FormValue = { input: Record<string, unknown>; assignments: readonly Assignment[] };

/** Names for ids, and the few words that values need. */
export type UnitWords = {
  site(id: string): string;
  person(id: string): string;
  group(id: string): string;
  everyone: string;
  nobody: string;
  none: string;
  yes: string;
  no: string;
  newKey: string;
};

export type UnitChange = { unit: Unit; before: string; theirs: string; mine: string; isMine: boolean };

/** The parts that somebody else changed since `base`, but for those that both changed alike. */
export function changesOf(base: EditedApp, theirs: EditedApp, mine: FormValue, words: UnitWords): UnitChange[] {
  const [baseValue, theirValue] = [formValueOf(base), formValueOf(theirs)];
  return UNITS.flatMap((unit) => {
    const [before, now, own] = [baseValue, theirValue, mine].map((value) => describe(unit, value, words));
    if (before === undefined || now === undefined || own === undefined) return [];
    return before === now || own === now ? [] : [{ unit, before, theirs: now, mine: own, isMine: own !== before }];
  });
}

export function formValueOf({ app, assignments, ownerUserId }: EditedApp): FormValue {
  return { input: { ...inputOf(app), ownerUserId }, assignments };
}

/** `into` with one part of `from`. */
export function takeUnit(into: EditedApp, from: EditedApp, unit: Unit): EditedApp {
  const traffic = { ...into.app.traffic };
  switch (unit) {
    case 'assignments':
      return { ...into, assignments: from.assignments };
    case 'ownerUserId':
      return { ...into, ownerUserId: from.ownerUserId };
    case 'maintenance':
    case 'routes':
    case 'timeouts':
    case 'concurrency':
    case 'healthCheck':
      return { ...into, app: { ...into.app, traffic: { ...traffic, [unit]: from.app.traffic[unit] } } };
    case 'mapping': {
      const { mapLocation, mapCookieDomain } = from.app.traffic;
      return { ...into, app: { ...into.app, traffic: { ...traffic, mapLocation, mapCookieDomain } } };
    }
    case 'headers': {
      const { requestHeaders, responseHeaders } = from.app.traffic;
      return { ...into, app: { ...into.app, traffic: { ...traffic, requestHeaders, responseHeaders } } };
    }
    default:
      return { ...into, app: { ...into.app, [unit]: from.app[unit] } };
  }
}

/** What a form sends, before anything of it is checked: numbers may still be what was typed. */
type Typed = string | number;
type TypedUpstream = {
  scheme: string;
  host: string;
  port: Typed;
  hostHeader: { kind: string; value?: string };
  tls: { kind: string; sha256?: string; pem?: string };
  protocol: string;
  replicas: readonly { host: string; port: Typed }[];
  clientCertificate: { kind: string; id?: string } | null;
};
type TypedTraffic = {
  routes: readonly { prefix: string; upstream: TypedUpstream }[];
  mapLocation: boolean;
  mapCookieDomain: boolean;
  requestHeaders: readonly HeaderEdit[];
  responseHeaders: readonly HeaderEdit[];
  timeouts: Record<string, Typed | null>;
  concurrency: Record<string, Typed | null>;
  healthCheck: { path: string; everyMs: Typed } | null;
  maintenance: string | null;
};
type TypedApp = {
  icon: AppIcon;
  hosts: readonly string[];
  siteId: string;
  upstream: TypedUpstream;
  identityHeaders: readonly string[];
  maxSessionMs: number | null;
  traffic: TypedTraffic;
  ownerUserId: string | null;
} & Record<'name' | 'description' | 'category' | 'support', string> &
  Record<'showInLauncher' | 'enabled', boolean>;

/** One text for each value: equal texts are equal values, and a person reads them. Secrets are only said to be new. */
export function describe(unit: Unit, { input, assignments }: FormValue, words: UnitWords): string {
  const value = input as TypedApp;
  const { traffic } = value;
  const yesNo = (is: unknown) => (is ? words.yes : words.no);
  const orNone = (text: unknown) => (text === null || text === undefined || text === '' ? words.none : String(text));
  switch (unit) {
    case 'icon':
      return iconText(value.icon);
    case 'showInLauncher':
    case 'enabled':
      return yesNo(value[unit]);
    case 'hosts':
      return orNone(value.hosts.join(', '));
    case 'siteId':
      return words.site(String(value.siteId));
    case 'upstream':
      return upstreamText(value.upstream, words);
    case 'identityHeaders':
      return orNone(value.identityHeaders.join(', '));
    case 'maxSessionMs':
      return value.maxSessionMs === null ? words.none : `${Number(value.maxSessionMs) / 60_000} min`;
    case 'maintenance':
    case 'description':
      return orNone((unit === 'maintenance' ? traffic.maintenance : value.description)?.trim());
    case 'routes':
      return orNone(traffic.routes.map((each) => `${each.prefix} → ${upstreamText(each.upstream, words)}`).join('\n'));
    case 'mapping':
      return `Location ${yesNo(traffic.mapLocation)}, Set-Cookie ${yesNo(traffic.mapCookieDomain)}`;
    case 'headers':
      return orNone(
        [...headerLines('→', traffic.requestHeaders), ...headerLines('←', traffic.responseHeaders)].join('\n'),
      );
    case 'timeouts':
      return numbers(traffic.timeouts, words.none, 1000, 's');
    case 'concurrency':
      return numbers(traffic.concurrency, words.none, 1, '');
    case 'healthCheck':
      return traffic.healthCheck === null
        ? words.none
        : `${traffic.healthCheck.path} ${Number(traffic.healthCheck.everyMs) / 1000} s`;
    case 'assignments':
      return assignedText(assignments, words);
    case 'ownerUserId':
      return value.ownerUserId ? words.person(String(value.ownerUserId)) : words.nobody;
    default:
      return orNone(value[unit]);
  }
}

function upstreamText(upstream: TypedUpstream, words: UnitWords): string {
  const { hostHeader: host, tls, clientCertificate: certificate } = upstream;
  return [
    `${upstream.scheme}://${upstream.host}:${upstream.port}`,
    `Host: ${host.kind === 'fixed' ? host.value : host.kind}`,
    upstream.scheme === 'https' ? `TLS: ${[tls.kind, tls.sha256, tls.pem].filter(Boolean).join(' ').trim()}` : '',
    upstream.protocol === 'h2' ? 'HTTP/2' : '',
    ...upstream.replicas.map((each) => `+ ${each.host}:${each.port}`),
    certificate === null ? '' : certificate.kind === 'new' ? words.newKey : (certificate.id ?? ''),
  ]
    .filter(Boolean)
    .join('\n');
}

function headerLines(way: string, edits: readonly HeaderEdit[]): string[] {
  return edits.map(({ name, value }) => (value === null ? `${way} ${name} ✕` : `${way} ${name}: ${value}`));
}

function numbers(values: Record<string, Typed | null>, none: string, by: number, unit: string): string {
  return Object.values(values)
    .map((value) => (value === null ? none : `${typeof value === 'number' ? value / by : value}${unit && ` ${unit}`}`))
    .join(', ');
}

function assignedText(assignments: readonly Assignment[], words: UnitWords): string {
  const names = assignments.map((each) => {
    if (each.kind === 'everyone') return words.everyone;
    return each.kind === 'user' ? words.person(each.userId) : words.group(each.groupId);
  });
  return names.sort().join(', ') || words.nobody;
}
