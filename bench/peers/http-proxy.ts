// The peer that people would write: the http-proxy package with a keep-alive agent, in clear and over TLS. It writes no access log.
import { readFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import httpProxy from 'http-proxy';

const [port = '', tlsPort = '', originPort = '', certFile = '', keyFile = ''] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${originPort}`,
  agent: new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 512 }),
});
// A browser that goes away in the middle is no reason to end.
proxy.on('error', (_error, _request, answer) => answer?.destroy());

const pass = (request: IncomingMessage, response: ServerResponse) => proxy.web(request, response);
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.3' } as const;
await Promise.all([start(createServer(pass), port), start(createTlsServer(tls, pass), tlsPort)]);
process.stdout.write('listening\n');

function start(server: Server, at: string): Promise<void> {
  server.keepAliveTimeout = 120_000;
  server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
  return new Promise((resolve) => server.listen({ port: Number(at), host: '127.0.0.1', backlog: 4096 }, resolve));
}
