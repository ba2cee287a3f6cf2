// Who acts, and what a write or a read can come to: a value for every outcome that a person can cause.
import type { Role } from '#server/core/identity.ts';
import type { Scope } from '#server/core/scope.ts';

/** Field path (`hosts.0`, `upstream.host`, or '' for the whole) → what is wrong and what to do. */
export type FieldErrors = Record<string, string>;

export type Invalid = { kind: 'invalid'; errors: FieldErrors };
export type NotFound = { kind: 'not-found' };
export type Conflict = { kind: 'conflict'; sentence: string };
export type Forbidden = { kind: 'forbidden'; sentence: string };

export type Saved<T extends object = { id: string }> =
  | ({ kind: 'saved' } & T)
  | Invalid
  | NotFound
  | Conflict
  | Forbidden;
/** With the `updatedAt` that the next save of the same form expects. */
export type SavedRecord = Saved<{ id: string; updatedAt: number }>;
export type Found<T extends object> = ({ kind: 'found' } & T) | NotFound | Forbidden;
/** `total` counts every match; `rows` holds the page of it that was asked for. */
export type Listed<Row> = { kind: 'listed'; rows: readonly Row[]; total: number } | Forbidden;

/** A page of a list: a search in names (folded: case and accents do not matter), and where to begin. */
export type ListQuery = { search?: string; offset?: number; limit?: number };

/**
 * Who acts. A person's role and session are read again inside every write, so a stale actor has no more rights than the person has now.
 * `system` is the operator at the machine: the demo's seed, `foyer apply`.
 */
export type Actor = PersonActor | TokenActor | { kind: 'system' };
export type PersonActor = {
  kind?: 'person';
  userId: string;
  email: string;
  role: Role;
  sessionId: string;
  address: string | null;
  supportId?: string;
};
/**
 * A program that acts for a person with an API token. Its row is read again where a person's session would be, so that it has
 * never more rights than its scopes and its owner's role of now have in common.
 */
export type TokenActor = Omit<PersonActor, 'kind' | 'sessionId'> & {
  kind: 'token';
  token: { id: string; name: string };
  scopes: readonly Scope[];
};

export const invalid = (errors: FieldErrors): Invalid => ({ kind: 'invalid', errors });
export const conflict = (sentence: string): Conflict => ({ kind: 'conflict', sentence });
export const NOT_FOUND: NotFound = { kind: 'not-found' };
export const FORBIDDEN: Forbidden = {
  kind: 'forbidden',
  sentence: 'Your role does not allow this. Ask an administrator of Foyer.',
};
