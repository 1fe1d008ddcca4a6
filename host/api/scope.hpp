// What a token may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::api {

enum class scope : std::uint8_t {
    read,     // executions, instances
    operate,  // cancel and replay executions
    deploy,   // change what is deployed
    secrets,  // addresses that are capabilities
    admin,    // everything, tokens and the audit log included
};
const char* to_string(scope one);
std::optional<scope> parse_scope(std::string_view name);

class scope_set {
  public:
    scope_set() = default;
    scope_set(std::initializer_list<scope> scopes);

    void add(scope one) { bits_ |= bit(one); }
    // `admin` includes all others; no other scope includes any.
    bool has(scope one) const { return (bits_ & (bit(one) | bit(scope::admin))) != 0; }
    bool empty() const { return bits_ == 0; }
    // Those that were added, in the order of the enumeration.
    std::vector<std::string> names() const;

  private:
    static std::uint8_t bit(scope one) {
        return static_cast<std::uint8_t>(1u << static_cast<unsigned>(one));
    }
    std::uint8_t bits_ = 0;
};

}  // namespace sluice::api
