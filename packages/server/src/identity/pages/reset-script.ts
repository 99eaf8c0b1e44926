// The script of the page for a new password. The token is after the # of the link, so that no server has it
// in a log. The script puts it into the form, and removes it from the address and the history.

export const RESET_SCRIPT = `(() => {
'use strict';
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const field = document.querySelector('input[name=token]');
if (!token || !field) return;
field.value = token;
field.type = 'hidden';
document.querySelector('[data-token]').hidden = true;
history.replaceState(null, '', location.pathname);
document.querySelector('input[name=password]').focus();
})();
`;
