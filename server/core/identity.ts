// Who somebody is, and the session that says so.

export const ROLES = ['admin', 'auditor', 'app-owner', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** A person as the store knows them now. Keyed by issuer and subject; the e-mail is a label, never a key. */
export type Identity = {
  userId: string;
  issuer: string;
  subject: string;
  email: string;
  name: string;
  role: Role;
  /** Ids of the groups, and their names in the same order. */
  groupIds: readonly string[];
  groupNames: readonly string[];
  disabled: boolean;
};

/** What the person said of the browser at sign-in. */
export const SESSION_KINDS = ['standard', 'my-device', 'shared'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];

/** One sign-in at the portal on one browser. Times are epoch milliseconds. */
export type Session = {
  id: string;
  identity: Identity;
  kind: SessionKind;
  createdAt: number;
  /** Never extended. */
  expiresAt: number;
  idleTimeoutMs: number;
  /** At most a minute old. */
  lastSeenAt: number;
  /** When the person last signed out of one app (app id → time): grants issued before that are dead everywhere. */
  appSignOuts: ReadonlyMap<string, number>;
};
