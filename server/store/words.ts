// The closed lists of words that rows hold: one list each, so that a table, a type and a form cannot disagree.

/** What a change touched: 'people' means that every session's identity may have changed, or the session ended. */
export type ChangeKind = 'catalogue' | 'user' | 'session' | 'people';

/** Where a group's members come from: an administrator, or a provider's claim. */
export type GroupSource = 'local' | 'provider';

export const SESSION_KINDS = ['standard', 'my-device', 'shared'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];

/** What a one-time link may do: make an administrator, or set one person's password. */
export type SetupPurpose = 'admin' | 'password';

export type AuditLevel = 'info' | 'alarm';
export type AuditOutcome = 'allowed' | 'refused' | 'done';

/** The issuer of accounts whose password this store keeps; no provider can have it, since it is no URL. */
export const LOCAL_ISSUER = 'local';
