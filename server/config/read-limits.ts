// The limits of the data plane, read from FOYER_LIMIT_ variables: defaults where nothing is said, a sentence where it is wrong.
import type { Environment } from '#server/config.ts';
import { LIMIT_NAMES, LIMITS, type Limits, limitsOf, limitVariable } from '#server/http/limits.ts';
import { parseQuantity, quantityProblem } from './quantity.ts';

export const LIMIT_VARIABLES: readonly string[] = LIMIT_NAMES.map(limitVariable);

export function readLimits(env: Environment, problems: string[]): Limits {
  return limitsOf((name) => {
    const { value, ...row } = LIMITS[name];
    const variable = limitVariable(name);
    const text = env[variable]?.trim();
    if (!text) return value;
    const problem = quantityProblem(variable, text, { ...row, example: value });
    if (problem) problems.push(problem);
    return parseQuantity(text, row.unit) ?? value;
  });
}
