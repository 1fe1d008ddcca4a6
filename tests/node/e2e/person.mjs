// A connection that a person authorizes in a browser, and one flow that asks whose it is.
import assert from "node:assert/strict";
import { PUBLIC } from "./account.mjs";
import { World } from "./world.mjs";

const manifest = ({ connector, type, action }) => `manifest: "1"
integration: { namespace: test, name: person, version: 1.0.0 }
connectors: { ${connector}: "*" }
connections:
  them: { connector: ${connector}, type: ${type} }
flows:
  who:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do: [ { me: { call: ${connector}.${action}, with: { connection: them } } } ]
`;
const instance = ({ type, fields }) => `manifest: "1"
instance: person
customer: test
integration: test/person
connections:
  them: ${JSON.stringify({ type, ...fields })}
`;

// options: connector, type, action, fields (of the connection), env, allow (addresses).
// Gives {world, who, begin, agree}: who() asks the flow; begin() gives the address where the person
// agrees; agree(address) does, and comes back.
export async function startPerson(t, options) {
  const world = new World();
  const file = world.write;
  await world.start(t, {
    connectors: [options.connector],
    apply: [file("person.yaml", manifest(options)), file("instance.yaml", instance(options))],
    arguments: ["--public-url", PUBLIC, ...options.allow.flatMap((url) => ["--allow-egress", new URL(url).host])],
    env: options.env,
  });
  const token = world.adminToken;
  const who = () => world.post({ headers: {}, body: "{}" }, `${world.url}${new URL(world.hooks().who).pathname}`);
  const begin = async () => {
    const begun = await fetch(`${world.adminUrl}/api/v1/instances/person/connections/them/authorize`, {
      method: "POST", headers: { authorization: `Bearer ${token}` } });
    return new URL((await begun.json()).url);
  };
  const agree = async (address) => {
    const agreed = await fetch(address, { redirect: "manual" });
    const back = await fetch(agreed.headers.get("location").replace(PUBLIC, world.url));
    assert.equal(back.status, 200, await back.text());
  };
  return { world, who, begin, agree };
}

// The whole life of such a connection: nobody's, authorized, its token ended by `end`, over a kill.
// `check` looks at what the flow says; gives the address where the person agreed.
export async function livesOn({ world, who, begin, agree }, end, check) {
  assert.equal((await who()).status, 401, "nobody has authorized it yet");
  const address = await begin();
  await agree(address);
  const works = async (when) => {
    const { status, body } = await who();
    assert.equal(status, 200, `${when}: ${JSON.stringify(body)}`);
    check(body);
  };
  await works("authorized");
  end();
  await works("with a new token");
  await world.killHost();
  await world.startHost();
  await works("after a kill");
  end();
  await works("with a new token after a kill");
  await world.stopCleanly();
  return address;
}
