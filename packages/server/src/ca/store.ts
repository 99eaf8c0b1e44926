// Certificates: the authorities' own and every one that was issued. The only SQL of this capability.
import type { Connection, Database, Tx } from '../platform/database.ts';
import type { Migration } from '../platform/migrations.ts';

type CaTables = {
  ca_authorities: { name: string; certificate: string };
  ca_certificates: {
    serial_number: string;
    profile: string;
    names: string;
    not_before: number;
    not_after: number;
    issued_at: number;
    certificate: string;
  };
};

export interface StoredCertificate {
  serialNumber: string;
  profile: string;
  names: string[];
  notBefore: Date;
  notAfter: Date;
  issuedAt: number;
  pem: string;
}

export const caMigrations: Migration[] = [
  {
    name: 'ca/0001-certificates',
    async up(tx) {
      await tx.schema
        .createTable('ca_authorities')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('certificate', 'text', (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('ca_certificates')
        .addColumn('serial_number', 'text', (column) => column.primaryKey())
        .addColumn('profile', 'text', (column) => column.notNull())
        .addColumn('names', 'text', (column) => column.notNull())
        .addColumn('not_before', 'integer', (column) => column.notNull())
        .addColumn('not_after', 'integer', (column) => column.notNull())
        .addColumn('issued_at', 'integer', (column) => column.notNull())
        .addColumn('certificate', 'text', (column) => column.notNull())
        .execute();
    },
  },
];

export type CaStore = ReturnType<typeof createCaStore>;

export function createCaStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<CaTables>();
  return {
    /** The authority's certificate in PEM. */
    async authority(name: string): Promise<string | undefined> {
      const row = await within(database.read)
        .selectFrom('ca_authorities')
        .select('certificate')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.certificate;
    },
    async insertAuthority(tx: Tx, authority: { name: string; certificate: string }): Promise<void> {
      await within(tx).insertInto('ca_authorities').values(authority).execute();
    },
    async insertCertificate(tx: Tx, certificate: StoredCertificate): Promise<void> {
      await within(tx)
        .insertInto('ca_certificates')
        .values({
          serial_number: certificate.serialNumber,
          profile: certificate.profile,
          names: JSON.stringify(certificate.names),
          not_before: certificate.notBefore.getTime(),
          not_after: certificate.notAfter.getTime(),
          issued_at: certificate.issuedAt,
          certificate: certificate.pem,
        })
        .execute();
    },
  };
}
