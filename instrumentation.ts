// Next calls this when a page, a route or an action threw: the program's log hears of it once, with the support id.
import type { Instrumentation } from 'next';
import { logProblem } from './app/request/problem-log.ts';
import { parseSupportId } from './app/request/request-facts.ts';

export const onRequestError: Instrumentation.onRequestError = (error, request, context) => {
  logProblem({
    supportId: parseSupportId(request.headers['foyer-request-id']),
    problem: `${context.routeType} ${context.routePath} threw`,
    cause: error,
  });
};
