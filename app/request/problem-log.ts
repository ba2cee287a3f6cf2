// How the portal's pages reach the program's log: by a channel of the process, since their modules are other instances than the program's.
import { channel } from 'node:diagnostics_channel';

export type Problem = { supportId: string | null; problem: string; cause?: unknown };

/** server/portal.ts listens here. */
const problems = channel('foyer.portal.problem');

export function logProblem(problem: Problem): void {
  problems.publish(problem);
}
