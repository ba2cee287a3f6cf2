// `foyer up`: this machine joins the organisation's names, answers DNS by them, and says that it is there until `foyer down`.
import { rmSync, writeFileSync } from 'node:fs';
import { join as joinPath, resolve } from 'node:path';
import { type Environment, readLogLevel } from '../config.ts';
import { endpointText } from '../core/dns-server.ts';
import type { NamesDocument } from '../core/names-document.ts';
import type { LocalZone } from '../dns/names.ts';
import { createLog, type Logger } from '../log.ts';
import { machineZone } from '../nameserver/machine-zone.ts';
import { NO_FOYER } from '../nameserver/names.ts';
import { type Nameserver, startNameserver } from '../nameserver.ts';
import { endOnBug, endOnSignals } from '../signals.ts';
import { readVersion } from '../version.ts';
import { type Control, type Ended, holdControl } from './control.ts';
import { NOT_AUTHENTICATED } from './dns-query.ts';
import { type Following, followNames } from './follow-names.ts';
import { type JoinOptions, join, letIn, systemText } from './join.ts';
import type { PortalClient } from './portal-client.ts';
import {
  forgetNames,
  loginMark,
  type OwnMachine,
  readLogin,
  readNames,
  saveMachine,
  saveNames,
  stateDir,
} from './state-files.ts';

export type UpOptions = JoinOptions & { config?: string; ca?: string; stateDir?: string };

/** What kept it from starting, in sentences; none once it answers. */
export async function up(options: UpOptions, env: Environment): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const login = readLogin(dir);
  if (!login) return [NOT_AUTHENTICATED];
  const problems: string[] = [];
  const level = readLogLevel(env.FOYER_LOG_LEVEL?.trim() || null, problems);
  if (problems.length > 0) return problems;
  // The sentences are for whoever ran the command; the log is beside them.
  const log = createLog({ level, program: 'up', fd: 2 });
  const ca = options.ca ?? env.FOYER_UPSTREAM_CA;
  const joined = await join(dir, ca ? { ...login, caFile: resolve(ca) } : login, options);
  if (joined.kind === 'invalid') return [joined.sentence];
  return run({ dir, env, log, file: options.config ? resolve(options.config) : null, ...joined });
}

type Running = {
  dir: string;
  env: Environment;
  log: Logger;
  file: string | null;
  machine: OwnMachine;
  client: PortalClient;
};

async function run({ dir, env, log, file, machine: joined, client }: Running): Promise<readonly string[]> {
  let machine = joined;
  let names = readNames(dir);
  let zone = names && zoneOf(names, log);
  let problem: string | null = null;
  let following: Following | null = null;
  let nameserver: Nameserver | null = null;
  let control: Control | null = null;
  let swap = () => {};
  const pidFile = joinPath(dir, 'up.pid');

  let ending: Promise<Ended> | null = null;
  const stop = (lastWord: 'say' | 'silent' = 'say'): Promise<Ended> => {
    ending ??= (async () => {
      const isTold = lastWord === 'say' && ((await following?.leave()) ?? false);
      await nameserver?.stop();
      rmSync(pidFile, { force: true });
      return { isTold };
    })();
    return ending;
  };
  const stopAndFree = async (): Promise<void> => {
    await stop();
    control?.close();
  };

  const held = await holdControl(dir, {
    state: () => ({
      ...{ pid: process.pid, name: following?.name() ?? machine.name, address: machine.address },
      ...{ zone: names?.zone ?? '', listen: listening(nameserver), machines: names?.machines.length ?? 0 },
      ...{ heardAt: following?.heardAt() ?? null, problem },
    }),
    down: () => stop(),
    ended: () => end(0),
  });
  if (typeof held === 'string') return [held];
  control = held;
  const end = (code: number) => {
    control?.close();
    process.exit(code);
  };

  const started = await startNameserver({ file, foyer: null, stateDir: dir }, env, log, async (onChange) => {
    swap = onChange;
    return { current: () => ({ ...NO_FOYER, machines: zone ? [zone] : [] }), stop: async () => {} };
  });
  if (started.kind === 'refused') {
    control.close();
    return started.problems;
  }
  nameserver = started.nameserver;
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  endOnSignals({ stop: stopAndFree, kill: () => {}, reload: nameserver.reload });
  endOnBug({ stop: stopAndFree }, log);

  const follow = (): Promise<Following> =>
    followNames({
      ...{ client, machine, itself: { version: readVersion(), os: systemText() } },
      have: zone && names ? names.version : null,
      now: Date.now,
      onNames: (heard) => {
        const built = zoneOf(heard, log);
        if (built === null) return;
        // One assignment: a query is answered by the list of before or by this one.
        [names, zone] = [heard, built];
        swap();
        keep(dir, heard, log);
      },
      onPortal: (sentence) => {
        problem = sentence;
        if (sentence === null) log.info('the portal answers again');
        else log.warn(`names stay as they were last heard: ${sentence}`);
      },
      onOut: (sentence) => void out(sentence),
    });

  /** A machine hangs on the login that let it in: with another one since, it goes on by that; otherwise this is over. */
  const out = async (sentence: string): Promise<void> => {
    const again = await letInByAnother(dir, client, machine);
    if (ending !== null) return;
    if (again !== null) {
      machine = again;
      log.info('this machine was let in again by the login of since');
      following = await follow();
      return;
    }
    log.error(
      `this machine is none of the organisation’s any more: ${sentence} Run 'foyer login' and 'foyer up' to add it again.`,
    );
    forgetNames(dir);
    await stop('silent').finally(() => end(1));
  };

  following = await follow();
  if (ending === null) process.stdout.write(`${readyText(following, { machine, names, nameserver, problem })}\n`);
  return [];
}

/** Null where the login is the one that is over, or does not let this machine in either. */
async function letInByAnother(dir: string, client: PortalClient, machine: OwnMachine): Promise<OwnMachine | null> {
  const login = readLogin(dir);
  if (!login || login.portal !== machine.portal || loginMark(login) === machine.letInBy) return null;
  const again = await letIn(client, login, machine);
  if (again.kind !== 'machine' || again.machine === machine) return null;
  saveMachine(dir, again.machine);
  return again.machine;
}

/** For the next start; a full disk keeps nobody from being answered now. */
function keep(dir: string, names: NamesDocument, log: Logger): void {
  try {
    saveNames(dir, names);
  } catch (error) {
    log.warn({ err: error }, 'the names could not be kept for the next start');
  }
}

function zoneOf(names: NamesDocument, log: Logger): LocalZone | null {
  const read = machineZone(names);
  if (read.kind === 'zone') return read.zone;
  log.error({ alarm: true }, `the portal’s names cannot be answered, those of before stay: ${read.problem}.`);
  return null;
}

function listening(nameserver: Nameserver | null): string {
  return (nameserver?.listening() ?? []).map((at) => endpointText(at)).join(', ');
}

function readyText(
  following: Following,
  now: { machine: OwnMachine; names: NamesDocument | null; nameserver: Nameserver; problem: string | null },
): string {
  const name = now.names ? `${following.name()}.${now.names.zone}` : following.name();
  const said = `${name} (${now.machine.address}) is up, and answers DNS at ${listening(now.nameserver)}.`;
  return now.problem === null ? said : `${said} The portal was not heard yet: ${now.problem}`;
}
