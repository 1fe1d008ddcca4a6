// Delivery of outbound messages: SOAP, up to 100 notifications in one, repeated with the same
// notification ids until the receiver acknowledges. A notification shows the record as it is when
// it is sent, not as it was when the rule fired.
import { childOf, escapeXml, parseXml } from "./xml.mjs";
import { showZulu } from "./times.mjs";

const MAX_NOTIFICATIONS = 100;
const NAMESPACE = "http://soap.sforce.com/2005/09/outbound";

// A SOAP answer with notificationsResponse and Ack true in it, as the WSDL has it, and nothing less.
function acknowledges(response, text) {
  if (!/xml/.test(response.headers.get("content-type") ?? "") || !text.includes(NAMESPACE))
    return false;
  const path = ["Envelope", "Body", "notificationsResponse", "Ack"];
  return path.reduce((at, name) => childOf(at, name), parseXml(text))?.text.trim() === "true";
}

export class Outbound {
  // First pause before a repetition; each further one doubles up to the longest. At Salesforce 30
  // seconds to two hours, and a message that is a day old is dropped.
  firstRetryMs = 50;
  longestRetryMs = 400;
  lifeMs = 24 * 3600 * 1000;
  deadlineMs = 10_000;
  // Each attempt: {url, ids, status | error, acknowledged}
  attempts = [];
  dropped = [];
  #queues = new Map();
  #last;
  #underWay = new Set();
  #paused = false;
  #closed = false;

  constructor(world) {
    this.world = world;
  }

  add(message, recordId) {
    const queue = this.#queues.get(message) ?? {
      waiting: [],
      failures: 0,
      timer: undefined,
      sending: false
    };
    this.#queues.set(message, queue);
    queue.waiting.push({ id: this.world.ids.next("04l"), recordId, since: this.world.now() });
    this.#soon(message, queue, 0);
  }

  // While paused, what fires waits, so that a test can have many in one message.
  pause() {
    this.#paused = true;
  }
  resume() {
    this.#paused = false;
    for (const [message, queue] of this.#queues) this.#soon(message, queue, 0);
  }

  get waiting() {
    return [...this.#queues.values()].flatMap((queue) => queue.waiting.map(({ id }) => id));
  }

  // Delivers the last message once more, as Salesforce may though it was acknowledged.
  again() {
    return this.#post(...this.#last);
  }

  async stop() {
    this.#closed = true;
    for (const queue of this.#queues.values()) clearTimeout(queue.timer);
    await Promise.all(this.#underWay);
  }

  #soon(message, queue, pause) {
    if (this.#paused || this.#closed || queue.sending || queue.waiting.length === 0) return;
    clearTimeout(queue.timer);
    queue.timer = setTimeout(() => void this.#send(message, queue), pause);
  }

  async #send(message, queue) {
    const now = this.world.now();
    for (const old of queue.waiting.filter((one) => now - one.since > this.lifeMs))
      this.dropped.push(old.id);
    queue.waiting = queue.waiting.filter((one) => now - one.since <= this.lifeMs);
    const batch = queue.waiting.slice(0, MAX_NOTIFICATIONS);
    if (batch.length === 0) return;
    queue.sending = true;
    const work = this.#post(message, batch);
    this.#underWay.add(work);
    const acknowledged = await work;
    this.#underWay.delete(work);
    queue.sending = false;
    if (acknowledged) queue.waiting = queue.waiting.filter((one) => !batch.includes(one));
    queue.failures = acknowledged ? 0 : queue.failures + 1;
    const pause = acknowledged
      ? 0
      : Math.min(this.firstRetryMs * 2 ** (queue.failures - 1), this.longestRetryMs);
    this.#soon(message, queue, pause);
  }

  async #post(message, batch) {
    this.#last = [message, batch];
    const attempt = {
      url: message.endpointUrl,
      ids: batch.map(({ id }) => id),
      acknowledged: false
    };
    this.attempts.push(attempt);
    try {
      const response = await fetch(message.endpointUrl, {
        method: "POST",
        body: this.#envelope(message, batch),
        redirect: "manual",
        signal: AbortSignal.timeout(this.deadlineMs),
        headers: {
          "content-type": "text/xml; charset=utf-8",
          soapaction: '""',
          "user-agent": "Jakarta Commons-HttpClient/3.1"
        }
      });
      const text = await response.text();
      attempt.status = response.status;
      attempt.acknowledged = response.status === 200 && acknowledges(response, text);
    } catch (error) {
      attempt.error = error.name;
    }
    return attempt.acknowledged;
  }

  #envelope(message, batch) {
    const { organizationId, url, versions } = this.world;
    const session = message.includeSessionId
      ? `<SessionId>${escapeXml(this.world.tokens.open(message.user))}</SessionId>`
      : '<SessionId xsi:nil="true"/>';
    const version = versions.at(-1);
    return (
      '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
      ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n <soapenv:Body>\n' +
      `  <notifications xmlns="${NAMESPACE}">\n` +
      `   <OrganizationId>${organizationId}</OrganizationId>\n   <ActionId>${message.Id}</ActionId>\n   ${session}\n` +
      `   <EnterpriseUrl>${url}/services/Soap/c/${version}/${organizationId.slice(0, 15)}</EnterpriseUrl>\n` +
      `   <PartnerUrl>${url}/services/Soap/u/${version}/${organizationId.slice(0, 15)}</PartnerUrl>\n` +
      batch.map((one) => this.#notification(message, one)).join("") +
      "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"
    );
  }

  #notification(message, { id, recordId }) {
    const record = this.world.records.table(message.object).get(recordId);
    const start = `   <Notification>\n    <Id>${id}</Id>\n    <sObject xsi:type="sf:${message.object.name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"`;
    // "If the record is deleted before the notification is delivered, the notification contains no
    // data": not its id, either.
    if (!record || record.IsDeleted) return `${start}/>\n   </Notification>\n`;
    const cells = message.fields
      .filter(
        (field) =>
          field.name !== "Id" && record[field.name] !== null && record[field.name] !== undefined
      )
      .map(
        (field) =>
          `     <sf:${field.name}>${escapeXml(field.type === "datetime" ? showZulu(record[field.name]) : record[field.name])}</sf:${field.name}>\n`
      );
    return (
      `${start}>\n     <sf:Id>${recordId}</sf:Id>\n${cells.join("")}    </sObject>\n   </Notification>\n`
    );
  }
}
