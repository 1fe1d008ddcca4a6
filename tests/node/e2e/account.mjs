// An integration whose flows say whose account their connections are: one that a person authorizes,
// and one of a machine.

// Where the world reaches the host; a test stands in for the proxy there.
export const PUBLIC = "http://127.0.0.1:9";
export const CALLBACK = `${PUBLIC}/oauth/callback`;

export const accountIntegration = (name) => `manifest: "1"
integration: { namespace: test, name: ${name}, version: 1.0.0 }
connectors: { account: "*" }
connections:
  me: { connector: account, type: person }
  robot: { connector: account, type: machine }
flows:
  person:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do: [ { ask: { call: account.whoami, with: { connection: me } } } ]
  machine:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do: [ { ask: { call: account.whoami, with: { connection: robot } } } ]
`;
