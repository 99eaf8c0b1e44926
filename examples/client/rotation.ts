// A client certificate in files that another program replaces: new requests use the new one, and none fails.
import { readFile } from 'node:fs/promises';
import { client, identityFromFiles, trust } from '@gatehouse/client';

const [, , url = 'https://localhost:8443', folder = '.'] = process.argv;
const ca = await readFile(`${folder}/root.pem`, 'utf8');

const identity = identityFromFiles({ certificate: `${folder}/cert.pem`, key: `${folder}/key.pem` });
const http = client().with(trust({ ca, identity }));
console.log(await http.get(url).text());
await http.close();
