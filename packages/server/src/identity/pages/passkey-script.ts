// The script of the pages with passkeys. Without it, or in a browser without WebAuthn, those pages work with
// passwords. It is text here because every other file of this program runs in Node.

export const PASSKEY_SCRIPT = String.raw`(() => {
'use strict';
const api = window.PublicKeyCredential;
if (!api) return;
const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const withIds = (list) => (list || []).map((each) => ({ ...each, id: octets(each.id) }));
const creation = (json) => api.parseCreationOptionsFromJSON
  ? api.parseCreationOptionsFromJSON(json)
  : { ...json, challenge: octets(json.challenge), user: { ...json.user, id: octets(json.user.id) },
      excludeCredentials: withIds(json.excludeCredentials) };
const request = (json) => api.parseRequestOptionsFromJSON
  ? api.parseRequestOptionsFromJSON(json)
  : { ...json, challenge: octets(json.challenge), allowCredentials: withIds(json.allowCredentials) };
const plain = (credential) => {
  if (credential.toJSON) return credential.toJSON();
  const { id, type, response, authenticatorAttachment } = credential;
  const fields = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) fields[name] = text(response[name]);
  }
  if (response.getTransports) fields.transports = response.getTransports();
  return { id, rawId: id, type, response: fields, authenticatorAttachment, clientExtensionResults: {} };
};
const send = async (path, body) => {
  const answer = await fetch(path, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.detail || json.title);
  return json;
};
const say = (place, message) => {
  place.textContent = message;
  place.hidden = false;
  place.focus();
};
const WORDS = {
  NotAllowedError: 'Nothing was chosen, or it took too long. Try again.',
  InvalidStateError: 'This device already has a passkey for you.',
  SecurityError: 'Passkeys do not work at this address. Open the page with its public name.',
};
const words = (error) => WORDS[error.name] || error.message;

const signIn = document.querySelector('[data-passkey-sign-in]');
if (signIn) {
  const place = document.querySelector('[data-passkey-error]');
  let waiting;
  const get = async (mediation) => {
    if (waiting) waiting.abort();
    const mine = new AbortController();
    waiting = mine;
    const publicKey = request(await send('/login/passkey/options', {}));
    if (mine.signal.aborted) return;
    const credential = await navigator.credentials.get({ publicKey, mediation, signal: mine.signal });
    const { location } = await send('/login/passkey', { next: signIn.dataset.next, response: plain(credential) });
    window.location.assign(location);
  };
  const filling = async () => {
    if (api.isConditionalMediationAvailable && await api.isConditionalMediationAvailable()) await get('conditional');
  };
  signIn.hidden = false;
  signIn.querySelector('button').addEventListener('click', () => {
    get('optional').catch((error) => {
      if (error.name !== 'AbortError') say(place, words(error));
      filling().catch(() => {});
    });
  });
  filling().catch((error) => {
    if (error.name !== 'AbortError' && error.name !== 'NotAllowedError') say(place, words(error));
  });
}

const add = document.querySelector('[data-passkey-add]');
if (add) {
  const place = document.querySelector('[data-passkey-error]');
  add.hidden = false;
  add.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = add.elements.namedItem('name').value;
    send('/account/passkeys/options', {})
      .then((json) => navigator.credentials.create({ publicKey: creation(json) }))
      .then((credential) => send('/account/passkeys', { name, response: plain(credential) }))
      .then(({ location }) => window.location.assign(location))
      .catch((error) => say(place, words(error)));
  });
}
})();
`;
