// Against a real BIND that answers for its own zone and for nothing else: an alias that leads out of it is followed to whoever knows the target.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { type Bind, startBind, zoneText } from './bind.testing.ts';
import { createEngine, type Engine } from './engine.ts';
import { createExchange } from './exchange.ts';
import { type Message, RCODE, TYPE } from './message.ts';
import { nameText } from './name.ts';
import { type ForwardRoute, type Names, NO_NAMES } from './names.ts';
import { address, message, name, question } from './packet.testing.ts';
import { decode, encode } from './wire.ts';

const CORP = `
eu NS ns.eu
ns.eu A 127.0.0.1
wiki CNAME app.eu
docs CNAME handbook
handbook CNAME app.partner.internal.
gone CNAME none.partner.internal.
away CNAME www.elsewhere.example.
ring CNAME ring.partner.internal.
long40 A 10.1.1.1
long0 CNAME long1.partner.internal.
${Array.from({ length: 19 }, (_, at) => `long${2 * at + 2} CNAME long${2 * at + 3}.partner.internal.`).join('\n')}`;

const PARTNER = `
app A 10.9.9.9
back CNAME app.eu.corp.internal.
ring CNAME ring.corp.internal.
${Array.from({ length: 20 }, (_, at) => `long${2 * at + 1} CNAME long${2 * at + 2}.corp.internal.`).join('\n')}`;

describe('an alias that leaves a server’s own zone', () => {
  const { exchange, close } = createExchange({ ca: () => [], now: Date.now });
  const binds: Bind[] = [];
  let engine: Engine;
  before(async () => {
    const zones: [zone: string, records: string][] = [
      ['corp.internal', CORP],
      ['partner.internal', PARTNER],
      ['eu.corp.internal', 'app A 10.7.7.7'],
    ];
    const routes: ForwardRoute[] = [];
    for (const [zone, records] of zones) {
      const bind = await startBind({ zones: { [zone]: zoneText(zone, records) } });
      binds.push(bind);
      const servers = [{ address: bind.address, port: bind.port }];
      routes.push({ zone: name(zone), servers, select: 'all', staleMs: 0 });
    }
    const names: Names = { ...NO_NAMES, routes };
    engine = createEngine({ names: () => names, exchange, now: Date.now, log: pino({ level: 'silent' }) });
  });
  after(async () => {
    engine.close();
    close();
    for (const bind of binds) await bind.stop();
  });

  async function ask(text: string, parts: Partial<Message> = {}, type: number = TYPE.A): Promise<string> {
    const query = message({ questions: [question(text, type)], ...parts });
    const reply = await engine.answer(encode(query), { address: address('10.0.0.1'), transport: 'tcp' });
    const decoded = decode(reply ?? assert.fail('there is a reply'));
    assert.ok(decoded.kind === 'message');
    const { answers, rcode } = decoded.message;
    const told = answers.map(({ data }) =>
      'address' in data ? data.address : 'target' in data ? `>${nameText(data.target)}` : data.kind,
    );
    return [rcode, ...told].join(' ');
  }

  test('is followed into a zone below it and into another one, at once and from memory', async () => {
    for (let time = 0; time < 2; time++) {
      assert.equal(await ask('wiki.corp.internal'), '0 >app.eu.corp.internal 10.7.7.7');
      assert.equal(await ask('docs.corp.internal'), '0 >handbook.corp.internal >app.partner.internal 10.9.9.9');
      assert.equal(await ask('back.partner.internal'), '0 >app.eu.corp.internal 10.7.7.7');
    }
    const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] };
    assert.equal(await ask('wiki.corp.internal', { edns }), '0 >app.eu.corp.internal 10.7.7.7');
  });

  test('says that the target is not there, or has no such data, where its own server does', async () => {
    assert.equal(await ask('gone.corp.internal'), `${RCODE.NXDOMAIN} >none.partner.internal`);
    assert.equal(await ask('wiki.corp.internal', {}, TYPE.TXT), '0 >app.eu.corp.internal');
  });

  test('is the whole answer where nobody is asked for its target, to a client that follows itself, and as the data asked for', async () => {
    assert.equal(await ask('away.corp.internal'), '0 >www.elsewhere.example');
    assert.equal(await ask('wiki.corp.internal', { recursionDesired: false }), '0 >app.eu.corp.internal');
    assert.equal(await ask('wiki.corp.internal', {}, TYPE.CNAME), '0 >app.eu.corp.internal');
  });

  test('D6: a circle through two servers, and more aliases than anybody needs, are a failure', async () => {
    assert.match(await ask('ring.corp.internal'), new RegExp(`^${RCODE.SERVFAIL}`));
    assert.match(await ask('long0.corp.internal'), new RegExp(`^${RCODE.SERVFAIL}`));
    assert.match(await ask('long30.corp.internal'), /^0/);
  });
});
