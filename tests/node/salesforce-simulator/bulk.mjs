// Bulk API 2.0: ingest and query jobs. Work begins when a job is closed and ends `delayMs` later,
// so that a client sees the states on the way.
import { Refusal } from "./answers.mjs";
import { DELIMITERS, parseCsv, writeCsv } from "./csv.mjs";
import { run } from "./query.mjs";
import { fieldOf } from "./schema.mjs";
import { show } from "./times.mjs";
import { toText } from "./values.mjs";

const OPERATIONS = new Set(["insert", "update", "upsert", "delete", "hardDelete"]);
const MAX_UPLOAD = 150 * 1024 * 1024;

const state = (message) => new Refusal(400, "INVALIDJOBSTATE", message);
const invalid = (message) => new Refusal(400, "INVALIDJOB", message);

export class Bulk {
  delayMs = 20;
  // The next jobs end in "Failed" with this message: failJobs(1, "InternalServerError : ...").
  #toFail = [];
  #jobs = new Map();
  #timers = new Set();
  #held;

  constructor(world) {
    this.world = world;
  }

  failJobs(count, message) {
    for (let i = 0; i < count; ++i) this.#toFail.push(message);
  }
  // From now on jobs go from one state to the next at step() only.
  hold() {
    this.#held = [];
  }
  step() {
    for (const next of this.#held.splice(0)) next();
  }
  letGo() {
    const held = this.#held;
    this.#held = undefined;
    for (const next of held) next();
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  // {status, headers, body}
  answer({ method, kind, rest, url, body, raw, version, user, request }) {
    const [id, part] = rest;
    if (!id) return method === "POST" ? this.#create(kind, body, version, user) : this.#list(kind);
    const job = this.#jobs.get(this.world.to18(id));
    if (!job || job.kind !== kind)
      throw new Refusal(404, "NOT_FOUND", "The requested resource does not exist");
    if (!part) return this.#one(job, method, body);
    if (kind === "ingest" && part === "batches" && method === "PUT")
      return this.#upload(job, raw, request);
    if (method !== "GET")
      throw new Refusal(
        405,
        "METHOD_NOT_ALLOWED",
        `HTTP Method '${method}' not allowed. Allowed are GET`
      );
    if (kind === "query" && part === "results") return this.#results(job, url);
    const rows = {
      successfulResults: job.successful,
      failedResults: job.failed,
      unprocessedrecords: job.unprocessed
    }[part];
    if (!rows) throw new Refusal(404, "NOT_FOUND", "The requested resource does not exist");
    if (!["JobComplete", "Failed", "Aborted"].includes(job.state))
      throw state(`The job is in state ${job.state}`);
    return csv(writeCsv(rows, DELIMITERS[job.columnDelimiter], job.lineEnding));
  }

  #list(kind) {
    const records = [...this.#jobs.values()]
      .filter((job) => job.kind === kind)
      .map((job) => this.#info(job));
    return { body: { done: true, nextRecordsUrl: null, records } };
  }

  #create(kind, body, version, user) {
    const { operation, columnDelimiter = "COMMA", lineEnding = "LF", contentType = "CSV" } = body;
    if (
      !(columnDelimiter in DELIMITERS) ||
      !["LF", "CRLF"].includes(lineEnding) ||
      contentType !== "CSV"
    ) {
      throw new Refusal(400, "API_ERROR", "Unsupported contentType, columnDelimiter or lineEnding");
    }
    const job = {
      kind,
      id: this.world.ids.next("750"),
      operation,
      columnDelimiter,
      lineEnding,
      version,
      state: "Open",
      user,
      created: this.world.now(),
      processed: 0,
      failedCount: 0,
      unprocessed: [],
      successful: [],
      failed: []
    };
    if (kind === "query") {
      if (!["query", "queryAll"].includes(operation))
        throw invalid(`Unsupported operation: ${operation}`);
      job.found = run(this.world, body.query ?? "", { deleted: operation === "queryAll" });
      if (job.found.count !== undefined)
        throw new Refusal(400, "API_ERROR", "COUNT() is not supported in a bulk query");
      job.object = job.found.object.name;
      job.state = "UploadComplete";
      this.#work(job, () => {
        job.processed = job.found.records.length;
      });
    } else {
      if (!OPERATIONS.has(operation)) throw invalid(`Unsupported operation: ${operation}`);
      const object = this.world.schema.find(body.object);
      if (!object) throw new Refusal(400, "INVALIDENTITY", `Unable to find object: ${body.object}`);
      Object.assign(job, { object: object.name, external: body.externalIdFieldName });
      const key = job.external && fieldOf(object, job.external);
      if (operation === "upsert" && !(key && (key.externalId || key.type === "id"))) {
        throw new Refusal(
          400,
          "INVALIDJOB",
          "InvalidJob : Field name provided, " +
            job.external +
            " does not match an External ID, Salesforce Id, or indexed field"
        );
      }
    }
    this.#jobs.set(job.id, job);
    return { body: this.#info(job, true) };
  }

  #info(job, fresh = false) {
    const info = {
      id: job.id,
      operation: job.operation,
      object: job.object,
      createdById: job.user.id,
      createdDate: show(job.created),
      systemModstamp: show(job.created),
      state: job.state,
      concurrencyMode: "Parallel",
      contentType: "CSV",
      apiVersion: Number(job.version),
      lineEnding: job.lineEnding,
      columnDelimiter: job.columnDelimiter
    };
    if (job.kind === "ingest")
      info.contentUrl = `services/data/v${job.version}/jobs/ingest/${job.id}/batches`;
    if (job.external) info.externalIdFieldName = job.external;
    if (fresh) return info;
    Object.assign(info, {
      jobType: job.kind === "ingest" ? "V2Ingest" : "V2Query",
      retries: 0,
      totalProcessingTime: 12
    });
    if (job.kind === "ingest")
      Object.assign(info, {
        apiActiveProcessingTime: 10,
        apexProcessingTime: 0,
        numberRecordsFailed: job.failedCount
      });
    if (job.kind === "ingest" || job.state !== "UploadComplete")
      info.numberRecordsProcessed = job.processed;
    if (job.errorMessage) info.errorMessage = job.errorMessage;
    return info;
  }

