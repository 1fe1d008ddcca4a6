#include "instance/connection_record.hpp"

#include <utility>

#include "json/text.hpp"

namespace sluice::instance {
namespace {

using state_kind = connection_record::state_kind;

std::string field_of(const connection_id& id, const char* name) {
    return "connections/" + id.name + '/' + name;
}

base::result<void> seal_into(json::value& record, const connection_id& id, vault& keys,
                             const char* name, const base::secret& content) {
    if (content.empty()) return {};
    base::result<std::string> sealed = keys.seal(id.owner, field_of(id, name), content);
    if (!sealed) return std::move(sealed).error_value();
    record.set(name, std::move(*sealed));
    return {};
}

base::result<base::secret> open_from(const json::value& record, const connection_id& id,
                                     const vault& keys, const char* name) {
    const std::string sealed = record.string_or(name, "");
    if (sealed.empty()) return base::secret();
    return keys.open(id.owner, field_of(id, name), sealed);
}

}  // namespace

const char* to_string(state_kind state) {
    switch (state) {
        case state_kind::pending:
            return "pending";
        case state_kind::active:
            return "active";
        case state_kind::error:
            return "error";
    }
    return "";
}

connection_record connection_record::copy() const {
    connection_record out;
    out.state = state;
    out.fingerprint = fingerprint;
    out.access = base::secret::copy_of(access.reveal());
    out.refresh = base::secret::copy_of(refresh.reveal());
    out.found = found;
    out.issued_ms = issued_ms;
    out.expires_ms = expires_ms;
    out.authorized_ms = authorized_ms;
    out.asked_ms = asked_ms;
    out.reason = reason;
    out.failed_ms = failed_ms;
    return out;
}

base::result<std::string> connection_record::to_json(const connection_id& id, vault& keys) const {
    json::value out = json::value::object({{"state", to_string(state)},
                                           {"settings", fingerprint},
                                           {"issuedMs", issued_ms},
                                           {"expiresMs", expires_ms},
                                           {"authorizedMs", authorized_ms},
                                           {"askedMs", asked_ms},
                                           {"reason", reason},
                                           {"failedMs", failed_ms}});
    if (!found.members().empty()) out.set("found", found);
    if (auto done = seal_into(out, id, keys, "accessToken", access); !done) {
        return std::move(done).error_value();
    }
    if (auto done = seal_into(out, id, keys, "refreshToken", refresh); !done) {
        return std::move(done).error_value();
    }
    return json::to_text(out);
}

base::result<connection_record> connection_record::parse(const connection_id& id,
                                                         const std::string& text,
                                                         const vault& keys) {
    const base::result<json::value> content = json::parse(text);
    if (!content) return content.error_value();
    base::result<base::secret> access = open_from(*content, id, keys, "accessToken");
    if (!access) return std::move(access).error_value();
    base::result<base::secret> refresh = open_from(*content, id, keys, "refreshToken");
    if (!refresh) return std::move(refresh).error_value();
    connection_record out;
    const std::string state = content->string_or("state", "");
    for (const state_kind one : {state_kind::pending, state_kind::active, state_kind::error}) {
        if (state == to_string(one)) out.state = one;
    }
    out.fingerprint = content->string_or("settings", "");
    out.access = std::move(*access);
    out.refresh = std::move(*refresh);
    if (content->get("found").is_object()) out.found = content->get("found");
    out.issued_ms = content->int_or("issuedMs", 0);
    out.expires_ms = content->int_or("expiresMs", 0);
    out.authorized_ms = content->int_or("authorizedMs", 0);
    out.asked_ms = content->int_or("askedMs", 0);
    out.reason = content->string_or("reason", "");
    out.failed_ms = content->int_or("failedMs", 0);
    return out;
}

}  // namespace sluice::instance
