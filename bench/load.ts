// The load side, a process of its own: a fixed number of keep-alive connections, each sending its next request when the last is answered.
import { Client } from 'undici';

const [port = '', host = '', cookie = '', connections = '', durationMs = ''] = process.argv.slice(2);
const end = Date.now() + Number(durationMs);
let answered = 0;
let failed = 0;

async function run(): Promise<void> {
  const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 1 });
  while (Date.now() < end) {
    const { statusCode, body } = await client.request({ path: '/1k', method: 'GET', headers: { host, cookie } });
    await body.dump();
    if (statusCode === 200) answered += 1;
    else failed += 1;
  }
  await client.close();
}

await Promise.all(Array.from({ length: Number(connections) }, run));
process.stdout.write(`${JSON.stringify({ answered, failed })}\n`);
