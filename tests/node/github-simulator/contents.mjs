// Files of a repository: read, and written as commits.
import { Refusal, missing, notFound } from "./answers.mjs";
import { branchFrom, commit, fileId, filesAt } from "./branches.mjs";

const pathOf = (context) => decodeURIComponent(context.parameters.path ?? "");

function show(context, path, bytes, withContent) {
  const { base, repo } = context;
  const name = `${repo.owner.login}/${repo.name}`;
  const sha = fileId(bytes);
  const url = `${base}/repos/${name}/contents/${encodeURI(path)}?ref=main`;
  const git = `${base}/repos/${name}/git/blobs/${sha}`;
  const html = `https://github.com/${name}/blob/main/${encodeURI(path)}`;
  const small = bytes.length <= 1024 * 1024;
  const lines = bytes.toString("base64").replace(/(.{60})/g, "$1\n");
  return {
    name: path.split("/").at(-1), path, sha, size: bytes.length, url, html_url: html, git_url: git,
    download_url: `https://raw.githubusercontent.com/${name}/main/${encodeURI(path)}`, type: "file",
    ...(withContent ? { content: small ? `${lines}\n` : "", encoding: small ? "base64" : "none" } : {}),
    _links: { self: url, git, html },
  };
}

export function get(context) {
  const files = filesAt(context.repo, context.url.searchParams.get("ref") ?? undefined);
  const path = pathOf(context);
  if (!files) throw new Refusal(404, `No commit found for the ref ${context.url.searchParams.get("ref")}`);
  if (files.has(path)) return { body: show(context, path, files.get(path), true) };
  const inside = [...files].filter(([name]) => path === "" || name.startsWith(`${path}/`))
    .filter(([name]) => !name.slice(path ? path.length + 1 : 0).includes("/"));
  if (inside.length === 0) throw notFound();
  return { body: inside.map(([name, bytes]) => show(context, name, bytes, false)) };
}

export function put(context) {
  const { message, content, sha, branch = "main" } = context.body;
  if (typeof message !== "string") throw missing("message");
  if (typeof content !== "string") throw missing("content");
  if (!/^[A-Za-z0-9+/\n]*=*\n?$/.test(content)) throw new Refusal(422, "content is not valid Base64");
  if (branch !== "main" && !context.repo.branches.has(branch)) throw new Refusal(404, `Branch ${branch} not found`);
  const target = branchFrom(context.repo, branch);
  const path = pathOf(context);
  const old = target.files.get(path);
  if (old && sha === undefined) throw missing("sha");
  if (sha !== undefined && (!old || fileId(old) !== sha)) throw new Refusal(409, `${path} does not match ${sha}`);
  const bytes = Buffer.from(content, "base64");
  const parent = target.sha;
  target.files.set(path, bytes);
  const id = commit(target, message);
  const { base, repo } = context;
  const commits = `${base}/repos/${repo.owner.login}/${repo.name}/git/commits`;
  const person = { name: "Octo Cat", email: "octocat@github.com", date: "2026-01-31T12:00:00Z" };
  return { status: old ? 200 : 201, body: {
    content: show(context, path, bytes, false),
    commit: { sha: id, node_id: "C_1", url: `${commits}/${id}`, html_url: `https://github.com/c/${id}`,
              author: person, committer: person, message, tree: { sha: id, url: `${commits}/${id}` },
              parents: [{ sha: parent, url: `${commits}/${parent}`, html_url: `https://github.com/c/${parent}` }],
              verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null } },
  } };
}

export function getBlob(context) {
  const wanted = context.parameters.sha;
  const all = [...context.repo.branches.values()].flatMap(({ files }) => [...files.values()]);
  const bytes = all.find((one) => fileId(one) === wanted);
  if (!bytes) throw notFound();
  if ((context.headers.accept ?? "").includes("raw")) {
    return { headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" }, body: bytes };
  }
  return { body: { sha: wanted, node_id: "B_1", size: bytes.length, content: bytes.toString("base64"), encoding: "base64",
                   url: `${context.base}/repos/${context.repo.owner.login}/${context.repo.name}/git/blobs/${wanted}` } };
}
