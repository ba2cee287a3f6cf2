// The tables, as Kysely sees them: text ids (UUIDv7), epoch milliseconds, booleans as 0 and 1, JSON as text.

import type { AppState } from '#server/core/app-list.ts';
import type { SessionKind } from '#server/core/identity.ts';
import type { PeopleSpan, Span } from '#server/core/usage.ts';
import type {
  AuditLevel,
  AuditOutcome,
  ChangeKind,
  GroupSource,
  NodeState,
  NoticeLevel,
  SetupPurpose,
  StreamKind,
  UndoableAction,
} from './words.ts';

export type Tables = {
  revision: RevisionTable;
  changes: ChangesTable;
  sites: SitesTable;
  apps: AppsTable;
  app_hosts: AppHostsTable;
  app_users: AppUsersTable;
  app_groups: AppGroupsTable;
  users: UsersTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  providers: ProvidersTable;
  sessions: SessionsTable;
  app_sign_outs: AppSignOutsTable;
  codes: CodesTable;
  setup_links: SetupLinksTable;
  throttle: ThrottleTable;
  audit_events: AuditEventsTable;
  signing_keys: SigningKeysTable;
  launcher_apps: LauncherAppsTable;
  preferences: PreferencesTable;
  icons: IconsTable;
  collections: CollectionsTable;
  collection_apps: CollectionAppsTable;
  notices: NoticesTable;
  notice_groups: NoticeGroupsTable;
  notice_dismissals: NoticeDismissalsTable;
  terms: TermsTable;
  terms_acceptances: TermsAcceptancesTable;
  launcher_views: LauncherViewsTable;
  settings: SettingsTable;
  api_tokens: ApiTokensTable;
  usage_counts: UsageCountsTable;
  usage_reasons: UsageReasonsTable;
  usage_people: UsagePeopleTable;
  usage_apps: UsageAppsTable;
  gateway_health: GatewayHealthTable;
  open_streams: OpenStreamsTable;
  undos: UndosTable;
  undo_apps: UndoAppsTable;
  app_editors: AppEditorsTable;
  erasures: ErasuresTable;
  name_findings: NameFindingsTable;
  name_checks: NameChecksTable;
  machines: MachinesTable;
  machine_addresses: MachineAddressesTable;
  device_logins: DeviceLoginsTable;
  cluster_nodes: ClusterNodesTable;
  cluster_zone: ClusterZoneTable;
};

/** SQLite and PostgreSQL agree on 0 and 1; neither agrees with JavaScript on `true`. */
export type Bit = 0 | 1;

/** One row, `id` 1: the number that decides whether a process is current. */
type RevisionTable = { id: number; value: number };

/** One row for every revision, the last 10,000 of them. */
type ChangesTable = { revision: number; kind: ChangeKind; subject_id: string | null };

type SitesTable = {
  id: string;
  name: string;
  name_folded: string;
  dns_servers: string;
  zones: string;
  ranges: string;
  endpoints: string;
  created_at: number;
  updated_at: number;
};

type AppsTable = {
  id: string;
  name: string;
  name_folded: string;
  description: string;
  category: string;
  support: string;
  icon: string;
  show_in_launcher: Bit;
  enabled: Bit;
  site_id: string;
  owner_user_id: string | null;
  upstream_scheme: string;
  upstream_host: string;
  upstream_port: number;
  upstream_protocol: string;
  host_header: string;
  tls: string;
  replicas: string;
  /** The key in it is sealed; null without one. */
  client_certificate: string | null;
  /** Path prefixes and their upstreams, each with its own sealed key. */
  routes: string;
  concurrency: string;
  /** The rest of how its requests travel. */
  traffic: string;
  identity_headers: string;
  max_session_ms: number | null;
  everyone: Bit;
  /** Follows `enabled` and `traffic`, see app-state.ts. */
  state: AppState;
  /** Follows `tls` and `routes`. */
  unverified: Bit;
  /** How often it was given a new alias. */
  alias_round: number;
  created_at: number;
  updated_at: number;
};

/** `position` 0 is the host that the launcher opens. */
type AppHostsTable = { host: string; app_id: string; position: number };
type AppUsersTable = { app_id: string; user_id: string };
type AppGroupsTable = { app_id: string; group_id: string };

/**
 * `subject` is null while a provider's person is invited and has not signed in; `password_hash` is null without a password.
 * `invited_email_folded` is the address that an administrator wrote for a provider's person; null when none did.
 */
