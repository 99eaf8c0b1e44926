// Answers that are fresh come from memory, and the age of one says so. HTTP/2 where a server has it.
import { cache, client, trace } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080'] = process.argv;

const http = client({ baseUrl: site, http2: true }).with(
  cache(),
  trace(({ status, hops }) => console.log(status, `${hops.length} on the network`)),
);
await http.get('/fresh').text();
const again = await http.get('/fresh');
console.log(again.headers.has('age'));
await http.close();
