// Runs the whole-system tests of e2e/ by Playwright, in a process of their own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runStep } from './step.ts';
import { type Counts, countsOfPlaywright, type PlaywrightReport } from './test-counts.ts';

export async function runBrowserTests(files: readonly string[]): Promise<Counts> {
  const scratch = mkdtempSync(join(tmpdir(), 'foyer-browser-'));
  const report = join(scratch, 'report.json');
  try {
    const args = ['node_modules/@playwright/test/cli.js', 'test', '--config=e2e/playwright.config.ts', ...files];
    const { code } = await runStep({ command: process.execPath, args, env: { BROWSER_REPORT: report }, show: true });
    return countsOfPlaywright(readReport(report), code);
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
