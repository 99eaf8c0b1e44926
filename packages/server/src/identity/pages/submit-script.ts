// The script of a page that only passes a form on.

export const SUBMIT_SCRIPT = `(() => {
'use strict';
document.querySelector('form[data-submit]')?.submit();
})();
`;
