// The tables, as Kysely sees them: text ids (UUIDv7), epoch milliseconds, booleans as 0 and 1, JSON as text.
import type { AuditLevel, AuditOutcome, ChangeKind, GroupSource, SessionKind, SetupPurpose } from './words.ts';

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
