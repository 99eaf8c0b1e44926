// Own roots, a client certificate, and the reason why a certificate is not trusted.
import { readFile } from 'node:fs/promises';
import { client, TlsError, trust } from '@gatehouse/client';

const [, , url = 'https://localhost:8443', folder = '.'] = process.argv;

const [ca, certificate, key] = await Promise.all(
  ['root.pem', 'cert.pem', 'key.pem'].map((name) => readFile(`${folder}/${name}`, 'utf8')),
);
if (ca === undefined || certificate === undefined || key === undefined) throw new Error('a file is missing');

const http = client().with(trust({ ca, certificate, key, minVersion: 'TLSv1.3' }));
console.log(await http.get(url).text());
await http.close();

const stranger = client();
try {
  await stranger.get(url);
} catch (error) {
  if (!(error instanceof TlsError)) throw error;
  console.log(error.reason, error.chain.length > 0);
} finally {
  await stranger.close();
}
