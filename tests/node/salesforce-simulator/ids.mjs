// Record ids: 15 characters that count upper and lower case, and the 18-character form whose last
// three say which of them are upper case.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

// Each of the three characters stands for five of the id: bit n is set where the nth is upper case.
export function to18(id) {
  if (id.length !== 15) return id;
  let suffix = "";
  for (let block = 0; block < 3; ++block) {
    let bits = 0;
    for (let at = 0; at < 5; ++at) if (/[A-Z]/.test(id[block * 5 + at])) bits |= 1 << at;
    suffix += CHECK[bits];
  }
  return id + suffix;
}

export const isId = (text) =>
  typeof text === "string" &&
  /^[0-9A-Za-z]{15}([A-Z0-5]{3})?$/.test(text) &&
  (text.length === 15 || to18(text.slice(0, 15)) === text);

export class Ids {
  #last = 0;

  // Ids mix the cases as real ones do, so that whoever compares them without case is found out.
  next(prefix) {
    let rest = "";
    for (let left = ++this.#last + 9_000_000; rest.length < 10; left = Math.floor(left / 62)) {
      rest = DIGITS[left % 62] + rest;
    }
    return to18(prefix + "gK" + rest);
  }
}
