// Header names: every spelling that an app would trust is reserved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerClass } from '#server/core/header-names.ts';
import { withoutReserved } from './header-names.ts';

const NAMES = [
  ...[
    'Remote-User',
    'X-Forwarded-For',
    'X-Auth-Request-Email',
    'Foyer-Assertion',
    'X-Real-IP',
    'X-Middleware-Subrequest',
  ],
  ...['Transfer-Encoding', 'Content-Length', 'Host', 'Cookie', 'Connection'],
];

test('S2: every spelling that a CGI-style app reads as a trusted or framing name is reserved', () => {
  const cased = fc.constantFrom(...NAMES).chain((name) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }),
        fc.array(fc.constantFrom('-', '_', '.'), { minLength: 3, maxLength: 3 }),
      )
      .map(([upper, separators]) => {
        let n = 0;
        const spelled = [...name].map((char, i) =>
          char === '-' ? (separators[n++ % 3] ?? '-') : upper[i] ? char.toUpperCase() : char.toLowerCase(),
        );
        return { name, spelled: spelled.join('') };
      }),
  );
  fc.assert(
    fc.property(cased, ({ name, spelled }) => {
      const isExact = spelled.toLowerCase() === name.toLowerCase();
      const kind = headerClass(spelled);
      if (!isExact || NAMES.indexOf(name) < 6) assert.equal(kind, 'reserved', spelled);
      else assert.notEqual(kind, 'pass');
      assert.equal(withoutReserved([spelled, 'x', 'X-App', 'y']).includes(spelled), kind !== 'reserved');
    }),
    { numRuns: 2_000 },
  );
});

test('names of Object.prototype are names like others', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    assert.equal(headerClass(name), 'pass');
});
