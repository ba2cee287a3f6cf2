// Runs the whole-system tests of e2e/ by Playwright, in a process of their own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runStep } from './step.ts';
import { countsOfPlaywright, type PlaywrightReport, type StageResult } from './test-counts.ts';

/** Playwright tells of its failures itself, at its end. */
export async function runBrowserTests(files: readonly string[]): Promise<StageResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'foyer-browser-'));
  const report = join(scratch, 'report.json');
  try {
    const args = ['node_modules/@playwright/test/cli.js', 'test', '--config=e2e/playwright.config.ts', ...files];
    const { code } = await runStep({ command: process.execPath, args, env: { BROWSER_REPORT: report }, show: true });
    return { counts: countsOfPlaywright(readReport(report), code), failures: [] };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function readReport(file: string): PlaywrightReport | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // A runner that died has written none; its exit code makes that a failure.
    return null;
  }
}
