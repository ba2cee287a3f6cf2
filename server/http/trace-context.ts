// W3C trace context: the trace that a client brings goes on with a new span of ours; without a valid one a new trace begins.
import { randomBytes } from 'node:crypto';

/**
 * `traceparent` names this request at the gateway, as the parent of what the upstream does. `tracestate` is the client's,
 * byte for byte; null without one, and never without the trace that it belongs to (Trace Context §3.3).
 */
export type TraceContext = { traceId: string; traceparent: string; tracestate: string | null };

/** What anybody may expect to be passed on (§3.3.1.5). A longer list is dropped whole: a cut one would tell a half. */
const TRACESTATE_BYTES = 512;
/** Version 00 ends here; later versions may append, and what they append is not passed on (§4.3). */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_PARENT = '0'.repeat(16);
/** Sampled, and random (Level 2 §3.2.2.5); the rest is reserved, so it is 0. */
const KNOWN_FLAGS = 0b11;
/** Sampled: an app that follows its parent, as OpenTelemetry's do by default, would record nothing otherwise. */
const NEW_FLAGS = '01';

type Parent = { traceId: string; flags: string };

/** From a flat header list. `spanId` gives 16 hex digits that are never all zero. */
export function traceContext(headers: readonly string[], spanId: () => string = nextSpanId): TraceContext {
  let parent: Parent | null = null;
  let parents = 0;
  let state = '';
  for (let i = 0; i < headers.length; i += 2) {
    const kind = traceHeader(headers[i] ?? '');
    if (kind === null) continue;
    const value = headers[i + 1] ?? '';
    if (kind === 'traceparent') {
      parent = parseParent(value);
      parents += 1;
    } else {
      // Several lines are one list (RFC 9110 §5.3).
      state = state === '' ? value : `${state},${value}`;
    }
  }
  if (parent === null || parents > 1) {
    const traceId = spanId() + spanId();
    return { traceId, traceparent: `00-${traceId}-${spanId()}-${NEW_FLAGS}`, tracestate: null };
  }
  return {
    traceId: parent.traceId,
    traceparent: `00-${parent.traceId}-${spanId()}-${parent.flags}`,
    tracestate: state === '' || state.length > TRACESTATE_BYTES ? null : state,
  };
}

/** Which of the two headers a name is. Nearly every name is told by its length or its first letter. */
export function traceHeader(name: string): 'traceparent' | 'tracestate' | null {
  if ((name.length !== 10 && name.length !== 11) || (name.charCodeAt(0) | 0x20) !== 0x74) return null;
  const lower = name.toLowerCase();
  return lower === 'traceparent' || lower === 'tracestate' ? lower : null;
}

/** Null when it is invalid (§3.2.2): upper case, an id of zeros, version ff, or more than version 00 has. */
function parseParent(value: string): Parent | null {
  const [, version, traceId, parentId, flags, rest] = TRACEPARENT.exec(value) ?? [];
  if (!traceId || !flags || traceId === NO_TRACE || parentId === NO_PARENT || version === 'ff') return null;
  if (version === '00' && rest !== undefined) return null;
  return { traceId, flags: `0${Number.parseInt(flags, 16) & KNOWN_FLAGS}` };
}

const SPAN_DIGITS = 16;
const SPANS_DRAWN = 512;
let drawn = '';
let used = 0;

/** Drawn in bulk, since every request needs one. */
function nextSpanId(): string {
  if (used === drawn.length) {
    drawn = randomBytes((SPAN_DIGITS / 2) * SPANS_DRAWN).toString('hex');
    used = 0;
  }
  const id = drawn.slice(used, used + SPAN_DIGITS);
  used += SPAN_DIGITS;
  return id === NO_PARENT ? nextSpanId() : id;
}
