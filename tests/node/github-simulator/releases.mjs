// Releases and the files that belong to them.
import { createHash } from "node:crypto";
import { invalid, missing, notFound } from "./answers.mjs";
import { byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

function find(context) {
  const release = context.repo.releases.find(({ id }) => String(id) === context.parameters.release);
  if (!release) throw notFound();
  return release;
}

const nameOf = ({ repo }) => `${repo.owner.login}/${repo.name}`;

function showAsset(context, asset) {
  return {
    url: `${context.base}/repos/${nameOf(context)}/releases/assets/${asset.id}`, id: asset.id,
    node_id: `RA_${asset.id}`, name: asset.name, label: asset.label, uploader: asset.uploader,
    content_type: asset.contentType, state: "uploaded", size: asset.bytes.length,
    digest: `sha256:${createHash("sha256").update(asset.bytes).digest("hex")}`, download_count: 0,
    created_at: asset.createdAt, updated_at: asset.createdAt,
    browser_download_url: `https://github.com/${nameOf(context)}/releases/download/x/${asset.name}`,
  };
}

function show(context, release) {
  const url = `${context.base}/repos/${nameOf(context)}/releases/${release.id}`;
  const html = `https://github.com/${nameOf(context)}/releases/tag/${release.tag}`;
  return {
    url, assets_url: `${url}/assets`, upload_url: `${context.uploads}/repos/${nameOf(context)}/releases/${release.id}/assets{?name,label}`,
    html_url: html, id: release.id, author: release.author, node_id: `RE_${release.id}`, tag_name: release.tag,
    target_commitish: release.target, name: release.name, draft: release.draft, prerelease: release.prerelease,
    created_at: release.createdAt, published_at: release.draft ? null : release.createdAt,
    assets: release.assets.map((asset) => showAsset(context, asset)),
    tarball_url: `${url}/tarball`, zipball_url: `${url}/zipball`, body: release.body,
  };
}

const newestFirst = (repo) => [...repo.releases].reverse();

export const list = (context) =>
  byNumber(newestFirst(context.repo).map((one) => show(context, one)), context.canonical("releases"));

export function latest(context) {
  const found = newestFirst(context.repo).find(({ draft, prerelease }) => !draft && !prerelease);
  if (!found) throw notFound();
  return { body: show(context, found) };
}

export const get = (context) => ({ body: show(context, find(context)) });

export function create(context) {
  const { tag_name: tag, target_commitish: target = "main", name = null, body = null, draft = false,
          prerelease = false } = context.body;
  if (typeof tag !== "string") throw missing("tag_name");
  if (context.repo.releases.some((one) => one.tag === tag && !one.draft)) {
    throw invalid("Release", "tag_name", "already_exists");
  }
  const release = { id: context.simulator.nextId(), tag, target, name, body, draft, prerelease,
                    author: context.actor, createdAt: shapes.now(), assets: [] };
  context.repo.releases.push(release);
  return { status: 201, body: show(context, release) };
}

export function update(context) {
  const release = find(context);
  const names = { tag_name: "tag", target_commitish: "target", name: "name", body: "body", draft: "draft",
                  prerelease: "prerelease" };
  for (const [given, kept] of Object.entries(names)) {
    if (context.body[given] !== undefined) release[kept] = context.body[given];
  }
  return { body: show(context, release) };
}

export function remove(context) {
  context.repo.releases.splice(context.repo.releases.indexOf(find(context)), 1);
  return { status: 204 };
}

export const listAssets = (context) =>
  byNumber(find(context).assets.map((one) => showAsset(context, one)),
           context.canonical(`releases/${context.parameters.release}/assets`));

export function upload(context) {
  const { assets } = find(context);
  const given = context.url.searchParams.get("name");
  if (!given) throw missing("name");
  // "GitHub renames asset filenames that have special characters, non-alphanumeric characters, and
  // leading or trailing periods."
  const name = given.replace(/[^A-Za-z0-9_+-]+/g, ".").replace(/^\.+|\.+$/g, "");
  if (assets.some((one) => one.name === name)) throw invalid("ReleaseAsset", "name", "already_exists");
  const asset = { id: context.simulator.nextId(), name, label: context.url.searchParams.get("label") ?? "",
                  uploader: context.actor, contentType: context.headers["content-type"], bytes: context.raw,
                  createdAt: shapes.now() };
  assets.push(asset);
  return { status: 201, body: showAsset(context, asset) };
}

export function removeAsset(context) {
  for (const { assets } of context.repo.releases) {
    const at = assets.findIndex(({ id }) => String(id) === context.parameters.asset);
    if (at < 0) continue;
    assets.splice(at, 1);
    return { status: 204 };
  }
  throw notFound();
}
