// Dropbox' own client, led to the simulator, and short words for its refusals.
import { Dropbox } from "dropbox";
import assert from "node:assert/strict";
import { APP } from "./dropbox-simulator.mjs";

const HOSTS = {
  "api.dropboxapi.com": "api",
  "content.dropboxapi.com": "content",
  "notify.dropboxapi.com": "notify"
};

// The client's fetch: each of Dropbox' hosts is the simulator's host of the same name.
export const fetchAt = (dropbox) => async (address, options) => {
  const url = new URL(address);
  const host = HOSTS[url.hostname];
  assert.ok(host, address);
  const response = await fetch(dropbox.hosts[host] + url.pathname + url.search, options);
  response.buffer = async () => Buffer.from(await response.arrayBuffer());
  return response;
};

export const connect = (dropbox, more = { accessToken: dropbox.token() }) =>
  new Dropbox({ fetch: fetchAt(dropbox), clientId: APP.key, ...more });

// By hand, for what the client does not do.
export const post = (dropbox, host, route, { headers, ...init } = {}) =>
  fetch(`${dropbox.hosts[host]}/2/${route}`, {
    method: "POST",
    ...init,
    headers: { authorization: `Bearer ${dropbox.token()}`, ...headers }
  });

export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (error.status === undefined) throw error;
    return error;
  }
  return assert.fail("Dropbox would have refused this");
}

// The tags of a 409 from the outside in.
export async function tags(promise) {
  const { status, error } = await refusal(promise);
  assert.equal(status, 409);
  const found = [];
  for (let at = error.error; at?.[".tag"]; at = at[at[".tag"]] ?? at.reason) found.push(at[".tag"]);
  return found.join("/");
}
