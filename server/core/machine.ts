// A machine of the organisation: what it is called, and whether it is there.

/** How far it can be relied on: `left` said so itself, `offline` was not heard for too long, `signed-out` is let in no more, and is no name. */
export type MachineState = 'online' | 'offline' | 'left' | 'signed-out';

/** A machine is missed after so many heartbeats in a row. */
const MISSED_BEATS = 3;

/** `lastSeenAt` null: it was added and never heard. `leftAt`: its last word, which any later heartbeat takes back. */
export function machineState(
  { lastSeenAt, leftAt, isLetIn }: { lastSeenAt: number | null; leftAt: number | null; isLetIn: boolean },
  now: number,
  heartbeatSeconds: number,
): MachineState {
  if (!isLetIn) return 'signed-out';
  if (leftAt !== null) return 'left';
  return lastSeenAt !== null && now - lastSeenAt <= MISSED_BEATS * heartbeatSeconds * 1000 ? 'online' : 'offline';
}

/** RFC 1123 §2.1, case kept: shown as it was typed, compared without regard to case. */
export function isMachineName(text: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(text);
}

/**
 * Names that programs ask for without anybody's doing: who has `wpad` is every browser's proxy (as in Windows DNS, which answers neither
 * this nor `isatap` by default), and `localhost` is each machine itself (RFC 6761 §6.3).
 */
export function isReservedName(text: string): boolean {
  return ['wpad', 'isatap', 'localhost'].includes(text.toLowerCase());
}

/** The nearest name to what a system calls itself (`Win-A.corp.example`, `My_Laptop`); null where nothing is left of it. */
export function machineNameFrom(text: string): string | null {
  const [label = ''] = text.split('.');
  const name = label
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return isMachineName(name) ? name : null;
}
