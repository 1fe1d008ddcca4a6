// The objects of GitHub's REST API, with every member that its OpenAPI description requires.

const nodeId = (kind, id) => Buffer.from(`${kind}:${id}`).toString("base64");
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

export function user(login, base, id) {
  const url = `${base}/users/${login}`;
  return {
    login, id, node_id: nodeId("User", id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`, gravatar_id: "", url,
    html_url: `https://github.com/${login}`, followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`, gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`, subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`, repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`, received_events_url: `${url}/received_events`,
    type: "User", user_view_type: "public", site_admin: false,
  };
}

// The one whose token it is, as others see him.
export function authenticatedUser(one) {
  return {
    ...one, name: null, company: null, blog: "", location: null, email: null, hireable: null, bio: null,
    public_repos: 1, public_gists: 0, followers: 0, following: 0,
    created_at: "2020-01-31T12:00:00Z", updated_at: "2020-01-31T12:00:00Z",
  };
}

const repositoryLinks = {
  archive_url: "{archive_format}{/ref}", assignees_url: "assignees{/user}",
  blobs_url: "git/blobs{/sha}", branches_url: "branches{/branch}",
  collaborators_url: "collaborators{/collaborator}", comments_url: "comments{/number}",
  commits_url: "commits{/sha}", compare_url: "compare/{base}...{head}",
  contents_url: "contents/{+path}", contributors_url: "contributors",
  deployments_url: "deployments", downloads_url: "downloads", events_url: "events",
  forks_url: "forks", git_commits_url: "git/commits{/sha}", git_refs_url: "git/refs{/sha}",
  git_tags_url: "git/tags{/sha}", hooks_url: "hooks", issue_comment_url: "issues/comments{/number}",
  issue_events_url: "issues/events{/number}", issues_url: "issues{/number}",
  keys_url: "keys{/key_id}", labels_url: "labels{/name}", languages_url: "languages",
  merges_url: "merges", milestones_url: "milestones{/number}",
  notifications_url: "notifications{?since,all,participating}", pulls_url: "pulls{/number}",
  releases_url: "releases{/id}", stargazers_url: "stargazers", statuses_url: "statuses/{sha}",
  subscribers_url: "subscribers", subscription_url: "subscription", tags_url: "tags",
  teams_url: "teams", trees_url: "git/trees{/sha}",
};

export function repository(state, base) {
  const { id, name, owner } = state;
  const fullName = `${owner.login}/${name}`;
  const url = `${base}/repos/${fullName}`;
  const open = state.issues.filter((issue) => issue.state === "open").length;
  const links = Object.fromEntries(
    Object.entries(repositoryLinks).map(([key, path]) => [key, `${url}/${path}`]));
  return {
    id, node_id: nodeId("Repository", id), name, full_name: fullName, private: false, owner,
    html_url: `https://github.com/${fullName}`, description: state.description, fork: false, url,
    ...links, created_at: state.createdAt, updated_at: state.createdAt, pushed_at: state.createdAt,
    git_url: `git://github.com/${fullName}.git`, ssh_url: `git@github.com:${fullName}.git`,
    clone_url: `https://github.com/${fullName}.git`, svn_url: `https://github.com/${fullName}`,
    homepage: null, size: 1, stargazers_count: 0, watchers_count: 0, language: null,
    has_issues: state.hasIssues, has_projects: true, has_downloads: true, has_wiki: true,
    has_pages: false, has_discussions: false, forks_count: 0, mirror_url: null, archived: false,
    disabled: false, open_issues_count: open, license: null, allow_forking: true,
    is_template: false, web_commit_signoff_required: false, topics: [], visibility: "public",
    forks: 0, open_issues: open, watchers: 0, default_branch: "main", temp_clone_token: "",
    network_count: 0, subscribers_count: 1,
  };
}

export function issue(state, repo, base) {
  const url = `${base}/repos/${repo.owner.login}/${repo.name}/issues/${state.number}`;
  const html = `https://github.com/${repo.owner.login}/${repo.name}/issues/${state.number}`;
  return {
    url, repository_url: url.slice(0, url.lastIndexOf("/issues/")), labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`, events_url: `${url}/events`, html_url: html, id: state.id,
    node_id: nodeId("Issue", state.id), number: state.number, title: state.title,
    user: state.user, labels: state.labels.map((name) => label(name, repo, base)),
    state: state.state, locked: false, assignee: state.assignees[0] ?? null,
    assignees: state.assignees, milestone: null, comments: state.comments.length,
    created_at: state.createdAt, updated_at: state.updatedAt, closed_at: state.closedAt,
    author_association: "OWNER", active_lock_reason: null, body: state.body,
    closed_by: state.closedBy, reactions: reactions(url), timeline_url: `${url}/timeline`,
    performed_via_github_app: null, state_reason: state.stateReason,
  };
}

function label(name, repo, base) {
  const url = `${base}/repos/${repo.owner.login}/${repo.name}/labels/${encodeURIComponent(name)}`;
  const id = [...name].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % 1_000_000_007;
  return { id, node_id: nodeId("Label", id), url, name, color: "ededed", default: false,
           description: null };
}

function reactions(url) {
  return { url: `${url}/reactions`, total_count: 0, "+1": 0, "-1": 0, laugh: 0, hooray: 0,
           confused: 0, heart: 0, rocket: 0, eyes: 0 };
}

export function comment(state, issueState, repo, base) {
  const url = `${base}/repos/${repo.owner.login}/${repo.name}/issues/comments/${state.id}`;
  const issueUrl = `${base}/repos/${repo.owner.login}/${repo.name}/issues/${issueState.number}`;
  return {
    url, html_url: `https://github.com/${repo.owner.login}/${repo.name}/issues/`
      + `${issueState.number}#issuecomment-${state.id}`,
    issue_url: issueUrl, id: state.id, node_id: nodeId("IssueComment", state.id), user: state.user,
    created_at: state.createdAt, updated_at: state.createdAt, author_association: "OWNER",
    body: state.body, reactions: reactions(url), performed_via_github_app: null,
  };
}

export function hook(state, repo, base) {
  const url = repo.isOrganization ? `${base}/orgs/${repo.name}/hooks/${state.id}`
    : `${base}/repos/${repo.owner.login}/${repo.name}/hooks/${state.id}`;
  const config = { content_type: state.contentType, insecure_ssl: state.insecureSsl, url: state.url };
  if (state.secret) config.secret = "********";
  return {
    type: repo.isOrganization ? "Organization" : "Repository", id: state.id, name: "web", active: state.active, events: state.events,
    config, updated_at: state.createdAt, created_at: state.createdAt, url,
    test_url: `${url}/test`, ping_url: `${url}/pings`, deliveries_url: `${url}/deliveries`,
    last_response: state.lastResponse,
  };
}

export function deliveryItem(state) {
  const { request, response, url, ...item } = state;
  return item;
}
