// Whether a DNS server is worth waiting for: one that fell silent is left out and probed now and then. Pure: time is an argument.

/** `open` means out of use until `probeAt`; `failures` in a row decide how long. */
export type Circuit =
  | { kind: 'closed'; lastAnswerAt: number }
  | { kind: 'open'; lastAnswerAt: number; failures: number; openedAt: number; probeAt: number };

const FIRST_PROBE_MS = 500;
const LAST_PROBE_MS = 30_000;

export const NEW_CIRCUIT: Circuit = { kind: 'closed', lastAnswerAt: 0 };

/** Any answer, an error code included, shows that the server lives. */
export function onAnswer(now: number): Circuit {
  return { kind: 'closed', lastAnswerAt: now };
}

/** A silence that is older than the last answer says nothing (a server may ignore one question and answer the next), nor does one that began before the circuit opened. */
export function onSilence(circuit: Circuit, askedAt: number, now: number, lastProbeMs = LAST_PROBE_MS): Circuit {
  const hasAnsweredSince = circuit.lastAnswerAt >= askedAt;
  const isKnown = circuit.kind === 'open' && askedAt < circuit.openedAt;
  if (hasAnsweredSince || isKnown) return circuit;
  const failures = circuit.kind === 'open' ? circuit.failures + 1 : 1;
  const waitMs = Math.min(FIRST_PROBE_MS * 2 ** (failures - 1), lastProbeMs);
  return { kind: 'open', lastAnswerAt: circuit.lastAnswerAt, failures, openedAt: now, probeAt: now + waitMs };
}

/** While one probe is under way no other starts. */
export function onProbe(circuit: Circuit, now: number, timeoutMs: number): Circuit {
  if (circuit.kind === 'closed') return circuit;
  return { ...circuit, openedAt: Math.min(circuit.openedAt, now), probeAt: now + timeoutMs };
}

/** A clock that was set back makes nobody wait for its return. */
export function isProbeDue(circuit: Circuit, now: number): boolean {
  return circuit.kind === 'open' && (now >= circuit.probeAt || now < circuit.openedAt);
}
