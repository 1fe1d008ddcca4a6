// Times as Salesforce keeps and shows them: whole seconds, whatever a client sends.

export const toSecond = (milliseconds) => Math.floor(milliseconds / 1000) * 1000;

// As REST shows them.
export const show = (milliseconds) => new Date(milliseconds).toISOString().replace("Z", "+0000");

// As CSV and SOAP show them.
export const showZulu = (milliseconds) => new Date(milliseconds).toISOString();

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)$/;

// Milliseconds, or NaN for what is no time with a zone.
export function parse(text) {
  if (!DATE_TIME.test(text)) return NaN;
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

export const isDate = (text) =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);
