// The roots to trust for the certificate of a provider.
import { readFileSync } from 'node:fs';
import { GatehouseError } from '@gatehouse/access';
import { encodePem, readCertificates } from '@gatehouse/x509';
import { readingProblem } from '../../platform/problems/file-problem.ts';

/** PEM. Throws `config_invalid`. */
export function readProviderRoots({ name, ca }: { name: string; ca: string }): string {
  try {
    const certificates = readCertificates(readFileSync(ca));
    return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    throw new GatehouseError(
      'config_invalid',
      `identity.providers: ca ${ca} of ${name} cannot be used: ${reason}.`,
      {
        cause: error,
      },
    );
  }
}
