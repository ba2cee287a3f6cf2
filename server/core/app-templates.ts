// Well-known apps: where each listens and what its maker expects of whoever stands before it. What to set in the app itself is a text of the pages.
import type { HeaderEdit, IdentityHeaderFamily, ShippedIcon, Traffic } from './app.ts';

export type AppTemplate = {
  key: string;
  name: string;
  icon: ShippedIcon;
  scheme: 'http' | 'https';
  /** Where it listens when nobody has said otherwise. */
  port: number;
  hostHeader: 'public' | 'internal';
  /** The plain headers that it can sign people in by; null where it has its own sign-in alone. */
  identity: IdentityHeaderFamily | null;
  requestHeaders: readonly HeaderEdit[];
  timeouts: Partial<Traffic['timeouts']>;
  /** A page that answers without signing in. */
  healthPath: string | null;
  webSocketPaths: readonly string[];
};

const PLAIN = {
  scheme: 'http',
  hostHeader: 'public',
  identity: null,
  requestHeaders: [],
  timeouts: {},
  healthPath: null,
  webSocketPaths: [],
} as const satisfies Partial<AppTemplate>;

const MINUTE_MS = 60_000;

export const APP_TEMPLATES = [
  {
    ...PLAIN,
    ...{ key: 'grafana', name: 'Grafana', icon: 'chart', port: 3000 },
    identity: 'remote',
    healthPath: '/api/health',
    webSocketPaths: ['/api/live/ws'],
  },
  {
    ...PLAIN,
    ...{ key: 'jenkins', name: 'Jenkins', icon: 'wrench', port: 8080 },
    identity: 'x-forwarded',
    healthPath: '/login',
  },
  {
    ...PLAIN,
    ...{ key: 'gitlab', name: 'GitLab', icon: 'code', port: 80 },
    // Cloning and pushing large repositories takes its time before the first byte.
    timeouts: { headers: 10 * MINUTE_MS },
    webSocketPaths: ['/-/cable'],
  },
  { ...PLAIN, ...{ key: 'jira', name: 'Jira', icon: 'ticket', port: 8080 }, healthPath: '/status' },
  { ...PLAIN, ...{ key: 'confluence', name: 'Confluence', icon: 'book', port: 8090 }, healthPath: '/status' },
  {
    ...PLAIN,
    ...{ key: 'nextcloud', name: 'Nextcloud', icon: 'cloud', port: 80 },
    // Large files are put together on the server before it answers.
    timeouts: { headers: 10 * MINUTE_MS },
    healthPath: '/status.php',
  },
  {
    ...PLAIN,
    ...{ key: 'homeAssistant', name: 'Home Assistant', icon: 'building', port: 8123 },
    webSocketPaths: ['/api/websocket'],
  },
  { ...PLAIN, ...{ key: 'proxmox', name: 'Proxmox VE', icon: 'server', port: 8006 }, scheme: 'https' },
  {
    ...PLAIN,
    ...{ key: 'portainer', name: 'Portainer', icon: 'archive', port: 9443 },
    scheme: 'https',
    healthPath: '/api/system/status',
  },
  { ...PLAIN, ...{ key: 'keycloak', name: 'Keycloak', icon: 'key', port: 8080 } },
] as const satisfies readonly AppTemplate[];

export function templateOf(key: string | null): AppTemplate | null {
  return APP_TEMPLATES.find((each) => each.key === key) ?? null;
}