  #one(job, method, body) {
    if (method === "GET") return { body: this.#info(job) };
    if (method === "DELETE") {
      if (
        ["Open", "InProgress"].includes(job.state) &&
        job.kind === "ingest" &&
        job.state === "InProgress"
      )
        throw state("The job is still in progress");
      this.#jobs.delete(job.id);
      return { status: 204 };
    }
    if (method !== "PATCH")
      throw new Refusal(
        405,
        "METHOD_NOT_ALLOWED",
        `HTTP Method '${method}' not allowed. Allowed are DELETE,GET,HEAD,PATCH`
      );
    if (body.state === "Aborted") {
      if (["JobComplete", "Failed", "Aborted"].includes(job.state))
        throw state(`Aborting already ${job.state} Job not allowed`);
      job.state = "Aborted";
    } else if (body.state === "UploadComplete" && job.kind === "ingest") {
      if (job.state !== "Open") throw state(`Closing already ${job.state} Job not allowed`);
      if (!job.data) throw state("No data was uploaded for this job");
      job.state = "UploadComplete";
      this.#work(job, () => this.#load(job));
    } else {
      throw new Refusal(400, "INVALIDJOBSTATE", `Invalid state: ${body.state}`);
    }
    return { body: this.#info(job, true) };
  }

  #upload(job, raw, request) {
    if (job.state !== "Open" || job.data) {
      throw state(
        `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job` +
          " and make sure you only do 'PUT' once on a given Job."
      );
    }
    if (!/^text\/csv/.test(request.headers["content-type"] ?? ""))
      throw new Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be text/csv");
    if (raw.length > MAX_UPLOAD)
      throw new Refusal(413, "REQUEST_ENTITY_TOO_LARGE", "Request entity too large");
    job.data = raw;
    return { status: 201 };
  }

