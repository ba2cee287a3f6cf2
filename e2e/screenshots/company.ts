// The company that the screenshots show: apps with names, icons and owners as a real one has, and a week of traffic behind it.
import type { ShippedIcon } from '#server/core/app.ts';
import { FIRST_LATENCY, LATENCY_BOUNDS_MS, placeOfNumber, USAGE_COLUMNS } from '#server/core/usage.ts';
import { setDraining } from '#server/store/cluster.ts';
import { noteBeat } from '#server/store/cluster-presence.ts';
import type { Store } from '#server/store/handle.ts';
import { saveSetting } from '#server/store/settings.ts';
import { addGatewayHealth, addUsage } from '#server/store/usage-write.ts';
import type { Catalogue, CatalogueApp } from '../system/catalogue.ts';

export const PASSWORD = 'four plain words here';
export const ADMIN = { email: 'ada@corp.example', name: 'Ada Lindgren' };
export const MEMBER = { email: 'grace@corp.example', name: 'Grace Moreau' };
export const SITE = 'Head office';

type Row = readonly [
  name: string,
  label: string,
  description: string,
  category: string,
  icon: ShippedIcon,
  share: number,
];

/** `share`: of the company's requests. */
export const ROWS: readonly Row[] = [
  ['Wiki', 'wiki', 'How things are done here, written by everybody.', 'Knowledge', 'book', 0.22],
  ['Service desk', 'desk', 'Ask IT for help, and see where your request is.', 'Help', 'ticket', 0.14],
  ['Time sheets', 'time', 'Hours worked, hours planned.', 'People', 'clock', 0.12],
  ['Holiday planner', 'holidays', 'Who is away, and when.', 'People', 'calendar', 0.06],
  ['Expenses', 'expenses', 'Receipts in, money back.', 'Finance', 'wallet', 0.05],
  ['Payroll', 'payroll', 'Pay slips and yearly statements.', 'Finance', 'badge', 0.03],
  ['Code review', 'review', 'Every change has a second pair of eyes.', 'Engineering', 'code', 0.13],
  ['Build server', 'builds', 'What is built, tested and shipped.', 'Engineering', 'terminal', 0.08],
  ['Metrics', 'metrics', 'Dashboards of everything that runs.', 'Engineering', 'chart', 0.06],
  ['Warehouse', 'warehouse', 'Stock, orders and shipments.', 'Operations', 'truck', 0.05],
  ['Room booking', 'rooms', 'A room, a projector, a quiet hour.', 'Operations', 'building', 0.03],
  ['Phone book', 'phones', 'Everybody’s number and desk.', 'Knowledge', 'phone', 0.03],
];

/** `place`: where the one app listens that really answers; the others' names lead nowhere that is asked. */
export function catalogue(place: { host: string; address: string; port: number }, dnsPort: number): Catalogue {
  const people = [
    'Linus Berg',
    'Mira Okafor',
    'Tomás Vidal',
    'Yuki Tanaka',
    'Elif Demir',
    'Jonas Weber',
    'Sofia Rossi',
  ];
  const emailOf = (name: string) =>
    `${name
      .split(' ')[0]
      ?.normalize('NFKD')
      .replace(/\P{ASCII}/gu, '')
      .toLowerCase()}@corp.example`;
  const apps: CatalogueApp[] = ROWS.map(([name, label, description, category, icon]) => ({
    ...{ name, description, category, icon: { kind: 'shipped', name: icon } },
    hosts: [`${label}.corp.example`],
    site: SITE,
    upstream: { scheme: 'http', host: label === 'wiki' ? place.host : `${label}.corp.internal`, port: place.port },
    access: category === 'Engineering' ? ['Engineering'] : category === 'Finance' ? ['Finance'] : ['everyone'],
  }));
  return {
    users: [
      { ...ADMIN, password: PASSWORD, role: 'admin' },
      { ...MEMBER, password: PASSWORD },
      ...people.map((name) => ({ name, email: emailOf(name), password: PASSWORD })),
    ],
    groups: [
      { name: 'Engineering', members: [ADMIN.email, MEMBER.email, emailOf('Linus Berg'), emailOf('Yuki Tanaka')] },
      { name: 'Finance', members: [ADMIN.email, MEMBER.email, emailOf('Sofia Rossi')] },
    ],
    sites: [
      {
        name: SITE,
        dnsServers: [{ address: '127.0.0.1', port: dnsPort }],
        zones: ['corp.internal'],
        endpoints: [{ address: place.address, port: place.port }],
      },
    ],
    apps,
  };
}

const MINUTE = 60_000;
const EVERY_MS = 15 * MINUTE;
/** Requests of a quarter of an hour. */
const BUSIEST = 9_000;
const FAVOURITES = ['Wiki', 'Time sheets', 'Code review'];

