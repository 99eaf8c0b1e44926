// Deliberate mistakes in settings, each with its whole sentence: the place, the expected value with an
// example, and the current value. No word of the validator, no errno, no password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '@gatehouse/access';
import { loadConfig } from '../../src/settings/load-config.ts';
import { refusal } from '../support/errors.ts';

const mistakes: [set: string, code: ErrorCode, sentence: string][] = [
  [
    'gateway.listen=8443',
    'config_invalid',
    'Setting gateway.listen is not valid: must be ADDRESS:PORT, such as 127.0.0.1:8443, not "8443".',
  ],
  [
    'gateway.listen=[::1]',
    'config_invalid',
    'Setting gateway.listen is not valid: must be ADDRESS:PORT, such as 127.0.0.1:8443, not "[::1]".',
  ],
  [
    'gateway.listen=127.0.0.1:99999',
    'config_invalid',
    'Setting gateway.listen is not valid: must be ADDRESS:PORT, such as 127.0.0.1:8443, not "127.0.0.1:99999".',
  ],
  [
    'gateway.listen.port=1',
    'config_invalid',
    'Setting gateway.listen is not valid: must be a text, such as "127.0.0.1:8443", not an object.',
  ],
  [
    'gateway.url=localhost',
    'config_invalid',
    'Setting gateway.url is not valid: must be the address of a listener, such as https://gateway.example.com:8443, without a path, not "localhost".',
  ],
  [
    'control.url=https://a/b',
    'config_invalid',
    'Setting control.url is not valid: must be the address of a listener, such as https://gateway.example.com:8443, without a path, not "https://a/b".',
  ],
  [
    'pki.url=https://pki.example',
    'config_invalid',
    'Setting pki.url is not valid: must begin with http:// (RFC 5280 §8), not "https://pki.example".',
  ],
  [
    'gateway.upstream=127.0.0.1:3000',
    'config_invalid',
    'Setting gateway.upstream is not valid: must be the URL of an upstream, such as http://127.0.0.1:3000 or unix:/run/app.sock, without query or credentials, not "127.0.0.1:3000".',
  ],
  [
    'gateway.upstream=ftp://a',
    'config_invalid',
    'Setting gateway.upstream is not valid: must be the URL of an upstream, such as http://127.0.0.1:3000 or unix:/run/app.sock, without query or credentials, not "ftp://a".',
  ],
  [
    'gateway.upstream=http://a:secret@b/',
    'config_invalid',
    'Setting gateway.upstream is not valid: must be the URL of an upstream, such as http://127.0.0.1:3000 or unix:/run/app.sock, without query or credentials.',
  ],
  [
    'gateway.upstream=http://a/?q=1',
    'config_invalid',
    'Setting gateway.upstream is not valid: must be the URL of an upstream, such as http://127.0.0.1:3000 or unix:/run/app.sock, without query or credentials, not "http://a/?q=1".',
  ],
  [
    'gateway.upstreams.a=ftp://a',
    'config_invalid',
    'Setting gateway.upstreams.a is not valid: must be a URL such as http://127.0.0.1:3000 or unix:/run/app.sock, or an object with url, ca, pin, certificate and key, not "ftp://a".',
  ],
  [
    'gateway.upstreams=x',
    'config_invalid',
    'Setting gateway.upstreams is not valid: must be an object, such as { "notes": "http://127.0.0.1:3000" }, not "x".',
  ],
  [
    'gateway.upstreams.a={"url":"http://a","ca":"a.pem"}',
    'config_invalid',
    'Upstream a (gateway.upstreams.a): url must begin with https, because ca is set, not "http://a".',
  ],
  [
    'gateway.upstreams.a={"ca":"a.pem"}',
    'config_invalid',
    'Upstream a (gateway.upstreams.a): url is missing; give a text, such as "https://pay.example".',
  ],
  [
    'gateway.upstreams.a={"url":"https://a","pin":"abc"}',
    'config_invalid',
    'Upstream a (gateway.upstreams.a): pin must be a pin such as sha256/BASE64, over the public key, not "abc".',
  ],
  [
    'gateway.upstreams.a={"url":"https://a","certificate":"a.pem"}',
    'config_invalid',
    'Upstream a (gateway.upstreams.a): key is missing: certificate needs it.',
  ],
  [
    'gateway.upstreams.a={"url":"https://a","cert":"a.pem"}',
    'config_unknown',
    'Upstream a (gateway.upstreams.a) has the unknown key cert: did you mean certificate?',
  ],
  [
    'gateway.upstreams.a={"target":"https://a"}',
    'config_unknown',
    'Upstream a (gateway.upstreams.a) has the unknown key target: did you mean url?',
  ],
  [
    'gateway.upstreams.a=7',
    'config_invalid',
    'Setting gateway.upstreams.a is not valid: must be a URL such as http://127.0.0.1:3000 or unix:/run/app.sock, or an object with url, ca, pin, certificate and key, not "7".',
  ],
  [
    'gateway.routes={}',
    'config_invalid',
    'Setting gateway.routes is not valid: must be a list, such as [{ "path": "/notes/*", "methods": ["GET", "HEAD"] }], not an object.',
  ],
  [
    'gateway.routes=[',
    'config_invalid',
    'Setting gateway.routes is not valid: must be a list, such as [{ "path": "/notes/*", "methods": ["GET", "HEAD"] }]; the text is not valid JSON.',
  ],
  [
    'gateway.routes=[{}]',
    'config_invalid',
    'Route gateway.routes[0]: path is missing; give a text, such as "/notes/:id/*".',
  ],
  [
    'gateway.routes=["/notes"]',
    'config_invalid',
    'Route gateway.routes[0] must be an object, such as { "path": "/notes/*", "methods": ["GET", "HEAD"] }, not "/notes".',
  ],
  [
    'gateway.routes=[{"path":5}]',
    'config_invalid',
    'Route gateway.routes[0]: path must be a text, such as "/notes/:id/*", not 5.',
  ],
  [
    'gateway.routes=[{"path":"/notes/*","methods":"GET"}]',
    'config_invalid',
    'Route /notes/* (gateway.routes[0]): methods must be a list, such as ["GET", "HEAD"], not "GET".',
  ],
  [
    'gateway.routes=[{"path":"/","methods":[]}]',
    'config_invalid',
    'Route / (gateway.routes[0]): methods must have at least 1 entry, such as ["GET", "HEAD"].',
  ],
  [
    'gateway.routes=[{"path":"/","methods":["BREW IT"]}]',
    'config_invalid',
    'Route / (gateway.routes[0]): methods[0] must be the name of a method, such as GET or PROPFIND, not "BREW IT".',
  ],
  [
    'gateway.routes=[{"path":"/a","methods":["TRACE"]}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): methods[0] must be a method that the gateway forwards: it never forwards CONNECT and TRACE, not "TRACE".',
  ],
  [
    'gateway.routes=[{"path":"/a","methods":["get"]}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): methods[0] must be a method in upper case, such as GET, not "get".',
  ],
  [
    'gateway.routes=[{"path":"/","allow":{"roles":["a b"]}}]',
    'config_invalid',
    'Route / (gateway.routes[0]): allow.roles[0] must be a role name such as "user", not "a b".',
  ],
  [
    'gateway.routes=[{"path":"/","allow":{"roles":"admin"}}]',
    'config_invalid',
    'Route / (gateway.routes[0]): allow.roles must be a list, such as ["user", "admin"], not "admin".',
  ],
  [
    'gateway.routes=[{"path":"/","allow":["admin"]}]',
    'config_invalid',
    'Route / (gateway.routes[0]): allow must be an object, such as { "roles": ["user"] }, not a list.',
  ],
  [
    'gateway.routes=[{"path":"/","allow":"admin"}]',
    'config_invalid',
    'Route / (gateway.routes[0]): allow must be an object, such as { "roles": ["user"] }, not "admin".',
  ],
  [
    'gateway.routes=[{"path":"/","allow":{"role":["a"]}}]',
    'config_unknown',
    'Route / (gateway.routes[0]) has the unknown key allow.role: did you mean allow.roles?',
  ],
  [
    'gateway.routes=[{"path":"/","roles":["admin"]}]',
    'config_unknown',
    'Route / (gateway.routes[0]) has the unknown key roles: did you mean allow.roles?',
  ],
  [
    'gateway.routes=[{"path":"/","acces":"public"}]',
    'config_unknown',
    'Route / (gateway.routes[0]) has the unknown key acces: did you mean access?',
  ],
  [
    'gateway.routes=[{"path":"/","access":"open"}]',
    'config_invalid',
    'Route / (gateway.routes[0]): access must be public or authenticated, not "open".',
  ],
  [
    'gateway.routes=[{"path":"/","access":true}]',
    'config_invalid',
    'Route / (gateway.routes[0]): access must be public or authenticated, not true.',
  ],
  [
    'gateway.routes=[{"path":"/","public":true}]',
    'config_unknown',
    'Route / (gateway.routes[0]) has the unknown key public: did you mean access?',
  ],
  [
    'gateway.routes=[{"path":"/","accept":"apiKey"}]',
    'config_invalid',
    'Route / (gateway.routes[0]): accept must be a list, such as ["apiKey", "mtls"], not "apiKey".',
  ],
  [
    'gateway.routes=[{"path":"/","accept":["cookie"]}]',
    'config_invalid',
    'Route / (gateway.routes[0]): accept[0] must be bearer, apiKey, basic, digest, signature, session or mtls, not "cookie".',
  ],
  [
    'gateway.routes=[{"path":"/","host":"https://a"}]',
    'config_invalid',
    'Route / (gateway.routes[0]): host must be a host name without port or trailing dot, such as "api.example.com", not "https://a".',
  ],
  [
    'gateway.routes=[{"path":"/","host":["a","b"]}]',
    'config_invalid',
    'Route / (gateway.routes[0]): host must be a text, such as "api.example.com", not a list.',
  ],
  [
    'gateway.routes=[{"path":"/","target":"http://a"}]',
    'config_unknown',
    'Route / (gateway.routes[0]) has the unknown key target: did you mean upstream?',
  ],
  [
    'gateway.routes=[{"path":"/","upstream":null}]',
    'config_invalid',
    'Route / (gateway.routes[0]): upstream must be a text, such as "http://127.0.0.1:3000", not null.',
  ],
  [
    'gateway.routes=[{"url":"/notes"}]',
    'config_unknown',
    'Route gateway.routes[0] has the unknown key url: did you mean upstream?',
  ],
  [
    'gateway.routes=[{"path":"/a","stripPrefix":"/a/"}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): stripPrefix must be the beginning of a path, such as /api, without a slash at the end, not "/a/".',
  ],
  [
    'gateway.routes=[{"path":"/a","maxBodyBytes":"10MB"}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): maxBodyBytes must be a size such as 64KiB or 1GiB, not "10MB": write 10MiB.',
  ],
  [
    'gateway.routes=[{"path":"/a","paths":"all"}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): paths must be canonical or any, not "all".',
  ],
  [
    'gateway.routes=[{"path":"/a","cors":{"origins":["*"],"credentials":true}}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): cors.credentials is true with the origin *, so every web page could act in the name of its visitors: name the origins, or leave out credentials.',
  ],
  [
    'gateway.routes=[{"path":"/a","cors":{"origins":["https://app.example/"]}}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): cors.origins[0] must be an origin such as https://app.example, without a path or a slash at the end, or *, not "https://app.example/".',
  ],
  [
    'gateway.routes=[{"path":"/a","cors":{}}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): cors.origins is missing; give a list, such as ["https://app.example"].',
  ],
  [
    'gateway.routes=[{"path":"/a","cors":"*"}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): cors must be an object, such as { "origins": ["https://app.example"] }, not "*".',
  ],
  [
    'gateway.routes=[{"path":"/a","cors":{"origins":["https://a"],"maxAge":"2 days"}}]',
    'config_invalid',
    'Route /a (gateway.routes[0]): cors.maxAge must be a duration such as 30s or 15m, from 0 to 86400 seconds, not "2 days": write 2d.',
  ],
  [
    'gateway.routes=[{"path":"/a","weight":5}]',
    'config_unknown',
    'Route /a (gateway.routes[0]) has the unknown key weight: see docs/configuration.md for all settings.',
  ],
  [
    'gateway.routes=/notes',
    'config_invalid',
    'Setting gateway.routes is not valid: must be a list, such as [{ "path": "/notes/*", "methods": ["GET", "HEAD"] }], not "/notes".',
  ],
  [
    'gateway.routes.0.path=/',
    'config_invalid',
    'Setting gateway.routes is not valid: must be a list, such as [{ "path": "/notes/*", "methods": ["GET", "HEAD"] }], not an object.',
  ],
  [
    'gateway.workers=many',
    'config_invalid',
    'Setting gateway.workers is not valid: must be auto or a whole number from 1 to 64, not "many".',
  ],
  [
    'gateway.workers=65',
    'config_invalid',
    'Setting gateway.workers is not valid: must be a whole number from 1 to 64, not "65".',
  ],
  [
    'gateway.workers=[2]',
    'config_invalid',
    'Setting gateway.workers is not valid: must be auto or a whole number from 1 to 64.',
  ],
  [
    'gateway.timeouts.idle=soon',
    'config_invalid',
    'Setting gateway.timeouts.idle is not valid: must be a duration such as 30s or 15m, from 0.05 to 31536000 seconds, not "soon".',
  ],
  [
    'gateway.timeouts.idle=[]',
    'config_invalid',
    'Setting gateway.timeouts.idle is not valid: must be a duration such as 30s or 15m, from 0.05 to 31536000 seconds.',
  ],
  [
    'gateway.timeouts.idle=0s',
    'config_invalid',
    'Setting gateway.timeouts.idle is not valid: must be a duration such as 30s or 15m, from 0.05 to 31536000 seconds, not "0s".',
  ],
  [
    'gateway.timeouts.idle=30 seconds',
    'config_invalid',
    'Setting gateway.timeouts.idle is not valid: must be a duration such as 30s or 15m, from 0.05 to 31536000 seconds, not "30 seconds": write 30s.',
  ],
  [
    'identity.tokenLifetime=10min',
    'config_invalid',
    'Setting identity.tokenLifetime is not valid: must be a duration such as 30s or 15m, from 1 to 86400 seconds, not "10min": write 10m.',
  ],
  [
    'gateway.timeouts.connect=5000',
    'config_invalid',
    'Setting gateway.timeouts.connect is not valid: must be a duration such as 30s or 15m, from 0.05 to 3600 seconds, not "5000".',
  ],
  [
    'gateway.maxBodyBytes=10m',
    'config_invalid',
    'Setting gateway.maxBodyBytes is not valid: must be a size such as 64KiB or 1GiB, not "10m": write 10MiB.',
  ],
  ['tls.ciphers=HIGH', 'config_unknown', 'Unknown setting tls.ciphers: did you mean tls.suites?'],
  [
    'gateway.timeouts=5',
    'config_invalid',
    'Setting gateway.timeouts is not valid: must be an object, such as { "idle": "30s" }, not "5".',
  ],
  ['gateway.timeout=5', 'config_unknown', 'Unknown setting gateway.timeout: did you mean gateway.timeouts?'],
  ['gateway=5', 'config_invalid', 'Setting gateway is not valid: must be an object, not "5".'],
  [
    'gateway.maxBodyBytes=lots',
    'config_invalid',
    'Setting gateway.maxBodyBytes is not valid: must be a size such as 64KiB or 1GiB, not "lots".',
  ],
  [
    'gateway.maxHeaders=1',
    'config_invalid',
    'Setting gateway.maxHeaders is not valid: must be a whole number from 10 to 2000, not "1".',
  ],
  [
    'gateway.maxConnections=1.5',
    'config_invalid',
    'Setting gateway.maxConnections is not valid: must be a whole number from 1 to 1000000, not "1.5".',
  ],
  [
    'gateway.clientCertificates=yes',
    'config_invalid',
    'Setting gateway.clientCertificates is not valid: must be off, request or require, not "yes".',
  ],
  [
    'gateway.acme=[{"directory":"http://ca.example/dir","names":["a.example"],"challenge":"http-01"}]',
    'config_invalid',
    'Certificate a.example (gateway.acme[0]): directory must be an https URL without user and password, such as https://acme-v02.api.letsencrypt.org/directory, not "http://ca.example/dir".',
  ],
  [
    'gateway.acme=[{"directory":"https://me:secret@ca.example/dir","names":["a.example"],"challenge":"http-01"}]',
    'config_invalid',
    'Certificate a.example (gateway.acme[0]): directory must be an https URL without user and password, such as https://acme-v02.api.letsencrypt.org/directory.',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["192.0.2.1"],"challenge":"http-01"}]',
    'config_invalid',
    'Certificate gateway.acme[0]: names[0] must be a DNS name such as shop.example.com, in ASCII and in lower case, not "192.0.2.1".',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["*.a.example"],"challenge":"http-01"}]',
    'config_invalid',
    'Certificate *.a.example (gateway.acme[0]): challenge must be dns-01 for *.a.example (RFC 8555 §7.1.4), not "http-01".',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["a.example"],"challenge":"dns-01"}]',
    'config_invalid',
    'Certificate a.example (gateway.acme[0]): hook must name a program, such as "/usr/local/bin/dns-record", because the challenge is dns-01.',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["a.example"],"challenge":"http-01","hook":"/bin/true"}]',
    'config_invalid',
    'Certificate a.example (gateway.acme[0]): hook must be removed, because only dns-01 uses it, not "/bin/true".',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["a.example"],"challenge":"tls"}]',
    'config_invalid',
    'Certificate a.example (gateway.acme[0]): challenge must be http-01, tls-alpn-01 or dns-01, not "tls".',
  ],
  [
    'gateway.acme=[{"directory":"https://ca.example/dir","names":["a.example"],"challenge":"http-01"},{"directory":"https://ca.example/dir","names":["b.example","a.example"],"challenge":"http-01"}]',
    'config_invalid',
    'Certificate gateway.acme[1]: names must not have a.example, which another certificate of gateway.acme has.',
  ],
  [
    'gateway.certificates=cert.pem',
    'config_invalid',
    'Setting gateway.certificates is not valid: must be a list, such as [{ "certificate": "/etc/ssl/api.pem", "key": "/etc/ssl/api.key" }], not "cert.pem".',
  ],
  [
    'gateway.certificates=[{"cert":"a.pem","key":"a.key"}]',
    'config_unknown',
    'Certificate gateway.certificates[0] has the unknown key cert: did you mean certificate?',
  ],
  [
    'gateway.certificates=[{"certificate":"a.pem"}]',
    'config_invalid',
    'Certificate a.pem (gateway.certificates[0]): key is missing; give a text, such as "/etc/ssl/api.key".',
  ],
  [
    'gateway.transport=deno',
    'config_invalid',
    'Setting gateway.transport is not valid: must be auto, bun or node, not "deno".',
  ],
  ['gateway.port=8443', 'config_unknown', 'Unknown setting gateway.port: did you mean gateway.listen?'],
  [
    'tls.minVersion=1.1',
    'config_invalid',
    'Setting tls.minVersion is not valid: must be 1.2 or 1.3, not "1.1": older versions are not secure (RFC 8996).',
  ],
  [
    'tls.preset=old',
    'config_invalid',
    'Setting tls.preset is not valid: must be modern or intermediate, not "old".',
  ],
  [
    'tls.suites=ECDHE-RSA-AES128-SHA',
    'config_invalid',
    'Setting tls.suites is not valid: ECDHE-RSA-AES128-SHA uses CBC, which padding oracles have broken (RFC 9325 §4.2): use TLS_AES_128_GCM_SHA256.',
  ],
  [
    'tls.groups=secp192r1',
    'config_invalid',
    'Setting tls.groups is not valid: secp192r1 has less than 128 bits of security (96): use X25519MLKEM768.',
  ],
  [
    'ca.serverLifetime=31d',
    'config_invalid',
    'Setting ca.serverLifetime is not valid: must be a duration such as 30s or 15m, from 2 to 2592000 seconds, not "31d".',
  ],
  [
    'ca.names=[1]',
    'config_invalid',
    'Setting ca.names is not valid: must be a list of texts, such as ["one", "two"] or one,two.',
  ],
  [
    'ca.keyType=RSA-1024',
    'config_invalid',
    'Setting ca.keyType is not valid: must be P-256, P-384, Ed25519, RSA-2048, RSA-3072, RSA-4096, ML-DSA-44, ML-DSA-65 or ML-DSA-87, not "RSA-1024".',
  ],
  [
    'identity.passwordMinLength=4',
    'config_invalid',
    'Setting identity.passwordMinLength is not valid: must be a whole number from 8 to 128, not "4".',
  ],
  [
    'acme.requireEab=yes',
    'config_invalid',
    'Setting acme.requireEab is not valid: must be true or false, not "yes".',
  ],
  [
    'log.level=loud',
    'config_invalid',
    'Setting log.level is not valid: must be debug, info, warn, error or silent, not "loud".',
  ],
  [
    'log.level=warning',
    'config_invalid',
    'Setting log.level is not valid: must be debug, info, warn, error or silent, not "warning".',
  ],
  [
    'log.access=',
    'config_invalid',
    'Setting log.access is not valid: must be a file, stdout or none, not "".',
  ],
  [
    'config.watch=yes',
    'config_invalid',
    'Setting config.watch is not valid: must be true or false, not "yes".',
  ],
  ['gateway.lisen=:1', 'config_unknown', 'Unknown setting gateway.lisen: did you mean gateway.listen?'],
  [
    'gateway.maxbodybytes=1',
    'config_unknown',
    'Unknown setting gateway.maxbodybytes: did you mean gateway.maxBodyBytes?',
  ],
  [
    'gateway.timeouts.firstbyte=1s',
    'config_unknown',
    'Unknown setting gateway.timeouts.firstbyte: did you mean gateway.timeouts.firstByte?',
  ],
  ['gatway.listen=:1', 'config_unknown', 'Unknown setting gatway: did you mean gateway?'],
  ['colour=blue', 'config_unknown', 'Unknown setting colour: see docs/configuration.md for all settings.'],
  [
    'gateway..listen=:1',
    'config_unknown',
    'Unknown setting gateway.: see docs/configuration.md for all settings.',
  ],
  ['gateway.listen', 'config_invalid', '--set gateway.listen must have the form KEY=VALUE.'],
  ['=1', 'config_invalid', '--set =1 must have the form KEY=VALUE.'],
  ['__proto__.polluted=1', 'config_unknown', 'Unknown setting __proto__.'],
  ['gateway.__proto__.polluted=1', 'config_unknown', 'Unknown setting __proto__.'],
  ['gateway.upstreams.__proto__=http://127.0.0.1:1', 'config_unknown', 'Unknown setting __proto__.'],
  [
    'constructor.prototype.polluted=1',
    'config_unknown',
    'Unknown setting constructor: see docs/configuration.md for all settings.',
  ],
];

for (const [set, code, sentence] of mistakes) {
  test(`--set ${set} gets one sentence`, async () => {
    await assert.rejects(loadConfig({ file: 'none', set: [set], environment: {} }), (error: Error) => {
      refusal(code, /^[^\n]+$/)(error);
      assert.equal(error.message, sentence);
      return true;
    });
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
}

test('no sentence has the words of the validator or of the system', () => {
  for (const [, , sentence] of mistakes) {
    assert.doesNotMatch(
      sentence,
      /\b(?:expected|received|Invalid|Too big|Too small|E(?:NOENT|ACCES|ISDIR|PERM)|undefined|NaN)\b/,
    );
  }
});
