// One page of a list and the Link header that leads to its neighbours.
import { Refusal } from "./answers.mjs";

function pageSize(query) {
  const asked = Number(query.get("per_page") ?? 30);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, 100) : 30;
}

function link(url, rel, changes) {
  const target = new URL(url);
  for (const [name, value] of Object.entries(changes)) target.searchParams.set(name, value);
  return `<${target}>; rel="${rel}"`;
}

// Pages by number, as issues, comments and hooks have it. `url` is the canonical address.
export function byNumber(items, url) {
  const size = pageSize(url.searchParams);
  const page = Math.max(1, Number(url.searchParams.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const links = [];
  if (page > 1) links.push(link(url, "prev", { page: page - 1 }));
  if (page < last) links.push(link(url, "next", { page: page + 1 }), link(url, "last", { page: last }));
  if (page > 1) links.push(link(url, "first", { page: 1 }));
  return {
    body: items.slice((page - 1) * size, page * size),
    headers: links.length ? { link: links.join(", ") } : {},
  };
}

// Pages by cursor, newest first, as hook deliveries have it.
export function byCursor(items, url) {
  const size = pageSize(url.searchParams);
  const cursor = url.searchParams.get("cursor");
  let start = 0;
  if (cursor) {
    const id = /^v1_(\d+)$/.exec(cursor)?.[1];
    start = items.findIndex((item) => String(item.id) === id);
    if (start < 0) throw new Refusal(400, "Invalid cursor");
  }
  const rest = items.slice(start + size);
  const headers = rest.length ? { link: link(url, "next", { cursor: `v1_${rest[0].id}` }) } : {};
  return { body: items.slice(start, start + size), headers };
}
