// The tables of this capability, in the order of their creation. A name never changes.

import { keyIdentifier, readCertificate } from '@gatehouse/x509';
import { sql } from 'kysely';
import { millis, octets, storedByKey, text } from '../../platform/store/columns.ts';
import type { Tx } from '../../platform/store/database.ts';
import type { Migration } from '../../platform/store/migrations.ts';

export const caMigrations: Migration[] = [
  {
    name: 'ca/0001-certificates',
    async up(tx) {
      await tx.schema
        .createTable('ca_authorities')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('certificate', text, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('ca_certificates')
        .addColumn('serial_number', text, (column) => column.primaryKey())
        .addColumn('profile', text, (column) => column.notNull())
        .addColumn('names', text, (column) => column.notNull())
        .addColumn('not_before', millis, (column) => column.notNull())
        .addColumn('not_after', millis, (column) => column.notNull())
        .addColumn('issued_at', millis, (column) => column.notNull())
        .addColumn('certificate', text, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: 'ca/0002-hierarchy',
    async up(tx) {
      await tx.schema
        .createTable('ca_hierarchy')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('role', text, (column) => column.notNull())
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('certificate', text)
        .addColumn('key_name', text)
        .addColumn('crl_number', millis, (column) => column.notNull().defaultTo(0))
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('ca_compromised_keys')
        .addColumn('spki_sha256', text, (column) => column.primaryKey())
        .execute();
      for (const [column, type] of Object.entries(ADDED_COLUMNS)) {
        await tx.schema.alterTable('ca_certificates').addColumn(column, type).execute();
      }
      await adoptAuthorities(tx);
      await tx.schema.dropTable('ca_authorities').execute();
      for (const column of ['not_after', 'warn_at', 'issued_at'] as const) {
        await tx.schema
          .createIndex(`ca_certificates_${column}`)
          .on('ca_certificates')
          .column(column)
          .execute();
      }
      // Most certificates have neither. So a partial index is small, and costs the others nothing.
      for (const column of ['revoked_at', 'owner_name'] as const) {
        await tx.schema
          .createIndex(`ca_certificates_${column}`)
          .on('ca_certificates')
          .column(column)
          .where(sql.ref(column), 'is not', null)
          .execute();
      }
    },
  },
  {
    name: 'ca/0003-last-lists',
    up: (tx) =>
      tx.schema
        .createTable('ca_last_lists')
        .addColumn('issuer_id', text, (column) => column.primaryKey())
        .addColumn('number', millis, (column) => column.notNull())
        .addColumn('der', octets, (column) => column.notNull())
        .addColumn('this_update', millis, (column) => column.notNull())
        .addColumn('next_update', millis, (column) => column.notNull())
        .execute(),
  },
  {
    name: 'ca/0004-lists-and-names',
    async up(tx) {
      await tx.schema
        .createTable('ca_lists')
        .addColumn('issuer_id', text, (column) => column.primaryKey())
        .addColumn('number', millis, (column) => column.notNull())
        .addColumn('der', octets, (column) => column.notNull())
        .addColumn('this_update', millis, (column) => column.notNull())
        .addColumn('next_update', millis, (column) => column.notNull())
        .execute();
      const tables = tx.withTables<ListTables>();
      const lists = await tables.selectFrom('ca_last_lists').selectAll().execute();
      for (const list of lists) await tables.insertInto('ca_lists').values(list).execute();
      await tx.schema.dropTable('ca_last_lists').execute();
      await tx.schema
        .createTable('ca_certificate_names')
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('serial_number', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('ca_certificate_names_key', ['name', 'serial_number'])
        .execute();
      await fillNames(tx);
    },
  },
  {
    name: 'ca/0005-names-by-key',
    async up(tx) {
      await tx.schema
        .createTable('ca_names')
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('serial_number', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('ca_names_key', ['name', 'serial_number'])
        .modifyEnd(storedByKey)
        .execute();
      const tables = tx.withTables<NamesTables>();
      await tables
        .insertInto('ca_names')
        .columns(['name', 'serial_number'])
        .expression(tables.selectFrom('ca_certificate_names').select(['name', 'serial_number']))
        .execute();
      await tx.schema.dropTable('ca_certificate_names').execute();
    },
  },
];

const ADDED_COLUMNS = {
  issuer_id: text,
  owner_kind: text,
  owner_name: text,
  source: text,
  revoked_at: millis,
  reason: text,
  warn_at: millis,
} as const;

type OldTables = {
  ca_authorities: { name: 'root' | 'intermediate'; certificate: string };
  ca_hierarchy: {
    id: string;
    role: string;
    state: string;
    certificate: string;
    key_name: string;
    created_at: number;
  };
  ca_certificates: { profile: string; issuer_id: string };
};

/** The two authorities that every data folder had until then, with the names of their sealed keys. */
async function adoptAuthorities(tx: Tx): Promise<void> {
  const tables = tx.withTables<OldTables>();
  const authorities = await tables.selectFrom('ca_authorities').selectAll().execute();
  for (const { name, certificate } of authorities) {
    const { spki, notBefore } = readCertificate(certificate);
    const id = Buffer.from(keyIdentifier(spki)).toString('hex');
    await tables
      .insertInto('ca_hierarchy')
      .values({
        id,
        role: name,
        state: 'active',
        certificate,
        key_name: `ca/${name}-key`,
        created_at: notBefore.getTime(),
      })
      .execute();
    await tables
      .updateTable('ca_certificates')
      .set({ issuer_id: id })
      .where('profile', name === 'root' ? 'in' : 'not in', ['root', 'intermediate'])
      .execute();
  }
}

type ListRow = {
  issuer_id: string;
  number: number;
  der: Uint8Array;
  this_update: number;
  next_update: number;
};
type ListTables = { ca_last_lists: ListRow; ca_lists: ListRow };
type NamesTables = {
  ca_certificates: { serial_number: string; names: string };
  ca_certificate_names: { name: string; serial_number: string };
  ca_names: { name: string; serial_number: string };
};

const PAGE = 1000;

/** Fills the table from the JSON names in each row of the inventory. */
async function fillNames(tx: Tx): Promise<void> {
  const tables = tx.withTables<NamesTables>();
  for (let after = ''; ; ) {
    const page = await tables
      .selectFrom('ca_certificates')
      .select(['serial_number', 'names'])
      .where('serial_number', '>', after)
      .orderBy('serial_number')
      .limit(PAGE)
      .execute();
    for (const { serial_number, names } of page) {
      const lower = (JSON.parse(names) as string[]).map((name) => name.toLowerCase());
      const values = [...new Set(lower)].map((name) => ({ name, serial_number }));
      if (values.length > 0) await tables.insertInto('ca_certificate_names').values(values).execute();
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.serial_number;
  }
}
