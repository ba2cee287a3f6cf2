// The closed lists of words that rows hold: one list each, so that a table, a type and a form cannot disagree.

/**
 * What a change touched: 'people' means that every session's identity may have changed, or the session ended. 'stream' ends one
 * open stream and changes nothing else. 'machines' is the list of names of machines: it decides about nobody.
 */
export type ChangeKind = 'catalogue' | 'user' | 'session' | 'people' | 'stream' | 'machines';

/** Where a group's members come from: an administrator, or a provider's claim. */
export type GroupSource = 'local' | 'provider';

/** What a one-time link may do: make an administrator, or set one person's password. */
export type SetupPurpose = 'admin' | 'password';

export const NOTICE_LEVELS = ['info', 'warning'] as const;
export type NoticeLevel = (typeof NOTICE_LEVELS)[number];

export type AuditLevel = 'info' | 'alarm';
export type AuditOutcome = 'allowed' | 'refused' | 'done';

/** The issuer of accounts whose password this store keeps; no provider can have it, since it is no URL. */
export const LOCAL_ISSUER = 'local';

/** What is open for long: a WebSocket, or an answer that goes on. */
export const STREAM_KINDS = ['websocket', 'answer'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** What can be done to several apps at once, and taken back. */
const UNDOABLE_ACTIONS = ['assign', 'enable', 'disable', 'category', 'delete'] as const;
export type UndoableAction = (typeof UNDOABLE_ACTIONS)[number];

/** A node of a cluster runs, or said that it stops. */
export type NodeState = 'running' | 'stopped';
