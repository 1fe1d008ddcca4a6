"""Time, randomness and the outside world are reached through their seams only, so that a seeded
simulation can run the real code. tools/check-allow.txt lists the exceptions and their reasons.
"""

import dataclasses
import re

from checks.tree import CPP, TESTS, code_lines, includes

ALLOW = "tools/check-allow.txt"


@dataclasses.dataclass
class Rule:
    homes: tuple      # folders where it is allowed
    instead: str
    calls: str = None     # on code without comments and literals
    included: str = None  # on names of included files


def _free(names):
    """A call of one of these functions, with or without std::, not of a member named so."""
    return rf"(?<![\w.>:])(?:std\s*::\s*|::\s*)?(?:{names})\s*\("


def _qualified(names):
    """For words that members and accessors of our own are named by, too."""
    return rf"(?<![\w.>:])(?:std\s*::|::)\s*(?:{names})\s*\("


RULES = {
    "clock": Rule(
        ("host/base",), "take a base::clock",
        calls=r"(?:system_clock|steady_clock|high_resolution_clock)\s*::\s*now"
        r"|(?<![\w.>:])(?:std\s*::\s*|::\s*)?time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)|"
        + _free("gettimeofday|clock_gettime|timespec_get") + "|" + _qualified("clock")),
    "random": Rule(
        ("host/base",), "take a base::random",
        calls=r"\bstd\s*::\s*random_device\b|"
        + _free("rand|srand|srandom|drand48|arc4random|getrandom|RAND_bytes") + "|"
        + _qualified("random"),
        included=r"openssl/rand\.h"),
    "sleep": Rule(
        ("host/base",), "co_await a timer",
        calls=r"\bthis_thread\s*::\s*sleep_\w+|" + _free("usleep|nanosleep|clock_nanosleep")
        + "|" + _qualified("sleep")),
    "thread": Rule(
        ("host/base", "host/net", "host/store"), "post to a base::event_loop or its pool",
        calls=r"\bstd\s*::\s*(?:jthread|async|thread(?!\s*::))\b|" + _free("pthread_create")),
    "socket": Rule(
        ("host/net",), "use net",
        calls=_qualified("socket|bind|listen|accept4?|connect") + "|" + _free("getaddrinfo"),
        included=r"sys/socket\.h|netdb\.h|netinet/.*|boost/(?:asio|beast).*"),
    "process": Rule(
        ("host/base",), "use base's process interface",
        calls=_free("fork|vfork|exec[lv]p?e?|posix_spawnp?|popen") + "|" + _qualified("system"),
        included=r"spawn\.h|boost/process.*"),
    "environment": Rule(
        ("host/base", "host/cli"), "take the value as an argument",
        calls=_free("getenv|secure_getenv|setenv|unsetenv|putenv")),
    "sql": Rule(
        ("host/store",), "use the interface of store",
        calls=r"\bsqlite3_\w+\s*\(|\bSQLite\s*::", included=r"sqlite3\.h|SQLiteCpp/.*"),
}


def check(tree):
    allowed, problems = _allowed(tree)
    yield from problems
    used = set()
    for name in tree.files("host", "plugins", "sdk/include", suffixes=CPP):
        if TESTS.search(name):
            continue
        for rule, line, what in _hits(name, tree.text(name)):
            if (rule, name) in allowed:
                used.add((rule, name))
            else:
                yield f"{name}:{line}: {what.strip()}: {RULES[rule].instead} ({rule})"
    if tree.complete:
        for rule, name in sorted(set(allowed) - used):
            yield f"{ALLOW}:{allowed[rule, name]}: {name} does not need {rule} any more"


def _hits(name, text):
    rules = {key: rule for key, rule in RULES.items()
             if not name.startswith(tuple(f"{home}/" for home in rule.homes))}
    for line, code in code_lines(text):
        for key, rule in rules.items():
            if rule.calls and (found := re.search(rule.calls, code)):
                yield key, line, found.group()
    for line, _, included in includes(text):
        for key, rule in rules.items():
            if rule.included and re.fullmatch(rule.included, included):
                yield key, line, f"#include {included}"


def _allowed(tree):
    """{(rule, path): line number}, and what is wrong with the list itself."""
    path = tree.root / ALLOW
    allowed, problems = {}, []
    lines = path.read_text().splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        rule, name, reason = (line.split(None, 2) + ["", ""])[:3]
        if rule not in RULES or not reason:
            problems.append(f"{ALLOW}:{number}: expected RULE PATH REASON,"
                            f" RULE one of {', '.join(RULES)}")
        allowed[rule, name] = number
    return allowed, problems