type UsersTable = {
  id: string;
  issuer: string;
  subject: string | null;
  email: string;
  email_folded: string;
  invited_email_folded: string | null;
  name: string;
  name_folded: string;
  role: string;
  disabled: Bit;
  password_hash: string | null;
  created_at: number;
  updated_at: number;
  last_sign_in_at: number | null;
};

/** `provider_id` and `external_name` are set for groups that a provider's claim names. */
type GroupsTable = {
  id: string;
  name: string;
  name_folded: string;
  source: GroupSource;
  provider_id: string | null;
  external_name: string | null;
  created_at: number;
  updated_at: number;
};

type GroupMembersTable = { group_id: string; user_id: string };

type ProvidersTable = {
  id: string;
  name: string;
  name_folded: string;
  issuer: string;
  client_id: string;
  client_secret_sealed: string;
  groups_claim: string | null;
  allowed_email_domains: string;
  scopes: string;
  enabled: Bit;
  created_at: number;
  updated_at: number;
};

type SessionsTable = {
  id: string;
  user_id: string;
  kind: SessionKind;
  created_at: number;
  expires_at: number;
  idle_timeout_ms: number;
  last_seen_at: number;
  address: string | null;
  user_agent: string;
};

type AppSignOutsTable = { session_id: string; app_id: string; at: number };

type CodesTable = {
  code_hash: string;
  session_id: string;
  app_id: string;
  host: string;
  nonce_hash: string;
  expires_at: number;
};

type SetupLinksTable = { token_hash: string; purpose: SetupPurpose; user_id: string | null; expires_at: number };

/** `told_until` is the `blocked_until` of the last wait that the audit was told of. */
type ThrottleTable = { key: string; failures: number; blocked_until: number; told_until: number; last_at: number };

/** Names are copied in, so that an event says what it said after its objects are gone. */
type AuditEventsTable = {
  id: string;
  at: number;
  level: AuditLevel;
  action: string;
  actor_user_id: string | null;
  actor_email: string | null;
  actor_email_folded: string | null;
  object_kind: string | null;
  object_id: string | null;
  object_name: string | null;
  /** Null in events from before it was there. */
  object_name_folded: string | null;
  outcome: AuditOutcome;
  reason: string;
  support_id: string | null;
  address: string | null;
  detail: string;
};

type SigningKeysTable = {
  kid: string;
  private_jwk_sealed: string;
  public_jwk: string;
  created_at: number;
  active_from: number;
};

/** `favourite`: a place in the person's own order, null for none; `opened_at`: from the launcher, null for never. */
type LauncherAppsTable = { user_id: string; app_id: string; favourite: number | null; opened_at: number | null };

/** `view`: core's `LauncherView`; `opening`: core's `Opening`. */
type PreferencesTable = { user_id: string; view: string; opening: string };

/** By the SHA-256 of the picture's bytes, which `data` holds as base64. `uploaded_by` is a user's id, of whoever was first. */
type IconsTable = { sha256: string; data: string; uploaded_at: number; uploaded_by: string };

type CollectionsTable = {
  id: string;
  name: string;
  name_folded: string;
  position: number;
  created_at: number;
  updated_at: number;
};

type CollectionAppsTable = { collection_id: string; app_id: string; position: number };

/** Shown from `from_at` until `until_at`, where they are set, to everyone or to those in one of its groups. */
type NoticesTable = {
  id: string;
  text: string;
  level: NoticeLevel;
  pinned: Bit;
  everyone: Bit;
  from_at: number | null;
  until_at: number | null;
  created_at: number;
  updated_at: number;
};

type NoticeGroupsTable = { notice_id: string; group_id: string };
type NoticeDismissalsTable = { user_id: string; notice_id: string; at: number };

/** The acceptable-use text, each version as it was published: what people accepted stays readable. */
type TermsTable = { version: number; text: string; published_at: number };
type TermsAcceptancesTable = { user_id: string; version: number; at: number; address: string | null };
type LauncherViewsTable = { user_id: string; view: string };

/** One row for each key of schema/settings.ts; `value` is JSON. */
type SettingsTable = { key: string; value: string; updated_at: number };

/**
 * `hint` is the token's last characters, to know it again by; `ended_at` is when it was first seen to be over, which a clock
 * that is set back does not undo.
 */
type ApiTokensTable = {
  id: string;
  user_id: string;
  name: string;
  scopes: string;
  token_hash: string;
  hint: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  last_used_at: number | null;
  last_used_address: string | null;
};

/** Per span and app; '' is everything together. The further columns are those of core/usage.ts, and are added up. */
type UsageCountsTable = { span: Span; at: number; app_id: string } & Record<
  'requests' | 'answers_5xx' | 'faults' | 'refusals',
  number
