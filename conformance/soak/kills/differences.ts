// Compares three views of the same things: the acknowledged writes, the tables, and the running server. Each
// difference is a line of text.
import { Agent } from 'node:https';
import { readCertificates, verifySignature } from '@gatehouse/x509';
import { operate } from '../../support/certificates.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { fetchRevocationList, revocationOf } from '../../support/revocation.ts';
import { clientDifferences, memberDifferences } from './access-differences.ts';
import { postToAccount } from './acme-post.ts';
import { chosen, difference, each, OK, statusesOf, UNAUTHORIZED } from './comparing.ts';
import type { Tables } from './tables.ts';
import { readTables } from './tables.ts';
import type { KnownCertificate, KnownOwner, Scene, Standing, Thing, World } from './world.ts';

const ACME_UNAUTHORIZED = 'urn:ietf:params:acme:error:unauthorized';

/** Call it when no writer is running. Things with an unknown standing then get the one in the tables. */
export async function findDifferences(scene: Scene): Promise<string[]> {
  const { world, server } = scene;
  const tables = readTables(server.data);
  const found = [...compareTables(world, tables)];
  settle(world, tables);
  found.push(...(await named('keys', keyDifferences(scene, tables))));
  found.push(...(await named('owners', ownerDifferences(scene, tables))));
  found.push(...(await named('accounts', accountDifferences(scene, tables))));
  found.push(...(await named('clients', clientDifferences(scene, tables))));
  found.push(...(await named('members', memberDifferences(scene, tables))));
  found.push(...(await named('list', listDifferences(scene, tables))));
  found.push(...(await named('ledger', ledgerDifferences(server))));
  return found;
}

/** A failed request is no difference, but ends the rounds with its place. */
function named(what: string, comparison: Promise<string[]>): Promise<string[]> {
  return comparison.catch((error: Error) => {
    throw new Error(`comparing the ${what}: ${error.message}`, { cause: error });
  });
}

/** The tables must have all acknowledged writes, and nothing that was never requested. */
function* compareTables(world: World, tables: Tables): Generator<string> {
  const things = [
    ...world.keys.map((key) => stored(`the key ${key.id}`, key, tables.keys.has(key.id))),
    ...world.owners.map((owner) => stored(ownerText(owner), owner, hasOwner(tables, owner))),
    ...certificatesOf(world).map((each) => stored(certificateText(each), each, isInForce(tables, each))),
    ...world.accounts.map((each) =>
      stored(`the account ${each.id}`, each, tables.validAccounts.has(each.id)),
    ),
    ...world.clients.map((client) =>
      stored(`the client ${client.id}`, client, tables.clients.has(client.id)),
    ),
    ...world.members.map((each) => stored(`the member ${each.name}`, each, tables.members.has(each.name))),
  ];
  for (const { text, standing, isStored } of things) {
    if (standing !== 'unknown' && standing !== standingOf(isStored))
      yield `${text} is ${standing} by the answer and ${standingOf(isStored)} in the tables`;
  }
  for (const name of tables.names) {
    if (name !== 'admin' && !world.names.has(name))
      yield `the tables have ${name}, which was never requested`;
  }
  const { standing, forbidden } = world.policies;
  const isApplied = forbidden.symmetricDifference(tables.forbidden).size === 0;
  if (standing !== 'unknown' && !isApplied)
    yield 'the tables have other policies than those that were applied';
  for (const { serial } of certificatesOf(world)) {
    if (!tables.certificates.has(serial)) yield `the inventory lacks the certificate ${serial}`;
  }
}

function stored(text: string, { standing }: Thing, isStored: boolean) {
  return { text, standing, isStored };
}

function settle(world: World, tables: Tables): void {
  const set = (thing: Thing, isStored: boolean) => {
    Object.assign(thing, { standing: standingOf(isStored), isTaken: false });
  };
  for (const key of world.keys) set(key, tables.keys.has(key.id));
  for (const owner of world.owners) set(owner, hasOwner(tables, owner));
  for (const certificate of certificatesOf(world)) set(certificate, isInForce(tables, certificate));
  for (const account of world.accounts) set(account, tables.validAccounts.has(account.id));
  for (const client of world.clients) set(client, tables.clients.has(client.id));
  for (const member of world.members) set(member, tables.members.has(member.name));
  set(world.policies, true);
  world.policies.forbidden = tables.forbidden;
}

