// What a connector says about itself (docs/descriptor.md): the JSON text of section `sluicemd`,
// checked, because files are not trusted.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "plugin/action_description.hpp"
#include "plugin/oauth2_description.hpp"
#include "plugin/version.hpp"

namespace sluice::plugin {

inline constexpr std::size_t descriptor_size_limit = 256u << 10;

struct connection_description {
    std::string type;
    std::string title;
    std::string kind;    // "none" "apiKey" "basic" "bearer" "privateKey" "oauth2" "custom"
    json::value fields;  // JSON Schema object
    // Names of the properties marked `"secret": true`.
    std::vector<std::string> secret_fields;
    std::vector<std::string> harmless_fields;  // likewise `"secret": false`
    // The host fetches and keeps the access token; nothing: the fields are all there is.
    std::optional<oauth2_description> oauth2;
    std::string test;  // action without input that shows whether a connection works; empty: none
};

struct descriptor {
    std::string id;
    plugin::version version;
    std::string title;
    std::string description;
    std::string vendor;
    std::string licence;
    std::string icon;  // SVG that refers to nothing outside of itself
    std::string docs;  // Markdown, not to be trusted
    // Why it cannot work in a process of its own; empty: it can. Gives it no right to be elsewhere.
    std::string in_host;
    std::uint32_t abi_major = 0;
    std::uint32_t abi_minor = 0;
    std::vector<std::string> required_services;
    std::vector<std::string> optional_services;
    std::map<std::string, action_description, std::less<>> actions;
    std::map<std::string, connection_description, std::less<>> connections;
    json::value document;  // the whole text, for tools

    const action_description* find_action(std::string_view id) const;
};

// [a-z][a-z0-9-]{0,63}
bool is_connector_id(std::string_view id);

// Checks form only. The error says which key is wrong and what is expected there.
base::result<descriptor> parse_descriptor(std::string_view json_text);

// Whether this host can run a connector with this descriptor: ABI version and required services.
// The error is one sentence with the next step as its hint.
base::result<void> check_compatibility(const descriptor& subject);

// The services this host offers, in the order of abi.h ("sluice.http/1", ...).
const std::vector<std::string>& offered_services();

}  // namespace sluice::plugin
