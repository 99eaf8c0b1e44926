// Files of an FTP server: upload, list and download over one connection. As middleware, for GET and PUT.
import { createWriteStream } from 'node:fs';
import { client, ftp } from '@gatehouse/client';

const [, , folder = 'ftp://localhost/', to = 'copy.txt'] = process.argv;

const files = ftp();
await files.upload(`${folder}note.txt`, 'by FTP');
console.log((await files.list(folder)).map(({ name, size }) => `${name} ${size}`));
await files.download(`${folder}note.txt`, createWriteStream(to));
files.close();

const http = client().with(ftp());
console.log(await http.get(`${folder}note.txt`).text());
await http.close();