  #work(job, done) {
    const later = (next) => {
      if (this.#held) return void this.#held.push(next);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        next();
      }, this.delayMs / 2);
      this.#timers.add(timer);
    };
    later(() => {
      if (job.state === "Aborted") return;
      job.state = "InProgress";
      later(() => {
        if (job.state === "Aborted") return;
        const broken = this.#toFail.shift();
        try {
          if (broken) throw new Error(broken);
          done();
          job.state = "JobComplete";
        } catch (error) {
          Object.assign(job, { state: "Failed", errorMessage: error.message });
        }
      });
    });
  }

  #load(job) {
    const text = job.data.toString("utf8").replace(/^\uFEFF/, "");
    const firstEnd = text.indexOf("\n");
    if (firstEnd > 0 && (text[firstEnd - 1] === "\r") !== (job.lineEnding === "CRLF")) {
      throw new Error(
        `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`
      );
    }
    const [names, ...rows] = parseCsv(text, DELIMITERS[job.columnDelimiter], job.lineEnding);
    if (!names) throw new Error("InvalidBatch : The 'object' data is empty");
    const object = this.world.schema.find(job.object);
    job.successful = [["sf__Id", "sf__Created", ...names]];
    job.failed = [["sf__Id", "sf__Error", ...names]];
    job.unprocessed = [names];
    const unknown = names.find((name) => !fieldOf(object, name) && !name.includes("."));
    if (unknown) {
      job.unprocessed.push(...rows);
      throw new Error(`InvalidBatch : Field name not found : ${unknown}`);
    }
    for (const row of rows) {
      try {
        if (row.length !== names.length)
          throw new Refusal(
            400,
            "INVALID_CSV",
            `The number of columns does not match the header: ${row.length}`
          );
        const { record, created } = this.world.records.transaction(() =>
          this.#row(job, object, names, row)
        );
        job.successful.push([record.Id, String(created), ...row]);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const code = error.status === 404 ? "INVALID_CROSS_REFERENCE_KEY" : error.errorCode;
        job.failed.push([
          "",
          `${code}:${error.message}:${(error.fields ?? []).join(",")} --`,
          ...row
        ]);
        job.failedCount += 1;
      }
      job.processed += 1;
    }
  }

  // Empty leaves a field as it is, #N/A empties it.
  #row(job, object, names, row) {
    const { records } = this.world;
    const options = { fromText: true, user: job.user.id };
    const values = {};
    for (const [at, name] of names.entries()) {
      if (row[at] === "") continue;
      const value = row[at] === "#N/A" ? null : row[at];
      const [relation, key] = name.split(".");
      if (key) values[relation] = { [key]: value };
      else values[fieldOf(object, name).name] = value;
    }
    const { Id, ...rest } = values;
    if (job.operation === "insert")
      return { record: records.create(object, rest, options), created: true };
    if (job.operation === "upsert" && fieldOf(object, job.external).type !== "id") {
      const key = fieldOf(object, job.external).name;
      const { [key]: value, ...others } = rest;
      if (value === undefined) throw new Refusal(400, "MISSING_ARGUMENT", `${key} not specified`);
      return records.upsert(object, key, value, others, options);
    }
    if (job.operation === "upsert" && !Id)
      return { record: records.create(object, rest, options), created: true };
    if (!Id)
      throw new Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call", {
        fields: ["Id"]
      });
    if (job.operation === "update" || job.operation === "upsert")
      return { record: records.update(object, Id, rest, options), created: false };
    return { record: records.remove(object, Id, options), created: false };
  }

  #results(job, url) {
    if (job.state !== "JobComplete") throw state(`The job is in state ${job.state}`);
    const { columns, records } = job.found;
    const locator = url.searchParams.get("locator");
    const from = locator ? Number(Buffer.from(locator, "base64url").toString()) : 0;
    if (!Number.isInteger(from) || from > records.length)
      throw new Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    const size = Number(url.searchParams.get("maxRecords") ?? this.world.bulkPageSize);
    const page = records.slice(from, from + size);
    const rows = [
      columns.map(({ path }) => path.join(".")),
      ...page.map((record) => columns.map(({ field, of }) => toText(field, of(record))))
    ];
    const next =
      from + page.length < records.length
        ? Buffer.from(String(from + page.length)).toString("base64url")
        : "null";
    return csv(writeCsv(rows, DELIMITERS[job.columnDelimiter], job.lineEnding), {
      "sforce-locator": next,
      "sforce-numberofrecords": String(page.length)
    });
  }
}

const csv = (body, headers = {}) => ({
  headers: { "content-type": "text/csv; charset=UTF-8", ...headers },
  body
});
