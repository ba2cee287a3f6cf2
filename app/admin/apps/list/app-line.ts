// One line of the table of apps, as the browser gets it: texts alone, made on the server.
import type { AppIcon } from '#server/core/app.ts';
import type { AppLine } from '#server/store/apps.ts';

export type ShownLine = {
  id: string;
  name: string;
  icon: AppIcon;
  category: string;
  state: 'on' | 'maintenance' | 'off' | 'broken';
  /** Why a broken one cannot be read. */
  problem: string;
  isUnverified: boolean;
  isHidden: boolean;
  hosts: readonly string[];
  upstream: string;
  siteName: string;
  everyone: boolean;
  groups: number;
  people: number;
  updatedAt: number | null;
};

export function shownLine(line: AppLine, siteName: (siteId: string) => string): ShownLine {
  if (line.kind === 'broken') return { ...NOTHING, id: line.id, name: line.name, problem: line.problem };
  const { app, assignments, updatedAt } = line;
  const { scheme, host, port } = app.upstream;
  const upstreams = [app.upstream, ...app.traffic.routes.map(({ upstream }) => upstream)];
  const count = (kind: string) => assignments.filter((each) => each.kind === kind).length;
  return {
    id: app.id,
    name: app.name,
    icon: app.icon,
    category: app.category,
    state: !app.enabled ? 'off' : app.traffic.maintenance !== null ? 'maintenance' : 'on',
    problem: '',
    isUnverified: upstreams.some((each) => each.scheme === 'https' && each.tls.kind === 'unverified'),
    isHidden: !app.showInLauncher,
    hosts: app.hosts,
    upstream: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    siteName: siteName(app.siteId),
    everyone: count('everyone') > 0,
    groups: count('group'),
    people: count('user'),
    updatedAt,
  };
}

const NOTHING = {
  icon: { kind: 'drawn' },
  category: '',
  state: 'broken',
  isUnverified: false,
  isHidden: false,
  hosts: [],
  upstream: '',
  siteName: '',
  everyone: false,
  groups: 0,
  people: 0,
  updatedAt: null,
} as const satisfies Partial<ShownLine>;
