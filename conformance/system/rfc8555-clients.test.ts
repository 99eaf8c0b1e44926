// ACME (RFC 8555, RFC 8737, RFC 8738) with the usual clients: certbot, lego, dehydrated and npm's acme-client
// obtain, renew and revoke certificates, and nginx serves them.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCertificates } from '@gatehouse/x509';
import acme from 'acme-client';
import type { AcmeUnderTest } from '../support/acme-server.ts';
import { startAcmeServer } from '../support/acme-server.ts';
import { startChallengeServer } from '../support/challenge-server.ts';
import type { Outcome } from '../support/gatehouse-command.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { revocationOf, serialOf } from '../support/revocation.ts';

// curl's exit status for a certificate without a trusted issuer.
const CURL_PEER_UNVERIFIED = 60;
const GOOD = { list: 'good', ocsp: 'good', reason: undefined };

const [forCertbot, forLego, forDehydrated, forNpm, withEab] = await Promise.all([
  // The server's own names can be ordered only if they are listed.
  startAcmeServer(['acme.names=*.example,localhost']),
  startAcmeServer(),
  startAcmeServer(),
  startAcmeServer(['acme.names=*.example,127.0.0.1']),
  startAcmeServer(['acme.requireEab=true']),
]);
after(async () => {
  await Promise.all([forCertbot, forLego, forDehydrated, forNpm, withEab].map(({ stop }) => stop()));
});

