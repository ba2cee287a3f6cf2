// The promises of the configuration: every good environment is read once into values, every mistake is a sentence with what to write instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListen } from './config/listen-address.ts';
import { type Config, type Environment, readConfig } from './config.ts';
import { dnsServerText } from './core/dns-server.ts';

const HTTPS = { FOYER_PORTAL_URL: 'https://portal.example.com', FOYER_TLS_CERTS: '/c.pem:/k.pem' };
const LOCAL = { FOYER_PORTAL_URL: 'http://portal.localhost:8080' };

test('a program that takes no browsers needs nobody to end TLS', () => {
  const env = { FOYER_PORTAL_URL: 'https://portal.example.com' };
  assert.equal(readConfig(env).kind, 'invalid');
  assert.equal(readConfig(env, { takesBrowsers: false }).kind, 'config');
});

test('good environments become the values that are meant', () => {
  const table: [string, Environment, (config: Config) => unknown, unknown][] = [
    ['origin', HTTPS, ({ portal }) => portal.origin, 'https://portal.example.com'],
    [
      'a default port is left out',
      { FOYER_PORTAL_URL: 'http://a.localhost:80/' },
      ({ portal }) => portal.origin,
      'http://a.localhost',
    ],
    ['https listens on 443 and redirects from 80', HTTPS, listens, ['https://:443', 'http://:80']],
    [
      'another https port needs no redirect',
      { ...HTTPS, FOYER_PORTAL_URL: 'https://p.example:8443' },
      listens,
      ['https://:8443'],
    ],
    ['localhost stays on loopback', LOCAL, listens, ['http://127.0.0.1:8080']],
    [
      'a list',
      { ...HTTPS, FOYER_LISTEN: ':443, [::1]:8443,:80' },
      listens,
      ['https://:443', 'https://[::1]:8443', 'http://:80'],
    ],
    [
      'schemes',
      { ...HTTPS, FOYER_LISTEN: 'https://10.0.0.1:80,HTTP://:8080' },
      listens,
      ['https://10.0.0.1:80', 'http://:8080'],
    ],
    [
      'a proxy ends TLS',
      {
        FOYER_PORTAL_URL: 'https://p.example',
        FOYER_LISTEN: 'http://127.0.0.1:8080',
        FOYER_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8',
      },
      ({ trustedProxies }) => trustedProxies.map(({ address, prefix }) => `${address}/${prefix}`),
      ['127.0.0.1/32', '10.0.0.0/8', 'fd00::/8'],
    ],
    ['nobody is a trusted proxy unless named', HTTPS, ({ trustedProxies }) => trustedProxies, []],
    [
      'several certificates',
      { ...HTTPS, FOYER_TLS_CERTS: '/a.pem:/a.key,/b.pem:/b.key' },
      ({ certificates }) => certificates,
      [
        { certFile: '/a.pem', keyFile: '/a.key' },
        { certFile: '/b.pem', keyFile: '/b.key' },
      ],
    ],
    [
      'a gateway name in any spelling',
      { ...HTTPS, FOYER_GATEWAY_NAME: 'GW.Example.com.' },
      ({ gatewayName }) => gatewayName,
      'gw.example.com',
    ],
    [
      'an empty value is no value',
      { ...LOCAL, FOYER_GATEWAY_NAME: ' ', FOYER_GATEWAYS: '' },
      ({ gatewayName }) => gatewayName,
      null,
    ],
    ['an absolute data directory', { ...LOCAL, FOYER_DATA_DIR: '/srv/foyer' }, ({ dataDir }) => dataDir, '/srv/foyer'],
    ['metrics are for this machine', LOCAL, metricsAt, 'http://127.0.0.1:9464'],
    ['metrics elsewhere', { ...LOCAL, FOYER_METRICS_LISTEN: '[::1]:9000' }, metricsAt, 'http://[::1]:9000'],
    ['metrics for everybody', { ...LOCAL, FOYER_METRICS_LISTEN: ':9000' }, metricsAt, 'http://:9000'],
    ['no metrics', { ...LOCAL, FOYER_METRICS_LISTEN: 'Off' }, metricsAt, 'off'],
    ['gateways', { ...LOCAL, FOYER_GATEWAYS: '3' }, ({ gateways }) => gateways, 3],
    ['access lines on stdout', LOCAL, ({ accessLog }) => accessLog, { kind: 'stdout' }],
    ['no access lines', { ...LOCAL, FOYER_ACCESS_LOG: 'OFF' }, ({ accessLog }) => accessLog, { kind: 'off' }],
    [
      'access lines in a file',
      { ...LOCAL, FOYER_ACCESS_LOG: '/var/log/a.log' },
      ({ accessLog }) => accessLog,
      { kind: 'file', path: '/var/log/a.log' },
    ],
    [
      'DNS servers of people inside',
      { ...LOCAL, FOYER_INSIDE_DNS: '10.0.0.53, 10.0.0.54#dns.corp.example' },
      ({ insideDns }) => insideDns.map(dnsServerText),
      ['10.0.0.53', '10.0.0.54#dns.corp.example'],
    ],
    ['cluster node', { ...LOCAL, FOYER_CLUSTER_NODE: ' 12 ' }, ({ clusterNode }) => clusterNode, 12],
    ['service worker', { ...LOCAL, FOYER_SERVICE_WORKER: 'off' }, ({ serviceWorker }) => serviceWorker, 'off'],
    ['service worker by default', LOCAL, ({ serviceWorker }) => serviceWorker, 'on'],
    ['log level', { ...LOCAL, FOYER_LOG_LEVEL: 'debug' }, ({ logLevel }) => logLevel, 'debug'],
    [
      'a misspelt name is remembered',
      { ...LOCAL, FOYER_TRUSTED_PROXY: '10.0.0.0/8' },
      ({ unknownVariables }) => unknownVariables,
      ['FOYER_TRUSTED_PROXY'],
    ],
  ];
  for (const [name, env, pick, expected] of table) {
    const read = readConfig(env);
    assert.equal(read.kind, 'config', `${name}: ${JSON.stringify(read)}`);
    if (read.kind === 'config') assert.deepEqual(pick(read.config), expected, name);
  }
});

