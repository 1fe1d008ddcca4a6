#include "api/scope.hpp"

#include <array>

namespace sluice::api {
namespace {

constexpr std::array all_scopes = {scope::read, scope::operate, scope::deploy, scope::secrets,
                                   scope::admin};

}  // namespace

const char* to_string(scope one) {
    switch (one) {
        case scope::read:
            return "read";
        case scope::operate:
            return "operate";
        case scope::deploy:
            return "deploy";
        case scope::secrets:
            return "secrets";
        case scope::admin:
            return "admin";
    }
    return "";
}

std::optional<scope> parse_scope(std::string_view name) {
    for (const scope one : all_scopes) {
        if (name == to_string(one)) return one;
    }
    return std::nullopt;
}

scope_set::scope_set(std::initializer_list<scope> scopes) {
    for (const scope one : scopes)
        add(one);
}

std::vector<std::string> scope_set::names() const {
    std::vector<std::string> out;
    for (const scope one : all_scopes) {
        if ((bits_ & bit(one)) != 0) out.emplace_back(to_string(one));
    }
    return out;
}

}  // namespace sluice::api
