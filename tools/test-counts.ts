// How many tests passed and failed, over node:test and Playwright alike.

/** `skipped` counts tests that did not run at all, planned ones included. */
export type Counts = { passed: number; failed: number; skipped: number };

/** What one kind of tests came to; `failures` tells of each failed test in full, for whoever reads the end of a log only. */
export type StageResult = { counts: Counts; failures: readonly string[] };

/** The part of Playwright's JSON report that is read here. */
export type PlaywrightReport = { stats: Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number> };

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A run that ended without its report, or badly although no test failed, is itself one failure. */
export function countsOfPlaywright(report: PlaywrightReport | null, exitCode: number): Counts {
  const { expected, unexpected, flaky, skipped } = report?.stats ?? {
    expected: 0,
    unexpected: 0,
    flaky: 0,
    skipped: 0,
  };
  const failed = unexpected + flaky;
  return { passed: expected, failed: exitCode !== 0 ? Math.max(failed, 1) : failed, skipped };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