test('every mistake is one sentence that names the variable and an example', () => {
  const table: [Environment, RegExp][] = [
    [{}, /^FOYER_PORTAL_URL is missing: .*https:\/\/portal\.example\.com\.$/],
    [{ FOYER_PORTAL_URL: 'portal.example.com' }, /^FOYER_PORTAL_URL is no portal address/],
    [{ FOYER_PORTAL_URL: 'https://10.0.0.1' }, /^FOYER_PORTAL_URL is no portal address/],
    [{ ...HTTPS, FOYER_PORTAL_URL: 'https://portal.example.com/foyer' }, /without a path/],
    [
      { FOYER_PORTAL_URL: 'http://portal.example.com' },
      /^FOYER_PORTAL_URL uses http.*write https:\/\/portal\.example\.com/,
    ],
    [{ FOYER_PORTAL_URL: 'https://portal.example.com' }, /FOYER_TLS_CERTS is empty/],
    [{ FOYER_PORTAL_URL: 'https://p.example', FOYER_LISTEN: 'http://:80' }, /nothing ends TLS/],
    [{ ...LOCAL, FOYER_LISTEN: 'https://:443', FOYER_TLS_CERTS: '/c:/k' }, /make both the same/],
    [
      { ...LOCAL, FOYER_LISTEN: 'localhost:8080' },
      /^FOYER_LISTEN has an entry that is no listening address: "localhost:8080"/,
    ],
    [{ ...LOCAL, FOYER_LISTEN: '127.0.0.1' }, /^FOYER_LISTEN has an entry/],
    [{ ...LOCAL, FOYER_LISTEN: '127.0.0.1:65536' }, /^FOYER_LISTEN has an entry/],
    [{ ...LOCAL, FOYER_LISTEN: '[127.0.0.1]:80' }, /^FOYER_LISTEN has an entry/],
    [{ ...LOCAL, FOYER_LISTEN: '010.0.0.1:80' }, /^FOYER_LISTEN has an entry/],
    [{ ...LOCAL, FOYER_LISTEN: ':8080,:8080' }, /twice/],
    [{ ...LOCAL, FOYER_LISTEN: ',' }, /empty list/],
    [
      { ...LOCAL, FOYER_METRICS_LISTEN: 'localhost:9464' },
      /^FOYER_METRICS_LISTEN is no listening address.*127\.0\.0\.1:9464/,
    ],
    [
      { ...LOCAL, FOYER_METRICS_LISTEN: 'https://127.0.0.1:9464' },
      /^FOYER_METRICS_LISTEN is no listening address without TLS/,
    ],
    [{ ...LOCAL, FOYER_METRICS_LISTEN: '127.0.0.1:8080' }, /^FOYER_METRICS_LISTEN and FOYER_LISTEN both name/],
    [
      { ...LOCAL, FOYER_LISTEN: ':9000', FOYER_METRICS_LISTEN: '127.0.0.1:9000' },
      /^FOYER_METRICS_LISTEN and FOYER_LISTEN both name/,
    ],
    [{ ...LOCAL, FOYER_GATEWAY_NAME: 'gw' }, /^FOYER_GATEWAY_NAME is no full host name/],
    [{ ...LOCAL, FOYER_GATEWAY_NAME: '203.0.113.20' }, /^FOYER_GATEWAY_NAME is no full host name/],
    [{ ...LOCAL, FOYER_TRUSTED_PROXIES: '10.0.0.1/8' }, /^FOYER_TRUSTED_PROXIES .*zero host bits/],
    [{ ...LOCAL, FOYER_TRUSTED_PROXIES: 'nginx' }, /^FOYER_TRUSTED_PROXIES/],
    [{ ...HTTPS, FOYER_TLS_CERTS: '/c.pem' }, /^FOYER_TLS_CERTS has an entry that is no pair of files/],
    [{ ...LOCAL, FOYER_GATEWAYS: '0' }, /^FOYER_GATEWAYS .*1 to 64/],
    [{ ...LOCAL, FOYER_GATEWAYS: 'two' }, /^FOYER_GATEWAYS/],
    [{ ...LOCAL, FOYER_CLUSTER_NODE: '0' }, /^FOYER_CLUSTER_NODE is no running number: "0"\./],
    [{ ...LOCAL, FOYER_SERVICE_WORKER: 'false' }, /^FOYER_SERVICE_WORKER is neither on nor off/],
    [{ ...LOCAL, FOYER_ACCESS_LOG: 'stderr' }, /^FOYER_ACCESS_LOG names no place: "stderr"\. Write stdout, off, or a/],
    [{ ...LOCAL, FOYER_ACCESS_LOG: 'syslog:local0' }, /^FOYER_ACCESS_LOG names no place/],
    [{ ...LOCAL, FOYER_LOG_LEVEL: 'verbose' }, /^FOYER_LOG_LEVEL is no level/],
    [{ ...LOCAL, FOYER_SECRET_KEY: 'a', FOYER_SECRET_KEY_FILE: 'b' }, /both set/],
    [{ ...LOCAL, FOYER_DATA_DIR: `/${'d'.repeat(100)}` }, /^FOYER_DATA_DIR is too long/],
  ];
  for (const [env, expected] of table) {
    const read = readConfig(env);
    assert.equal(read.kind, 'invalid', JSON.stringify(env));
    if (read.kind !== 'invalid') continue;
    assert.equal(read.problems.length, 1, `${JSON.stringify(env)}: ${read.problems.join(' | ')}`);
    assert.match(read.problems[0] ?? '', expected);
  }
});

test('all mistakes are said at once', () => {
  const read = readConfig({ FOYER_LISTEN: 'x', FOYER_GATEWAYS: '-1', FOYER_LOG_LEVEL: 'loud' });
  assert.equal(read.kind === 'invalid' && read.problems.length, 4);
});

test('no secret is in a problem or in the configuration', () => {
  const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ=';
  for (const env of [{ FOYER_SECRET_KEY: secret }, { ...LOCAL, FOYER_SECRET_KEY: secret }])
    assert.ok(!JSON.stringify(readConfig(env)).includes(secret));
});

function metricsAt({ metricsListen }: Config): string {
  return metricsListen.kind === 'off' ? 'off' : formatListen(metricsListen.at);
}

function listens({ listen }: Config): string[] {
  return listen.map(formatListen);
}
