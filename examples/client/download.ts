// A download to a file that goes on where it broke off, its progress, and a checksum while it is read.
import { createHash } from 'node:crypto';
import { client } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080', file = 'large.bin'] = process.argv;
const http = client({ baseUrl: site });

let share = 0;
const { bytes } = await http.download('/large', file, {
  resume: true,
  onProgress: ({ bytes, total }) => {
    share = bytes / (total ?? bytes);
  },
});
console.log(bytes, `${share * 100} %`);

const sum = createHash('sha256');
await http.get('/large').each((piece) => sum.update(piece));
console.log(sum.digest('hex').length);
await http.close();
