// Searches by words in titles and names; of GitHub's qualifiers repo:, is: and org: alone.
import { invalid, notFound } from "./answers.mjs";
import { byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

function read(url) {
  const q = url.searchParams.get("q");
  if (!q) throw invalid("Search", "q", "missing");
  const parts = q.split(/\s+/).filter(Boolean);
  const qualifiers = (name) => parts.filter((part) => part.startsWith(`${name}:`)).map((part) => part.slice(name.length + 1));
  return { words: parts.filter((part) => !part.includes(":")), is: qualifiers("is"),
           repositories: qualifiers("repo"), organizations: qualifiers("org") };
}

const nameOf = (repo) => `${repo.owner.login}/${repo.name}`;
const has = (text, words) => words.every((word) => text.toLowerCase().includes(word.toLowerCase()));

function chosen(all, { repositories, organizations }) {
  return all.filter((repo) => repositories.length === 0 || repositories.includes(nameOf(repo)))
    .filter((repo) => organizations.length === 0 || organizations.includes(repo.owner.login));
}

const finders = {
  "/search/issues": (all, query, base) => chosen(all, query).flatMap((repo) => repo.issues
    .filter((issue) => has(issue.title, query.words))
    .filter((issue) => query.is.every((one) => one === "issue" || one === issue.state))
    .map((issue) => ({ ...shapes.issue(issue, repo, base), body: issue.body ?? "", score: 1 }))),
  "/search/repositories": (all, query, base) => chosen(all, query)
    .filter((repo) => has(nameOf(repo), query.words))
    .map((repo) => ({ ...shapes.repository(repo, base), score: 1, language: null, master_branch: "main" })),
};

export function search(all, path, url, base) {
  const finder = finders[path];
  if (!finder) throw notFound();
  const found = finder(all, read(url), base);
  const { body, headers } = byNumber(found, new URL(`${base}${path}${url.search}`));
  const kind = path === "/search/issues" ? { search_type: "lexical" } : {};
  return { body: { total_count: found.length, incomplete_results: false, ...kind, items: body }, headers };
}