>;

type UsageReasonsTable = { span: Span; at: number; app_id: string; reason: string; count: number };

/** Who used an app ('' for any) in a while; `failed_at`: the last minute in which it failed them, null for never. */
type UsagePeopleTable = { span: PeopleSpan; at: number; app_id: string; user_id: string; failed_at: number | null };

/** When an app last answered, and last failed, whoever asked; to ten seconds. */
type UsageAppsTable = { app_id: string; succeeded_at: number | null; failed_at: number | null };

/** `gateway`: its number; `started_at` tells its processes apart. Delays in microseconds, memory in bytes. */
type GatewayHealthTable = {
  span: Span;
  at: number;
  gateway: number;
  started_at: number;
  loop_p99: number;
  loop_max: number;
  rss: number;
  connections: number;
  open_requests: number;
  web_sockets: number;
};

/** What gateways have open for long. `id` is the support id of its request; `gateway` and `started_at` say which process says so. */
type OpenStreamsTable = {
  id: string;
  session_id: string;
  app_id: string;
  kind: StreamKind;
  since: number;
  bytes: number;
  gateway: number;
  started_at: number;
};
/** One thing that somebody did to apps and may take back until `expires_at`; `user_id` null is the operator. */
type UndosTable = { id: string; user_id: string | null; action: UndoableAction; at: number; expires_at: number };

/**
 * `before`: JSON of what the app was, whole where it is deleted, see kept-app.ts. `updated_at`: the app's right afterwards, so that
 * only what nobody changed since is taken back; null where the app is gone.
 */
type UndoAppsTable = {
  undo_id: string;
  app_id: string;
  name: string;
  owner_user_id: string | null;
  before: string;
  updated_at: number | null;
};

/** Who has an app open in the editor, by browser tab; a row that was not seen for a while means nothing. */
type AppEditorsTable = { app_id: string; tab: string; user_id: string; since: number; seen_at: number };

/** People who are deleted, and whose names are still being taken out of the audit. `names`: JSON, what they were called there. */
type ErasuresTable = { user_id: string; pseudonym: string; names: string; at: number };

/**
 * `token_hash` is null while the machine has to be let in again; `left_at` is its last word, null after any later heartbeat;
 * `version` and `os` are what it last said of itself.
 */
type MachinesTable = {
  id: string;
  owner_user_id: string;
  name: string;
  name_folded: string;
  token_hash: string | null;
  login_token_id: string | null;
  last_seen_at: number | null;
  left_at: number | null;
  version: string;
  os: string;
  created_at: number;
  updated_at: number;
};

/**
 * A command line that waits for its person (RFC 8628). Its two codes are known by their hashes alone; `address` is '' where nobody
 * knows it. `token_id` is set with the approval, and null again when that token was revoked before it was fetched.
 */
type DeviceLoginsTable = {
  id: string;
  device_hash: string;
  user_hash: string;
  machine: string;
  os: string;
  address: string;
  created_at: number;
  expires_at: number;
  polled_at: number | null;
  interval_ms: number;
  decision: 'approved' | 'refused' | null;
  token_id: string | null;
};

/** An IPv4 address as a number: a machine's, or one that was a machine's until `freed_at` (null while nobody has looked since). */
type MachineAddressesTable = { number: number; machine_id: string | null; freed_at: number | null };

/**
 * What a node last said of itself, by its running number; all of that is null while it was never seen. `instance` tells two
 * supervisors of one number apart, `beat` counts up from each start. `draining_since`: an administrator's flag.
 */
type ClusterNodesTable = {
  number: number;
  name: string | null;
  instance: string | null;
  started_at: number | null;
  beat: number | null;
  seen_at: number | null;
  state: NodeState | null;
  gateways: number | null;
  gateways_ready: number | null;
  draining_since: number | null;
};

/** One row, `id` 1, once a cluster's zone was answered for. */
type ClusterZoneTable = { id: number; serial: number };

/** `key`: core's `findingKey`; `finding`: the whole of it, JSON. It was seen by every look from `first_seen` to `last_seen`. */
type NameFindingsTable = {
  key: string;
  code: string;
  level: 'warning' | 'error';
  name: string;
  finding: string;
  first_seen: number;
  last_seen: number;
};

/** One row, `id` 1. `finished_at` is null while the first look is under way; `complete`: every name was looked at. */
type NameChecksTable = { id: number; started_at: number; finished_at: number | null; names: number; complete: Bit };
