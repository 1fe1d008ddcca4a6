#include "trigger/run_capability.hpp"

#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "store/change_now.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* record_kind = "run_key";
constexpr const char* record_key = "current";
constexpr std::size_t key_bytes = 32;

std::string fresh_key(base::random_source& random) {
    std::array<std::byte, key_bytes> bytes{};
    random.fill(bytes);
    std::string out;
    for (const std::byte one : bytes)
        out += static_cast<char>(one);
    return out;
}

base::result<std::string> kept_key(const store::config_record& record) {
    base::result<json::value> content = json::parse(record.value_json);
    std::optional<std::string> key;
    if (content) key = base::from_base64(content->string_or("key", ""));
    if (key && key->size() == key_bytes) return std::move(*key);
    return base::make_error(base::error_code::internal,
                            "the key of the executions' addresses in the store is damaged");
}

}  // namespace

base::result<run_capabilities> run_capabilities::open(store::store& store,
                                                      base::random_source& random) {
    base::result<std::vector<store::config_record>> records = store.config(record_kind);
    if (!records) return std::move(records).error_value();
    base::result<std::string> key = std::string();
    if (records->empty()) {
        key = fresh_key(random);
        const json::value content = json::value::object({{"key", base::to_base64(*key)}});
        base::result<void> outcome = store::change_config_now(
            store, {{{record_kind, record_key, json::to_text(content), 0}, false}});
        if (!outcome) return std::move(outcome).error_value();
    } else {
        key = kept_key(records->front());
        if (!key) return std::move(key).error_value();
    }
    base::add_log_secret(base::to_base64(*key));
    return run_capabilities(std::move(*key));
}

std::string run_capabilities::proof_of(std::string_view id) const {
    return base::to_base64url(base::hmac_sha256(key_, "run " + std::string(id)));
}

std::string run_capabilities::make(store::event_id id) const {
    const std::string text = base::execution_id_text(id);
    return text + '.' + proof_of(text);
}

std::optional<store::event_id> run_capabilities::check(std::string_view capability) const {
    const std::size_t dot = capability.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view id = capability.substr(0, dot);
    if (!base::constant_time_equal(proof_of(id), capability.substr(dot + 1))) return std::nullopt;
    return base::parse_execution_id(id);
}

}  // namespace sluice::trigger
