// A query and a form from objects, and a file as multipart/form-data.
import { openAsBlob } from 'node:fs';
import { client } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080'] = process.argv;

const http = client({ baseUrl: site });
const found = await http.get('/echo', { query: { q: 'gate house', page: 2 } }).text();
const saved = await http.post('/echo', { form: { title: 'Notes', tag: ['a', 'b'] } }).text();
const file = await openAsBlob('package.json', { type: 'application/json' });
const sent = await http.post('/length', { multipart: { title: 'Package', file } }).json<{ length: number }>();

console.log(found);
console.log(saved);
console.log(sent.length > 0);
await http.close();
