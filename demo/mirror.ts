// The sample mirror: shows the request exactly as it arrived, and says in words whether Foyer's signed assertion holds.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Finding, verifyAssertion } from './assertion.ts';
import { type Html, html, page } from './page.ts';
import { readArguments, serve } from './part.ts';
import { readBody } from './read-body.ts';

const given = readArguments('address', 'port', 'origin', 'issuer', 'gateway', 'ca');
const settings = {
  origin: given.origin,
  issuer: given.issuer,
  gateway: given.gateway,
  ca: given.ca === '' ? null : readFileSync(given.ca, 'utf8'),
};

await serve({ address: given.address, port: Number(given.port) }, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`mirror: ${String(error)}\n`);
    response.destroy();
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const finding = await verifyAssertion(request.headers['foyer-assertion'], settings);
  const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  const headers = pairs(request.rawHeaders);
  if (/application\/json/.test(request.headers.accept ?? '')) {
    const seen = {
      line,
      headers,
      bodyBytes: body?.length ?? null,
      peer: request.socket.remoteAddress,
      assertion: finding,
    };
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify(seen, null, 2)}\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(
    page({
      app: 'Mirror',
      title: 'Your request, as it arrived',
      nav: html`<a href="/">Again</a><a href="/deep/path%2Fwith?query=1&amp;query=2#part">A deep link</a>`,
      body: html`${said(finding)}
<h2>Request</h2><div class="card"><code id="line">${line}</code></div>
<table><thead><tr><th scope="col">Header</th><th scope="col">Value</th></tr></thead><tbody>
${headers.map(([name, value]) => html`<tr><td><code>${name}</code></td><td><code>${value}</code></td></tr>`)}</tbody></table>
<p class="soft">${headers.length} headers, ${body?.length ?? 'too many'} bytes of body, from ${request.socket.remoteAddress ?? 'an unknown peer'}.</p>`,
    }),
  );
}

function said(finding: Finding): Html {
  switch (finding.kind) {
    case 'valid':
      return html`<div class="card" id="assertion"><p class="good"><strong>The assertion is valid.</strong></p>
<p>Foyer at ${settings.issuer} signed it for this app, and you are <strong>${String(finding.claims.name ?? finding.claims.sub)}</strong>.</p>
<pre>${JSON.stringify(finding.claims, null, 2)}</pre></div>`;
    case 'absent':
      return html`<div class="card" id="assertion"><p class="bad"><strong>There is no assertion.</strong></p>
<p>This request did not come through Foyer, or Foyer does not know who sent it.</p></div>`;
    case 'invalid':
      return html`<div class="card" id="assertion"><p class="bad"><strong>The assertion is not valid.</strong></p><p>${finding.why}</p></div>`;
    default:
      return finding satisfies never;
  }
}

/** Names and values in the order and spelling of the wire, duplicates included. */
function pairs(rawHeaders: readonly string[]): [string, string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, at) => [
    rawHeaders[at * 2] ?? '',
    rawHeaders[at * 2 + 1] ?? '',
  ]);
}
