// The inventory: issued certificates, their names, and those that should be renewed. Part of `store.ts`.
import type { Connection, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type { CertificateQuery } from '../types.ts';
import type { StoredCertificate, Tables, Within } from './rows.ts';
import { certificateFrom } from './rows.ts';

export function certificateQueries(tables: Tables, within: Within) {
  const insertRow = prepareInsert(tables);
  const insertName = prepareQuery((name: string, serial_number: string) =>
    tables.insertInto('ca_names').values({ name, serial_number }),
  );
  return {
    async insertCertificate(tx: Tx, certificate: StoredCertificate): Promise<void> {
      const { serialNumber, names } = certificate;
      await insertRow(
        tx,
        serialNumber,
        certificate.profile,
        JSON.stringify(names),
        certificate.notBefore,
        certificate.notAfter,
        certificate.issuedAt,
        certificate.pem,
        certificate.issuerId,
        certificate.owner?.kind ?? null,
        certificate.owner?.name ?? null,
        certificate.source,
        certificate.warnAt,
      );
      for (const name of searchedNames(names)) await insertName(tx, name, serialNumber);
    },
    /** Whether the inventory has a certificate. */
    async hasCertificates(connection: Connection): Promise<boolean> {
      const row = await within(connection)
        .selectFrom('ca_certificates')
        .select('serial_number')
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async certificate(connection: Connection, serialNumber: string): Promise<StoredCertificate | undefined> {
      const row = await within(connection)
        .selectFrom('ca_certificates')
        .selectAll()
        .where('serial_number', '=', serialNumber)
        .executeTakeFirst();
      return row && certificateFrom(row);
    },
    /** A page of the inventory, newest first. */
    async certificates(
      connection: Connection,
      query: CertificateQuery,
      now: number,
    ): Promise<StoredCertificate[]> {
      const rows = await selectPage(within(connection), query, now).execute();
      return rows.map(certificateFrom);
    },
    /** The certificates that should have been renewed before `now`. */
    async dueForWarning(connection: Connection, now: number): Promise<StoredCertificate[]> {
      const rows = await within(connection)
        .selectFrom('ca_certificates')
        .selectAll()
        .where('warn_at', '<=', now)
        .limit(WARNINGS_AT_ONCE)
        .execute();
      return rows.map(certificateFrom);
    },
    /** Whether another certificate with the same names, profile and owner expires later than this one. */
    async isReplaced(
      connection: Connection,
      { names, profile, owner, notAfter }: StoredCertificate,
    ): Promise<boolean> {
      const row = await within(connection)
        .selectFrom('ca_certificates')
        .select('serial_number')
        .where('not_after', '>', notAfter)
        .where('profile', '=', profile)
        .where('names', '=', JSON.stringify(names))
        .where('owner_name', owner ? '=' : 'is', owner?.name ?? null)
        .where('revoked_at', 'is', null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async settleWarning(tx: Tx, serialNumber: string): Promise<void> {
      await within(tx)
        .updateTable('ca_certificates')
        .set({ warn_at: null })
        .where('serial_number', '=', serialNumber)
        .execute();
    },
  };
}

const WARNINGS_AT_ONCE = 100;

/** Names in the form for searches: in lower case, each once. */
function searchedNames(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

function prepareInsert(tables: Tables) {
  return prepareQuery(
    (
      serial_number: string,
      profile: string,
      names: string,
      not_before: number,
      not_after: number,
      issued_at: number,
      certificate: string,
      issuer_id: string,
      owner_kind: string | null,
      owner_name: string | null,
      source: string,
      warn_at: number | null,
    ) =>
      tables.insertInto('ca_certificates').values({
        serial_number,
        profile,
        names,
        not_before,
        not_after,
        issued_at,
        certificate,
        issuer_id,
        owner_kind,
        owner_name,
        source,
        warn_at,
      }),
  );
}

function selectPage(tables: Tables, query: CertificateQuery, now: number) {
  let select = tables.selectFrom('ca_certificates').selectAll();
  if (query.profile !== undefined) select = select.where('profile', '=', query.profile);
  if (query.status === 'revoked') select = select.where('revoked_at', 'is not', null);
  if (query.status === 'expired') select = select.where('not_after', '<=', now);
  if (query.status === 'valid' || query.expiringSeconds !== undefined) {
    select = select.where('revoked_at', 'is', null).where('not_after', '>', now);
  }
  if (query.expiringSeconds !== undefined) {
    select = select.where('not_after', '<=', now + query.expiringSeconds * 1000);
  }
  if (query.name !== undefined) {
    select = select.where('serial_number', 'in', serialNumbersOf(tables, query.name));
  }
  if (query.after !== undefined) {
    const [issuedAt, serialNumber] = query.after;
    select = select.where((where) =>
      where.or([
        where('issued_at', '<', issuedAt),
        where.and([where('issued_at', '=', issuedAt), where('serial_number', '<', serialNumber)]),
      ]),
    );
  }
  return select.orderBy('issued_at', 'desc').orderBy('serial_number', 'desc').limit(query.limit);
}

/** Finds the certificates that have a name, or whose owner has it. Both searches use an index. */
function serialNumbersOf(tables: Tables, name: string) {
  return tables
    .selectFrom('ca_names')
    .select('serial_number')
    .where('name', '=', name.toLowerCase())
    .union(tables.selectFrom('ca_certificates').select('serial_number').where('owner_name', '=', name));
}
