// The access log's lines: beside the logger's own on stdout, in a file of their own, or nowhere; many of them in one write.
import type { AccessLog } from '#server/config.ts';
import { type LineSink, type Logger, sinkOf, sinkTo } from '#server/log.ts';
import { LogFile, openLog } from './log-file.ts';

export type LineLog = {
  /** The members of a JSON object, without its braces, in ASCII, far fewer than 4,096 bytes. */
  write(members: string): void;
  /** Hands over what is waiting. */
  flush(): void;
  /** Opens its file again, which may have been moved away. */
  reopen(): void;
};

/** A write costs a system call and a thread's wake-up, so lines wait for each other this long, or until there are enough. */
const LINES_WAIT_MS = 50;
const NO_LINES: LineLog = { write: () => {}, flush: () => {}, reopen: () => {} };

/** Lines whose fields hold no secret by construction. Redaction by wildcards costs more than the rest of a request. */
export function createLineLog(log: Logger, to: AccessLog): LineLog {
  switch (to.kind) {
    case 'off':
      return NO_LINES;
    case 'stdout':
      return log.isLevelEnabled('info') ? { ...linesTo(log, () => sinkOf(log)), reopen: () => {} } : NO_LINES;
    case 'file': {
      const file = openedFile(log, to.path);
      return { ...linesTo(log, file.sink), reopen: file.open };
    }
    default:
      return to satisfies never;
  }
}

/** While the file cannot be opened, lines go beside the logger's own: they may be needed to find out why. */
function openedFile(log: Logger, path: string): { sink(): LineSink; open(): void } {
  let file: LogFile | null = null;
  let sink = sinkOf(log);
  const open = (): void => {
    const opened = openLog(path);
    if (opened.kind === 'refused') {
      const meanwhile = file ? 'The one that is open goes on.' : 'Access lines go to stdout until the next SIGHUP.';
      log.error({ alarm: true }, `${opened.sentence} ${meanwhile}`);
    } else if (file) file.use(opened.fd);
    else {
      file = new LogFile(opened.fd, {
        onProblem: (err) =>
          log.error({ alarm: true, err }, 'the access log cannot be written; Foyer goes on without it'),
        onRecovered: (lost) => log.warn({ lost }, 'the access log is written again; some lines of before are lost'),
      });
      sink = sinkTo(file);
    }
  };
  open();
  return { sink: () => sink, open };
}

function linesTo(log: Logger, sink: () => LineSink): Pick<LineLog, 'write' | 'flush'> {
  const who = `"program":${JSON.stringify(log.bindings().program)},"pid":${process.pid}`;
  const stamp = createStamp();
  let waiting = Buffer.alloc(0);
  let filled = 0;
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (filled > 0) sink().writeBytes(waiting.subarray(0, filled));
    // Still being written: the next lines have a place of their own.
    waiting = Buffer.alloc(0);
    filled = 0;
  };
  return {
    write: (members) => {
      const line = `{"level":"info","time":"${stamp(Date.now())}",${who},${members}}\n`;
      // ASCII: as many bytes as characters.
      if (filled + line.length > waiting.length) {
        flush();
        waiting = Buffer.allocUnsafe(sink().blockBytes);
      }
      if (line.length > waiting.length) sink().write(line);
      else filled += waiting.write(line, filled, 'latin1');
      timer ??= setTimeout(flush, LINES_WAIT_MS);
    },
    flush,
  };
}

/** ISO 8601 with milliseconds; all but those is made once a second. */
function createStamp(): (now: number) => string {
  let second = -1;
  let upToSecond = '';
  return (now) => {
    const at = Math.floor(now / 1_000);
    if (at !== second) {
      second = at;
      upToSecond = new Date(at * 1_000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS.'.length);
    }
    const ms = now - at * 1_000;
    return `${upToSecond}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  };
}
