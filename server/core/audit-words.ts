// The words that the audit is written in: one list of what happens, one of why, one of what it happens to. Filters, exports and the API speak them; pages show what they mean.
import { REASONS } from './authorize.ts';

/** What happened. A word that was written once is never reused for something else: rows keep it for years. */
export const AUDIT_ACTIONS = [
  // people and their sessions
  ...['sign-in', 'sign-in-refused', 'email-kept', 'session-ended', 'terms-accepted'],
  ...['password-changed', 'password-change-refused', 'password-link-made', 'password-set'],
  ...[
    'admin-link-made',
    'admin-made',
    'admin-restored',
    'user-saved',
    'user-deleted',
    'user-erased',
    'person-exported',
  ],
  ...['group-saved', 'group-deleted', 'group-members-set', 'provider-saved', 'provider-deleted'],
  ...['token-made', 'token-revoked', 'device-login-approved', 'device-login-refused'],
  // requests, as gateways see them
  ...['access-refused', 'handshake-completed', 'handshake-refused', 'grant-replayed', 'app-signed-out'],
  ...['stream-cut', 'stream-ended', 'policy-failed'],
  // the catalogue
  ...[
    'app-saved',
    'app-assigned',
    'app-deleted',
    'app-restored',
    'app-alias-renewed',
    'icon-uploaded',
    'upstream-probed',
  ],
  ...['collection-saved', 'collection-deleted', 'collections-ordered', 'site-saved', 'site-deleted', 'names-checked'],
  ...['machine-added', 'machine-let-in', 'machine-renamed', 'machine-removed'],
  // the installation
  ...['notice-saved', 'notice-deleted', 'terms-published', 'terms-withdrawn', 'settings-saved'],
  ...['gateway-drained', 'gateway-undrained', 'store-restored', 'audit-exported', 'audit-deleted', 'change-refused'],
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Why. A sign-in has the provider's own name here instead, unless it was by password. */
export const AUDIT_REASONS = [
  ...REASONS.allow,
  ...REASONS.signIn,
  ...REASONS.deny,
  ...REASONS.unavailable,
  // a handshake between portal and gateway
  ...['origin-not-portal', 'attempt-invalid', 'nonce-missing', 'nonce-mismatch', 'grant-of-another-app', 'asked'],
  ...['code-unknown', 'code-expired', 'code-other-host', 'code-other-browser', 'code-other-app'],
  // a sign-in
  ...['password', 'wrong-password', 'throttled', 'provider-unknown', 'issuer-mismatch', 'claims-invalid', 'not-listed'],
  ...['email-invalid', 'email-unverified', 'email-taken', 'domain-not-listed'],
  // the end of a session, or of a token
  ...['signed-out', 'signed-out-everywhere', 'replaced', 'ended-by-admin', 'role-changed', 'password-changed'],
  ...['user-deleted', 'user-erased', 'provider-off', 'provider-deleted', 'admin-made', 'admin-restored'],
  // the store
  ...['not-permitted', 'older-copy', 'retention'],
] as const;

export type AuditReason = (typeof AUDIT_REASONS)[number];

/** To what. */
export const AUDIT_OBJECT_KINDS = [
  ...['admin', 'app', 'audit', 'collection', 'device-login', 'group', 'icon', 'machine', 'names', 'notice', 'provider'],
  ...['session', 'settings', 'setup-link', 'site', 'store', 'stream', 'terms', 'token', 'user'],
] as const;

export type AuditObjectKind = (typeof AUDIT_OBJECT_KINDS)[number];
