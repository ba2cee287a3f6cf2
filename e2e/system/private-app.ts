// A private app of the tests: a page that says how it was asked, and a WebSocket that says everything back. Run: address port.
import { createServer } from 'node:http';
import process from 'node:process';
import { WebSocketServer } from 'ws';

const [address = '127.0.0.1', port = '0'] = process.argv.slice(2);

const server = createServer((request, response) => {
  const asked = { host: request.headers.host ?? '', target: request.url ?? '', method: request.method ?? '' };
  if (asked.target === '/asked.json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(asked));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(asked));
});

new WebSocketServer({ server, path: '/echo' }).on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

server.listen(Number(port), address, () => console.log('listening'));

function page({ host, target }: { host: string; target: string }): string {
  return `<!doctype html><meta charset="utf-8"><title>Private app</title>
<h1>Hello from the private network</h1>
<p>Asked as <output aria-label="Host">${escapeText(host)}</output> for <output aria-label="Target">${escapeText(target)}</output></p>
<form><label>Say <input name="say"></label><button>Send</button></form>
<output aria-label="Heard"></output>
<script>
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/echo');
  socket.onmessage = ({ data }) => { document.querySelector('[aria-label=Heard]').textContent = data; };
  document.forms[0].onsubmit = (event) => { event.preventDefault(); socket.send(event.target.say.value); };
</script>`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
