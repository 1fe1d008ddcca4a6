// Retry policies and errors, as they stand in `use` and in place.
#include <algorithm>
#include <utility>

#include "manifest/use_reader.hpp"

namespace sluice::manifest {
namespace {

void read_backoff(const cursor& at, retry_policy& into) {
    if (!at.exists() || !at.is_object("backoff")) return;
    at.refuse_unknown("backoff", {"constant", "linear", "exponential"});
    if (at.content().size() != 1)
        at.problem("backoff must have one member", "for example exponential: {}");
    for (const cursor& each : at.members()) {
        if (each.is_object(each.name())) each.refuse_unknown(each.name(), {});
    }
    if (at.member("linear").exists()) into.growth = backoff::kind::linear;
    if (at.member("exponential").exists()) into.growth = backoff::kind::exponential;
}

void read_limit(const cursor& at, retry_policy& into) {
    if (!at.exists() || !at.is_object("limit")) return;
    at.refuse_unknown("limit", {"attempt", "duration"});
    into.total_ms = at.member("duration").duration();
    const cursor attempt = at.member("attempt");
    if (!attempt.exists() || !attempt.is_object("attempt")) return;
    attempt.refuse_unknown("attempt", {"count", "duration"});
    into.max_retries = attempt.member("count").whole_number("count");
    into.attempt_timeout_ms = attempt.member("duration").duration();
}

void read_jitter(const cursor& at, retry_policy& into) {
    if (!at.exists() || !at.is_object("jitter")) return;
    at.refuse_unknown("jitter", {"from", "to"});
    into.jitter_from_ms = at.member("from").duration().value_or(0);
    into.jitter_to_ms = at.member("to").duration().value_or(into.jitter_from_ms);
    if (into.jitter_to_ms < into.jitter_from_ms) {
        at.problem("jitter ends before it begins", "`to` must not be less than `from`");
    }
}

}  // namespace

retry_policy read_policy(const cursor& at, const expression_context& context) {
    retry_policy made;
    at.refuse_unknown("a retry policy",
                      {"when", "exceptWhen", "delay", "backoff", "limit", "jitter"});
    const expression_context inside = context.with({"error"});
    made.when = read_expression(at.member("when"), inside);
    made.except_when = read_expression(at.member("exceptWhen"), inside);
    made.delay_ms = at.member("delay").duration().value_or(0);
    read_backoff(at.member("backoff"), made);
    read_limit(at.member("limit"), made);
    read_jitter(at.member("jitter"), made);
    if (!made.max_retries && !made.total_ms) {
        at.warning("this retry policy has no limit", "add limit: { attempt: { count: 5 } }");
    }
    return made;
}

error_template read_error_parts(const cursor& at, const expression_context& context) {
    error_template made;
    at.refuse_unknown("an error", {"type", "status", "title", "detail", "instance"});
    const auto part = [&](std::string_view name, template_value& into) {
        cursor member = at.member(name);
        if (member.exists()) into = read_template(member, context);
        return member;
    };
    const cursor type = part("type", made.type);
    const cursor status = part("status", made.status);
    part("title", made.title);
    part("detail", made.detail);
    part("instance", made.instance);
    if (!type.exists())
        at.problem("an error needs a type", "a URI, for example urn:acme:errors:bad");
    if (type.exists() && made.type.is_literal()) type.text("type", true);
    if (!status.exists()) {
        at.problem("an error needs a status", "a number as in HTTP, for example 422");
    } else if (made.status.is_literal() && !status.content().is_number()) {
        status.problem("status must be a number, not " + std::string(kind_name(status.content())));
    }
    return made;
}

std::int64_t retry_policy::wait_ms(std::int64_t n) const {
    constexpr std::int64_t longest = 300'000;
    std::int64_t wait = std::min(delay_ms, longest);
    if (growth == backoff::kind::linear) {
        wait = n > longest ? longest : wait * n;
    } else if (growth == backoff::kind::exponential) {
        for (std::int64_t i = 1; i < n && wait > 0 && wait < longest; ++i)
            wait *= 2;
    }
    return std::min(wait, longest);
}

}  // namespace sluice::manifest
