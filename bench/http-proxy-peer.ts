// The peer that people would write: the http-proxy package with a keep-alive agent.
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const [port = '', originPort = ''] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${originPort}`,
  agent: new Agent({ keepAlive: true, maxSockets: 512 }),
});
createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1', () => {
  process.stdout.write('listening\n');
});
