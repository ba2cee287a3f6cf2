// The sample network's own DNS server: the zone corp.internal, by UDP and TCP, on its own address. No other server knows these names.
import { parseAddress } from '#server/core/address.ts';
import { zoneAnswerer } from '#server/dns/authority.ts';
import { DnsListenError, startDnsServer } from '#server/dns/listen.ts';
import { nameFromLabels } from '#server/dns/name.ts';
import { buildZone } from '#server/dns/zone.ts';
import { endWithDemo, readArguments, say } from './part.ts';

const { address: text, port, wiki, ops, mirror } = readArguments('address', 'port', 'wiki', 'ops', 'mirror');
const address = parseAddress(text);
const origin = nameFromLabels(['corp', 'internal']);
if (!address || !origin) throw new Error(`${text} is no address`);

const built = buildZone({
  origin,
  lines: [
    { name: '@', type: 'NS', value: 'ns' },
    { name: 'ns', type: 'A', value: text },
    { name: 'wiki', type: 'A', value: wiki },
    { name: 'ops', type: 'A', value: ops },
    // An alias, as networks have them: the gateway follows it.
    { name: 'board', type: 'CNAME', value: 'ops' },
    { name: 'mirror', type: 'A', value: mirror },
  ],
  ttlSeconds: 30,
});
if (built.kind === 'invalid') throw new Error(built.problem);

const zones = [built.zone];
const server = await start(Number(port));
say({ kind: 'ready', port: server.port });
endWithDemo(() => void server.close());

async function start(wanted: number) {
  const options = { address: address as NonNullable<typeof address>, answer: zoneAnswerer(() => zones) };
  try {
    return await startDnsServer({ ...options, port: wanted });
  } catch (error) {
    if (!(error instanceof DnsListenError) || error.code !== 'EADDRINUSE') throw error;
    return startDnsServer({ ...options, port: 0 });
  }
}
