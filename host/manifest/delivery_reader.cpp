#include "manifest/delivery_reader.hpp"

#include <vector>

#include "expression/suggestion.hpp"

namespace sluice::manifest {
namespace {

// { $ref: config.x } of a secret.
std::optional<std::string> read_secret(const cursor& at, const integration& of) {
    if (!at.exists() || !at.is_object("secret")) return std::nullopt;
    at.refuse_unknown("a reference", {"$ref"});
    const cursor target = at.member("$ref");
    const std::optional<std::string> text = target.text("a reference", true);
    if (!text) return std::nullopt;
    if (!text->starts_with("config.")) {
        target.problem("a reference must have the form { $ref: config.name }");
        return std::nullopt;
    }
    std::string name = text->substr(7);
    const auto declared = of.config.find(name);
    if (declared == of.config.end()) {
        std::vector<std::string> known;
        for (const auto& [each, variable] : of.config) {
            if (variable.secret()) known.push_back(each);
        }
        target.problem("config has no \"" + name + "\"", expression::did_you_mean(name, known));
        return std::nullopt;
    }
    if (!declared->second.secret()) {
        target.problem("config." + name + " is not a secret", "declare it with type: secret");
    }
    return name;
}

}  // namespace

template_value read_delivery_url(const cursor& at, std::string_view what, std::string_view example,
                                 const expression_context& context, bool references) {
    const cursor url = at.member("url");
    if (!url.exists()) {
        if (!url.is_mistyped()) {
            at.problem(std::string(what) + " needs its `url`",
                       "for example " + std::string(example));
        }
        return {};
    }
    template_value made = read_template(url, context, references);
    const json::value& given = url.content();
    const std::string_view text = given.is_string() ? given.as_string() : std::string_view();
    const bool computed = expression_inside(text) || given.find("$ref") != nullptr;
    if (!computed && !text.starts_with("http://") && !text.starts_with("https://")) {
        url.problem("this is no address that anything could be sent to",
                    "an expression needs ${ }, for example " + std::string(example));
    }
    return made;
}

std::optional<std::string> read_delivery_secret(const cursor& at, std::string_view what,
                                                const integration& of) {
    const cursor secret = at.member("secret");
    if (!secret.exists()) {
        at.warning(std::string(what) + " is not signed", "add secret: { $ref: config.name }");
    }
    return read_secret(secret, of);
}

}  // namespace sluice::manifest
