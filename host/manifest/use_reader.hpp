// The reusable parts of a manifest: retry policies, errors, timeouts, ways to authenticate,
// functions. Inside the module only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "manifest/cursor.hpp"
#include "manifest/task.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

// A function is read when the first call needs it, as functions may call each other.
struct declared_function {
    enum class state { unread, being_read, read };
    cursor at;
    state progress = state::unread;
    std::shared_ptr<const task> body;
};

struct use_parts {
    std::map<std::string, retry_policy, std::less<>> retries;
    std::map<std::string, error_template, std::less<>> errors;
    std::map<std::string, duration_template, std::less<>> timeouts;
    std::map<std::string, authentication, std::less<>> authentications;
    std::map<std::string, declared_function, std::less<>> functions;
    // What authentications may name: those of `use.secrets`; of a manifest, the config variables of
    // that type.
    std::set<std::string, std::less<>> secrets;
    bool plain = false;  // of a document of the specification
    // "retries/transient", ...: what was named somewhere.
    std::set<std::string> used;
};

// `context` offers what is available in every flow. Functions are only collected. `plain`: of a
// document of the specification.
use_parts read_use(const cursor& at, const expression_context& context, bool plain);

// Warns about every part that nothing names.
void warn_about_unused(const cursor& at, const use_parts& use);

// A policy: the name of one in `use`, or written in place. `context` without the error variables.
std::optional<retry_policy> read_retry(const cursor& at, use_parts& use,
                                       const expression_context& context);
// An error: the name of one in `use`, or written in place.
std::optional<error_template> read_error(const cursor& at, use_parts& use,
                                         const expression_context& context);
// A timeout: the name of one in `use`, or { after: duration }.
std::optional<duration_template> read_timeout(const cursor& at, use_parts& use,
                                              const expression_context& context);
// { use: name of one in `use` }, or written in place.
authentication read_authentication(const cursor& at, use_parts& use,
                                   const expression_context& context);

// The parts as they stand in `use` and in place.
retry_policy read_policy(const cursor& at, const expression_context& context);
error_template read_error_parts(const cursor& at, const expression_context& context);
authentication read_proof(const cursor& at, use_parts& use, const expression_context& context);

}  // namespace sluice::manifest
