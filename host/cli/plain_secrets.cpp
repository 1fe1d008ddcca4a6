#include "cli/plain_secrets.hpp"

#include <map>
#include <memory>
#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/environment.hpp"
#include "engine/credentials.hpp"

namespace sluice::cli {
namespace {

constexpr std::size_t largest = 1u << 20;

std::string variable_of(const std::string& secret) {
    std::string name = "SLUICE_SECRET_";
    for (const char c : secret) {
        const bool small = c >= 'a' && c <= 'z';
        const bool other = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += small ? static_cast<char>(c - 'a' + 'A') : other ? c : '_';
    }
    return name;
}

// An editor ends the last line; a secret does not hold that end.
std::string without_line_end(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return text;
}

base::result<std::map<std::string, std::string>> read_given(const std::vector<std::string>& given) {
    std::map<std::string, std::string> found;
    for (const std::string& one : given) {
        const std::size_t split = one.find("=@");
        // The value itself would stand in the list of processes.
        if (split == std::string::npos || split == 0 || split + 2 == one.size()) {
            return base::make_error(base::error_code::invalid_input,
                                    "--secret does not name a secret and a file",
                                    "write --secret NAME=@FILE; the file holds the value");
        }
        base::result<std::string> text = base::read_file(one.substr(split + 2), largest);
        if (!text) return std::move(text).error_value();
        found[one.substr(0, split)] = without_line_end(std::move(*text));
    }
    return found;
}

}  // namespace

base::result<void> give_secrets(const std::vector<std::string>& given, engine::bound_flow& flow) {
    auto values = read_given(given);
    if (!values) return std::move(values).error_value();
    auto hidden = std::make_shared<base::log_secrets>();
    for (const std::string& name : flow.integration->named_secrets) {
        const auto found = values->find(name);
        const std::string variable = variable_of(name);
        std::optional<std::string> text =
            found != values->end() ? std::optional(found->second) : environment_variable(variable);
        if (!text) {
            return base::make_error(
                base::error_code::invalid_input, "the secret \"" + name + "\" has no value",
                "give it as --secret " + name + "=@FILE or in the variable " + variable);
        }
        json::value secret(std::move(*text));
        for (const std::string& one : engine::texts_to_hide(secret)) {
            hidden->add(one);
            base::add_log_secret(one);
        }
        flow.secrets[name] = std::move(secret);
    }
    flow.hidden = std::move(hidden);
    return {};
}

}  // namespace sluice::cli
