// Looks at the process four times a second and sheds what the pressure says, in order: counted, logged once, never a running request.
import type { Logger } from 'pino';
import { NO_PRESSURE, type OverloadLimits, type Pressure, pressure, SHED, type Shed } from './overload.ts';
import type { OverloadSampler } from './overload-facts.ts';

export type Overload = {
  /** Reports whether this is given up now, and counts it when it is. */
  sheds(what: Exclude<Shed, 'idle'>): boolean;
  /** How often each was given up since the start. */
  readonly shed: Readonly<Record<Shed, number>>;
  readonly level: number;
};

export type OverloadWatch = Overload & {
  /** From now on it looks, four times a second. */
  start(connected: Connected): void;
  /** Looks now. */
  look(): void;
  stop(): void;
};

/** What the listener gives: how many connections there are, and the way to close those that nobody uses. */
export type Connected = {
  connections(): number;
  /** Closes up to so many, the longest idle first, and gives how many. */
  closeIdle(atMost: number): number;
};

const LOOK_MS = 250;
/** A look closes this share of what is open: a fifth in a second, so that what helps is seen before all is closed. */
const CLOSED_SHARE = 0.05;
const CLOSED_AT_LEAST = 16;

export function watchOverload(options: {
  limits: OverloadLimits;
  sampler: OverloadSampler;
  log: Logger;
  /** Monotonic milliseconds. */
  now(): number;
}): OverloadWatch {
  const { limits, log, now, sampler } = options;
  let connected: Connected = { connections: () => 0, closeIdle: () => 0 };
  let looking: NodeJS.Timeout | undefined;
  const shed: Record<Shed, number> = { 'sign-ins': 0, connections: 0, idle: 0 };
  let state: Pressure = NO_PRESSURE;

  const look = () => {
    const open = connected.connections();
    const facts = sampler.sample(open);
    const before = state;
    state = pressure(before, facts, limits, now());
    if (state.level !== before.level) tell(log, before, state, facts);
    // The level outlasts the pressure by a while: who is closed then is closed for nothing.
    if (state.level === SHED.length && state.calmSince === null)
      shed.idle += connected.closeIdle(Math.max(CLOSED_AT_LEAST, Math.ceil(open * CLOSED_SHARE)));
  };
  return {
    shed,
    get level() {
      return state.level;
    },
    sheds: (what) => {
      if (state.level <= SHED.indexOf(what)) return false;
      shed[what] += 1;
      return true;
    },
    start: (to) => {
      connected = to;
      looking = setInterval(look, LOOK_MS);
      looking.unref();
    },
    look,
    stop: () => {
      clearInterval(looking);
      sampler.stop();
    },
  };
}

function tell(log: Logger, before: Pressure, after: Pressure, facts: object): void {
  const fields = {
    overload: after.level,
    sheds: SHED.slice(0, after.level),
    cause: after.cause ?? before.cause,
    facts,
  };
  if (after.level > before.level) log.warn({ ...fields, alarm: true }, 'overload: the gateway gives something up');
  else log.info(fields, after.level === 0 ? 'overload is over' : 'overload: the gateway gives up less');
}
