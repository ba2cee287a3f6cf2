// Tells, when all is over, what each failed journey's page showed: a log may reach its reader without test-results/.
import { readFileSync } from 'node:fs';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** A page says more in its first lines than in all of them, and several journeys may have failed. */
const MOST_LINES = 60;

// biome-ignore lint/style/noDefaultExport: Playwright takes a reporter from its file so
export default class FailureReporter implements Reporter {
  readonly #shown: string[] = [];

  onTestEnd(test: TestCase, { status, attachments }: TestResult): void {
    if (status === test.expectedStatus) return;
    const path = attachments.find(({ name }) => name === 'error-context')?.path;
    if (!path) return;
    const pages = pagesIn(readFileSync(path, 'utf8'));
    if (pages.length > 0) this.#shown.push(`What “${test.title}” showed:\n${pages.join('\n')}`);
  }

  onEnd(): void {
    if (this.#shown.length > 0) console.log(`\n${this.#shown.join('\n\n')}`);
  }
}

/** Playwright writes each page as YAML: roles, names, texts. */
function pagesIn(context: string): string[] {
  return [...context.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, page = '']) => {
    const lines = page.trimEnd().split('\n');
    const more = lines.length - MOST_LINES;
    return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`… and ${more} lines more`] : [])].join('\n');
  });
}
