// The DNS server that knows what everybody else has to ask for: `node dns-upstream.ts <port> <zone> [<certificate> <key>]`, with both by TLS.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseAddress } from '#server/core/address.ts';
import { zoneAnswerer } from '#server/dns/authority.ts';
import { startDnsOverTls, startDnsServer } from '#server/dns/listen.ts';
import { parseName } from '#server/dns/name.ts';
import { buildZone } from '#server/dns/zone.ts';

const [port, zone, certFile, keyFile] = process.argv.slice(2);
const origin = parseName(zone ?? '');
const address = parseAddress('127.0.0.1');
const lines = [{ name: '*', type: 'A', value: '192.0.2.20', ttlSeconds: 3600 }];
const built = origin && buildZone({ origin, lines });
if (built?.kind !== 'zone' || address === null) throw new Error(`${zone} is no zone.`);
const options = { address, port: Number(port), answer: zoneAnswerer(() => [built.zone]) };
if (certFile && keyFile)
  await startDnsOverTls({
    ...options,
    tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') },
  });
else await startDnsServer(options);
console.log('listening');
