// jsforce, led to the simulator.
import jsforce from "jsforce";
import assert from "node:assert/strict";
import { APP } from "./salesforce-simulator.mjs";

export const VERSION = "60.0";

export const connect = (salesforce, oauth2 = {}) =>
  new jsforce.Connection({
    version: VERSION,
    loginUrl: salesforce.loginUrl,
    logLevel: "FATAL",
    oauth2: {
      loginUrl: salesforce.loginUrl,
      clientId: APP.clientId,
      clientSecret: APP.clientSecret,
      redirectUri: APP.redirectUris[0],
      ...oauth2
    }
  });

export async function loggedIn(salesforce) {
  const client = connect(salesforce);
  await client.authorize({ grant_type: "client_credentials" });
  return client;
}

export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("Salesforce would have refused this");
}

export const code = async (promise) => (await refusal(promise)).errorCode;

// A request by hand, for what jsforce hides; paths begin behind the version.
export const send = (client, path, { headers, ...init } = {}) =>
  fetch(`${client.instanceUrl}/services/data/v${VERSION}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${client.accessToken}`,
      ...(init.body ? { "content-type": "application/json" } : {}),
      ...headers
    }
  });
