// The logger: JSON lines on stdout, secrets redacted, a short readable form where a person watches in a terminal.
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { type LogFn, type Logger, type LoggerOptions, pino } from 'pino';
import type { LogLevel } from './config.ts';
import { boundedLine } from './log/bounded-line.ts';
import { LogFile, SHARED_BYTES } from './log/log-file.ts';

export type { Logger } from 'pino';

/** Keys that never reach a line, at the top or one or two levels down. */
const SECRET_KEYS = [
  'password',
  'secret',
  'clientSecret',
  'secretKey',
  'token',
  'try',
  'grant',
  'nonce',
  'assertion',
  'cookie',
  '["set-cookie"]',
  'authorization',
  '["proxy-authorization"]',
  '["foyer-assertion"]',
];

/** `fd` is a file that takes the lines instead of stdout. */
export function createLog({ level, program, fd }: { level: LogLevel; program: string; fd?: number }): Logger {
  const options: LoggerOptions = {
    level,
    base: { program, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { logMethod: countAlarms },
    redact: { paths: SECRET_KEYS.flatMap(atEveryDepth), censor: '[redacted]' },
  };
  const tell = (lost: number): void =>
    log.error({ alarm: true, lost }, 'the log could not be written for a while; some lines of then are lost');
  const isWatched = fd === undefined && process.stdout.isTTY;
  const log = pino(options, isWatched ? forPeople(process.stdout) : forPrograms(fd ?? 1, program, tell));
  return log;
}

let alarms = 0;

/** How many lines of this process were alarms. */
export function loggedAlarms(): number {
  return alarms;
}

function countAlarms(this: Logger, args: Parameters<LogFn>, write: LogFn): void {
  const [fields]: unknown[] = args;
  if (typeof fields === 'object' && fields !== null && 'alarm' in fields && fields.alarm === true) alarms += 1;
  write.apply(this, args);
}

/** Where lines go: one by one as text, or many together as bytes, at most `blockBytes`. */
export type LineSink = { write(line: string): void; writeBytes(lines: Buffer): void; readonly blockBytes: number };

/** Lines are written as they come, many in one write when they come fast, and the rest when the process exits. */
function forPrograms(fd: number, program: string, tell: (lost: number) => void): LineSink {
  const file = new LogFile(fd, {
    onProblem: (error) =>
      sayOnStderr(`${program}: the log cannot be written (${error.message}); Foyer goes on without it.`),
    onRecovered: tell,
  });
  return sinkTo(file);
}

export function sinkTo(file: LogFile): LineSink {
  return {
    write: (line) => file.write(boundedLine(line, SHARED_BYTES)),
    writeBytes: (lines) => file.write(lines),
    get blockBytes() {
      return file.blockBytes;
    },
  };
}

/** The last place that may still be read. */
function sayOnStderr(sentence: string): void {
  try {
    writeSync(2, `${sentence}\n`);
  } catch {
    // It is as full as the log: there is nobody to tell.
  }
}

function forPeople(out: NodeJS.WritableStream): LineSink {
  // A terminal that was closed takes nothing more.
  out.on('error', () => {});
  const people = readable(out);
  return {
    write: (line) => void people.write(line),
    writeBytes: (lines) => void people.write(lines.toString('latin1')),
    blockBytes: SHARED_BYTES,
  };
}

/** Where a logger's lines go, for lines that it has nothing to do with. */
export function sinkOf(log: Logger): LineSink {
  const { [pino.symbols.streamSym]: sink } = log as Logger & { [pino.symbols.streamSym]?: LineSink };
  if (!sink) throw new Error('A logger of pino has a stream.');
  return sink;
}

function atEveryDepth(key: string): string[] {
  const dotted = key.startsWith('[') ? key : `.${key}`;
  return [key, `*${dotted}`, `*.*${dotted}`];
}

/** `12:30:59 warn  gateway: what happened  key=value`. */
function readable(out: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(lines: string, _encoding, done) {
      out.write(lines.trimEnd().split('\n').map(readableLine).join(''), done);
    },
  });
}

function readableLine(line: string): string {
  const { time, level, program, pid: _pid, msg, err, ...rest } = JSON.parse(line);
  const fields = Object.entries(rest).map(([key, value]) => `  ${key}=${JSON.stringify(value)}`);
  const cause = err?.stack ?? err?.message;
  const text = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${program}: ${msg ?? ''}${fields.join('')}`;
  return `${text}${cause ? `\n${cause}` : ''}\n`;
}
