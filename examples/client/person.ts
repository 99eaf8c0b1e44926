// A person signs in in a browser, once, and the program acts in their name.
import { client, cookies, oauth2, signIn, tokenFile } from '@gatehouse/client';

const [, , issuer = 'https://localhost:9443', site = 'https://localhost:8443', file = 'tokens.json'] =
  process.argv;

// A program would open a browser, or print the address. Here, another client plays the person.
const browser = client().with(cookies());
const open = async (url: URL) => {
  await browser.get(url).text();
};

const grant = { issuer, clientId: 'app', scope: 'openid offline_access read', open, store: tokenFile(file) };
const { scope } = await signIn(client(), grant);
console.log('signed in for', scope);

const calling = client().with(oauth2.authorizationCode({ ...grant, origin: site }));
console.log(await calling.get(`${site}/bearer`).text());
await Promise.all([browser.close(), calling.close()]);
