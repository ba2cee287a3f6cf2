import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { cookieProbeScript, keepsCookies } from './cookie-probe.ts';

test('a browser that keeps cookies stays on the page, one that keeps none is led away', () => {
  assert.deepEqual(ranIn(new Jar()), []);
  assert.deepEqual(ranIn(new Jar({ keeps: false })), ['/refused']);
  assert.equal(keepsCookies(new Jar()), true);
  assert.equal(keepsCookies(new Jar({ keeps: false })), false);
});

test('a tab that asks between the question and the answer of another does not make the browser look as if it kept none', () => {
  const jar = new Jar();
  jar.beforeRead = () => ranIn(jar);
  assert.deepEqual(ranIn(jar), []);
  jar.beforeRead = () => ranIn(jar);
  assert.equal(keepsCookies(jar), true);
});

/** Where the page was led to by the script. */
function ranIn(document: Jar): string[] {
  const visited: string[] = [];
  runInNewContext(cookieProbeScript('/refused'), {
    document,
    location: { replace: (url: string) => visited.push(url) },
  });
  return visited;
}

/** `document.cookie` of every tab of one browser. `beforeRead` runs once, as another tab may at any moment. */
class Jar {
  beforeRead: (() => unknown) | null = null;
  #kept = new Map<string, string>();
  #keeps: boolean;

  constructor({ keeps = true } = {}) {
    this.#keeps = keeps;
  }

  set cookie(line: string) {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    if (attributes.includes('Max-Age=0')) this.#kept.delete(name);
    else if (this.#keeps) this.#kept.set(name, value);
  }

  get cookie(): string {
    const other = this.beforeRead;
    this.beforeRead = null;
    other?.();
    return [...this.#kept].map((pair) => pair.join('=')).join('; ');
  }
}