describe('ACME, as spoken by', { concurrency: 4 }, () => {
  describe('certbot', { skip: without('certbot'), concurrency: 1 }, () => {
    const { directory, rootFile, httpPort, folder, server } = forCertbot;
    const certbot = async (...args: string[]) => {
      const places = ['config', 'work', 'logs'].flatMap((name) => [`--${name}-dir`, join(folder, name)]);
      const environment = { REQUESTS_CA_BUNDLE: rootFile };
      return succeeded(
        await run('certbot', [...args, '--non-interactive', '--server', directory, ...places], {
          environment,
        }),
      );
    };
    const obtain = (...names: string[]) => {
      const alone = ['--standalone', '--http-01-address', '127.0.0.1', '--http-01-port', String(httpPort)];
      const account = ['--agree-tos', '--register-unsafely-without-email'];
      return certbot('certonly', ...alone, ...account, ...names.flatMap((name) => ['--domain', name]));
    };
    const file = (name: string, kind: string) => join(folder, 'config/live', name, `${kind}.pem`);
    const chainOf = (name: string) => readFileSync(file(name, 'fullchain'), 'utf8');

    it('obtains by http-01, renews, and revokes with the account’s key (RFC 8555 §7.4, §7.6)', async () => {
      await obtain('shop.example', 'www.shop.example');
      const first = chainOf('shop.example');
      assert.deepEqual(namesIn(first), ['shop.example', 'www.shop.example']);
      await certbot('renew', '--force-renewal', '--no-random-sleep-on-renew');
      const second = chainOf('shop.example');
      assert.notEqual(serialOf(second), serialOf(first));
      assert.deepEqual(await revocationOf(second, server.ca), GOOD);
      await certbot(
        'revoke',
        '--cert-name',
        'shop.example',
        '--reason',
        'superseded',
        '--no-delete-after-revoke',
      );
      assert.deepEqual(await revocationOf(second, server.ca), revokedFor('superseded'));
      assert.deepEqual(await revocationOf(first, server.ca), GOOD);
      assert.match((await certbot('certificates')).stdout, /INVALID: REVOKED/);
    });

    it('revokes with the certificate’s own key (RFC 8555 §7.6)', async () => {
      await obtain('stolen.example');
      const chain = chainOf('stolen.example');
      const files = ['--cert-path', file('stolen.example', 'fullchain'), '--key-path'];
      const key = file('stolen.example', 'privkey');
      await certbot('revoke', ...files, key, '--reason', 'keycompromise', '--no-delete-after-revoke');
      assert.deepEqual(await revocationOf(chain, server.ca), revokedFor('keyCompromise'));
    });

    it('obtains a certificate for nginx, which curl accepts with root.pem and refuses without', {
      skip: without('nginx', '-v') || without('curl'),
    }, async (t) => {
      await obtain('localhost');
      const [port = 0] = await freePorts(1);
      const files = { certificate: file('localhost', 'fullchain'), key: file('localhost', 'privkey') };
      const nginx = await startNginx({ folder, port, ...files });
      t.after(nginx.stop);
      const url = `https://localhost:${port}/`;
      const trusting = await run('curl', ['--silent', '--show-error', '--cacert', rootFile, url]);
      assert.equal(trusting.stdout, 'served by nginx', trusting.stderr);
      assert.equal((await run('curl', ['--silent', url])).status, CURL_PEER_UNVERIFIED);
    });
  });

  describe('lego', { skip: without('lego'), concurrency: 1 }, () => {
    const lego = async (
      { directory, rootFile, folder }: AcmeUnderTest,
      args: string[],
      environment: NodeJS.ProcessEnv = {},
    ) => {
      const always = ['--server', directory, '--path', folder, '--email', 'ops@example.com', '--accept-tos'];
      const variables = { LEGO_CA_CERTIFICATES: rootFile, ...environment };
      return succeeded(await run('lego', [...always, ...args], { environment: variables }));
    };
    const http = ({ httpPort }: AcmeUnderTest) => ['--http', '--http.port', `127.0.0.1:${httpPort}`];
    const chainOf = ({ folder }: AcmeUnderTest, name: string) =>
      readFileSync(join(folder, `certificates/${name}.crt`), 'utf8');

    it('obtains by http-01, renews and revokes', async () => {
      await lego(forLego, [...http(forLego), '--domains', 'lego.example', 'run']);
      const first = chainOf(forLego, 'lego.example');
      const renew = ['renew', '--days', '3650', '--no-random-sleep'];
      await lego(forLego, [...http(forLego), '--domains', 'lego.example', ...renew]);
      const second = chainOf(forLego, 'lego.example');
      assert.notEqual(serialOf(second), serialOf(first));
      assert.deepEqual(await revocationOf(second, forLego.server.ca), GOOD);
      await lego(forLego, ['--domains', 'lego.example', 'revoke', '--reason', '5']);
      assert.deepEqual(await revocationOf(second, forLego.server.ca), revokedFor('cessationOfOperation'));
    });

    it('obtains by tls-alpn-01 (RFC 8737)', async () => {
      const tls = ['--tls', '--tls.port', `127.0.0.1:${forLego.tlsPort}`];
      await lego(forLego, [...tls, '--domains', 'alpn.example', 'run']);
      assert.deepEqual(namesIn(chainOf(forLego, 'alpn.example')), ['alpn.example']);
    });

    it('obtains a wildcard and the name itself by dns-01 (RFC 8555 §8.4)', async () => {
      const { dns, folder } = forLego;
      const records = join(folder, 'records');
      dns.zone.set('_acme-challenge.wild.example', () => ({ TXT: presentRecords(records) }));
      const hook = writeProgram(join(folder, 'hook'), `printf '%s %s %s\\n' "$@" >>'${records}'`);
      const settings = { EXEC_PATH: hook, EXEC_POLLING_INTERVAL: '1', EXEC_SEQUENCE_INTERVAL: '0' };
      const ask = ['--dns', 'exec', '--dns.disable-cp', '--dns.resolvers', dns.address];
      const names = ['--domains', '*.wild.example', '--domains', 'wild.example'];
      await lego(forLego, [...ask, ...names, 'run'], settings);
      assert.deepEqual(namesIn(chainOf(forLego, '_.wild.example')), ['*.wild.example', 'wild.example']);
    });

    it('continues with its account and renews after control.url got another name', async (t) => {
      const [control = 0, httpPort = 0] = await freePorts(2);
      const folder = mkdtempSync(join(tmpdir(), 'gatehouse-renamed-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const data = join(folder, 'data');
      mkdirSync(data);
      const set = [`control.listen=127.0.0.1:${control}`, `acme.httpPort=${httpPort}`, 'gateway.workers=1'];
      const rootFile = join(data, 'root.pem');
      const directory = `https://localhost:${control}/acme/directory`;
      const renamed = { ...forLego, directory, rootFile, httpPort, folder };
      const args = [...http(renamed), '--domains', 'renamed.localhost'];
      const before = await up({ data, set });
      await lego(renamed, [...args, 'run']).finally(before.stop);
      const first = chainOf(renamed, 'renamed.localhost');
      const after = await up({ data, set: [...set, `control.url=https://127.0.0.1:${control}`] });
      t.after(after.stop);
      await lego(renamed, [...args, 'renew', '--days', '3650', '--no-random-sleep']);
      assert.notEqual(serialOf(chainOf(renamed, 'renamed.localhost')), serialOf(first));
      assert.equal((await after.json<unknown[]>('acme', 'accounts')).length, 1);
    });

    it('registers with an external account binding if it is required, and not without (RFC 8555 §7.3.4)', async () => {
      const order = [...http(withEab), '--domains', 'bound.example', 'run'];
      await assert.rejects(lego(withEab, order), /requires External Account Binding/);
      const { kid, hmacKey } = await withEab.server.admin('POST', '/admin/acme/eab', { name: 'build-farm' });
      await lego(withEab, ['--eab', '--kid', String(kid), '--hmac', String(hmacKey), ...order]);
      const owners = (await accountsOf(withEab)).map(({ owner }) => owner);
      assert.ok(owners.some((owner) => owner?.kind === 'service' && owner.name === 'build-farm'));
    });
  });

  describe('dehydrated', { skip: without('dehydrated', '--help'), concurrency: 1 }, () => {
    it('obtains by http-01 with files and a hook, renews and revokes', async (t) => {
      const { directory, rootFile, httpPort, folder, server } = forDehydrated;
      const tokens = join(folder, 'tokens');
      mkdirSync(tokens);
      const web = await startChallengeServer({ port: httpPort, folder: tokens });
      t.after(web.close);
      const hook = writeProgram(join(folder, 'hook'), `echo "$1 $2" >>'${folder}/calls'`);
      const settings = {
        CA: directory,
        BASEDIR: folder,
        WELLKNOWN: tokens,
        HOOK: hook,
        ACCOUNT_KEY_ALGO: 'prime256v1',
        CURL_OPTS: `"--cacert ${rootFile}"`,
      };
      const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(join(folder, 'config'), lines.join(''));
      const dehydrated = async (...args: string[]) =>
        succeeded(await run('dehydrated', ['--config', join(folder, 'config'), ...args]));
      const file = (kind: string) => join(folder, 'certs/deh.example', `${kind}.pem`);

      await dehydrated('--register', '--accept-terms');
      await dehydrated('--cron', '--domain', 'deh.example');
      const first = readFileSync(file('fullchain'), 'utf8');
      assert.match(readFileSync(join(folder, 'calls'), 'utf8'), /^deploy_challenge deh\.example$/m);
      await dehydrated('--cron', '--force', '--domain', 'deh.example');
      const second = readFileSync(file('fullchain'), 'utf8');
      assert.notEqual(serialOf(second), serialOf(first));
      assert.deepEqual(await revocationOf(second, server.ca), GOOD);
      await dehydrated('--revoke', file('cert'));
      assert.deepEqual(await revocationOf(second, server.ca), revokedFor('unspecified'));
    });
  });

  describe('npm’s acme-client', { concurrency: 1 }, () => {
    const { server, dns, httpPort } = forNpm;
    acme.axios.defaults.httpsAgent = new Agent({ ca: [server.ca, withEab.server.ca, forLego.server.ca] });
    const opened = async () => {
      const [web, accountKey] = await Promise.all([
        startChallengeServer({ port: httpPort }),
        acme.crypto.createPrivateEcdsaKey(),
      ]);
      return { web, client: clientOf(forNpm, { accountKey }) };
    };
    const clientOf = ({ directory }: AcmeUnderTest, options: Omit<acme.ClientOptions, 'directoryUrl'>) =>
      new acme.Client({ directoryUrl: directory, backoffMin: 20, backoffMax: 500, ...options });

    it('obtains by http-01 and revokes, in its automatic mode', async (t) => {
      const { web, client } = await opened();
      t.after(web.close);
      const [, csr] = await acme.crypto.createCsr({ altNames: ['npm.example', 'www.npm.example'] });
      const chain = await client.auto({
        csr,
        email: 'ops@example.com',
        termsOfServiceAgreed: true,
        skipChallengeVerification: true,
        challengePriority: ['http-01'],
        challengeCreateFn: async (_, { token }, answer) => void web.answers.set(token, answer),
        challengeRemoveFn: async (_, { token }) => void web.answers.delete(token),
      });
      assert.deepEqual(namesIn(chain), ['npm.example', 'www.npm.example']);
      assert.deepEqual(await revocationOf(chain, server.ca), GOOD);
      await client.revokeCertificate(chain, { reason: 4 });
      assert.deepEqual(await revocationOf(chain, server.ca), revokedFor('superseded'));
      await assert.rejects(client.revokeCertificate(chain), /revoked/i);
    });

    it('obtains a wildcard by dns-01, the only challenge for it (RFC 8555 §7.1.3, §8.4)', async (t) => {
      const { web, client } = await opened();
      t.after(web.close);
      const [, csr] = await acme.crypto.createCsr({ altNames: ['*.star.example'] });
      const offered: string[] = [];
      const chain = await client.auto({
        csr,
        termsOfServiceAgreed: true,
        skipChallengeVerification: true,
        challengeCreateFn: async ({ challenges }, { type }, answer) => {
          assert.equal(type, 'dns-01');
          offered.push(...challenges.map((each) => each.type));
          dns.zone.set('_acme-challenge.star.example', { TXT: ['another', answer] });
        },
        challengeRemoveFn: async () => void dns.zone.delete('_acme-challenge.star.example'),
      });
      assert.deepEqual(offered, ['dns-01']);
      assert.deepEqual(namesIn(chain), ['*.star.example']);
    });

    it('obtains a certificate for an IP address (RFC 8738)', async (t) => {
      const { web, client } = await opened();
      t.after(web.close);
      await client.createAccount({ termsOfServiceAgreed: true });
      const order = await client.createOrder({ identifiers: [{ type: 'ip', value: '127.0.0.1' }] });
      const [authorization] = await client.getAuthorizations(order);
      const challenges = authorization?.challenges ?? [];
      assert.deepEqual(challenges.map(({ type }) => type).sort(), ['http-01', 'tls-alpn-01']);
      const challenge = challenges.find(({ type }) => type === 'http-01');
      assert.ok(challenge);
      web.answers.set(challenge.token, await client.getChallengeKeyAuthorization(challenge));
      await client.completeChallenge(challenge);
      await client.waitForValidStatus(challenge);
      const [, csr] = await acme.crypto.createCsr({ altNames: ['127.0.0.1'] });
      const chain = await client.getCertificate(await client.finalizeOrder(order, csr));
      assert.deepEqual(readCertificates(chain)[0]?.subjectAltNames, [
        { type: 'iPAddress', value: '127.0.0.1' },
      ]);
      assert.deepEqual(web.requests, [`127.0.0.1:${httpPort}/.well-known/acme-challenge/${challenge.token}`]);
    });

    it('changes its account, its key, and then gives the account up (RFC 8555 §7.3.2, §7.3.5, §7.3.6)', async (t) => {
      const { web, client } = await opened();
      t.after(web.close);
      await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:old@example.com'] });
      const url = client.getAccountUrl();
      const updated = await client.updateAccount({ contact: ['mailto:new@example.com'] });
      assert.deepEqual(updated.contact, ['mailto:new@example.com']);
      const accountKey = await acme.crypto.createPrivateEcdsaKey();
      await client.updateAccountKey(accountKey);
      const again = clientOf(forNpm, { accountKey });
      await again.createAccount({ onlyReturnExisting: true });
      assert.equal(again.getAccountUrl(), url);
      assert.equal((await again.updateAccount({ status: 'deactivated' })).status, 'deactivated');
      const order = { identifiers: [{ type: 'dns', value: 'late.example' }] };
      await assert.rejects(again.createOrder(order), /deactivated/);
    });

    it('deactivates an authorization, which then proves nothing (RFC 8555 §7.5.2)', async (t) => {
      const { web, client } = await opened();
      t.after(web.close);
      await client.createAccount({ termsOfServiceAgreed: true });
      const order = await client.createOrder({ identifiers: [{ type: 'dns', value: 'given-up.example' }] });
      const [authorization] = await client.getAuthorizations(order);
      assert.ok(authorization);
      assert.equal((await client.deactivateAuthorization(authorization)).status, 'deactivated');
      assert.equal((await client.getOrder(order)).status, 'invalid');
    });

    it('binds its account to one of our users (RFC 8555 §7.3.4)', async () => {
      const user = await withEab.server.createUser(['user']);
      const key = await withEab.server.admin('POST', '/admin/acme/eab', { name: user.name });
      const externalAccountBinding = { kid: String(key.kid), hmacKey: String(key.hmacKey) };
      const accountKey = await acme.crypto.createPrivateEcdsaKey();
      const unbound = clientOf(withEab, { accountKey });
      await assert.rejects(unbound.createAccount({ termsOfServiceAgreed: true }), /binding/);
      const client = clientOf(withEab, { accountKey, externalAccountBinding });
      await client.createAccount({ termsOfServiceAgreed: true });
      const owners = (await accountsOf(withEab)).map(({ owner }) => owner?.name);
      assert.ok(owners.includes(user.name));
    });

    it('does not give the account and key of a removed user to the next user of the name', async () => {
      const { server } = withEab;
      const user = await server.createUser(['user']);
      const key = await server.admin('POST', '/admin/acme/eab', { name: user.name });
      const externalAccountBinding = { kid: String(key.kid), hmacKey: String(key.hmacKey) };
      const open = async () => {
        const accountKey = await acme.crypto.createPrivateEcdsaKey();
        const client = clientOf(withEab, { accountKey, externalAccountBinding });
        await client.createAccount({ termsOfServiceAgreed: true });
        return client;
      };
      const client = await open();
      await server.admin('DELETE', `/admin/users/${user.name}`);
      const again = { name: user.name, password: 'another person’s', roles: ['admin'] };
      await server.admin('POST', '/admin/users', again);
      const order = { identifiers: [{ type: 'dns', value: 'inherited.example' }] };
      await assert.rejects(client.createOrder(order), /deactivated/);
      await assert.rejects(open(), /does not verify/);
      assert.equal((await keysOf(withEab)).includes(String(key.kid)), false);
    });

    it('gets no certificate for the server’s own names, which any program on its machine could validate', async () => {
      const accountKey = await acme.crypto.createPrivateEcdsaKey();
      const client = clientOf(forLego, { accountKey });
      await client.createAccount({ termsOfServiceAgreed: true });
      for (const identifier of [
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]) {
        await assert.rejects(client.createOrder({ identifiers: [identifier] }), /may be ordered here/);
      }
    });
  });
});

function revokedFor(reason: string) {
  return { list: 'certificate_revoked', ocsp: 'revoked', reason };
}

/** Throws, with what the program said, unless it succeeded. */
function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.status, 0, outcome.stdout + outcome.stderr);
  return outcome;
}

/** The DNS names of the first certificate, sorted. */
function namesIn(chain: string): string[] {
  const names = readCertificates(chain)[0]?.subjectAltNames ?? [];
  return names.map((name) => (name.type === 'dNSName' ? name.value : name.type)).sort();
}

function writeProgram(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}

/** The values that were presented and not cleaned up, as in the file of a zone. */
function presentRecords(file: string): string[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const values = new Set<string>();
  for (const [action, , value = ''] of lines.map((line) => line.split(' '))) {
    if (action === 'present') values.add(value);
    else values.delete(value);
  }
  return [...values];
}

interface AcmeAccount {
  owner: { kind: string; name: string } | null;
}

async function accountsOf({ server }: AcmeUnderTest): Promise<AcmeAccount[]> {
  const { accounts } = await server.admin('GET', '/admin/acme/accounts');
  return accounts as unknown as AcmeAccount[];
}

async function keysOf({ server }: AcmeUnderTest): Promise<string[]> {
  const { keys } = await server.admin('GET', '/admin/acme/eab');
  return (keys as unknown as { kid: string }[]).map(({ kid }) => kid);
}
