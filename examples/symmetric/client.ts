// A client that shares a secret with the server: both have the same SECRET_KEY in their environment.
import { client } from '@gatehouse/client';
import { createFernet, FernetError, parseFernetKeys } from '@gatehouse/protocol';

const [, , url = 'http://localhost:8080/symmetric/'] = process.argv;

const fernet = createFernet(parseFernetKeys(process.env.SECRET_KEY ?? ''));
const http = client();
try {
  const token = await http.get(url).text();
  const message = await fernet.decrypt(token, { ttlSeconds: 60 });
  console.log(`The codeword is: ${new TextDecoder().decode(message)}`);
  const body = await fernet.encrypt('I have it');
  console.log(await http.post(url, { body }).text());
} catch (error) {
  if (!(error instanceof FernetError)) throw error;
  console.log('The server has another SECRET_KEY, or its clock is wrong.');
} finally {
  await http.close();
}