async function keyDifferences(scene: Scene, tables: Tables): Promise<string[]> {
  return each(chosen(scene, scene.world.keys), async ({ id, text }) => {
    const expected = tables.keys.has(id) ? OK : UNAUTHORIZED;
    return difference(
      `the key ${id}`,
      expected,
      await statusesOf(scene.server, { headers: { 'x-api-key': text } }),
    );
  });
}

async function ownerDifferences(scene: Scene, tables: Tables): Promise<string[]> {
  return each(chosen(scene, scene.world.owners), async (owner) => {
    const isStored = hasOwner(tables, owner);
    // There is no token if the server was killed between the two requests.
    const token = owner.token
      ? difference(
          ownerText(owner),
          isStored ? OK : UNAUTHORIZED,
          await statusesOf(scene.server, { headers: { authorization: `Bearer ${owner.token}` } }),
        )
      : [];
    const certificates = await each(owner.certificates, async (certificate) => {
      const isAdmitted = isStored && isInForce(tables, certificate);
      return [
        ...difference(
          certificateText(certificate),
          isAdmitted ? OK : UNAUTHORIZED,
          await statusesWith(scene.server, certificate),
        ),
        ...(await statusDifferences(scene.server, { certificate, tables })),
      ];
    });
    return [...token, ...certificates];
  });
}

/** Compares OCSP, and the list that the certificate names. */
async function statusDifferences(
  { ca }: Up,
  { certificate, tables }: { certificate: KnownCertificate; tables: Tables },
): Promise<string[]> {
  const { list, ocsp } = await revocationOf(certificate.chain, ca);
  const isGood = isInForce(tables, certificate);
  const found: string[] = [];
  if ((ocsp === 'good') !== isGood) found.push(`${certificateText(certificate)} is ${ocsp} by OCSP`);
  if ((list === 'good') !== isGood) found.push(`${certificateText(certificate)} is ${list} by its list`);
  return found;
}

/** A deactivated account may do nothing: it gets `unauthorized` (RFC 8555 §7.3.6). */
async function accountDifferences(scene: Scene, tables: Tables): Promise<string[]> {
  return each(chosen(scene, scene.world.accounts), async ({ id, client }) => {
    const { status, body, text } = await postToAccount(client);
    const isAsStored = tables.validAccounts.has(id) ? status === OK : body.type === ACME_UNAUTHORIZED;
    return isAsStored ? [] : [`the account ${id} is answered ${status}: ${text}`];
  });
}

/** The list must be signed, not older than the last one, and have exactly the revoked certificates. */
async function listDifferences({ world }: Scene, tables: Tables): Promise<string[]> {
  const [any] = certificatesOf(world);
  const [certificate, issuer] = any ? readCertificates(any.chain) : [];
  if (!certificate || !issuer) return [];
  const list = await fetchRevocationList(certificate);
  const listed = new Set(list.revoked.keys());
  const found = [
    ...[...tables.revoked.difference(listed)].map((serial) => `the list lacks ${serial}`),
    ...[...listed.difference(tables.revoked)].map((serial) => `the list has ${serial}, which is not revoked`),
  ];
  if (!verifySignature(list, issuer.spki)) found.push('the list is not signed by the issuer');
  const number = list.number ?? 0n;
  if (number < world.listNumber) found.push(`the list has the number ${number} after ${world.listNumber}`);
  world.listNumber = number;
  return found;
}

async function ledgerDifferences({ data }: Up): Promise<string[]> {
  const { ok, problem } = await operate(data, 'POST /admin/audit/verify');
  return ok === true ? [] : [`the ledger does not verify: ${JSON.stringify(problem)}`];
}

async function statusesWith(server: Up, { chain, key }: KnownCertificate): Promise<number[]> {
  const agent = new Agent({ cert: chain, key });
  return statusesOf(server, { agent }).finally(() => agent.destroy());
}

function certificatesOf({ owners }: World): KnownCertificate[] {
  return owners.flatMap(({ certificates }) => certificates);
}

function hasOwner({ users, services }: Tables, { kind, name }: KnownOwner): boolean {
  return (kind === 'user' ? users : services).has(name);
}

function isInForce({ certificates, revoked }: Tables, { serial }: KnownCertificate): boolean {
  return certificates.has(serial) && !revoked.has(serial);
}

function standingOf(isStored: boolean): Standing {
  return isStored ? 'in force' : 'gone';
}

function ownerText({ kind, name }: KnownOwner): string {
  return `the ${kind} ${name}`;
}

function certificateText({ serial }: KnownCertificate): string {
  return `the certificate ${serial}`;
}
