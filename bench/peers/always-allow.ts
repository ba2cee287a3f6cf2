// The small service that nginx asks with auth_request: it answers 200 at once.
import { createServer } from 'node:http';

const [port = ''] = process.argv.slice(2);
const server = createServer((_request, response) => response.writeHead(200, { 'content-length': 0 }).end());
server.keepAliveTimeout = 120_000;
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write('listening\n');
});
