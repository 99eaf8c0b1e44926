// The revocation lists of `--crl`, from files of PEM or DER. In a separate file, because few requests need
// the reader.
import { encodePem } from '@gatehouse/x509';
import { readRevocationListFile } from '../../input/pki-files.ts';

/** PEM of each. Throws `CliError`, which names the file. */
export async function readRevocationLists(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(paths.map(readRevocationListFile));
  return lists.map(({ der }) => encodePem('X509 CRL', der));
}