/** What the launcher of a person who has been here for a while looks like. */
export async function addFavourites({ db }: Store, ids: Readonly<Record<string, string>>): Promise<void> {
  const marks = FAVOURITES.map((name, favourite) => ({ app_id: ids[name] ?? '', favourite }));
  const user = { user_id: ids[MEMBER.email] ?? '', opened_at: null };
  await db
    .insertInto('launcher_apps')
    .values(marks.map((mark) => ({ ...user, ...mark })))
    .execute();
}

/**
 * Days that end now, at five on a Thursday: quiet nights, a dip at noon, a quiet weekend before. Nothing is drawn by chance, so that
 * two runs show the same.
 */
export async function addTraffic(store: Store, ids: Readonly<Record<string, string>>, days: number): Promise<void> {
  const now = store.now();
  const users = Object.keys(ids).flatMap((name) => (name.includes('@') ? [ids[name] ?? ''] : []));
  for (let at = now - days * 24 * 60 * MINUTE; at < now; at += EVERY_MS) {
    const load = loadAt(at - now);
    const apps = ROWS.map(([name, , , , , share], place) => {
      const wave = 1 + 0.25 * Math.sin(at / (47 * MINUTE) + place);
      return usageOf(
        ids[name] ?? '',
        Math.round(BUSIEST * load * share * wave),
        place,
        users.slice(0, Math.ceil(users.length * load)),
      );
    });
    await addUsage(store, { at, apps }, () => {});
    for (const gateway of [1, 2]) {
      const health = { loop_p99: 2 + 3 * load, loop_max: 9 + 14 * load, rss: 118_000_000 + gateway * 3_000_000 };
      const open = {
        connections: Math.round(40 * load),
        open_requests: Math.round(6 * load),
        web_sockets: Math.round(18 * load),
      };
      await addGatewayHealth(store, { at, gateway, started_at: now - days * 24 * 60 * MINUTE, ...health, ...open });
    }
  }
}

/** Node 1 is the Foyer of the pictures; node 2 spoke long ago, and node 4 is drained. */
export async function addCluster(store: Store): Promise<void> {
  const actor = { kind: 'system' } as const;
  await saveSetting(store, actor, 'cluster', {
    name: 'gateways.corp.internal',
    subClusters: [{ nodes: [1, 2, 4], loadBalancers: [1, 2], lan: ['192.168.1.100/24'], nat: ['10.10.10.100/24'] }],
    views: [{ subnets: ['10.10.10.0/24'], side: 'nat' }],
    checkPort: null,
  });
  const beat = { beat: 1, instance: 'picture', state: 'running', gateways: 2, gatewaysReady: 2 } as const;
  const seenAt = store.now() - 40 * MINUTE;
  await noteBeat(store, { ...beat, number: 2, name: 'gw2.corp.internal', startedAt: seenAt, seenAt });
  await noteBeat(store, { ...beat, number: 4, name: 'gw4.corp.internal', startedAt: seenAt, seenAt: store.now() });
  await setDraining(store, actor, 4, true);
}

function usageOf(appId: string, requests: number, place: number, users: readonly string[]) {
  const numbers = new Float64Array(USAGE_COLUMNS.length);
  const put = (name: Parameters<typeof placeOfNumber>[0], value: number) => {
    numbers[placeOfNumber(name)] = Math.round(value);
  };
  const refusals = place === 5 ? Math.round(requests * 0.06) : 0;
  const faults = place === 9 ? Math.round(requests * 0.04) : 0;
  put('requests', requests);
  put('answers_2xx', requests * 0.9);
  put('answers_3xx', requests * 0.06);
  put('answers_4xx', requests * 0.03);
  put('refusals', refusals);
  put('faults', faults);
  put('sent', requests * 41_000);
  for (const bound of LATENCY_BOUNDS_MS.keys()) {
    const distance = bound - (2 + (place % 3));
    numbers[FIRST_LATENCY + bound] = Math.round(requests * 0.45 * Math.exp(-distance * distance));
  }
  return {
    appId,
    numbers,
    reasons: new Map([
      ...(refusals > 0 ? [['not-assigned', refusals] as const] : []),
      ...(faults > 0 ? [['upstream-timeout', faults] as const] : []),
    ]),
    people: new Map(requests > 0 ? users.map((id) => [id, { failed: false }] as const) : []),
    succeeded: requests > 0,
    failed: false,
  };
}

/** `fromNow`: milliseconds, negative. */
function loadAt(fromNow: number): number {
  const hours = fromNow / (60 * MINUTE) + 17;
  const hour = ((hours % 24) + 24) % 24;
  const bell = (middle: number, width: number) => Math.exp(-(((hour - middle) / width) ** 2));
  const day = bell(10, 2.2) + 0.9 * bell(15, 2.4) + 0.03;
  const daysAgo = -Math.floor(hours / 24);
  return Math.min(1, [4, 5].includes(daysAgo) ? day * 0.12 : day);
}
