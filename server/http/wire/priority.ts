// How soon a client wants an answer, in its own words (RFC 9218).

export type Priority = {
  /** 0 is the first, 7 is what may wait for everything else. */
  readonly urgency: number;
  /** A part of it is of use before the rest: answers like it may share the line. */
  readonly isIncremental: boolean;
};

/** Of a client that says nothing: nobody knows which of its answers it needs first, so they take turns. */
export const UNSAID: Priority = { urgency: 3, isIncremental: true };

const URGENCY = /^u=([0-7])$/;
const INCREMENTAL = /^i(?:=\?([01]))?$/;
/** Browsers have a handful of spellings. */
const known = new Map<string, Priority>();
const MAX_KNOWN = 64;

/** A `Priority` field or the value of a PRIORITY_UPDATE frame (RFC 9218 §4, §7.1). What is no parameter of it is passed over. */
export function parsePriority(text: string): Priority {
  const found = known.get(text);
  if (found !== undefined) return found;
  let { urgency } = UNSAID;
  let isIncremental = false;
  for (const member of text.split(',')) {
    const trimmed = member.trim();
    const isUrgency = URGENCY.exec(trimmed);
    const isPart = INCREMENTAL.exec(trimmed);
    if (isUrgency) urgency = Number(isUrgency[1]);
    if (isPart) isIncremental = isPart[1] !== '0';
  }
  const priority: Priority = { urgency, isIncremental };
  if (known.size < MAX_KNOWN) known.set(text, priority);
  return priority;
}
